"""The code in the documents: blocks with their marked language, and commands in sentences."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[2]
DOCUMENTS = (
    "README.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")),
)
PROGRAMS = ("make ", "python -m ", ".venv/bin/python ", "python verifier.py ")


@dataclass(frozen=True)
class Block:
    """`line` is its first line, from 1; `language` is empty for an unmarked or indented block."""

    document: str
    line: int
    language: str
    text: str

    @property
    def place(self) -> str:
        return f"{self.document}:{self.line}"


def blocks(document: str) -> list[Block]:
    tokens = MarkdownIt().enable("table").parse((ROOT / document).read_text(encoding="utf-8"))
    found = []
    for token in tokens:
        if token.type in ("fence", "code_block"):
            assert token.map is not None
            found.append(Block(document, token.map[0] + 1, token.info.strip(), token.content))
    return found


@cache
def commands(document: str) -> tuple[str, ...]:
    """The commands of a document in order: each line of its `sh` blocks, and commands in sentences.

    Continued lines are joined; comments are left out.
    """
    tokens = MarkdownIt().enable("table").parse((ROOT / document).read_text(encoding="utf-8"))
    found: list[str] = []
    for token in tokens:
        if token.type == "fence" and token.info.strip() == "sh":
            found += _lines(token.content)
        for part in token.children or ():
            if part.type == "code_inline" and part.content.startswith(PROGRAMS):
                found.append(part.content)
    return tuple(dict.fromkeys(found))


def _lines(block: str) -> Iterator[str]:
    for line in block.replace("\\\n", " ").splitlines():
        command = line.partition(" # ")[0].strip()
        if command and not command.startswith("#"):
            yield command
