"""What is searched for, and where it is in a text.

Upper and lower case, accents and compatible forms (such as full-width letters) are the same (`fold`). Every word, and
every phrase in quotation marks, has to be in the record, in any order and also within longer words; a phrase exactly,
whatever its spaces and line breaks.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from directory.sealing import Content
from errors import NotValid
from languages import mark

MOST_CHARACTERS = 200
MOST_TERMS = 10
MOST_PLACES = 20
NOT_WORDS = frozenset({"dx", "dy"})
"""Fields that hold numbers only."""

_INVISIBLE = re.compile(
    "[\u0300-\u036f\u0591-\u05bd\u064b-\u065f\u0670\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
    "\u00ad\u200b-\u200d\u2060\ufeff]+"
)
"""Accents and points that are separate after NFKD, and characters without a width."""
_QUOTES = str.maketrans("“”„‟«»", '""""""')
_TERMS = re.compile(r'"([^"]*)(?:"|$)|([^\s"]+)')
_ESCAPED = re.compile(r'["\\\x00-\x1f]')
"""What JSON writes in another way."""


class InvalidQuery(NotValid, ValueError):
    """These words can't be searched for."""

    def __init__(self, text: str, **values: int) -> None:
        """`text`: why, marked, with the places of `values`."""
        self.text, self.values = text, values
        why = text.format(**values)
        super().__init__(f"This can't be searched for: {why}", "words", why)


@dataclass(frozen=True)
class Place:
    """Where a word was found: in which field, and from which to which of its characters."""

    field: str
    start: int
    end: int


@dataclass(frozen=True)
class Query:
    """Terms, folded; a phrase has single spaces between its words."""

    terms: tuple[str, ...]

    @classmethod
    def of(cls, words: str) -> Query:
        """Raises InvalidQuery."""
        if len(words) > MOST_CHARACTERS:
            raise InvalidQuery(mark("it is longer than {most} characters."), most=MOST_CHARACTERS)
        found = _TERMS.findall(words.translate(_QUOTES))
        terms = dict.fromkeys(" ".join(fold(phrase or word).split()) for phrase, word in found)
        terms.pop("", None)
        if not terms:
            raise InvalidQuery(mark("it has no word. Type at least one letter or digit."))
        if len(terms) > MOST_TERMS:
            raise InvalidQuery(
                mark("it has more than {most} words. Put words that follow each other in quotes."), most=MOST_TERMS
            )
        return cls(tuple(terms))

    @property
    def in_sealed_form(self) -> tuple[str, ...]:
        """What the folded JSON of a record has, if the record is found: pieces of terms, without what JSON escapes."""
        return tuple(piece for term in self.terms for part in term.split() for piece in _ESCAPED.split(part) if piece)

    def places_in(self, content: Content) -> list[Place]:
        """Where its terms are, at most 20, in order of field and place; empty if one of them is missing."""
        texts = {field: text for field, text in content.items() if field not in NOT_WORDS}
        folded = {field: fold(text) for field, text in texts.items()}
        patterns = [_pattern(term) for term in self.terms]
        if not all(any(pattern.search(text) for text in folded.values()) for pattern in patterns):
            return []
        return [
            Place(field, *span)
            for field, text in texts.items()
            for span in _together(_spans(text, folded[field], patterns))
        ][:MOST_PLACES]


def fold(text: str) -> str:
    """Without differences of case, accents and compatible forms. The same as folding character by character."""
    if text.isascii():
        return text.lower()
    return _INVISIBLE.sub("", unicodedata.normalize("NFKD", text).casefold())


def _pattern(term: str) -> re.Pattern[str]:
    return re.compile(r"\s+".join(re.escape(word) for word in term.split()))


def _spans(text: str, folded: str, patterns: Iterable[re.Pattern[str]]) -> list[tuple[int, int]]:
    """The matches, as places in the text before it was folded, in order."""
    found = [match.span() for pattern in patterns for match in pattern.finditer(folded)]
    if not found:
        return []
    if len(folded) == len(text) and text.isascii():
        return sorted(found)
    origin = [place for place, character in enumerate(text) for _ in fold(character)]
    return sorted((origin[start], origin[end - 1] + 1) for start, end in found)


def _together(spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Without overlaps."""
    current: tuple[int, int] | None = None
    for start, end in spans:
        if current is not None and start <= current[1]:
            current = current[0], max(current[1], end)
            continue
        if current is not None:
            yield current
        current = start, end
    if current is not None:
        yield current
