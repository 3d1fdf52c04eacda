"""Jinja for the pages of an export. Their texts are in the language of the block `speaking`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from languages.saying import current, shown, t


def environment(*folders: Path) -> Environment:
    """Filters: `t` and `tn` for texts, `shown` for what is stored as English, `number`; and the function `word`.

    `code` is a name that stays as it is. Every value is escaped; a text may have elements (`"<b>No</b> {what}"|t(…)`).
    """
    made = Environment(loader=FileSystemLoader(folders), autoescape=True, undefined=StrictUndefined)
    made.filters |= {"t": _text, "tn": _counted, "shown": _shown, "number": _number, "code": _code}
    made.globals["word"] = word
    return made


def word(texts: Mapping[str, str], code: str) -> str:
    """The text for a code; the code itself if it has none."""
    return t(texts[code]) if code in texts else code


# With the context, Jinja doesn't compute them once for all.


@pass_context
def _text(_: Context, text: str, **values: object) -> Markup:
    return Markup(current().t(text, **_escaped(values)))  # noqa: S704 (texts are ours, values are escaped)


@pass_context
def _counted(_: Context, one: str, many: str, n: int, **values: object) -> Markup:
    return Markup(current().tn(one, many, n, **_escaped(values)))  # noqa: S704 (as above)


@pass_context
def _shown(_: Context, text: str) -> str:
    return shown(text)


@pass_context
def _number(_: Context, value: int) -> str:
    return current().number(value)


def _code(name: str) -> Markup:
    return Markup("<code>{}</code>").format(name)


def _escaped(values: Mapping[str, object]) -> dict[str, object]:
    return {name: escape(value) if isinstance(value, str) else value for name, value in values.items()}
