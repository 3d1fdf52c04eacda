"""What a text must have before a recogniser searches it: most texts have nothing of it, and one look shows that.

A need is never stronger than the recogniser: each of its matches has it. Words are compared in folded text, in which
all letters are alike that `re.IGNORECASE` takes for alike.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

FOLDED_APART = {"İ": "i", "ı": "i"}  # noqa: RUF001
"""`re.IGNORECASE` takes these for an i; Unicode folds one of them to two characters, and the other not at all."""
IOTA = {"\u0345": "\u03b9"}
"""To `re.IGNORECASE` this sign below a letter is an iota, though no letter; it is plainly one."""
REMEMBERED = 20_000

UNSEEN = re.compile(r"(?<=\w)[\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]+(?=\w)")

Tree = dict[str, "Tree"]


class Need:
    """A pattern without which there is no match."""

    def __init__(self, pattern: str) -> None:
        self.pattern = re.compile(pattern)

    def is_met_by(self, text: str, start: int = 0) -> bool:
        """Whether the text has it, from `start` on."""
        return self.pattern.search(text, start) is not None


class _Letters(dict[int, str]):
    """What each character becomes, by its code point; remembered, up to a limit."""

    def __missing__(self, code: int) -> str:
        letter = self.become(chr(code))
        if len(self) < REMEMBERED:
            self[code] = letter
        return letter

    def become(self, character: str) -> str:
        raise NotImplementedError


class _Folding(_Letters):
    def become(self, character: str) -> str:
        if character in FOLDED_APART:
            return FOLDED_APART[character]
        forms = (character.casefold(), character.lower(), character)
        return next(form for form in forms if len(form) == 1)


class _Plain(_Letters):
    def become(self, character: str) -> str:
        if character in IOTA:
            return IOTA[character]
        category = unicodedata.category(character)
        if category == "Nd":
            return str(unicodedata.decimal(character))
        if category in ("Zs", "Cf"):
            return " "
        if category == "Pd":
            return "-"
        normal = unicodedata.normalize("NFKC", character)
        return normal if len(normal) == 1 else character


FOLDING, PLAIN = _Folding(), _Plain()


def plain(text: str) -> str:
    """The same in plain digits, letters, spaces and hyphens, character for character."""
    return text if text.isascii() else text.translate(PLAIN)


def closed(text: str) -> tuple[str, list[int]] | None:
    """The text without the characters within its words that nobody sees, such as soft hyphens, and the place of each
    character that is left; None if it has no such characters."""
    if text.isascii() or not UNSEEN.search(text):
        return None
    places = [place for place, character in enumerate(text) if unicodedata.category(character) != "Cf"]
    return "".join(text[place] for place in places), places


def folded(text: str) -> str:
    """The same without capitals, character for character."""
    return text.lower() if text.isascii() else text.translate(FOLDING)


def digits(number: int, between: str) -> str:
    """A pattern for as many digits, with what matches `between` from each to the next, which may be nothing. Where the
    first ones are neighbours, it is tried from the first of them alone."""
    return r"\d(?<!\d\d)" + rf"(?:{between})\d" * (number - 1)


def any_of(words: Iterable[str], *, inside: str = "", end: str = "") -> str:
    """Alternatives for any of the words (as they are in folded text; blanks may be any separator or none). Common
    beginnings are shared, so that each place in a text is compared with a few letters, not with hundreds of words.

    `inside`: the characters, as a class, that may not be right before a word. `end`: a pattern for what follows it.
    """
    tree: Tree = {}
    for word in words:
        node = tree
        for letter in word:
            node = node.setdefault(letter, {})
        node[""] = {}
    # Each begins with a letter, even before what may not precede it: the engine then skips all places without one.
    edge = f"(?<!{inside}.)" if inside else ""
    return "|".join(f"{re.escape(first)}{edge}{_rest(node)}{end}" for first, node in sorted(tree.items()))


def _rest(node: Tree) -> str:
    options = [
        (r"[\s_-]?" if letter == " " else re.escape(letter)) + _rest(after)
        for letter, after in sorted(node.items())
        if letter
    ]
    either = "|".join(options)
    if "" in node:
        return f"(?:{either})?" if options else ""
    return either if len(options) == 1 else f"(?:{either})"


@dataclass(frozen=True)
class Listed:
    """Words as people write them, with what `any_of` asks of their surroundings."""

    words: tuple[str, ...]
    inside: str = ""
    end: str = ""

    def pattern(self, only: Callable[[str], bool] = bool) -> str:
        """Of those that are so when folded."""
        return any_of(filter(only, map(folded, self.words)), inside=self.inside, end=self.end)


class Words(Need):
    """Any of some words in folded text, or one of the needs `more`. A text in ASCII is compared with words in ASCII."""

    def __init__(self, *listed: Listed, more: Iterable[Need] = ()) -> None:
        self.listed, self.more = listed, tuple(more)
        others = [need.pattern.pattern for need in self.more]
        super().__init__("|".join([*(each.pattern() for each in listed), *others]))
        self.in_ascii = re.compile("|".join([*(each.pattern(str.isascii) for each in listed), *others]))

    def is_met_by(self, text: str, start: int = 0) -> bool:
        """Whether the folded text has one, from `start` on."""
        return self._for(text).search(text, start) is not None

    def places(self, text: str) -> list[int]:
        """Each place in the folded text at which one begins, overlapping ones included."""
        search = self._for(text).search
        starts: list[int] = []
        found = search(text)
        while found:
            starts.append(found.start())
            found = search(text, found.start() + 1)
        return starts

    def _for(self, text: str) -> re.Pattern[str]:
        return self.in_ascii if text.isascii() else self.pattern


def matches_at(starts: Iterable[int], pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """What `pattern.finditer(text)` gives, if the pattern matches only at `starts` (in order)."""
    end = 0
    for start in starts:
        if start >= end and (found := pattern.match(text, start)):
            end = found.end()
            yield found
