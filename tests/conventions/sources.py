"""The project's own files, for the convention tests."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]


@cache
def files(suffix: str = "") -> tuple[Path, ...]:
    """Files that are in the repository or about to be, relative to its root."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return tuple(
        Path(name) for name in sorted(set(listed.splitlines())) if name.endswith(suffix) and (ROOT / name).is_file()
    )


def modules(package: str) -> Iterator[tuple[Path, ast.Module]]:
    """The modules of a top-level package, parsed."""
    for file in files(".py"):
        if file.parts[0] == package:
            yield file, ast.parse((ROOT / file).read_text(encoding="utf-8"), str(file))


def imported(tree: ast.Module) -> set[str]:
    """Top-level names of the modules that a module imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            names.add(node.module.partition(".")[0])
    return names
