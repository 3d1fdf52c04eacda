"""One-time codes, PINs and check numbers of cards in a text: digits beside a word for them, or before what says what
they are for; and lists of codes that restore an account.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from lake.safeguards import words
from lake.safeguards.needs import Listed, Need, Words, matches_at
from lake.safeguards.options import any_listed

CODES = rf"(?<![^\W\d_])(?:{any_listed(words.CODE)})s?(?![^\W\d_])"
UNITS = (
    "ms|s|secs?|seconds?|min|minutes|hours?|h|days?|weeks?|months|years?|[kmgt]i?b|bytes|rows|lines|stars|points|times|users"
    "|people|eur|usd|euros?|dollars|px|items|files|downloads|sekunden|minuten|zeilen|lignes|líneas|mal"
)
"""Of what a number counts."""
DIGITS = (
    r"(?<![\w.,/#-])(?:[A-Z]{1,2}-)?(?P<value>\d{3}[\s-]\d{3}|\d{2}[\s-]\d{2}[\s-]\d{2}|\d{3,8})(?![\w/%€$]|[.,:-]\d)"
    rf"(?!\s(?:{UNITS})(?!\w))"
)
PURPOSES = (
    r"pour\s+(?:vous|te)\s+connecter",
    r"para\s+(?:iniciar\s+ses|entrar|acceder|aceder)",
    r"zu[mr]\s+(?:anmeld|einlogg|login)",
    r"per\s+accedere",
    r"als\s+(?:\w{1,20}\s)?code",
)
CODE_AFTER = re.compile(rf"{CODES}[^\n\d]{{0,30}}?{DIGITS}", re.IGNORECASE)
CODE_BEFORE = re.compile(rf"{DIGITS}\W{{1,4}}(?:\w+\W+){{0,3}}?{CODES}", re.IGNORECASE)
CODE_FOR = re.compile(
    rf"{DIGITS}\s+(?:(?:is|ist|est|es|är|er)\s+(?:your|ihr|dein|votre|tu|su|din)\s+(?:\w+[\s-]+){{0,3}}?\w*(?:code|pin)\b"
    r"|to\s+(?:sign|log)\s?in\b|to\s+(?:verify|confirm)\s+your\b"
    + "".join(rf"|{purpose}" for purpose in PURPOSES)
    + ")",
    re.IGNORECASE,
)
OTHER_CODE = re.compile(
    r"(?:zip|post|postal|area|error|status|exit|response|return|country|order|product|source|promo|discount|voucher|project"
    r"|cost|bar|qr|currency|reason|tax|dress)[\s-]*\Z",
    re.IGNORECASE,
)
"""What precedes a code that is no secret."""
PLACE = re.compile(r"\b(?:lines?|rows?|files?|page|issue|ticket|commit)\b", re.IGNORECASE)
PLACE_AFTER = 7
"""How many characters after the number may name what it counts."""
SHORTEST_TO_SIGN_IN = 5
CODE_IN_SCRIPT = re.compile(
    r"(?:验证码|驗證碼|校验码|動態密碼|認証コード|確認コード|ワンタイムパスワード|인증번호|인증\s?코드|보안코드)\D{0,8}(?P<value>\d{4,8})(?!\d)"
)
CODE_ALONE = re.compile(
    rf"(?:\A|[\n.!?])\s{{0,3}}(?:{any_listed(words.CODE_ALONE)})\s?[:\uff1a]\s{{0,3}}(?P<value>\d{{6}}|\d{{3}}[\s-]\d{{3}})"
    r"(?=\s{0,3}(?:\Z|[\n.!]))",
    re.IGNORECASE,
)
CHECK_NUMBER = re.compile(r"\b(?:cvv2?|cvc2?|csc|security code|card verification)\b", re.IGNORECASE)
SHORTEST = 4
"""In digits, but for the check number of a card."""
ITEM = (
    r"(?:[-*\u2022] ?|\d{1,2}[.)] ?)?(?=[A-Za-z-]{0,11}\d)"
    r"(?:[A-Za-z0-9]{3,8}(?:-[A-Za-z0-9]{3,8}){1,3}|[A-Za-z0-9]{8,12}|\d{6,7})(?![\w-])"
)
LISTED = re.compile(
    rf"(?:{CODES})[^\n\w]{{0,5}}(?:[^\n:\d]{{0,40}}:)?\s{{0,4}}(?P<value>{ITEM}(?:[\s,;|]{{1,4}}{ITEM}){{1,30}})",
    re.IGNORECASE,
)
"""Several, as services hand them out for later."""
CODE_WORD = Words(Listed(words.CODE, inside=r"[^\W\d_]", end=r"s?(?![^\W\d_])"))
"""Where, in folded text, `CODES` are."""
HAS_DIGITS = Need(r"\d\d(?:\d|[\s-]\d\d)")
HAS_PURPOSE = Need(
    r"is\s+(?:your|ihr|dein|votre|tu|su|din)\s|ist\s+(?:your|ihr|dein|votre|tu|su|din)\s"
    r"|es\s+(?:your|ihr|dein|votre|tu|su|din)\s|est\s+(?:your|ihr|dein|votre|tu|su|din)\s"
    r"|är\s+(?:your|ihr|dein|votre|tu|su|din)\s|er\s+(?:your|ihr|dein|votre|tu|su|din)\s"
    r"|to\s+(?:sign|log)\s?in|to\s+(?:verify|confirm)\s+your|" + "|".join(PURPOSES)
)
HAS_ALONE = Words(Listed(words.CODE_ALONE, end=r"\s?[:\uff1a]"))


Matches = Iterable[re.Match[str]]


def codes(text: str, folded_text: str) -> Iterator[tuple[int, int, str]]:
    """One-time codes, PINs and check numbers of cards."""
    for pattern, matches in _codes_looked_for(text, folded_text):
        for found in matches:
            if pattern is CODE_AFTER and (
                OTHER_CODE.search(text[max(found.start() - 20, 0) : found.start()])
                or PLACE.search(text[found.start() : found.end() + PLACE_AFTER])
            ):
                continue
            digits = sum(character.isdigit() for character in found["value"])
            if pattern is CODE_FOR and digits < SHORTEST_TO_SIGN_IN:
                continue
            if digits >= SHORTEST or CHECK_NUMBER.search(found.group()):
                yield *found.span("value"), "one_time_code"


def _codes_looked_for(text: str, folded_text: str) -> Iterator[tuple[re.Pattern[str], Matches]]:
    if code_words := CODE_WORD.places(folded_text):
        yield LISTED, matches_at(code_words, LISTED, text)
        if HAS_DIGITS.is_met_by(text):
            yield CODE_AFTER, matches_at(code_words, CODE_AFTER, text)
            yield CODE_BEFORE, CODE_BEFORE.finditer(text)
    if HAS_PURPOSE.is_met_by(folded_text):
        yield CODE_FOR, CODE_FOR.finditer(text)
    if not text.isascii():
        yield CODE_IN_SCRIPT, CODE_IN_SCRIPT.finditer(text)


def alone(text: str) -> Iterator[tuple[int, int, str]]:
    """A code that is all of a line, behind a word that means many things."""
    yield from ((*found.span("value"), "one_time_code") for found in CODE_ALONE.finditer(text))
