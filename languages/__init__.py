"""The languages in which people read Open Book, and its texts in each of them.

A text in the code is English, and is its own key: `t("{n} records", n=3)`. Its translations are in `de.po`, `fr.po` and
`es.po` beside this file (gettext); `python -m languages` brings them up to date with the code.

Text that is chosen at run time, such as that of a constant, is marked where it is written (`mark`, `mark_n`) and
translated where it is shown. Nothing here is slow to import, because every command imports it.
"""

from __future__ import annotations

DEFAULT = "en"
NAMES = {"en": "English", "de": "Deutsch", "fr": "Français", "es": "Español"}
"""Languages by code (ISO 639-1), each by its own name."""


def mark(text: str) -> str:
    """The text as it is: marks it as one to translate where it is shown."""
    return text


def mark_n(one: str, many: str) -> tuple[str, str]:
    """The same for a text with a number: its forms for one and for several, in English."""
    return one, many


def preferred(accepted: str) -> str:
    """The language for a browser's `Accept-Language` header, or for one name such as `de-AT`; English if none fits."""
    offers = []
    for position, offer in enumerate(accepted.split(",")[:MOST_OFFERS]):
        name, _, quality = offer.strip().partition(";")
        code = name.strip().replace("_", "-").split("-")[0].lower()
        if code in NAMES:
            offers.append((-_quality(quality), position, code))
    return min(offers)[2] if offers else DEFAULT


MOST_OFFERS = 50


def _quality(parameters: str) -> float:
    """RFC 9110, 12.4.2; 1 if there is none, or if it can't be read."""
    name, _, value = parameters.replace(" ", "").partition("=")
    try:
        return min(1.0, max(0.0, float(value))) if name == "q" else 1.0
    except ValueError:
        return 1.0
