"""Finds secrets in one text, by pattern and checksum.

Nothing is learned, downloaded or looked up. A text is first normalised to plain digits, letters, spaces and hyphens,
character for character, so that look-alikes (full-width digits, no-break spaces) are found too. Most texts lack what
secrets need (`lake.safeguards.needs`) and are not searched further.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import cache
from string import ascii_lowercase, ascii_uppercase

import pyarrow as pa
import pyarrow.compute as pc

from lake.safeguards import KINDS
from lake.safeguards.codes import CODE_WORD, HAS_ALONE, HAS_PURPOSE
from lake.safeguards.credentials import HAS_COOKIE, HAS_PUBLISHED, NAME, credentials
from lake.safeguards.needs import Listed, Need, any_of, closed, digits, folded
from lake.safeguards.needs import plain as plainly
from lake.safeguards.options import HAS_OPTION
from lake.safeguards.tables import labelled

# Presidio's log messages quote the scanned text. A filter, because configuring logging re-enables disabled loggers.
logging.getLogger("presidio-analyzer").addFilter(lambda _: False)

HAS_NUMBER = Need("@|" + digits(6, r"\D{0,3}+"))
HAS_CODE = Need(
    r"\d(?:(?<=[A-Za-z]{5}.)\d{3}[A-Za-z]|(?<=[A-Za-z]{2}.)\d(?:[\W_]{0,3}[A-Za-z\d]){11})"
    r"|[A-Za-z]{6}[\dL-Vl-v]{2}[A-Ta-t][\dL-Vl-v]{2}[A-Za-z][\dL-Vl-v]{3}"
)
"""Every secret that isn't a credential has an @, six digits close to each other, or the form of an Indian PAN, an IBAN
or an Italian tax code, which may have fewer digits."""

DATE_AND_TIME = re.compile(
    r"(?<![\d.,/-])(?:\d{4}-[01]\d-[0-3]\d|[0-3]?\d([./-])[01]?\d\1(?:19|20)\d{2}|(?:19|20)\d{2}([./])[01]?\d\2[0-3]?\d)"
    r"(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?)?(?![\d]|[./-]\d)"
)
"""Left out of the search: their digits, and those beside them, would look like telephone numbers."""
HAS_DATE = Need(r"\d[./-][01]?\d[./-]")
UPPER = str.maketrans(ascii_lowercase, ascii_uppercase)
NUMBERS = (
    "@",
    r"\d(?:\D{0,3}\d){5}",
    r"[A-Z]{5}\d{4}[A-Z]",
    r"[A-Z]{2}\d\d(?:[\W_]{0,3}[A-Z\d]){11}",
    r"[A-Z]{6}[\dL-V]{2}[A-T][\dL-V]{2}[A-Z][\dL-V]{3}",
)
"""`HAS_NUMBER` and `HAS_CODE` for RE2."""
SPACE = r"\t-\r\x1c-\x20"
"""In brackets: what Python takes for a blank. RE2 takes fewer characters for one."""
NOT_AHEAD = re.compile(r"\(\?!\[\^(.*?)\]\)")
WITHIN_A_WORD = r"(?<!\S-)"


Spans = Iterator[tuple[int, int]]
Recogniser = Callable[[str], Spans]
Typed = Callable[[str, bool], Spans]


@dataclass(frozen=True, order=True, slots=True)
class Finding:
    """A secret at `start` to `end` (exclusive) of a text."""

    start: int
    end: int
    kind: str


def find(text: str, *, typed: bool = False) -> list[Finding]:
    """The secrets of a text, in order, without overlaps: overlapping ones become one of the stronger kind.

    `typed`: the text was assembled from single keys, so a secret needs no separator from its neighbours.
    """
    found = _found(plainly(text), typed)
    if inside := closed(text):
        found += back_in_place(_found(plainly(inside[0]), typed), inside[1])
    return joined(found)


def _found(plain: str, typed: bool) -> list[Finding]:
    named = [Finding(*found) for found in (*credentials(plain, typed), *labelled(plain))]
    return [*named, *_numbers(plain, typed)]


def find_numbers(text: str) -> list[Finding]:
    """What `find` finds in a text that `worth_searching` has no words in."""
    return joined(_numbers(text, typed=False))


def _numbers(plain: str, typed: bool) -> list[Finding]:
    """All that isn't a credential."""
    if not is_suspicious(plain):
        return []
    undated = DATE_AND_TIME.sub(_blank, plain) if HAS_DATE.is_met_by(plain) else plain
    if undated != plain and not is_suspicious(undated):
        return []
    upper = undated.upper() if undated.isascii() else undated.translate(UPPER)
    card_numbers, ibans, national_ids, email_addresses, phone_numbers = _recognisers()
    spans = {
        "card_number": card_numbers(undated, typed),
        "iban": ibans(upper),
        "national_id": national_ids(upper),
        "email_address": email_addresses(undated),
        "phone_number": phone_numbers(undated, typed),
    }
    return [Finding(start, end, kind) for kind, found in spans.items() for start, end in found]


