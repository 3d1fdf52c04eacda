"""The visitor's language: the one they chose, or their browser's. `t` and `tn` give texts in it."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import streamlit as st
from starlette.requests import Request
from streamlit.runtime.scriptrunner import get_script_run_ctx

from languages import DEFAULT, NAMES, preferred
from languages.language import PSEUDO, Language, language, spoken

COOKIE = "openbook_language"


def t(text: str, /, **values: object) -> str:
    """The text in the visitor's language. Numbers and days among the values are written as is usual there."""
    return current().t(text, **values)


def tn(one: str, many: str, n: int, /, **values: object) -> str:
    """The same for a number, `{n}` in the texts."""
    return current().tn(one, many, n, **values)


def listed(words: Sequence[str], limit: int = 4, total: int | None = None) -> str:
    """`a, b and c`; past `limit`, `a, b, c and 5 more`. `total`: the real number, if `words` has only some of them."""
    total = max(len(words), total or 0)
    shown = list(words)
    if total > min(limit, len(words)):
        shown = list(words[: limit - 1])
        shown.append(tn("{n} more", "{n} more", total - len(shown)))
    return current().listed(shown)


def opening(words: str) -> str:
    """The words with a capital at their beginning."""
    return words[:1].upper() + words[1:]


def current() -> Language:
    """That of the block (`speaking`), as in routes; else that of the page; English outside of both."""
    if (found := spoken()) is not None:
        return found
    context = get_script_run_ctx(suppress_warning=True)
    if context is None:
        return language(DEFAULT)
    if getattr(_kept, "of", None) != (run := (id(context), id(context.context_info))):
        _kept.of, _kept.language = run, language(_code(st.context.cookies.get(COOKIE), st.context.locale))
    found = _kept.language
    assert isinstance(found, Language)
    return found


_kept = threading.local()
"""The language of the run of a page that this thread is busy with: a page asks for it hundreds of times."""


def of_request(request: Request) -> str:
    """The code of the language for a route's answer."""
    return _code(request.cookies.get(COOKIE), request.headers.get("accept-language"))


def _code(chosen: str | None, browsers: str | None) -> str:
    if chosen in NAMES:
        return chosen
    return PSEUDO if browsers == PSEUDO else preferred(browsers or "")
