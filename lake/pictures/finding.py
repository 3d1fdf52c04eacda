"""Where the text on a picture has something that the safeguards mask.

The text is examined line by line, row by row (parts of one row that stand close together), across the ends of lines
(a value that goes on below), and behind or below a label that names a password; below the head of a table, in all of
its rows. Where OCR may have misread a
character, checksums don't count: what has the form of a card number, an IBAN or an e-mail address is enough.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from lake.pictures.reading import Box, Line
from lake.safeguards.passwords import is_password_field
from lake.safeguards.patterns import DATE_AND_TIME, Finding, joined

UNSURE = 0.6
"""A line with a lower score counts as not read."""
LONGEST_LABEL = 40
NEAR = 2.5
"""Parts of a row belong together if no more than this many heights are between them."""

LOOKALIKES = str.maketrans("lI|!OoSsBZz", "11110055822")
DIGITS = re.compile(r"(?<![\w.])[\dlI|!OoSsBZz](?:[ .\-\u2013]{0,2}[\dlI|!OoSsBZz]){12,18}(?![\w])")
IBAN = re.compile(r"(?<!\w)[A-Z]{2}\s?[\dOIl]{2}(?:\s?[A-Z\d]{4}){2,7}(?:\s?[A-Z\d]{1,4})?(?!\w)")
ADDRESS = re.compile(r"[\w.+-]+\s?[@©®]\s?[\w-]+(?:\s?[.,]\s?[\w-]+)+|[\w.+-]+@[\w.-]+")

Find = Callable[[str], list[Finding]]


@dataclass(frozen=True)
class Hidden:
    """The places to paint over, and how many things of each kind are there."""

    boxes: list[Box]
    kinds: Counter[str]


def hidden(lines: Sequence[Line], find: Find) -> Hidden:
    """`find`: what the safeguards find in a text."""
    page = _Page(lines, find)
    page.examine()
    return Hidden(page.boxes, page.kinds)


class _Page:
    def __init__(self, lines: Sequence[Line], find: Find) -> None:
        self.boxes: list[Box] = [line.box for line in lines if line.score < UNSURE]
        self.kinds: Counter[str] = Counter()
        self._lines = [line for line in lines if line.score >= UNSURE]
        self._find = find
        self._painted: set[tuple[int, int]] = set()

    def examine(self) -> None:
        rows = rows_of(self._lines)
        for row in rows:
            for part in row:
                self._examine([part], "")
            if len(row) > 1:
                for near in _neighbours([self._lines[index] for index in row]):
                    self._examine([row[at] for at in near], " ")
            self._behind_labels(row)
        columns, of_tables = list(self._columns()), {index for row in rows if len(row) > 1 for index in row}
        for above, below in columns:
            self._examine([above, below], "", across=True, only=("secret", "card_number", "iban"))
        right_below = dict(columns)
        for above, below in columns:
            if self._is_label(self._lines[above]):
                self._hide_whole(below)
                while {above, below} <= of_tables and below in right_below:
                    above, below = below, right_below[below]
                    self._hide_whole(below)
        self._examine([index for row in rows for index in row], "\n", across=True, only=("secret",))

    def _examine(
        self, indexes: Sequence[int], glue: str, *, across: bool = False, only: tuple[str, ...] | None = None
    ) -> None:
        """`across`: only findings that go on from one of the lines into the next."""
        text = glue.join(self._lines[index].text for index in indexes)
        for found in joined([*self._find(text), *_likely(text)]):
            if only and found.kind not in only:
                continue
            parts = list(self._parts(indexes, len(glue), found))
            if across and len(parts) < 2:
                continue
            new = [part for part in parts if part[:2] not in self._painted]
            if new:
                self.kinds[found.kind] += 1
            self._painted.update(part[:2] for part in new)
            self.boxes.extend(box for _, _, box in new)

    def _parts(self, indexes: Sequence[int], glue: int, found: Finding) -> Iterator[tuple[int, int, Box]]:
        """The words that a finding touches: line, start of the word (-1: the whole line), and where it is."""
        at = 0
        for index in indexes:
            line = self._lines[index]
            start, end = max(found.start - at, 0), min(found.end - at, len(line.text))
            if start < end:
                touched = [word for word in line.words if word.start < end and start < word.end]
                if touched:
                    yield from ((index, word.start, _padded(word.box)) for word in touched)
                else:
                    yield index, -1, line.box
            at += len(line.text) + glue

    def _behind_labels(self, row: Sequence[int]) -> None:
        for label, value in pairwise(row):
            if self._is_label(self._lines[label]):
                self._hide_whole(value)

    def _is_label(self, line: Line) -> bool:
        text = line.text.strip()
        return len(text) <= LONGEST_LABEL and text.count(" ") < 4 and is_password_field(text.rstrip(":?* "))

    def _hide_whole(self, index: int) -> None:
        if (index, -1) not in self._painted:
            self._painted.add((index, -1))
            self.boxes.append(self._lines[index].box)
            self.kinds["password"] += 1

    def _columns(self) -> Iterator[tuple[int, int]]:
        """Each line with the one right below it."""
        order = sorted(range(len(self._lines)), key=lambda index: self._lines[index].box[1])
        for position, above in enumerate(order):
            left, top, right, bottom = self._lines[above].box
            height = bottom - top
            for below in order[position + 1 :]:
                other = self._lines[below].box
                if other[1] > bottom + 1.5 * height:
                    break
                if other[1] >= top + height / 2 and other[0] < right and left < other[2]:
                    yield above, below
                    break


def rows_of(lines: Sequence[Line]) -> list[list[int]]:
    """The lines by number, those at the same height together, from left to right, from top to bottom."""
    rows: list[list[int]] = []
    for index in sorted(range(len(lines)), key=lambda index: _middle(lines[index].box)):
        last = lines[rows[-1][0]].box if rows else None
        height = lines[index].box[3] - lines[index].box[1]
        if last is not None and _middle(lines[index].box) - _middle(last) < 0.5 * min(height, last[3] - last[1]):
            rows[-1].append(index)
        else:
            rows.append([index])
    return [sorted(row, key=lambda index: lines[index].box[0]) for row in rows]


def _neighbours(row: Sequence[Line]) -> list[list[int]]:
    """The parts of a row that stand close together, where that is more than one."""
    groups = [[0]]
    for at in range(1, len(row)):
        before, here = row[at - 1].box, row[at].box
        if here[0] - before[2] <= NEAR * (here[3] - here[1]):
            groups[-1].append(at)
        else:
            groups.append([at])
    return [group for group in groups if len(group) > 1]


def _likely(text: str) -> list[Finding]:
    """What has the form of something masked, though a character may be misread."""
    found = [Finding(*match.span(), "email_address") for match in ADDRESS.finditer(text)]
    undated = DATE_AND_TIME.sub(lambda match: " " * len(match.group()), text)
    found += [Finding(*match.span(), "iban") for match in IBAN.finditer(undated)]
    for match in DIGITS.finditer(undated):
        if sum(character.isdigit() for character in match.group()) >= 10:
            found.append(Finding(*match.span(), "card_number"))
    return found


def _middle(box: Box) -> float:
    return (box[1] + box[3]) / 2


def _padded(box: Box) -> Box:
    """The places of words are estimated: some more on each side."""
    by = max(3, round((box[3] - box[1]) * 0.3))
    return box[0] - by, box[1] - 2, box[2] + by, box[3] + 2
