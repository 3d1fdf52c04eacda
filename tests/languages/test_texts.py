"""Every text that people read has a translation that says the same with the same values."""

from __future__ import annotations

import ast
import re
import string
from collections import Counter

import pytest
from babel.messages.catalog import Message

from languages import DEFAULT, NAMES, catalogs

CODES = [code for code in NAMES if code != DEFAULT]
TRANSLATING = {"t", "tn", "say", "say_n"}


def forms(text: object) -> list[str]:
    return list(text) if isinstance(text, tuple | list) else [str(text)]


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def translated(code: str) -> list[Message]:
    return [message for message in catalogs.translations(code) if message.id]


@pytest.mark.parametrize("code", CODES)
def test_every_text_is_translated_and_every_translation_is_used(code: str) -> None:
    wanted = {str(message.id) for message in catalogs.in_the_code() if message.id}
    found = {str(message.id): message.string for message in translated(code)}
    assert {text for text in wanted if not catalogs.complete(found.get(text))} == set(), "run python -m languages"
    assert found.keys() - wanted == set(), "run python -m languages"


@pytest.mark.parametrize("code", CODES)
def test_no_translation_is_left_out_as_doubtful(code: str) -> None:
    """Gettext leaves out what is marked fuzzy, as Babel marks a text that has, or loses, a form for several."""
    assert [message.id for message in translated(code) if message.fuzzy] == []


@pytest.mark.parametrize("code", CODES)
def test_a_translation_has_the_values_of_its_text(code: str) -> None:
    wrong = []
    for message in translated(code):
        named = set().union(*(places(form) for form in forms(message.id)))
        said = forms(message.string)
        wrong += [(message.id, form) for form in said if not named - {"n"} <= places(form) <= named]
        wrong += [(message.id, said[-1])] if "n" in named - places(said[-1]) else []
    assert wrong == []


MARKS = re.compile(r"\*\*|\]\([^)]*\)|</?[a-z]+[^>]*>|:material/\w+:|\n- |\n\n")


@pytest.mark.parametrize("code", CODES)
def test_a_translation_has_the_emphasis_and_the_links_of_its_text(code: str) -> None:
    wrong = [
        (message.id, form)
        for message in translated(code)
        for form in forms(message.string)
        if Counter(MARKS.findall(form)) != Counter(MARKS.findall(forms(message.id)[-1]))
    ]
    assert wrong == []


@pytest.mark.parametrize("code", CODES)
def test_a_translation_ends_as_its_text_does(code: str) -> None:
    """A sentence stays one; a piece of one stays a piece, without spaces that English doesn't have."""
    wrong = [
        (message.id, form)
        for message in translated(code)
        for form in forms(message.string)
        if form != form.strip() or (form[-1:] in ".?!:,;") != (forms(message.id)[-1][-1:] in ".?!:,;")
    ]
    assert wrong == []


def test_french_signs_stand_after_a_narrow_space_that_does_not_break() -> None:
    """Otherwise a line may begin with a colon."""
    wide = re.compile(r"[ \u00a0][:;?!»]|«[ \u00a0]")
    wrong = [form for message in translated("fr") for form in forms(message.string) if wide.search(form)]
    assert wrong == []


def test_texts_are_written_where_they_can_be_found() -> None:
    """The first argument is a text, or something that has marked ones; not put together on the spot."""
    wrong = []
    for file in catalogs.sources():
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and catalogs.called(node.func) in catalogs.FORMS and node.args:
                first = node.args[0]
                literal = isinstance(first, ast.Constant) and isinstance(first.value, str) and first.value
                looked_up = isinstance(first, ast.Name | ast.Attribute | ast.Subscript | ast.Starred | ast.Call)
                if not (literal or (looked_up and catalogs.called(node.func) in TRANSLATING)):
                    wrong.append(f"{file.relative_to(catalogs.ROOT)}:{node.lineno}")
    assert wrong == []
