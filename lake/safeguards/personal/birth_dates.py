"""Finds dates of birth: a date beside a word that says so, in any usual order, with the month as a number or a word.

    born 12 March 1985    DOB: 03/12/1985    geboren am 12.3.85    née le 1er mars 1985    1985-03-12 (date of birth)

Other dates stay.
"""

from __future__ import annotations

import re

from lake.safeguards import words
from lake.safeguards.needs import Listed, Need, Words, any_of, folded, plain
from lake.safeguards.patterns import Finding

KIND = "birth_date"
HAS_DATE = Need(r"\d(?:(?:(?<=1)[89]|(?<=2)0)\d\d| ?[./-] ?\d{1,2} ?[./-] ?\d\d)")
MONTH = r"[^\W\d_]{3,12}\.?"
"""Beside a word for birth, whatever stands between a day and a year is a month."""
DATE = (
    r"(?:(?:1[89]|20)\d\d ?[./-] ?[01]?\d ?[./-] ?[0-3]?\d|(?:1[89]|20)\d\d ?[年년] ?[01]?\d ?[月월] ?[0-3]?\d ?[日일]"
    r"|[0-3]?\d(?P<sign> ?[./-] ?)[0-3]?\d(?P=sign)(?:(?:1[89]|20)?\d\d)"
    rf"|[0-3]?\d(?:st|nd|rd|th|er|\.?º|\.)?[ -](?:de |of |d')?{MONTH}[ -](?:de |del )?,?(?:1[89]|20)\d\d"
    rf"|{MONTH} [0-3]?\d(?:st|nd|rd|th)?,? (?:1[89]|20)\d\d)"
)
LABELS = tuple(map(folded, words.lines_of("birth_words.txt")))
NAMED = any_of(LABELS, inside=r"[^\W_]")
TOWN = r"(?: (?:in|at|à|en|a|w|i|te|em|zu) [^\W\d_][^\W_]{1,20}(?:[ -][^\W\d_][^\W_]{1,20}){0,2})?"
FILLING = (
    TOWN + r"(?: ?\([a-z]{1,3}\))?[\s\"'*_]{0,3}"
    r"(?:[:=|>,-]|(?:is|was|ist|war|est|es|è|é|on|am|the|le|el|il|op|den|dnia|em|a|at)\b){0,2}"
    r"[\s\"'*_:|]{0,3}(?:(?:the|am|on|le|el|il|den) )?"
)
"""What is between such a word and the date, the town included."""
BEHIND = re.compile(rf"(?:{NAMED})[.]?{FILLING}(?P<date>{DATE})(?![\d])")
BEFORE = re.compile(rf"(?<![\d./-])(?P<date>{DATE})[\s\"'*_]{{0,2}}[(\[,-]?[\s]?(?:{NAMED})(?![^\W_])")
STAR = re.compile(rf"(?:(?<=[^\W\d_] )|(?<=[,;)] )|(?<=\())\*\s?(?P<date>{DATE})(?!\d)")
"""As registers write it; at the beginning of a line it is an entry of a list."""
ALONE = re.compile(rf"\s*(?:{DATE}|\d{{8}})\s*")
SAYS_BIRTH = Words(Listed(LABELS, inside=r"[^\W_]"), more=[Need(r"\*")])
IN_FIELD = re.compile(rf"(?:{NAMED})|bday|geburt|naissance|nacimiento|nascita|nascimento")


def birth_dates(text: str) -> list[Finding]:
    """Each of them in a plain text, in order; the words beside them stay."""
    if not HAS_DATE.is_met_by(text):
        return []
    read = folded(text)
    if not SAYS_BIRTH.is_met_by(read):
        return []
    found = {match.span("date") for form in (BEHIND, BEFORE, STAR) for match in form.finditer(read)}
    return [Finding(start, end, KIND) for start, end in sorted(found)]


def is_birth_date(text: str, described: str) -> bool:
    """Whether a text is a date and nothing else, in a field whose type, name or label asks for a date of birth."""
    return ALONE.fullmatch(folded(plain(text))) is not None and IN_FIELD.search(folded(described)) is not None
