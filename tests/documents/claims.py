"""The table of claims in docs/claims.md, and the text that a source shows to people."""

from __future__ import annotations

import ast
import html
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = "docs/claims.md"
COLUMNS = ["claim", "shown in", "what proves it", "who must be trusted, for what", "the test that attacks it"]
PLACE = re.compile(r"\{\w+\}")
GAP = "…"
"""What is filled in when a text is shown."""


@dataclass(frozen=True)
class Claim:
    said: str
    shown_in: tuple[str, ...]
    tests: tuple[tuple[str, str], ...]
    """File and name."""


def rows(page: str) -> list[list[str]]:
    """The cells of all tables, without the rows under their headings."""
    return [cells(line) for line in page.splitlines() if line.startswith("| ")]


def cells(line: str) -> list[str]:
    """The cells of a row."""
    return [cell.strip() for cell in line.strip().strip("|").split(" | ")]


def quoted(cell: str) -> tuple[str, ...]:
    """What a cell has between backticks."""
    return tuple(re.findall(r"`([^`]+)`", cell))


def claims(page: str) -> list[Claim]:
    """Raises ValueError for a row that is incomplete."""
    found = []
    for row in rows(page):
        if row == COLUMNS:
            continue
        if len(row) != len(COLUMNS) or not all(row):
            raise ValueError(f"not a whole row: {row}")
        said, shown_in, _, _, attacked = row
        tests = tuple((path, name) for path, _, name in (each.partition("::") for each in quoted(attacked)))
        found.append(Claim(said.strip("“”"), quoted(shown_in), tests))
    return found


@cache
def names_of_tests(path: Path) -> frozenset[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


@cache
def shown_by(path: Path) -> str:
    """The texts of a program, page or document in one line, with GAP where something is filled in."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        text = "\n".join(_texts(ast.parse(text)))
    elif path.suffix == ".html":
        text = re.sub(r'\{\{ "([^"]+)"\|t\b.*?\}\}', r"\1", text)
        text = re.sub(r"<[^>]+>", "", re.sub(r"\{%.*?%\}", "", re.sub(r"\{\{.*?\}\}", GAP, text)))
    return plain(html.unescape(PLACE.sub(GAP, text)))


def plain(text: str) -> str:
    """Without Markdown's emphasis and line breaks."""
    return re.sub(r"\s+", " ", re.sub(r"\*\*?|`", "", text))


def _texts(tree: ast.Module) -> list[str]:
    """All strings but docstrings."""
    docs = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            said = [str(part.value) if isinstance(part, ast.Constant) else GAP for part in node.values]
            found.append("".join(said))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs | parts:
            found.append(node.value)
    return found
