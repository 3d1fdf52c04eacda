"""National ids: United States, United Kingdom, Spain, Italy, Poland, Finland, Germany, Sweden, France.

Presidio's recognisers, if they verify a checksum or a form that nothing else has.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from presidio_analyzer import Pattern, PatternRecognizer
from presidio_analyzer.predefined_recognizers import (
    DeTaxIdRecognizer,
    EsNieRecognizer,
    EsNifRecognizer,
    FiPersonalIdentityCodeRecognizer,
    ItFiscalCodeRecognizer,
    PlPeselRecognizer,
    SePersonnummerRecognizer,
    UkNinoRecognizer,
    UsSsnRecognizer,
)

MIN_SCORE = 0.5
"""Presidio's minimum score for a match: a distinctive form, or a valid checksum."""

NEAR = 48
CANDIDATE = re.compile(r"\d(?:[^\d\n]{0,3}\d){5,}|[A-Z]{6}[\dLMNP-V]{2}[A-Z]", re.IGNORECASE)
WORD = re.compile(r"[A-Z]{3,}")
"""Blanked in a second pass, so that a number typed right after a word is found."""


class FrNirRecognizer(PatternRecognizer):
    """The French social security number: sex, year, month, place, order, and 97 minus the remainder modulo 97."""

    def __init__(self) -> None:
        form = r"(?<!\d)[12] ?\d{2} ?(?:0[1-9]|1[0-2]|[2-9]\d) ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3} ?\d{2}(?!\d)"
        super().__init__(supported_entity="FR_NIR", patterns=[Pattern("NIR", form, 0.3)], supported_language="fr")

    def validate_result(self, pattern_text: str) -> bool:
        number = pattern_text.replace(" ", "").upper().replace("2A", "19").replace("2B", "18")
        return 97 - int(number[:13]) % 97 == int(number[13:])


_recognisers: tuple[PatternRecognizer, ...] = (
    UsSsnRecognizer(),
    UkNinoRecognizer(),
    EsNifRecognizer(),
    EsNieRecognizer(),
    ItFiscalCodeRecognizer(),
    PlPeselRecognizer(),
    FiPersonalIdentityCodeRecognizer(),
    DeTaxIdRecognizer(),
    SePersonnummerRecognizer(),
    FrNirRecognizer(),
)


def national_ids(text: str) -> Iterator[tuple[int, int]]:
    """Spans of `text` that are national ids."""
    end = 0
    for candidate in CANDIDATE.finditer(text):
        if candidate.start() < end:
            continue
        start, end = max(candidate.start() - NEAR, 0), candidate.end() + NEAR
        window = text[start:end].replace("_", " ")
        without_words = WORD.sub(lambda word: " " * len(word.group()), window)
        for recogniser in _recognisers:
            for copy in {window, without_words}:
                for found in recogniser.analyze(copy, recogniser.supported_entities):
                    if found.score >= MIN_SCORE:
                        yield start + found.start, start + found.end
