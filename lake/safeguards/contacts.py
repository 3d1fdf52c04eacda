"""E-mail addresses and phone numbers: Presidio's recognisers, run only near the characters that they need.

Neither uses the network, so an address counts whatever its top-level domain is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from presidio_analyzer.predefined_recognizers import EmailRecognizer, PhoneRecognizer

LOCAL_PART, DOMAIN = 320, 260
"""How far around an @ an address can reach, in characters (RFC 5321 allows less)."""

LOCAL_SIGNS = frozenset("!#$%&'*+-/=?^_`{|}~.")
DOMAIN_SIGNS = frozenset("-._")

REGIONS = ("US", "GB", "DE", "FR", "ES", "IT", "NL", "AU")
"""The countries whose numbers are recognised without a country code; with one, every country's are."""

PHONE_CANDIDATE = re.compile(r"[+(\d](?:[ ().+/-]{0,3}\d){6,}")
DATE = re.compile(r"\d{1,4}([-/. ])\d{1,2}\1\d{1,4}")
STRETCH, OVERLAP = 160, 40
"""Long rows of digits are scanned in overlapping stretches: their length, and their overlap, in characters."""

TOP_LEVEL_DOMAIN = re.compile(r"\.(?:[^\W\d_]{2,}|xn--[\w-]+)$", re.IGNORECASE)


class _EmailRecognizer(EmailRecognizer):
    def validate_result(self, pattern_text: str) -> bool:
        return TOP_LEVEL_DOMAIN.search(pattern_text) is not None


_email = _EmailRecognizer()
_national = PhoneRecognizer(supported_regions=REGIONS, leniency=1)
_international = PhoneRecognizer(supported_regions=REGIONS[:1], leniency=1)


def email_addresses(text: str) -> Iterator[tuple[int, int]]:
    """Spans of `text` that are e-mail addresses."""
    for at in re.finditer("@", text):
        start, end = at.span()
        while start > max(at.start() - LOCAL_PART, 0) and (text[start - 1].isalnum() or text[start - 1] in LOCAL_SIGNS):
            start -= 1
        while end < min(at.end() + DOMAIN, len(text)) and (text[end].isalnum() or text[end] in DOMAIN_SIGNS):
            end += 1
        for found in _email.analyze(text[start:end], _email.supported_entities):
            yield start + found.start, start + found.end


def phone_numbers(text: str, typed: bool) -> Iterator[tuple[int, int]]:
    """Spans of `text` that are valid phone numbers; in text typed key by key, they may follow a letter."""
    for candidate in PHONE_CANDIDATE.finditer(text):
        begin, end = candidate.span()
        before = text[begin - 1 : begin]
        if DATE.fullmatch(candidate.group()) or (not typed and (before.isalpha() or before in tuple("._"))):
            continue
        recogniser = _international if candidate.group().startswith("+") and end - begin < OVERLAP else _national
        for start in range(begin, max(end - OVERLAP, begin + 1), STRETCH - OVERLAP):
            for found in recogniser.analyze(text[start : min(start + STRETCH, end)], recogniser.supported_entities):
                yield start + found.start, start + found.end
