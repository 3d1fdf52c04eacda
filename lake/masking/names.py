"""Finds a person's name in text that others wrote: as the directory has it, and their e-mail address.

    the whole name         in either order, in capitals or not, with blanks, commas, dots, hyphens or underscores
    the e-mail address     also its part before the @ where an @ stands before it
    each part of the name  as a word of its own, with a capital where the directory has one, also with a genitive's s

A part that the directory has in small letters (`van`, `de`) or that is one letter long is not looked for alone. Letters
with marks are found also where the text has them without, as two characters, or as `ue` for `ü`. Nicknames and
misspellings aren't found.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import unquote

from directory import Employee
from directory.sealing import Content
from lake.safeguards import ON_REQUEST, placeholder
from lake.safeguards.personal.spelling import BETWEEN, GENITIVE, orders, parts_of, spellings

UNTOUCHED = frozenset(("action", "edited", "as_of"))
"""Fields that the sources' formats fill: they say what happened to a thing and when."""


class Name:
    """Masks one person's name."""

    def __init__(self, person: Employee) -> None:
        parts = parts_of(person.name)
        wholes = [BETWEEN.join(map(_spellings, order)) for order in orders(parts)]
        address, at = re.escape(person.email), re.escape("@" + person.email.partition("@")[0])
        self._wholes = _words([address, at, *wholes], GENITIVE, re.IGNORECASE)
        alone = {form for part in parts if len(part) > 1 for form in (part, part.upper()) if form != part.lower()}
        self._alone = _words(map(_spellings, sorted(alone, key=len, reverse=True)), GENITIVE)
        uncased = [part for part in parts if part.lower() == part.upper() and len(part) > 1]
        self._uncased = re.compile("|".join(map(re.escape, uncased))) if uncased else None

    def masked(self, content: Content) -> tuple[Content, int]:
        """The content without the name, and in how many places it was."""
        found = 0
        masked: Content = {}
        for field, text in content.items():
            masked[field], number = (text, 0) if field in UNTOUCHED else self._cleared(text)
            found += number
        return masked, found

    def _cleared(self, text: str) -> tuple[str, int]:
        """Decoded, as addresses are, if only the decoded form shows the name."""
        masked, number = self._replaced(text)
        decoded, more = self._replaced(unquote(masked)) if "%" in masked else (masked, 0)
        return (decoded, number + more) if more else (masked, number)

    def _replaced(self, text: str) -> tuple[str, int]:
        found = 0
        for pattern in (self._wholes, self._alone, self._uncased):
            if pattern is not None:
                text, number = pattern.subn(placeholder(ON_REQUEST), text)
                found += number
        return text, found


def _spellings(part: str) -> str:
    return f"(?:{'|'.join(map(re.escape, spellings(part)))})"


def _words(patterns: Iterable[str], after: str = "", flags: re.RegexFlag = re.NOFLAG) -> re.Pattern[str] | None:
    """Finds each as a word of its own. None: there is nothing to find."""
    found = "|".join(patterns)
    return re.compile(rf"(?<![^\W_])(?:{found}){after}(?![^\W_])", flags) if found else None
