"""A table as HR systems and spreadsheets write it, read into rows with line numbers.

The encoding is UTF-8 (with or without a byte order mark), UTF-16, or else Windows-1252, which is said. The separator is
a comma, semicolon, tab or bar: whichever splits the header into the most known columns. Header names may be in
capitals, with spaces, hyphens or underscores. Blank rows are skipped.

A cell that goes on in the next line makes the file refused: one stray quotation mark would hide the people of the
lines up to the next one, who would be marked as left.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from errors import OpenBookError

SEPARATORS = ",;\t|"
LARGEST_FILE = 64 * 1024 * 1024
"""Bytes."""
MOST_LISTED = 40
"""Faults or notices that are listed; the others are counted."""
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How files of spreadsheet programs begin: .xlsx and .ods, and .xls."""
ABOVE_HEADER = 20
"""Lines in which a header is looked for, if the first one is none."""
FIRST_LINES = re.compile(r"(?:[^\S\n]*(?:[sS][eE][pP]=[^\n]*)?\n)*")
"""What may stand above the header: empty lines, and what Excel says about the separator."""
GUESSED = (
    "it isn't UTF-8, so it was read as Windows-1252. If letters look wrong or it can't be read, give its encoding:"
    " --encoding"
)


GOES_ON = (
    "a cell in quotation marks doesn't end in its line."
    " If a quotation mark is there by mistake, delete it, and also the one that ends the cell. If the cell has a line"
    " break, put a space in its place"
)


class InvalidDirectoryFile(OpenBookError, ValueError):
    """The CSV file can't be used; nothing was changed. The message lists each invalid line."""


@dataclass(frozen=True)
class Reading:
    """How to read a file, where it can't be seen from the file itself."""

    columns: Mapping[str, str] = field(default_factory=dict)
    """Our column name: its name in the file's header."""
    encoding: str | None = None
    """A Python codec; None: recognised."""


@dataclass(frozen=True)
class Row:
    """One row: the number of its first line in the file, and the text of each known column ("" if there is none)."""

    line: int
    cells: dict[str, str]


@dataclass(frozen=True)
class Table:
    rows: list[Row]
    faults: list[str]
    notices: list[str]
    guessed: bool
    """Whether the encoding is a guess."""


def read_table(file: Path, needed: Sequence[str], optional: Sequence[str], reading: Reading) -> Table:
    """Read the known columns of a file. Raises InvalidDirectoryFile."""
    text, guessed = _decoded(file, reading.encoding)
    notices = [f"The file: {GUESSED} NAME."] if guessed else []
    skipped, text = _without_first_lines(f"{text}\n")  # a mark that is never closed then has a line end in its cell
    places, separator = _known_columns(file, text, needed, optional, reading)
    rows: list[Row] = []
    faults: list[str] = []
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    header = next(lines)
    end = lines.line_num
    try:
        for cells in lines:
            first, end = end + 1 + skipped, lines.line_num
            if _goes_on(cells):
                faults.append(f"line {first}: {GOES_ON}")
            if not any(cell.strip() for cell in cells):
                continue
            if any(cell.strip() for cell in cells[len(header) :]):
                faults.append(
                    f"line {first}: more fields than the header has. Put a text that contains {_shown(separator)} in"
                    " quotes"
                )
            known = {name: cells[at] if at < len(cells) else "" for name, at in places.items()}
            rows.append(Row(first, {name: known.get(name, "") for name in (*needed, *optional)}))
    except csv.Error as error:
        raise InvalidDirectoryFile(
            f"{file}: nothing changed.\nline {end + 1 + skipped}: can't be read: {error}. Perhaps {GOES_ON}."
        ) from error
    unused = [name.strip() for at, name in enumerate(header) if at not in places.values() and name.strip()]
    if unused:
        notices.append(f"The header: not used: {', '.join(unused[:MOST_LISTED])}.")
    return Table(rows, faults, notices, guessed)


def listed(words: Sequence[str]) -> str:
    """One a line, not more than anyone would read."""
    more = len(words) - MOST_LISTED
    return "\n".join([*words[:MOST_LISTED], *([f"and {more:,} more"] if more > 0 else [])])


def _goes_on(cells: Sequence[str]) -> bool:
    """Whether a cell of a row goes on in the next line."""
    return any("\n" in cell or "\r" in cell for cell in cells)


