"""Which legal basis a capture policy names, as far as rights depend on it: consent and contract (GDPR 6 and 9).

A policy's `legal_basis` is text for people. If it names a point of Article 6(1) or 9(2), such as 6(1)(a), only those
points count; otherwise the words "consent" and "contract" do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum


class Basis(StrEnum):
    CONSENT = "consent"
    CONTRACT = "contract"


_POINT = re.compile(
    r"\b([69])\s*(?:\(\s*|para\.?\s*|abs\.?\s*)([12])\s*\)?\s*(?:\(|lit\.?|point)\s*\(?\s*([a-j])\b", re.IGNORECASE
)
_POINTS = {("6", "1", "a"): Basis.CONSENT, ("9", "2", "a"): Basis.CONSENT, ("6", "1", "b"): Basis.CONTRACT}
_WORDS = {basis: re.compile(rf"\b{basis.value}\b", re.IGNORECASE) for basis in Basis}
_DENIED = re.compile(r"\b(?:no|not|without|never)\b", re.IGNORECASE)


def bases_of(legal_basis: str) -> frozenset[Basis]:
    """Those that the text of one policy names."""
    points = [(article, paragraph, letter.lower()) for article, paragraph, letter in _POINT.findall(legal_basis)]
    if points:
        return frozenset(_POINTS[point] for point in points if point in _POINTS)
    if _DENIED.search(legal_basis):
        return frozenset()
    return frozenset(basis for basis, words in _WORDS.items() if words.search(legal_basis))


def bases_of_all(legal_bases: Iterable[str]) -> frozenset[Basis]:
    """Those that any of these policies names."""
    return frozenset(basis for text in legal_bases for basis in bases_of(text))
