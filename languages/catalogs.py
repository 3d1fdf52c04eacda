"""The texts in the code, and the files that have their translations."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages import pofile
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file

from languages.language import FOLDER, LOCALES

ROOT = FOLDER.parent

PACKAGES = ("dashboard", "governance", "lake", "law", "queries")
KEYWORDS = {"t": None, "mark": None, "tn": (1, 2), "mark_n": (1, 2)}
WIDTH = 110
WRITTEN = datetime(2026, 11, 28, tzinfo=UTC)
"""A date in the files that says nothing, so that they change only with their texts."""


def in_the_code() -> Catalog:
    """Every text, with the files that it is in."""
    catalog = Catalog(project="Open Book", charset="utf-8")
    for file in sources():
        where = file.relative_to(ROOT).as_posix()
        for line, text, _, _ in extract_from_file("python", file, keywords=KEYWORDS):
            catalog.add(text, locations=[(where, line)])
    return catalog


def sources() -> Iterator[Path]:
    for package in PACKAGES:
        yield from sorted((ROOT / package).rglob("*.py"))


def translations(code: str) -> Catalog:
    with (FOLDER / f"{code}.po").open("rb") as file:
        return pofile.read_po(file, locale=LOCALES[code], abort_invalid=True)


def update(code: str) -> tuple[int, int]:
    """Adds what is new in the code, and drops what is no longer there. How many texts there are, and how many of them
    have no translation yet."""
    file = FOLDER / f"{code}.po"
    catalog = translations(code) if file.exists() else Catalog(LOCALES[code], project="Open Book")
    catalog.update(in_the_code(), no_fuzzy_matching=True)
    catalog.obsolete.clear()
    write(code, catalog)
    texts = [message for message in catalog if message.id]
    return len(texts), sum(not complete(message.string) for message in texts)


def write(code: str, catalog: Catalog) -> None:
    """Without dates and line numbers, so that the file changes only with its texts."""
    with (FOLDER / f"{code}.po").open("wb") as file:
        pofile.write_po(
            file, catalog, width=WIDTH, omit_header=True, sort_by_file=True, include_lineno=False, ignore_obsolete=True
        )


def complete(translated: object) -> bool:
    """Whether a translation, or each of its plural forms, is there."""
    return all(translated) if isinstance(translated, tuple | list) else bool(translated)