def _decoded(file: Path, encoding: str | None) -> tuple[str, bool]:
    """The text, and whether its encoding is a guess. Raises InvalidDirectoryFile."""
    try:
        if file.stat().st_size > LARGEST_FILE:
            raise InvalidDirectoryFile(f"{file} can't be read: it has more than 64 MB. Nothing changed.")
        if not file.is_file():
            raise InvalidDirectoryFile(f"{file} can't be read: it is no regular file. Nothing changed.")
        data = file.read_bytes()
        if data.startswith(WORKBOOKS):
            raise InvalidDirectoryFile(
                f"{file} is a workbook of a spreadsheet program, not a CSV file. Nothing changed. Open it there, save"
                " the sheet as “CSV UTF-8”, and give that file."
            )
        if encoding:
            return data.decode(encoding).removeprefix("\ufeff"), False
        try:
            return data.decode(_marked(data)), False
        except UnicodeDecodeError:
            if _marked(data) != "utf-8-sig":
                raise
            return data.decode("cp1252"), True
    except (OSError, UnicodeError) as error:
        raise InvalidDirectoryFile(f"{file} can't be read: {error}. Nothing changed.") from error
    except LookupError as error:
        raise InvalidDirectoryFile(f"{encoding} is not an encoding that we know. Nothing changed.") from error


def _marked(data: bytes) -> str:
    """The encoding that the first bytes show; UTF-8 if they show none."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if data[1:2] == b"\0":
        return "utf-16-le"
    return "utf-16-be" if data[:1] == b"\0" else "utf-8-sig"


def _without_first_lines(text: str) -> tuple[int, str]:
    """Without the `sep=;` that Excel writes above the header, and empty lines; and the number of lines left out."""
    above = FIRST_LINES.match(text)
    assert above is not None, "it matches nothing, too"
    return above[0].count("\n"), text[above.end() :]


def _known_columns(
    file: Path, text: str, needed: Sequence[str], optional: Sequence[str], reading: Reading
) -> tuple[dict[str, int], str]:
    """Where each known column is, and the separator. Raises InvalidDirectoryFile."""
    known = {_plain(reading.columns.get(name, name)): name for name in (*needed, *optional)}
    unknown = set(reading.columns) - {*needed, *optional}
    if unknown or len(known) < len(needed) + len(optional):
        raise InvalidDirectoryFile(
            f"A column can't be given like this: {', '.join(sorted(unknown)) or 'one column stands for two'}."
            f" Columns are {', '.join((*needed, *optional))}. Nothing changed."
        )
    found, separator = max(
        ((_header(text, separator), separator) for separator in SEPARATORS),
        key=lambda each: sum(_plain(name) in known for name in each[0]),
    )
    if _goes_on(found):
        raise InvalidDirectoryFile(f"{file}: nothing changed.\nThe header: {GOES_ON}.")
    names = [known.get(_plain(name)) for name in found]
    places = {name: at for at, name in enumerate(names) if name}
    if twice := sorted({name for name in places if names.count(name) > 1}):
        raise InvalidDirectoryFile(f"{file}: columns given twice: {', '.join(twice)}. Nothing changed.")
    required = {*needed, *reading.columns}
    if missing := sorted(required - places.keys()):
        if above := _lines_above(text, {_plain(reading.columns.get(name, name)) for name in required}):
            raise InvalidDirectoryFile(
                f"{file}: the first line is no header. Nothing changed. The names of the columns are further down:"
                f" delete {'the line' if above == 1 else f'the {above} lines'} above them."
            )
        seen = ", ".join(name.strip() for name in found[:MOST_LISTED])
        raise InvalidDirectoryFile(
            f"{file}: missing columns {', '.join(missing)}. Nothing changed. The first line has: {seen or 'nothing'}."
            f' If a column has another name there, say so: --column {missing[0]}="Its name".'
        )
    return places, separator


def _lines_above(text: str, required: set[str]) -> int:
    """How many lines stand above a header, such as the title of a report; 0 if there is no header further down."""
    for number, line in enumerate(text.split("\n", ABOVE_HEADER)[:ABOVE_HEADER]):
        for separator in SEPARATORS:
            if required <= {_plain(name) for name in _header(line, separator)}:
                return number
    return 0


def _header(text: str, separator: str) -> list[str]:
    try:
        return next(csv.reader(io.StringIO(text, newline=""), delimiter=separator), [])
    except csv.Error:
        return []


def _plain(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def _shown(separator: str) -> str:
    return "a tab" if separator == "\t" else f"“{separator}”"
