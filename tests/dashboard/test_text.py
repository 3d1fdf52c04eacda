"""Captured text is shown literally, never interpreted."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.text import in_a_label, inert, plain, read_aloud

HOSTILE = [
    "![x](http://evil/x.png)",
    "[x](javascript:alert(1))",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    ":red[x]",
    ":material/home:",
    ":smile:",
    "$$x^2$$",
    "http://evil.example/?q=1",
    "www.evil.example",
    "me@evil.example",
    "# heading",
    "- item",
    "1. item",
    "> quote",
    "`code`",
    "**bold**",
    "~~gone~~",
    "a\n\n    code",
    "|a|b|\n|-|-|",
    "&lt;b&gt;",
]


UNREADABLE = "a*b*_c_ [x](y)"
"""What a screen reader would read with a backslash before each second character."""


@pytest.mark.parametrize("text", HOSTILE)
def test_markdown_characters_are_escaped(text: str) -> None:
    assert not re.search(r"[!-/:-@\[-`{-~]", re.sub(r"\\[!-/:-@\[-`{-~]", "", inert(text)))


@pytest.mark.parametrize("text", [":red[x]", ":smile:", ":material/home:", "http://evil", "www.evil.example", "a@b.c"])
def test_directives_are_broken_up(text: str) -> None:
    read = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", inert(text))
    assert not re.search(r":\w|://|www\.\w|@\w", read)
    assert read.replace("\u2060", "") == text


@pytest.mark.parametrize(
    "text", ["sable 1.2", "It was saved. Nothing else: all is well.", "report.xlsx", "evil.example"]
)
def test_nothing_invisible_is_in_ordinary_words(text: str) -> None:
    assert "\u2060" not in inert(text)


@given(st.text())
def test_an_escaped_text_is_read_aloud_as_it_is(text: str) -> None:
    assert read_aloud(inert(text)) == plain(text)


@pytest.mark.parametrize("text", [*HOSTILE, UNREADABLE, "https://www.evil.example", "WWW.evil.example"])
def test_a_label_has_neither_markdown_nor_escapes(text: str) -> None:
    assert not re.search(r"[][!#$&*:<>@\\^_`{|}~\u2060]|www\.", in_a_label(f"in {text}").casefold())


def test_a_label_keeps_names_as_they_are() -> None:
    for name in ("Excel", "OS-Clipboard", "code.exe", "Notepad++", "Übersicht (neu), 2"):
        assert in_a_label(name) == name


@given(st.text())
def test_text_is_one_line_without_invisible_characters(text: str) -> None:
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]", plain(text))


@given(st.text(min_size=20), st.integers(2, 10))
def test_a_limit_is_kept(text: str, limit: int) -> None:
    assert len(plain(text, limit)) <= limit
