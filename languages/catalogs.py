"""The texts in the code, and the files that have their translations."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages import pofile
from babel.messages.catalog import Catalog

from languages.language import FOLDER, LOCALES

ROOT = FOLDER.parent
PACKAGES = ("dashboard", "directory", "governance", "lake", "law", "queries")
FORMS = {"t": 1, "mark": 1, "tn": 2, "mark_n": 2, "say": 1, "say_n": 2, "kept": 1, "kept_n": 2}
"""How many forms of a text the functions take."""
WIDTH = 110
TEMPLATE = re.compile(r'"([^"]+)"\|(?:t\b|tn\("([^"]+)")')
"""A text in a Jinja template: `{{ "Until {day}"|t(day=day) }}`, or `{{ "{n} record"|tn("{n} records", 3) }}`."""


def in_the_code() -> Catalog:
    """Every text, with the files that it is in."""
    catalog = Catalog(project="Open Book", charset="utf-8")
    for file in sources():
        where = file.relative_to(ROOT).as_posix()
        for line, text in _texts(ast.parse(file.read_text(encoding="utf-8"))):
            catalog.add(text, locations=[(where, line)])
    for file in templates():
        for one, many in TEMPLATE.findall(file.read_text(encoding="utf-8")):
            catalog.add((one, many) if many else one, locations=[(file.relative_to(ROOT).as_posix(), 1)])
    return catalog


def _texts(tree: ast.Module) -> Iterator[tuple[int, str | tuple[str, ...]]]:
    """(line, text, or its two forms). Babel's own reader finds none that stand in an f-string."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and (number := FORMS.get(called(node.func))):
            forms = [each.value for each in node.args[:number] if isinstance(each, ast.Constant)]
            texts = tuple(form for form in forms if isinstance(form, str) and form)
            if len(texts) == number:
                yield node.lineno, texts if number > 1 else texts[0]


def called(function: ast.expr) -> str:
    """The name of what a call calls, without what it belongs to."""
    match function:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def sources() -> Iterator[Path]:
    for package in PACKAGES:
        yield from sorted((ROOT / package).rglob("*.py"))


def templates() -> Iterator[Path]:
    for package in PACKAGES:
        yield from sorted((ROOT / package).rglob("*.html"))


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
    return len(texts), sum(message.fuzzy or not complete(message.string) for message in texts)


def write(code: str, catalog: Catalog) -> None:
    """Without dates and line numbers, so that the file changes only with its texts."""
    with (FOLDER / f"{code}.po").open("wb") as file:
        pofile.write_po(
            file, catalog, width=WIDTH, omit_header=True, sort_by_file=True, include_lineno=False, ignore_obsolete=True
        )


def complete(translated: object) -> bool:
    """Whether a translation, or each of its plural forms, is there."""
    return all(translated) if isinstance(translated, tuple | list) else bool(translated)
