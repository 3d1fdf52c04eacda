"""Finds the names of people in text: of everybody whose name it was given, as people write them.

    Ada Lovelace    Lovelace, Ada    LOVELACE Ada    ada.lovelace    Ada K. Lovelace    Ada Lovelace's

Only full names are found, which have two parts or more; a first or a last name alone is too often an ordinary word.
Middle parts may be left out or shortened, and letters with marks be written without (`spelling`). In small letters a
name counts if a part of it has five letters or more; otherwise two of its parts must begin with a capital, and no
sentence may end between them. Names in scripts that put no blanks between words are found anywhere.

A text is taken apart into words, and each is looked up in a dictionary, so that the time doesn't depend on the number
of people: only where known words follow each other are they compared with full names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple
from unicodedata import normalize

from lake.safeguards.patterns import Finding
from lake.safeguards.personal.spelling import BETWEEN, MARKS, in_pairs, orders, parts_of, plainest, shortened

KIND = "person"
UNSPACED = r"\u0e00-\u0eff\u1000-\u11ff\u1780-\u17ff\u3005-\u3007\u3040-\u30fa\u30fc-\u30ff\u3400-\u9fff\uac00-\ud7af"
"""Scripts without blanks between words, or with particles behind a name: Thai to Khmer, Chinese, Japanese, Korean."""
HAS_UNSPACED = re.compile(f"[{UNSPACED}]")
SIGNS = re.sub(HAS_UNSPACED, "", MARKS)
WORD = re.compile(rf"[^\W\d_{UNSPACED}](?:[^\W\d_{UNSPACED}]|[{SIGNS}])*")
WORD_IN_ASCII = re.compile("[a-z]+")
SENTENCE_ENDS = r"(?<=[^\W\d_]{3})\.\s"
"""A shorter word before a full stop is an abbreviation."""
GAP = re.compile(rf"(?!{SENTENCE_ENDS}){BETWEEN}(?:[A-Z]{BETWEEN})?|['\u2019]")
"""What is between two words of a name, an initial that the directory doesn't have included."""
UNSPACED_GAP = re.compile(rf"(?<=[{UNSPACED}])[\s\u30fb\u00b7,]{{1,2}}(?=[{UNSPACED}])")
GENITIVE = re.compile("['\u2019]s(?![^\\W_])")
ADDED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
"""What HR systems add to a name: `(extern)`."""
TITLES = frozenset(
    ("dr", "prof", "professor", "mr", "mrs", "ms", "miss", "herr", "frau", "mme", "dott", "ing", "dipl", "mag", "msc")
)
LONG = 5
"""Letters of a part from which on a name counts in small letters."""
SHORTEST_UNSPACED = 2
MOST_PARTS = 8
"""Of a name; who has more is found by the first of them."""
REMEMBERED = 50_000


class _Word(NamedTuple):
    """A word of a text that is a word of names: where it is, and how it was looked up."""

    start: int
    end: int
    plainest: str


