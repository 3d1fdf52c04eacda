"""Captured text on a page: shown as what it is, never obeyed.

Streamlit's text elements read Markdown with extras: images and bare addresses are fetched or linked,
`:red[…]`, `:material/…:` and `:smile:` are directives, `$…$` is mathematics. Whatever was captured, or was
named by somebody else, goes through `inert` before it reaches such an element. Longer captured text goes
into `st.dataframe`, `st.code` or `st.text`, which read none of this. `markup` is for the few lists that are
written as HTML.
"""

from __future__ import annotations

import html
import re
import unicodedata

WORD_JOINER = "\u2060"
"""Invisible, and no part of any directive, shortcode or address: these are looked for after the backslashes
were read, so a backslash alone doesn't stop them."""

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
_STARTS_A_DIRECTIVE = re.compile(r"([:@.])")
_ELLIPSIS = "…"


def plain(text: str, limit: int | None = None) -> str:
    """One line without control or direction-changing characters, at most `limit` characters long.

    For places that show text as it is (tables, chart labels, select boxes)."""
    line = " ".join("".join(" " if _unprintable(character) else character for character in text).split())
    return line if limit is None or len(line) <= limit else line[: limit - 1] + _ELLIPSIS


def inert(text: str, limit: int | None = None) -> str:
    """The same, made harmless for elements that read Markdown."""
    return _PUNCTUATION.sub(r"\\\1", _STARTS_A_DIRECTIVE.sub(rf"\1{WORD_JOINER}", plain(text, limit)))


def markup(text: str, limit: int | None = None) -> str:
    """The same, made harmless inside an element of HTML."""
    return html.escape(plain(text, limit))


def _unprintable(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"}
