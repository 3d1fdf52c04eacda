"""Finds postal addresses by their form: a street with a number, and near it a postcode with its town.

    Hauptstraße 12, 10115 Berlin    12 rue de la Paix, 75002 Paris    221B Baker Street, London NW1 6XE
    1600 Pennsylvania Avenue NW, Washington, DC 20500                 Calle de Alcalá 45, 28014 Madrid

The larger countries of the EU, CH, NO, UK, US, CA and AU write theirs so. Each postcode is looked for first, then a
street in what is right before or behind it. A street without a postcode stays, a postcode without a street, and what is
written in small letters only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lake.safeguards import words
from lake.safeguards.needs import Need
from lake.safeguards.patterns import Finding

KIND = "address"
REACH = 120
"""How far from a postcode the street may begin, in characters."""
BETWEEN = 60
"""The most characters between a street and the postcode."""
MARKED = "'\u2019"


def _listed(kind: str) -> str:
    """A pattern for the words behind `kind:` in `street_words.txt`, in any case."""
    lines = [line.partition(": ") for line in words.lines_of("street_words.txt")]
    listed = {word for which, _, several in lines if which == kind for word in several.split()}
    return f"(?i:{'|'.join(map(re.escape, sorted(listed, key=lambda word: (-len(word), word))))})"


CAPITAL = r"[A-Z\u00c0-\u00de\u0100-\u017f\u0386-\u03ab\u0400-\u042f]"
NAME = rf"{CAPITAL}[\w.{MARKED}-]{{0,30}}"
LITTLE = (
    r"(?i:d[eaiou][sl]?|dell[aeo]|degli|dei|l[ae]s?|los|el|y|e|et|van|von|vom|den?|der|het|am|im|an|zum|zur|of|the|sur"
    r"|aux?)"
)
NAMED = (
    rf"(?:(?:{LITTLE}|(?:(?i:dell|[dl])[{MARKED}])?{NAME}|\d{{1,2}}\.?|[a-z\u00df-\u00ff]{{4,20}})"
    rf"(?![\w.{MARKED}-]) ?){{1,7}}?"
)
NUMBER = r"\d{1,4}(?: ?[a-zA-Z](?!\w))?(?: ?[-/+] ?\d{1,4}(?: ?[a-z](?!\w))?){0,3}(?![\w.]\w)"
HYPHENED = rf"(?:{CAPITAL}[\w{MARKED}]{{0,20}}-)"
STREETS = (
    rf"(?<!\w)(?:{HYPHENED}{{1,3}}|{HYPHENED}{{0,3}}{CAPITAL}[^\W\d_]{{0,30}}){_listed('ending')} ?{NUMBER}",
    rf"(?<!\w)(?:(?:{NAME}|{LITTLE}) ){{1,4}}{_listed('alone')} {NUMBER}",
    rf"(?<!\w){_listed('before')} ?{NAMED}(?:,? ?(?i:n[or]?[.º°]?|nº|č\.) ?|,? ){NUMBER}",
    rf"(?<!\w)\d{{1,4}}(?: ?(?:bis|ter|quater|[a-dA-D])(?!\w))?,? {_listed('french')} {NAMED}(?<=\S)(?=[\s,;]|\Z)",
)
STREET = re.compile("|".join(STREETS))
STREET_IN_ENGLISH = re.compile(
    r"(?<![\w.])(?:(?i:flat|apt\.?|apartment|unit|suite) \w{1,4},? )?"
    rf"\d{{1,5}}[a-zA-Z]?(?:-\d{{1,4}})? (?:[NSEW][EW]?\.? )?"
    rf"(?:(?:{NAME}|\d{{1,3}}(?:st|nd|rd|th)) ){{1,4}}"
    rf"{_listed('after')}(?!\w)(?: [NSEW][EW]?(?!\w))?"
)
NO_TOWNS = r"(?!(?:Euro|EUR|CHF|USD|GBP|Uhr|St\u00fcck|Personen|Kilometer|Meter|Mio|Mrd|Units|Jahre|Tage)(?!\w))"
OF_TWO = "San|Santa|Sankt|St|Ste|Saint|Sainte|Bad|New|Los|Las|La|Le|Les|El|Den|Sint|Nova|Vila|Villa|Reggio|Nowy|Port"
"""Towns begin with these, and with another word."""
TOWN = (
    rf"{NO_TOWNS}(?:(?:{OF_TWO})\.?[ -])?{CAPITAL}[\w{MARKED}]{{1,30}}(?:-[\w{MARKED}]{{1,30}}){{0,4}}"
    rf"(?: (?:(?i:am|an|im|ob|der|de|del|di|da|do|la|sur|sous|upon|aan|den) ){{1,2}}{CAPITAL}[\w{MARKED}-]{{1,30}})?"
    r"(?: (?i:cedex)(?: \d\d)?)?"
)
POSTCODE = re.compile(
    rf"(?<![\w.,/+-])(?:[A-Z]{{1,3}}-)?(?:\d{{5}}|\d{{4}}(?:-\d{{3}}| ?[A-Z]{{2}}(?!\w))?|\d\d-\d{{3}}|\d{{3}} \d\d)"
    rf",? {TOWN}"
)
POSTCODE_IN_ENGLISH = re.compile(
    # Each begins with a capital, even before what may not precede it: the engine then skips all places without one.
    r"[A-Z](?<!\w.)(?:[A-Z]?\d[A-Z\d]? ?\d[A-Z]{2}|[A-Z],? [A-Z]\d[A-Z] ?\d[A-Z]\d"
    r"|\d[\dW] ?[A-Z\d]{4}|(?:[A-Z]|[a-z]{3,12}(?: [A-Z][a-z]{3,9})?),? \d{5}(?:-\d{4})?"
    r"|(?:(?<=N)(?:SW|T)|(?<=V)IC|(?<=Q)LD|(?<=[SW])A|(?<=T)AS|(?<=A)CT),? \d{4})(?!\w)"
)
GAP = re.compile(
    rf"(?=[\s,;|(])(?:[\s,;|\u00b7()/#-]|[^\W_]{{1,4}}\.|(?:{CAPITAL}|\d)[\w{MARKED}]*(?![\w.])"
    r"|(?:[a-z]{1,3}|floor|flat|suite|unit|etage|\u00e9tage|stock|piso|piano|porta)(?![\w.]))*"
)
BEHIND = re.compile(r",?\s{1,3}")
HAS_POSTCODE = Need(rf"\d\d(?:\d\d(?:\d|-\d{{3}}| ?[A-Z]{{2}}(?!\w))?|-\d{{3}}|\d \d\d),? {CAPITAL}")


def addresses(text: str) -> list[Finding]:
    """Each in a plain text, from the street to the end of the town or the postcode, in order, without overlaps."""
    found: list[Finding] = []
    for start, end in sorted(_in(text)):
        if not found or start >= found[-1].end:
            found.append(Finding(start, end, KIND))
    return found


def _in(text: str) -> Iterator[tuple[int, int]]:
    for code in POSTCODE.finditer(text) if HAS_POSTCODE.is_met_by(text) else ():
        before = _before(STREET, text, code.start())
        if before is not None:
            yield before, code.end()
        elif (gap := BEHIND.match(text, code.end())) and (after := STREET.match(text, gap.end())):
            yield code.start(), after.end()
    for code in POSTCODE_IN_ENGLISH.finditer(text):
        before = _before(STREET_IN_ENGLISH, text, code.start())
        if before is not None:
            yield before, code.end()


def _before(street: re.Pattern[str], text: str, end: int) -> int | None:
    """Where the street begins that belongs to a postcode at `end`."""
    for each in street.finditer(text, max(0, end - REACH), end):
        if end - each.end() <= BETWEEN and GAP.fullmatch(text, each.end(), end):
            return each.start()
    return None
