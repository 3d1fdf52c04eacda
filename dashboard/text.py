"""Shows captured text on a page literally, so that no element interprets it.

Streamlit's text elements read Markdown with extras: images are fetched, bare addresses become links,
`:red[…]`, `:material/…:` and `:smile:` are directives, and `$…$` is mathematics. Captured text, and any name
that somebody else chose, goes through `inert` before it reaches such an element. Longer captured text goes
into `st.dataframe`, `st.code` or `st.text`, which interpret none of this. `markup` is for the few lists that are
written as HTML.

Labels are read twice: drawn as Markdown, and given as they are to screen readers, which would read the escapes aloud.
So names in the label of a checkbox go through `in_a_label`, and a sentence that is also the text alternative of a chart
through `read_aloud`.
"""

from __future__ import annotations

import html
import re
import unicodedata

WORD_JOINER = "\u2060"
"""An invisible character that breaks up directives, shortcodes and addresses. A backslash alone doesn't stop
them, because Streamlit looks for them after backslashes are resolved."""

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
_STARTS_A_DIRECTIVE = re.compile(r"(:(?!\s)|@|(?<=www)\.)", re.IGNORECASE)
"""Elsewhere, as at the end of a sentence or in "1.2", nothing invisible is put in: it would be found by searches, and
read by some screen readers."""
_ESCAPED = re.compile(rf"\\([!-/:-@\[-`{{-~])|{WORD_JOINER}")
_MEANS_SOMETHING = re.compile(r"[!#$&*:<>@\[\\\]^_`{|}~]|(?<=www)\.", re.IGNORECASE)
_ELLIPSIS = "…"


def plain(text: str, limit: int | None = None) -> str:
    """One line without control or direction-changing characters, at most `limit` characters long.

    For elements that show text literally (tables, chart labels, select boxes)."""
    line = " ".join("".join(" " if _unprintable(character) else character for character in text).split())
    return line if limit is None or len(line) <= limit else line[: limit - 1] + _ELLIPSIS


def inert(text: str, limit: int | None = None) -> str:
    """Like `plain`, and escaped for elements that read Markdown."""
    return _PUNCTUATION.sub(r"\\\1", _STARTS_A_DIRECTIVE.sub(rf"\1{WORD_JOINER}", plain(text, limit)))


def read_aloud(markdown: str) -> str:
    """What a sentence with names that went through `inert` says, for elements that show it literally."""
    return _ESCAPED.sub(lambda found: found[1] or "", markdown)


def in_a_label(text: str, limit: int | None = None) -> str:
    """Like `plain`, for a label that is both Markdown and literal: what Markdown could interpret becomes a space."""
    return plain(_MEANS_SOMETHING.sub(" ", plain(text, limit)))


def markup(text: str, limit: int | None = None) -> str:
    """Like `plain`, and escaped for HTML."""
    return html.escape(plain(text, limit))


def _unprintable(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"}