def worth_searching(texts: Collection[str]) -> tuple[list[bool], list[bool]]:
    """For each text, in order, whether `find` may find credentials in it, and whether anything else: all are looked at
    together, outside of Python.

    What the recognisers need is written for RE2, which reads a text once, however many words it looks for. RE2 knows no
    assertions, so some of it is wider than the needs; never narrower. Only texts in ASCII are looked at.
    """
    in_ascii = [text if text.isascii() else None for text in texts]
    some = pa.array(in_ascii, pa.large_string())
    named = pc.or_(
        pc.match_substring_regex(some, _named(), ignore_case=True), pc.match_substring_regex(some, _published())
    )
    numbers = pc.match_substring_regex(some, "|".join(NUMBERS), ignore_case=True)
    return named.fill_null(True).to_pylist(), numbers.fill_null(True).to_pylist()


@cache
def _named() -> str:
    """Words and options, in capitals or not."""
    listed = (*NAME.listed, *CODE_WORD.listed, *HAS_ALONE.listed)
    needs = (need.pattern.pattern for need in (HAS_OPTION, HAS_COOKIE, HAS_PURPOSE))
    return _for_re2("|".join([*map(_edged, listed), *needs, "PuTTY-User-Key-File-"]))


@cache
def _published() -> str:
    return _for_re2(HAS_PUBLISHED.pattern.pattern)


def _edged(listed: Listed) -> str:
    before = rf"(?:\A|{_other_than(listed.inside)})" if listed.inside else ""
    return f"{before}(?:{any_of(word for word in map(folded, listed.words) if word.isascii())}){listed.end}"


def _other_than(characters: str) -> str:
    """The class of all characters but these, which are themselves all but some."""
    return f"[{characters.removeprefix('[^')}"


def _for_re2(pattern: str) -> str:
    pattern = NOT_AHEAD.sub(r"(?:[\1]|\\z)", pattern).replace(f"-{WITHIN_A_WORD}", r"(?:\A|\s)-")
    pattern = pattern.replace("{0,200}?", "*")  # RE2 counts slowly
    pattern = pattern.replace(r"\uff1a", "")
    return pattern.replace(r"[\s", f"[{SPACE}").replace(r"\s", f"[{SPACE}]")


@cache
def _recognisers() -> tuple[Typed, Recogniser, Recogniser, Recogniser, Typed]:
    # Presidio takes a second to load, which most commands would spend for nothing.
    from lake.safeguards.contacts import email_addresses, phone_numbers
    from lake.safeguards.national_ids import national_ids
    from lake.safeguards.payment import card_numbers, ibans

    return card_numbers, ibans, national_ids, email_addresses, phone_numbers


def is_suspicious(text: str) -> bool:
    """Whether the text may have a secret that isn't a credential."""
    return HAS_NUMBER.is_met_by(text) or HAS_CODE.is_met_by(text)


def back_in_place(findings: list[Finding], places: list[int]) -> list[Finding]:
    """What was found in a text of which only the characters in these places were left, as it is in the whole text."""
    return [Finding(places[each.start], places[each.end - 1] + 1, each.kind) for each in findings]


def _blank(found: re.Match[str]) -> str:
    return " " * len(found.group())


def joined(findings: list[Finding]) -> list[Finding]:
    """The same without overlaps, in order."""
    if len(findings) < 2:
        return findings
    done: list[Finding] = []
    for finding in sorted(findings):
        if done and finding.start < done[-1].end:
            last = done.pop()
            kind = min(last.kind, finding.kind, key=list(KINDS).index)
            finding = Finding(last.start, max(last.end, finding.end), kind)
        done.append(finding)
    return done
