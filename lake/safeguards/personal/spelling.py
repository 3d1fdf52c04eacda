"""How people write somebody's name: in which order, with which letters, and with what between its parts."""

from __future__ import annotations

import re
import unicodedata

MARKS = "".join(mark for mark in map(chr, range(0x300, 0x1C00)) if unicodedata.category(mark).startswith("M"))
"""Accents and signs for vowels that are characters of their own."""
PART = re.compile(rf"[^\W\d_](?:[^\W\d_]|[{MARKS}]|['\u2019-](?=[^\W\d_]))*")
"""A part of a name as the directory has it, composed."""
BETWEEN = r"(?:[\s.,_+-]|%20){1,3}"
GENITIVE = "(?:['\u2019]?s)?"
SINGLE = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"})  # noqa: RUF001
"""Small letters whose marks Unicode doesn't take apart."""
PAIRS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue",
                       "Ø": "Oe", "Å": "Aa", "ß": "ss", "Æ": "Ae", "æ": "ae"})  # fmt: skip


def parts_of(name: str) -> list[str]:
    """Its parts: those with hyphens or apostrophes as one, composed."""
    return PART.findall(unicodedata.normalize("NFC", name))


def orders(parts: list[str]) -> list[list[str]]:
    """As it is; the last parts first, from each on; and without what is between the first and the last one, or with its
    initials. A part alone is a name if it has more than one letter."""
    if len(parts) < 2:
        return [parts] if parts and len(parts[0]) > 1 else []
    turned = [parts[at:] + parts[:at] for at in range(len(parts) - 1, 0, -1)]
    short = [order for form in shortened(parts) for order in (form, [form[-1], *form[:-1]])]
    several = [parts, *turned, *short]
    return [several[at] for at in range(len(several)) if several[at] not in several[:at]]


def shortened(parts: list[str]) -> list[list[str]]:
    """With the initials of the parts between the first and the last one, and without those parts, if there are any."""
    if len(parts) < 3:
        return []
    return [[parts[0], *(part[0] for part in parts[1:-1]), parts[-1]], [parts[0], parts[-1]]]


def spellings(part: str) -> list[str]:
    """With its marks, with the marks as characters of their own, without them, and with two letters instead; the
    longest first."""
    apart, composed = (unicodedata.normalize(form, part) for form in ("NFD", "NFC"))
    return sorted(dict.fromkeys((apart, composed, without_marks(part), in_pairs(part))), key=len, reverse=True)


def without_marks(text: str) -> str:
    """`é` as `e`."""
    if text.isascii():
        return text
    return "".join(each for each in unicodedata.normalize("NFD", text) if not unicodedata.combining(each))


def in_pairs(text: str) -> str:
    """`ü` as `ue`, and other marks left out."""
    return without_marks(unicodedata.normalize("NFC", text).translate(PAIRS))


def plainest(word: str) -> str:
    """The same for all ways to write a word with and without marks and capitals, but not `ü` as `ue`."""
    return word.lower() if word.isascii() else without_marks(word.casefold()).translate(SINGLE)
