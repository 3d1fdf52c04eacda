"""One language: its texts, numbers, days and lists, by gettext and the CLDR (Babel)."""

from __future__ import annotations

import io
import re
import string
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from functools import cache
from gettext import GNUTranslations, NullTranslations
from numbers import Integral, Real
from pathlib import Path
from typing import Any, cast

import babel
from babel import dates, lists, numbers
from babel.messages import mofile, pofile

from languages import DEFAULT

FOLDER = Path(__file__).parent
LOCALES = {"en": "en_GB", "de": "de_DE", "fr": "fr_FR", "es": "es_ES"}
PSEUDO = "en-XA"
"""Marks every text with `⟦` and `⟧`, so that tests find what isn't translated."""


class Language:
    """`code` of `languages.NAMES`, or PSEUDO."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.locale = babel.Locale.parse(LOCALES.get(code, LOCALES[DEFAULT]))
        self._texts = _texts(code)
        self.known = _known(self._texts)
        """The texts that have a translation, without those with a number."""
        self._group = numbers.get_group_symbol(self.locale)
        self._values = _Values(self)

    def t(self, text: str, /, **values: object) -> str:
        """The text in this language, with its values: numbers and days are written as is usual there."""
        return self._filled(self._texts.gettext(text) if text else "", values)

    def tn(self, one: str, many: str, n: int, /, **values: object) -> str:
        """The same for a number, which is `{n}` in the texts: `tn("{n} record", "{n} records", 3)`."""
        return self._filled(self._texts.ngettext(one, many, n), {"n": n, **values})

    def knows(self, text: str) -> bool:
        """Whether it is a text with a translation; the pseudo language has one of each that is translated somewhere."""
        return text in (language("de").known if self.code == PSEUDO else self.known)

    def _filled(self, text: str, values: Mapping[str, object]) -> str:
        filled = self._values.vformat(text, (), values) if values else text
        return f"⟦{filled}⟧" if self.code == PSEUDO and text else filled

    def number(self, value: float | Integral, digits: int | None = None) -> str:
        """`1,204`, or at most two digits after the decimal sign: `0.25`. `digits`: exactly so many, as in `3.00`."""
        if isinstance(value, Integral) and not digits:  # many times a page: Babel takes 30 times as long
            return f"{value:,}".replace(",", self._group)
        value = float(value)
        pattern = "#,##0.##" if digits is None else f"#,##0.{'0' * digits}".rstrip(".")
        return numbers.format_decimal(value, pattern, locale=self.locale)

    def day(self, day: date) -> str:
        """`3 May 2026`."""
        return self._first(dates.format_date(day, "long", locale=self.locale))

    def full_day(self, day: date) -> str:
        """`Sunday 3 May 2026`."""
        return self._first(dates.format_date(day, "full", locale=self.locale))

    def short_day(self, day: date) -> str:
        """`3 Sept 2026`."""
        return self._first(dates.format_skeleton("yMMMd", day, locale=self.locale))

    def _first(self, day: str) -> str:
        """French writes the first of a month as `1er`, which the CLDR leaves out."""
        return re.sub(r"(?<!\d)1(?= [^\W\d])", "1er", day) if self.code == "fr" else day

    def weekday(self, day: date) -> str:
        """`Sun 3`."""
        return dates.format_skeleton("Ed", day, locale=self.locale)

    def month(self, day: date) -> str:
        """`May 2026`."""
        return dates.format_skeleton("yMMMM", day, locale=self.locale)

    def month_alone(self, day: date) -> str:
        """`May`."""
        return dates.format_date(day, "LLLL", locale=self.locale)

    def listed(self, words: Sequence[str]) -> str:
        """`a, b and c`."""
        return lists.format_list(words, locale=self.locale)


class _Values(string.Formatter):
    """Writes numbers and days in the language; everything else as it is."""

    def __init__(self, language: Language) -> None:
        self._language = language

    def format_field(self, value: Any, format_spec: str) -> str:
        if not format_spec and isinstance(value, Real):
            return self._language.number(cast(float, value))
        if not format_spec and type(value) is date:
            return self._language.day(value)
        return str(super().format_field(value, format_spec))


def _texts(code: str) -> NullTranslations:
    file = FOLDER / f"{code}.po"
    if not file.exists():
        return NullTranslations()
    with file.open("rb") as texts:
        catalog = pofile.read_po(texts, locale=code, abort_invalid=True)
    written = io.BytesIO()
    mofile.write_mo(written, catalog)
    written.seek(0)
    return GNUTranslations(written)


def _known(texts: NullTranslations) -> frozenset[str]:
    catalog: Mapping[object, str] = getattr(texts, "_catalog", {})
    return frozenset(text for text, translated in catalog.items() if isinstance(text, str) and translated)


@cache
def language(code: str) -> Language:
    return Language(code)


_spoken: ContextVar[Language | None] = ContextVar("spoken", default=None)


@contextmanager
def speaking(code: str) -> Iterator[Language]:
    """What is written in the block, is written in this language."""
    token = _spoken.set(language(code))
    try:
        yield language(code)
    finally:
        _spoken.reset(token)


def spoken() -> Language | None:
    """The language of the block `speaking`; None outside of one."""
    return _spoken.get()
