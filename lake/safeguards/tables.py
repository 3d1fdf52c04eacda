"""Passwords that only the layout of a text names: the head of their column, the cell beside them, the line above.

    user | password        ||user||password||        password | X        Password:
    bob  | X               |bob|X|                   user     | bob      - X

A line whose cells are separated by one of `SEPARATORS` is a row. The first row of a table has the heads of its columns.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from lake.safeguards import words
from lake.safeguards.credentials import NAME, SURE, is_ordinary, looks_secret
from lake.safeguards.needs import folded
from lake.safeguards.options import MORE, NAMED

SEPARATORS = ",;\t|"
DRAWN = "\t|"
"""Separators that hardly stand in a sentence: with them a row needs no table above it, and may be longer or shorter."""
LABEL = re.compile(rf"[\w ./-]{{0,20}}?(?:{NAMED}){MORE}(?: ?\([^()]{{0,30}}\))?", re.IGNORECASE)
MARKS = " \t\r\"'`*_~#>:\uff1a=•·\u2013-"
"""What is around the words of a cell or a line: marks for bold text, lists and headings, and the colon of a label."""
LINK = re.compile(r"\[[^\]\n]*\]|\\\|")
"""What may have a bar inside a cell."""
RULE = re.compile(r"[|\s:+=-]+")
"""The line below the heads of a table in Markdown."""
CODES = frozenset(word.casefold() for word in words.CODE)
SHORTEST_CODE = 3
LONGEST_LABEL = 100
GAP = 2
"""Empty lines between a label and what it names."""


@dataclass(frozen=True, slots=True)
class _Row:
    """A line of a text, with its cells if it has any."""

    separator: str
    cells: Sequence[str]
    starts: Sequence[int]

    def words(self, at: int) -> tuple[int, int, str]:
        """All that is in a cell, as a finding."""
        start = self.starts[at] + len(self.cells[at]) - len(self.cells[at].lstrip())
        return start, start + len(self.cells[at].strip()), "password"

    @property
    def filled(self) -> list[int]:
        return [at for at, cell in enumerate(self.cells) if cell.strip()]


def labelled(text: str) -> Iterator[tuple[int, int, str]]:
    """(start, end, kind) of what a column, a cell or a line names as a password."""
    if "\n" not in text and "|" not in text and "\t" not in text:
        return
    if not NAME.is_met_by(folded(text)):
        return
    rows = list(_rows(text))
    yield from _beside(rows)
    yield from _below(rows)
    yield from _under_heads(rows)


def _rows(text: str) -> Iterator[_Row]:
    start = 0
    for line in text.split("\n"):
        separator = next((each for each in SEPARATORS if each in line), "")
        if "|" in line:
            separator = "|"
        kept = LINK.sub(lambda found: found[0].replace("|", "/"), line) if separator == "|" else line
        between = "||" if kept.lstrip().startswith("||") and kept.count("||") > 1 else separator
        cells = kept.split(between) if between else [kept]
        starts = list(accumulate((len(cell) + len(between) for cell in cells), initial=start))
        yield _Row(separator, cells, starts)
        start += len(line) + 1


def _under_heads(rows: Sequence[_Row]) -> Iterator[tuple[int, int, str]]:
    """The cells of columns whose heads name a password."""
    heads, before = _Row("", (), ()), _Row("", (), ())
    for number, row in enumerate(rows):
        begins = row.separator in DRAWN and before.separator != row.separator
        if number == 0 or (row.separator and begins) or (len(before.filled) == 1 and row.separator in DRAWN):
            heads = row
        elif row.separator != heads.separator and heads.separator in DRAWN:
            heads = _Row("", (), ())
        elif heads.separator:
            fits = heads.separator in DRAWN or len(row.cells) == len(heads.cells)
            for at, head in enumerate(heads.cells) if fits else ():
                if _names(head) and at < len(row.cells) and _is_secret(head, row.cells[at]):
                    yield row.words(at)
        before = row


def _beside(rows: Sequence[_Row]) -> Iterator[tuple[int, int, str]]:
    """The cell behind one that names a password; all that follow in its row, if it is the first."""
    for row in rows:
        filled = row.filled if row.separator and row.separator in DRAWN else []
        for label, value in pairwise(filled):
            if not _names(row.cells[label]):
                continue
            for at in filled[1:] if label == filled[0] else [value]:
                alone = len(filled) == 2
                if _is_secret(row.cells[label], row.cells[at], doubted=not alone):
                    yield row.words(at)


def _below(rows: Sequence[_Row]) -> Iterator[tuple[int, int, str]]:
    """A line of one word below a line that only names a password."""
    for number, row in enumerate(rows):
        if len(row.filled) != 1 or not _names(row.cells[row.filled[0]]):
            continue
        following = next((each for each in rows[number + 1 : number + 2 + GAP] if each.filled), None)
        if following is None:
            continue
        if len(following.filled) == 1 or following.separator not in DRAWN:
            line = following.separator.join(following.cells)
            value = line.strip(MARKS)
            if value and not any(map(str.isspace, value)) and _is_secret(row.cells[row.filled[0]], value, doubted=True):
                start = following.starts[0] + line.index(value)
                yield start, start + len(value), "password"


def _names(cell: str) -> bool:
    return len(cell) <= LONGEST_LABEL and LABEL.fullmatch(cell.strip(MARKS)) is not None


def _is_secret(label: str, cell: str, *, doubted: bool = False) -> bool:
    """Whether a cell with this label is a password. `doubted`: it may also be a word about it, if it looks like one."""
    value = cell.strip(" \"'`\t\r")
    if is_ordinary(value) or RULE.fullmatch(value):
        return False
    name = label.strip(MARKS)
    if value.isdigit() and name.casefold() in CODES:
        return len(value) >= SHORTEST_CODE
    if doubted or not SURE.search(name):
        return looks_secret(value) and (not value.isdigit() or SURE.search(name) is not None)
    return True
