"""English texts that can be said again in another language, with their values.

An error, or a sentence that is kept, is English wherever it is logged or stored: `say("{n} records", n=3)` is it.
It also knows what it was made of, so it is put into the reader's language where it is shown (`shown`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from string import Formatter
from typing import Any, Self

from languages import DEFAULT
from languages.language import Language, language, spoken

Value = object


class Said(str):
    """English text, made of `forms` (one, or those for one and for several) and `values`."""

    forms: tuple[str, ...]
    values: Mapping[str, Value]

    def __new__(cls, forms: tuple[str, ...], values: Mapping[str, Value]) -> Self:
        made = super().__new__(cls, _filled(language(DEFAULT), forms, values))
        made.forms, made.values = forms, values
        return made

    def __str__(self) -> str:
        return self

    def in_language(self, wanted: Language) -> str:
        values = {
            name: value.in_language(wanted) if isinstance(value, Said) else value for name, value in self.values.items()
        }
        forms = self.forms if wanted.knows(self.forms[0]) else tuple(map(_as_today, self.forms))
        return _filled(wanted, forms, values)


class Sentences(Said):
    """Several, one after the other."""

    def in_language(self, wanted: Language) -> str:
        return " ".join(_in(wanted, str(value)) for value in self.values.values())


def say(text: str, /, **values: Value) -> Said:
    return Said((text,), values)


def say_n(one: str, many: str, n: int, /, **values: Value) -> Said:
    return Said((one, many), {"n": n, **values})


def sentences(*texts: str) -> Said:
    """Whole sentences with spaces between them; empty ones are left out."""
    said = [text for text in texts if text]
    places = {f"_{number}": text for number, text in enumerate(said)}
    return Sentences((" ".join(f"{{{name}}}" for name in places),), places)


def moment(at: datetime) -> Said:
    """A time in UTC, to the minute."""
    return say("{day}, {time} UTC", day=at.date(), time=f"{at:%H:%M}")


def kept(text: str) -> str:
    """Marks a text that is stored with its values filled in, as English: `shown` finds what these are."""
    _kept.append((_pattern(text), (text,)))
    return text


def kept_n(one: str, many: str) -> tuple[str, str]:
    """The same for a text with a number, `{n}`."""
    _kept.extend((_pattern(form), (one, many)) for form in (one, many))
    return one, many


_kept: list[tuple[re.Pattern[str], tuple[str, ...]]] = []


def _pattern(text: str) -> re.Pattern[str]:
    parts = [
        re.escape(before) + (f"(?P<{name}>{'[0-9,]+' if name == 'n' else '.+?'})" if name else "")
        for before, name, _, _ in Formatter().parse(text)
    ]
    return re.compile("".join(parts))


def _kept_of(text: str) -> Said | None:
    for pattern, forms in _kept:
        if found := pattern.fullmatch(text):
            values = {name: _read(value) for name, value in found.groupdict().items()}
            if len(forms) == 1 or "n" in values:
                return Said(forms, values)
    return None


def _read(value: str) -> Value:
    """What was written into an English text: a number, a day, or words, which may be known ones."""
    if _NUMBER.fullmatch(value):
        return int(value.replace(",", ""))
    try:
        return datetime.strptime(value, "%d %B %Y").date()  # noqa: DTZ007
    except ValueError:
        return Known((value,), {})


_NUMBER = re.compile(r"[0-9]{1,3}(,[0-9]{3})+|[0-9]+")


class Known(Said):
    """Text that may be a known one."""

    def __new__(cls, forms: tuple[str, ...], values: Mapping[str, Value]) -> Self:
        made = str.__new__(cls, forms[0])
        made.forms, made.values = forms, values
        return made

    def in_language(self, wanted: Language) -> str:
        return _in(wanted, str.__str__(self))


def shown(text: str) -> str:
    """The text in the language of the block `speaking`, English outside of one. A text that was stored as English is
    translated if it is a known one, or consists of known sentences."""
    wanted = spoken()
    return str.__str__(text) if wanted is None or wanted.code == DEFAULT else _in(wanted, text)


def _in(wanted: Language, text: str) -> str:
    if isinstance(text, Said) and type(text) is not Known:
        return text.in_language(wanted)
    text = str.__str__(text)
    if (known := _known(wanted, text)) is not None:
        return known
    parts = _SENTENCE.split(text)
    return " ".join(_by_sentence(wanted, parts)) if len(parts) > 1 else text


def _known(wanted: Language, text: str) -> str | None:
    """A known text in the language; None if it isn't known, also not as it is spelled today."""
    if not text:
        return ""
    for spelled in dict.fromkeys((text, _as_today(text))):
        if wanted.knows(spelled):
            return wanted.t(spelled)
        if (found := _kept_of(spelled)) is not None:
            return found.in_language(wanted)
    return None


def _as_today(text: str) -> str:
    """Texts that were stored earlier say "data set"."""
    return text.replace("data set", "dataset").replace("Data set", "Dataset")


_SENTENCE = re.compile(r"(?<=[.:!?]) (?=[A-Z])")


def _by_sentence(wanted: Language, parts: list[str]) -> list[str]:
    """The longest runs of sentences that are one known text; everything else as it is."""
    found = []
    while parts:
        for length in range(min(len(parts), 8), 0, -1):
            if (known := _known(wanted, " ".join(parts[:length]))) is not None:
                found.append(known)
                break
        else:
            length = 1
            found.append(parts[0])
        parts = parts[length:]
    return found


def t(text: str, /, **values: Value) -> str:
    """The text in the language of the block `speaking`, English outside of one."""
    return current().t(text, **values)


def tn(one: str, many: str, n: int, /, **values: Value) -> str:
    """The same for a number, which is `{n}` in the texts."""
    return current().tn(one, many, n, **values)


def current() -> Language:
    """That of the block `speaking`, English outside of one."""
    return spoken() or language(DEFAULT)


def as_json(said: Said) -> dict[str, Any]:
    """What it was made of, to be kept with the text."""
    kind = {"sentences": True} if isinstance(said, Sentences) else {}
    return {"forms": list(said.forms), "values": {name: _plain(value) for name, value in said.values.items()}, **kind}


def from_json(kept: Mapping[str, Any]) -> Said:
    """Raises KeyError, TypeError, ValueError if it isn't one."""
    values = {name: _value(value) for name, value in kept["values"].items()}
    return (Sentences if kept.get("sentences") else Said)(tuple(kept["forms"]), values)


def _plain(value: Value) -> Any:
    match value:
        case Said():
            return as_json(value)
        case date():
            return {"day": value.isoformat()[:10]}
        case bool() | int() | float() | None:
            return value
    return str(value)


def _value(value: Any) -> Value:
    match value:
        case {"day": day}:
            return date.fromisoformat(day)
        case {"forms": _}:
            return from_json(value)
    return value


def _filled(wanted: Language, forms: tuple[str, ...], values: Mapping[str, Value]) -> str:
    if len(forms) > 1:
        one, many = forms
        number = values["n"]
        assert isinstance(number, int)
        return wanted.tn(one, many, number, **{name: value for name, value in values.items() if name != "n"})
    return wanted.t(forms[0], **values)