class People:
    """The names of some people, to be found in texts. Safe for several threads."""

    def __init__(self, names: Iterable[str]) -> None:
        self._fulls: set[str] = set()
        self._lengths: dict[str, int] = {}
        """By each word of a name, how many words the names have in which it is: a bit for each number."""
        self._unspaced: set[str] = set()
        self._beginnings: dict[str, int] = {}
        """By the first two letters of each name without blanks, the lengths of such names, as bits."""
        for name in names:
            parts = parts_of(ADDED.sub(" ", name))[:MOST_PARTS]
            if HAS_UNSPACED.search("".join(parts)):
                self._add_unspaced(parts)
            else:
                self._add(parts)

    def find(self, text: str) -> list[Finding]:
        """Each place of a name in a plain text, in order, without overlaps."""
        if text.isascii():
            small = text.lower()
            # A name has a known word: most texts have none, and one look shows that.
            if self._lengths.keys().isdisjoint(WORD_IN_ASCII.findall(small)):
                return []
            return list(self._in_words(text, ((match, match[0]) for match in WORD_IN_ASCII.finditer(small))))
        words = ((match, _plainest(match[0])) for match in WORD.finditer(text))
        return sorted([*self._in_words(text, words), *self._without_blanks(text)])

    def _add(self, parts: list[str]) -> None:
        named = [part for part in parts if part.lower() not in TITLES] or parts
        if len(named) < 2:
            return
        for form in (named, *shortened(named)):
            full = " ".join(form)
            for written in {full, in_pairs(full), _joined(full)}:
                words = [plainest(word) for word in WORD.findall(written)]
                self._fulls.add(_key(words))
                for word in words:
                    self._lengths[word] = self._lengths.get(word, 0) | 1 << len(words)

    def _add_unspaced(self, parts: list[str]) -> None:
        for order in orders(parts):
            for full in {normalize(form, "".join(order)) for form in ("NFC", "NFD")}:
                if len(full) >= SHORTEST_UNSPACED:
                    self._unspaced.add(full)
                    first = full[:SHORTEST_UNSPACED]
                    self._beginnings[first] = self._beginnings.get(first, 0) | 1 << len(full)

    def _in_words(self, text: str, words: Iterable[tuple[re.Match[str], str]]) -> Iterator[Finding]:
        """`words`: those of the text, each with how it is looked up."""
        known = self._lengths
        run: list[_Word] = []
        for match, word in words:
            if word not in known and not (word[-1] == "s" and word[:-1] in known):
                continue
            start, end = match.span()
            if run and not GAP.fullmatch(text, run[-1].end, start):
                yield from self._in_run(text, run)
                run = []
            run.append(_Word(start, end, word))
        yield from self._in_run(text, run)

    def _in_run(self, text: str, run: Sequence[_Word]) -> Iterator[Finding]:
        """The names in words that follow each other, all of which are in names."""
        first = 0
        while first < len(run) - 1:
            last = self._end_of(text, run, first)
            if last:
                end = run[last - 1].end
                genitive = GENITIVE.match(text, end)
                yield Finding(run[first].start, genitive.end() if genitive else end, KIND)
            first = last or first + 1

    def _end_of(self, text: str, run: Sequence[_Word], first: int) -> int:
        """Where the longest name that begins there ends; 0: there is none."""
        lengths = self._lengths.get(run[first].plainest, 0)
        for number in range(min(lengths.bit_length() - 1, len(run) - first), 1, -1):
            words = run[first : first + number]
            if lengths >> number & 1 and self._is_full([word.plainest for word in words]) and _counts(text, words):
                return first + number
        return 0

    def _is_full(self, words: list[str]) -> bool:
        if _key(words) in self._fulls:
            return True
        return words[-1][-1] == "s" and _key([*words[:-1], words[-1][:-1]]) in self._fulls

    def _without_blanks(self, text: str) -> Iterator[Finding]:
        if not self._unspaced or not HAS_UNSPACED.search(text):
            return
        places = list(range(len(text)))
        for gap in reversed(list(UNSPACED_GAP.finditer(text))):
            del places[gap.start() : gap.end()]
        close = "".join(text[place] for place in places)
        at = 0
        while at < len(close) - 1:
            lengths = self._beginnings.get(close[at : at + SHORTEST_UNSPACED], 0)
            for length in range(lengths.bit_length() - 1, 1, -1):
                if lengths >> length & 1 and close[at : at + length] in self._unspaced:
                    yield Finding(places[at], places[at + length - 1] + 1, KIND)
                    at += length - 1
                    break
            at += 1


def _key(words: Iterable[str]) -> str:
    """The same for all orders: who has the same words in another order is called so, too."""
    return " ".join(sorted(words))


def _counts(text: str, words: Sequence[_Word]) -> bool:
    """Whether words that may be a name look like one: long enough, or two with capitals or in a script without them."""
    if any(len(word.plainest) >= LONG for word in words):
        return True
    return sum(text[word.start] == text[word.start].upper() for word in words) >= 2


def _joined(name: str) -> str:
    """`O'Neill` as `ONeill`."""
    return name.replace("'", "").replace("\u2019", "")


@lru_cache(REMEMBERED)
def _plainest(word: str) -> str:
    return plainest(word)
