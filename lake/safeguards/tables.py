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
DRAWN = frozenset("\t|")
"""Separators that hardly stand in a sentence: with them a row needs no table above it, and may be longer or shorter."""
LABEL = re.compile(rf"[\w ./'\u2019-]{{0,20}}?(?:{NAMED})[^\W\d_]{{0,3}}{MORE}(?: ?\([^()]{{0,30}}\))?", re.IGNORECASE)
MARKS = " \t\r\"'`*_~#>:\uff1a?=•·\u2013-"
"""What is around the words of a cell or a line: marks for bold text, lists and headings, and the colon of a label."""
LINK = re.compile(r"\[[^\[\]\n]*\]|\\\|")
"""What may have a bar inside a cell."""
RULE = re.compile(r"[|\s:+=-]+")
"""The line below the heads of a table in Markdown."""
SIGN_IN = frozenset(word.casefold() for word in (*words.SIGN_IN, "user", "account", "email", "e-mail"))
"""Where one of these is a head or a label, `pass` beside it is a password, too, whatever it looks like."""
CODES = frozenset(word.casefold() for word in words.CODE)
SHORTEST_CODE = 3
LONGEST_LABEL = 100
BULLETS = tuple("-*•\u2013")
LONGEST_LIST = 30
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
    def is_drawn(self) -> bool:
        return self.separator in DRAWN

    @property
    def is_tight(self) -> bool:
        """Whether no cell begins with a blank, as what follows a comma in a sentence does."""
        return bool(self.separator) and not any(cell.startswith(" ") for cell in self.cells[1:])

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
    signing_in = any(cell.strip(MARKS).casefold() in SIGN_IN for row in rows if row.separator for cell in row.cells)
    yield from _beside(rows, signing_in)
    yield from _below(rows)
    yield from _under_heads(rows, signing_in)


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


def _under_heads(rows: Sequence[_Row], signing_in: bool) -> Iterator[tuple[int, int, str]]:
    """The cells of columns whose heads name a password."""
    nothing = _Row("", (), ())
    heads, before, doubted = nothing, nothing, False
    for number, row in enumerate(rows):
        if number == 0 or _begins(row, before):
            heads, doubted = row, False
        elif row.is_drawn and not any(map(_names, heads.cells)) and _is_further_head(row):
            heads, doubted = row, True
        elif not _fits(row, heads) or not (heads is rows[0] or row.is_drawn or row.is_tight):
            heads = heads if heads is rows[0] and not heads.is_drawn else nothing
        else:
            for at, head in enumerate(heads.cells[: len(row.cells)]):
                if _names(head) and _is_secret(head, row.cells[at], doubted=doubted, signing_in=signing_in):
                    yield row.words(at)
        before = row


def _begins(row: _Row, before: _Row) -> bool:
    """Whether a row is the first of a table within a text."""
    if row.is_drawn:
        return row.separator != before.separator or len(before.filled) == 1
    return row.is_tight and len(row.cells) != len(before.cells) and any(map(_names, row.cells))


def _is_further_head(row: _Row) -> bool:
    """Whether a row below others has heads of its own: it names a password behind something else."""
    return any(_names(row.cells[at]) for at in row.filled[1:])


def _fits(row: _Row, heads: _Row) -> bool:
    if not heads.separator or row.separator != heads.separator:
        return False
    return heads.is_drawn or len(row.cells) == len(heads.cells)


def _beside(rows: Sequence[_Row], signing_in: bool) -> Iterator[tuple[int, int, str]]:
    """The cell behind one that names a password; all that follow in its row, if it is the first."""
    for row in rows:
        filled = row.filled if row.is_drawn else []
        for label, value in pairwise(filled):
            if not _names(row.cells[label]):
                continue
            for at in filled[1:] if label == filled[0] else [value]:
                alone = len(filled) == 2
                if _is_secret(row.cells[label], row.cells[at], doubted=not alone, signing_in=signing_in):
                    yield row.words(at)


def _below(rows: Sequence[_Row]) -> Iterator[tuple[int, int, str]]:
    """A line of one word, or a list of such lines, below a line that only names a password."""
    for number, row in enumerate(rows):
        if len(row.filled) != 1 or not _names(row.cells[row.filled[0]]):
            continue
        first = next((at for at in range(number + 1, min(number + 2 + GAP, len(rows))) if rows[at].filled), len(rows))
        sign = ""
        for following in rows[first : first + LONGEST_LIST]:
            line = following.separator.join(following.cells)
            value, bullet = line.strip(MARKS), line.strip()[:1]
            if (sign and bullet != sign) or (len(following.filled) != 1 and following.is_drawn):
                break
            if value and not any(map(str.isspace, value)) and _is_secret(row.cells[row.filled[0]], value, doubted=True):
                start = following.starts[0] + line.index(value)
                yield start, start + len(value), "password"
            if bullet not in BULLETS:
                break
            sign = bullet


def _names(cell: str) -> bool:
    return len(cell) <= LONGEST_LABEL and LABEL.fullmatch(cell.strip(MARKS)) is not None


def _is_secret(label: str, cell: str, *, doubted: bool = False, signing_in: bool = False) -> bool:
    """Whether a cell with this label is a password. `doubted`: it may also be a word about it, if it looks like one.
    `signing_in`: the text also has a name to sign in with."""
    value, name = cell.strip(" \"'`\t\r"), label.strip(MARKS)
    if is_ordinary(value) or RULE.fullmatch(value):
        return False
    if value.isdigit() and name.casefold() in CODES:
        return len(value) >= SHORTEST_CODE
    if SURE.search(name):
        return not doubted or looks_secret(value)
    return not value.isdigit() and ((signing_in and not doubted) or looks_secret(value))
