"""Which countries' telephone numbers a row of digits can be, by one regular expression for each country, made from the
patterns that the library phonenumbers has.

The library takes about 0.1 ms for each country. What it accepts as valid, after the steps of its `parse`, is always in
one of these forms (N: a number that one of the country's patterns matches, P: its national prefix):

    IDD …       dialled as from this country to another; the number after it is not looked at here
    cc P? P? N  with the country's code, but without +
    P P? N      with the prefix; or N alone, if it begins as a prefix does
    N           without the prefix, unless the first format that fits N requires the prefix

The digits are those of neighbouring groups in the text: the library never takes a part of a group, except from rows too
long for a number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata

SHORTEST, LONGEST = 4, 28
"""In digits: no country has shorter numbers; the longest have 17, their country's code 3, and what is dialled before it
to reach another country 8."""
SHORTEST_ABROAD = 6
"""With the country's code, after a +, which no number spans."""
IN_ONE_PART, PARTS = 20, 21
"""The library's pattern takes at most so many digits as a part, and so many parts: it may cut longer rows anywhere."""
GROUP = re.compile(r"\d+")
KINDS_OF_NUMBER = (
    "fixed_line", "mobile", "toll_free", "premium_rate", "shared_cost", "personal_number", "voip", "pager", "uan",
    "voicemail",
)  # fmt: skip
CAPTURING = re.compile(r"(?<!\\)\((?!\?)")
"""Groups that capture slow a search down, and nothing asks for them here."""
FIRST_GROUP = re.compile(r"\(?\\1\)?")


def possible_regions(stretch: str, regions: tuple[str, ...]) -> tuple[str, ...]:
    """Those of `regions` (ISO 3166) in which the library may find a valid number in the text, which has only digits and
    signs between them."""
    numbers: set[str] = set()
    for place, part in enumerate(stretch.split("+")):
        groups = GROUP.findall(part)
        if (place > 0 and sum(map(len, groups)) >= SHORTEST_ABROAD) or _is_cut(groups):
            return regions
        numbers.update(_joined(groups))
    form = _form_of_any(regions)
    likely = [number for number in numbers if form.fullmatch(number)]
    if not likely:
        return ()
    return tuple(region for region in regions if any(map(_form_of_any((region,)).fullmatch, likely)))


def _is_cut(groups: list[str]) -> bool:
    """Whether the library may take a part of a group."""
    sizes = [-(-len(group) // IN_ONE_PART) for group in groups]
    return sum(sizes) > PARTS and max(sizes) > 1


def _joined(groups: list[str]) -> Iterator[str]:
    for first in range(len(groups)):
        number = ""
        for group in groups[first:]:
            number += group
            if len(number) > LONGEST:
                break
            if len(number) >= SHORTEST:
                yield number


@cache
def _form_of_any(regions: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(CAPTURING.sub("(?:", "|".join(map(_form_of, regions))))


@cache
def _form_of(region: str) -> str:
    country = _country(region)
    code, prefix = country.country_code or 0, country.national_prefix_for_parsing or ""
    every = map(_country, COUNTRY_CODE_TO_REGION_CODE[code])
    number = f"(?:{'|'.join(dict.fromkeys(pattern for each in every for pattern in _numbers(each)))})"
    needed, free = ("|".join(_styles(country, is_needed)) or "(?!)" for is_needed in (True, False))
    before = [rf"{code}(?:{prefix}){{0,2}}"]
    if country.national_prefix_transform_rule:
        before.append(r"\d*")
    elif prefix:
        before += [prefix, f"(?={prefix})"]
    # The styles come last: most rows of digits are no number.
    alone = rf"(?={number}\Z)(?:(?!(?:{needed})\Z)|(?=(?:{free})\Z))\d+"
    return rf"(?:{country.international_prefix})[1-9]\d+|(?:{'|'.join(before)}){number}|{alone}"


def _country(region: str) -> PhoneMetadata:
    country = PhoneMetadata.metadata_for_region(region)
    if country is None:
        raise LookupError(f"phonenumbers has no numbers of {region}")
    return country


def _numbers(country: PhoneMetadata) -> Iterator[str]:
    for kind in KINDS_OF_NUMBER:
        described = getattr(country, kind)
        if described is not None and described.national_number_pattern:
            yield described.national_number_pattern


def _styles(country: PhoneMetadata, is_needed: bool) -> Iterator[str]:
    """The formats in which a number needs its prefix, or those in which it doesn't."""
    for style in country.number_format:
        rule = style.national_prefix_formatting_rule
        needs = bool(rule and not style.national_prefix_optional_when_formatting and not FIRST_GROUP.fullmatch(rule))
        if needs is is_needed:
            begins = f"(?={style.leading_digits_pattern[-1]})" if style.leading_digits_pattern else ""
            yield f"{begins}{style.pattern}"
