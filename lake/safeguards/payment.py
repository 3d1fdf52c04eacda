"""Card numbers and IBANs: Presidio's recognisers and checksums, with a search that finds them anywhere.

Presidio looks for them between word boundaries. Typed text has none: an expiry date follows the card number
without a space, or a name precedes it. So every position is tried, and a checksum decides.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator

from presidio_analyzer.predefined_recognizers import CreditCardRecognizer, IbanRecognizer
from presidio_analyzer.predefined_recognizers.generic.iban_patterns import regex_per_country

SEPARATOR = r"[\s.+_-]{0,2}"

DIGITS = re.compile(rf"\d(?:{SEPARATOR}\d){{12,}}")
ISSUERS = [
    (re.compile(prefix), lengths)
    for prefix, lengths in (
        (r"4", (19, 16, 13)),  # Visa
        (r"5[1-5]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)", (16,)),  # Mastercard
        (r"3[47]|1", (15,)),  # American Express, UATP
        (r"30[0-5]|3[689]", (16, 14)),  # Diners Club
        (r"35|62|81|6011|64[4-9]|65", (19, 18, 17, 16)),  # JCB, UnionPay, Discover
        (r"50|5[6-8]|6|220[0-4]", (19, 18, 16)),  # Maestro, Mir
    )
]
GROUPINGS = {(), (4, 8, 12), (4, 8, 12, 16), (4, 10)}
"""The groups in which a card number may be written: 4-4-4-4, 4-4-4-4-3, 4-6-5."""

MOST_BREAKS = 4

IBAN_START = re.compile(r"[A-Z]{2}\d{2}")
IBAN_REST = re.compile(rf"[A-Z]{{2}}\d{{2}}(?:{SEPARATOR}[A-Z0-9]){{11,30}}")
IBAN_FORMATS = {country: re.compile(pattern) for country, pattern in regex_per_country.items()}

_card = CreditCardRecognizer()
_iban = IbanRecognizer()


def card_numbers(text: str, typed: bool) -> Iterator[tuple[int, int]]:
    """Spans of `text` (digits ASCII) that are card numbers: a known issuer, its length, and the Luhn checksum.

    In a longer row of digits it must be first or last, unless the text was typed key by key: long serial numbers
    too often contain what looks like a card number.
    """
    for cluster in DIGITS.finditer(text):
        places = [index for index in range(cluster.start(), cluster.end()) if text[index].isdigit()]
        digits = "".join(text[index] for index in places)
        breaks = [after for after in range(1, len(places)) if places[after] > places[after - 1] + 1]
        for start in range(len(digits) - 12):
            for length in _lengths(digits, start):
                end = start + length
                inside = breaks[bisect_right(breaks, start) : bisect_left(breaks, end)]
                if len(inside) > MOST_BREAKS or tuple(after - start for after in inside) not in GROUPINGS:
                    continue
                first, last = places[start], places[end - 1] + 1
                at_edge = not (text[first - 1 : first].isdigit() and text[last : last + 1].isdigit())
                if (typed or at_edge) and _card.validate_result(digits[start:end]):
                    yield first, last


def _lengths(digits: str, start: int) -> Iterator[int]:
    for prefix, lengths in ISSUERS:
        if prefix.match(digits, start):
            yield from (length for length in lengths if start + length <= len(digits))


def ibans(text: str) -> Iterator[tuple[int, int]]:
    """Spans of `text` (letters upper-case ASCII) that are IBANs: a known country, its format, and the checksum."""
    for start in IBAN_START.finditer(text):
        known = IBAN_FORMATS.get(text[start.start() : start.start() + 2])
        rest = IBAN_REST.match(text, start.start()) if known else None
        if not known or not rest:
            continue
        places = [index for index in range(rest.start(), rest.end()) if text[index].isalnum()]
        whole = known.match("".join(text[index] for index in places))
        if whole and _iban.validate_result(whole.group()):
            yield places[0], places[whole.end() - 1] + 1
