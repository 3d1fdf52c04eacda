"""Card numbers and IBANs: Presidio's and python-stdnum's checksums, the registry of IBANs, and a search that finds them
anywhere.

Both libraries look for them between word boundaries. Typed text has none: an expiry date follows the card number
without a space, or a name precedes it. So every position is tried, and a checksum decides.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from string import ascii_uppercase

from presidio_analyzer.predefined_recognizers import CreditCardRecognizer
from stdnum import iban as registry
from stdnum import numdb
from stdnum.exceptions import ValidationError

from lake.safeguards.needs import Need, digits

SEPARATOR = r"(?:[\s.,/+_-]{0,2}|\s[-|/\u00b7\u2022.]\s|[|:*\\\u00b7\u2022]|\s{3})"

DIGITS = re.compile(rf"\d(?:{SEPARATOR}\d){{12,}}")
HAS_DIGITS = Need(digits(13, r"\D{0,3}+"))
ISSUERS = [
    (re.compile(prefix), lengths)
    for prefix, lengths in (
        (r"4", (19, 16, 13)),  # Visa
        (r"5[1-5]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)", (16,)),  # Mastercard
        (r"3[47]|1", (15,)),  # American Express, UATP
        (r"30[0-5]|3095|3[689]", (16, 14)),  # Diners Club
        (r"35|62|81|6011|64[4-9]|65", (19, 18, 17, 16)),  # JCB, UnionPay, Discover
        (r"50|5[6-8]|6|220[0-4]", (19, 18, 16)),  # Maestro, Mir
    )
]
SMALLEST_GROUP = 3
"""Digits in each group in which a card number may be written, but for the last; or all groups have two, or one."""

MOST_BREAKS = 4
PAIRS = 9

IBAN_START = re.compile(r"[A-Z]{2}\d{2}")
IBAN_REST = re.compile(rf"[A-Z]{{2}}\d{{2}}(?:{SEPARATOR}[A-Z0-9]){{11,30}}")

VALUES = {ord(letter): str(value) for value, letter in enumerate(ascii_uppercase, 10)}
"""Of the letters in a checksum (ISO 7064)."""

_card = CreditCardRecognizer()


def card_numbers(text: str, typed: bool) -> Iterator[tuple[int, int]]:
    """Spans of `text` (digits ASCII) that are card numbers: a known issuer, its length, and the Luhn checksum.

    In a longer row of digits it must be first or last, unless the text was typed key by key: long serial numbers
    too often contain what looks like a card number.
    """
    for cluster in DIGITS.finditer(text) if HAS_DIGITS.is_met_by(text) else ():
        places = [index for index in range(cluster.start(), cluster.end()) if text[index].isdigit()]
        digits = "".join(text[index] for index in places)
        breaks = [after for after in range(1, len(places)) if places[after] > places[after - 1] + 1]
        for start in range(len(digits) - 12):
            for length in _lengths(digits, start):
                end = start + length
                inside = breaks[bisect_right(breaks, start) : bisect_left(breaks, end)]
                if not _is_grouping([start, *inside, end]):
                    continue
                first, last = places[start], places[end - 1] + 1
                at_edge = not (text[first - 1 : first].isdigit() and text[last : last + 1].isdigit())
                if (typed or at_edge) and _card.validate_result(digits[start:end]):
                    yield first, last


def _is_grouping(edges: list[int]) -> bool:
    """Whether digits may be written in groups with these edges: 4-4-4-4, 4-6-5, 8-8, 6-10, 2-2-2-2-2-2-2-2, …"""
    sizes = [after - before for before, after in pairwise(edges)]
    if len(sizes) - 1 <= MOST_BREAKS and all(size >= SMALLEST_GROUP for size in sizes[:-1]):
        return True
    if all(size == 1 for size in sizes):
        return True
    return len(sizes) <= PAIRS and all(size == 2 for size in sizes[:-1]) and sizes[-1] <= 2


def _lengths(digits: str, start: int) -> Iterator[int]:
    for prefix, lengths in ISSUERS:
        if prefix.match(digits, start):
            yield from (length for length in lengths if start + length <= len(digits))


def ibans(text: str) -> Iterator[tuple[int, int]]:
    """Spans of `text` (letters upper-case ASCII) that are IBANs: the country's length and form in the registry, and the
    checksum."""
    for start in IBAN_START.finditer(text):
        length = _length_in(text[start.start() : start.start() + 2])
        rest = IBAN_REST.match(text, start.start()) if length else None
        if not length or not rest:
            continue
        places = [index for index in range(rest.start(), rest.end()) if text[index].isalnum()]
        number = "".join(text[index] for index in places[:length])
        if len(number) == length and _is_iban(number):
            yield places[0], places[length - 1] + 1


@cache
def _length_in(country: str) -> int:
    """0 for a country that is not in the registry."""
    form = numdb.get("iban").info(country)[0][1].get("bban", "")
    return 4 + sum(int(size) for size in re.findall(r"(\d+)!", form)) if form else 0


def _is_iban(number: str) -> bool:
    if not has_checksum(number):
        return False
    try:
        registry.validate(number, check_country=False)
    except ValidationError:
        return False
    return True


def has_checksum(number: str) -> bool:
    """Whether letters and digits have the checksum of an IBAN, which the registry's check takes much longer to say."""
    return int((number[4:] + number[:4]).translate(VALUES)) % 97 == 1
