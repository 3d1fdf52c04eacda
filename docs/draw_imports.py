"""Draws which package imports which, from the imports themselves: `python docs/draw_imports.py` writes docs/imports.md.

An arrow that follows from others is left out, so that the picture can be read: A -> C is not drawn beside A -> B -> C.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "imports.md"
TOP = ("api_client", "dashboard", "databases", "demo", "directory", "governance", "lake", "law", "queries")
DRAWN = ("governance", "lake", "dashboard")
BEGINNING = """# What imports what

Drawn by `docs/draw_imports.py` from the imports in the code. An arrow from A to B says that A imports B; arrows that
follow from others are left out. `tests/conventions/test_imports.py` holds the order: arrows go one way.
"""

Graph = dict[str, set[str]]


@cache
def modules() -> dict[str, Path]:
    """Each module of the product by its dotted name."""
    found = [path for top in TOP for path in (ROOT / top).rglob("*.py")] + list(ROOT.glob("*.py"))
    return {".".join(_parts(path.relative_to(ROOT))): path for path in sorted(found)}


@cache
def imports() -> dict[str, frozenset[str]]:
    """Module -> the modules of the product that it imports, wherever in it."""
    return {name: frozenset(_imported(path)) - {name} for name, path in modules().items()}


def package_of(module: str) -> str:
    """The top-level name, or for the packages that are drawn on their own the part of it that the module is in."""
    parts = module.split(".")
    return ".".join(parts[:2]) if parts[0] in DRAWN and len(parts) > 1 else parts[0]


def between(packages: Iterable[str]) -> Graph:
    """Which of these packages import which others of them."""
    found: Graph = {name: set() for name in packages}
    for module, targets in imports().items():
        a = _within(module, found)
        for b in (_within(target, found) for target in targets):
            if a is not None and b is not None and a != b:
                found[a].add(b)
    return found


def _within(module: str, packages: Iterable[str]) -> str | None:
    return next((name for name in (package_of(module), module.split(".")[0]) if name in packages), None)


def inside(top: str) -> Graph:
    """The graph of the parts of one top-level package."""
    return between({package_of(module) for module in modules() if module.startswith(f"{top}.")})


def reduced(graph: Graph) -> Graph:
    """Without the arrows that follow from others. The graph has no cycles."""
    reachable = {name: _reach(graph, name) for name in graph}
    return {
        name: {target for target in targets if not any(target in reachable[other] for other in targets - {target})}
        for name, targets in graph.items()
    }


def diagram(graph: Graph) -> str:
    """A graph as a Mermaid block."""
    lines = [f"    {a} --> {b}" for a, targets in sorted(reduced(graph).items()) for b in sorted(targets)]
    return "\n".join(["```mermaid", "graph TD", *lines, "```"])


def page() -> str:
    parts = [BEGINNING, "## The top level", diagram(between(TOP))]
    for top in DRAWN:
        parts += [f"\n## Inside {top}", diagram(inside(top))]
    return "\n".join(parts) + "\n"


def _parts(path: Path) -> tuple[str, ...]:
    parts = path.with_suffix("").parts
    return parts[:-1] if parts[-1] == "__init__" else parts


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in modules())
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                if whole in modules() or node.module in modules():
                    yield whole if whole in modules() else node.module


def _reach(graph: Graph, start: str) -> set[str]:
    """What can be reached from there in one step or more."""
    found: set[str] = set()
    waiting = [start]
    while waiting:
        new = graph[waiting.pop()] - found
        found |= new
        waiting += new
    return found


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
