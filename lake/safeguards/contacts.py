"""E-mail addresses and phone numbers: Presidio's pattern and the library phonenumbers, run only near the characters
that they need.

Neither uses the network, so an address counts whatever its top-level domain is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import regex
from phonenumbers import Leniency, PhoneNumberMatcher
from presidio_analyzer.predefined_recognizers import EmailRecognizer

from lake.safeguards import words
from lake.safeguards.needs import Listed, Words, folded
from lake.safeguards.telephone_forms import possible_regions

LOCAL_PART, DOMAIN = 320, 260
"""How far around an @ an address can reach, in characters (RFC 5321 allows less)."""

LOCAL_END = re.compile(r"[\w!#$%&'*+\-/=?^`{|}~.]+")
DOMAIN_START = re.compile(r"[\w.-]+")

REGIONS = ("US", "GB", "DE", "FR", "ES", "IT", "NL", "AU")
"""The countries whose numbers are recognised without a country code; with one, every country's are."""
FURTHER_REGIONS = (
    "AT", "BE", "BG", "HR", "CY", "CZ", "DK", "EE", "FI", "GR", "HU", "IE", "LV", "LT", "LU", "MT", "PL", "PT", "RO",
    "SK", "SI", "SE", "CH", "NO", "BR", "IN", "KR", "JP",
)  # fmt: skip
"""Also these, if a number begins with a 0 or a bracket, or is near a word for a telephone (`words.TELEPHONE`): without,
many look like any other number."""
NEAR = 40
"""How far from the number that word may be, in characters."""

PHONE_CANDIDATE = re.compile(r"[+(\d](?:[ ().+/-]{0,3}\d){6,}")
COORDINATE = re.compile(r"-?\d{1,3}\.\d{4,}")
DATE = re.compile(r"\d{1,4}([-/. ])\d{1,2}\1\d{1,4}")
BEFORE_COORDINATE = re.compile(r"\d\.\d{4,}[,;/ ]\s?-?\Z")
AFTER_COORDINATE = re.compile(r"[,;/ ]\s?-?\d{1,3}\.\d{4,}")
TRUNK = "(0)"
"""Not dialled from abroad, and unknown in many countries."""
REFERENCE = re.compile(
    r"\b(?:invoice|order|receipt|ticket|case|rechnung|bestellung|auftrag|beleg|facture|commande|pedido|factura|fattura|ordine"
    r"|faktura|zamówienie|bestelling|factuur|encomenda|fatura)(?:s?nummer|snr|nr|\snumber)?\b[\s.:#]*(?:no|nr|n°|nº|№|num)?[\s.:#]*\Z",
    re.IGNORECASE,
)
NUMBER_SIGN = re.compile(r"(?:no|nr|n°|nº|№|num|nummer|number)[\s.:#]*\Z|#\s?\Z", re.IGNORECASE)
YEARLY = re.compile(r"(?:19|20)\d{2}[-/]\d")
STRETCH, OVERLAP = 160, 40
"""Long rows of digits are scanned in overlapping stretches: their length, and their overlap, in characters."""

TOP_LEVEL_DOMAIN = re.compile(r"\.(?:[^\W\d_]{2,}|xn--[\w-]+)$", re.IGNORECASE)


_addresses = [regex.compile(each.regex, EmailRecognizer().global_regex_flags) for each in EmailRecognizer.PATTERNS]
"""Without what Presidio does around its patterns, which takes ten times as long as they do."""
_telephone = Words(Listed(words.TELEPHONE, inside=r"[^\W\d_]"))


def email_addresses(text: str) -> Iterator[tuple[int, int]]:
    """Spans of `text` that are e-mail addresses."""
    for at in re.finditer("@", text) if "@" in text else ():
        before = LOCAL_END.match(text[max(at.start() - LOCAL_PART, 0) : at.start()][::-1])
        after = DOMAIN_START.match(text, at.end(), at.end() + DOMAIN)
        start = at.start() - (before.end() if before else 0)
        end = after.end() if after else at.end()
        near = text[start:end]
        for pattern in _addresses:
            for found in pattern.finditer(near):
                if TOP_LEVEL_DOMAIN.search(found.group()):
                    yield start + found.start(), start + found.end()


def phone_numbers(text: str, typed: bool) -> Iterator[tuple[int, int]]:
    """Spans of `text` that are valid phone numbers; in text typed key by key, they may follow a letter."""
    for candidate in PHONE_CANDIDATE.finditer(text):
        begin, end = candidate.span()
        before = text[begin - 1 : begin]
        if (not typed and (before.isalpha() or before in tuple("._"))) or DATE.fullmatch(candidate.group()):
            continue
        if COORDINATE.fullmatch(candidate[0]) and _is_in_pair(text, begin, end):
            continue
        likely = list(_likely(text, begin, end))
        if not likely or _is_reference(text, begin, candidate[0]):
            continue
        if TRUNK in candidate[0] and PhoneNumberMatcher(candidate[0].replace(TRUNK, ""), REGIONS[0]).has_next():
            yield begin, end
        for start, stretch, regions in likely:
            for region in regions:
                for found in PhoneNumberMatcher(stretch, region, leniency=Leniency.VALID):
                    yield start + found.start, start + found.end


def _is_in_pair(text: str, begin: int, end: int) -> bool:
    """Whether a number with many decimals is one of the two that a place on earth has."""
    return BEFORE_COORDINATE.search(text[max(begin - NEAR, 0) : begin]) is not None or (
        AFTER_COORDINATE.match(text, end) is not None
    )


def _likely(text: str, begin: int, end: int) -> Iterator[tuple[int, str, tuple[str, ...]]]:
    """The stretches of a candidate that may be a number, each with where it starts, and the countries in which."""
    regions = _regions(text, begin, end)
    for start in range(begin, max(end - OVERLAP, begin + 1), STRETCH - OVERLAP):
        stretch = text[start : min(start + STRETCH, end)]
        if possible := possible_regions(stretch, regions):
            yield start, stretch, possible


def _is_reference(text: str, begin: int, number: str) -> bool:
    """Whether it is a fraction, or the number of an invoice, an order or the like: no word for a telephone is near."""
    before = text[max(begin - NEAR, 0) : begin]
    end = begin + len(number)
    if number.startswith("0."):
        return True
    if number[0] == "+" or not REFERENCE.search(before) or _is_telephone(f"{before} {text[end : end + NEAR]}"):
        return False
    return YEARLY.match(number) is not None or NUMBER_SIGN.search(before) is not None


def _regions(text: str, begin: int, end: int) -> tuple[str, ...]:
    """Those whose numbers the candidate in this place may be."""
    if end - begin >= OVERLAP:
        return REGIONS
    if text[begin] == "+":
        return REGIONS[:1]
    near = f"{text[max(begin - NEAR, 0) : begin]} {text[end : end + NEAR]}"
    further = text[begin] in "0(" or _is_telephone(near)
    return REGIONS + FURTHER_REGIONS if further else REGIONS


def _is_telephone(near: str) -> bool:
    return _telephone.is_met_by(folded(near))
