"""What the safeguard `mask_people` finds in a text: names of people in the directory, birth dates, postal addresses.

The names are read from the directory at each ingestion, and put into a dictionary again when one of them has changed.
"""

from __future__ import annotations

from functools import lru_cache
from threading import Lock

from directory.tables.names import all_names
from lake.safeguards.keyboard.typed import Find
from lake.safeguards.needs import closed, plain
from lake.safeguards.patterns import Finding, back_in_place
from lake.safeguards.personal.addresses import addresses
from lake.safeguards.personal.birth_dates import birth_dates
from lake.safeguards.personal.people import People

PEOPLE = "mask_people"
"""The safeguard's name in policies."""
_building = Lock()


def finder() -> Find:
    """Finds what is personal, with the names of everybody whom the directory has now, former people included. Raises
    HomeUnavailable, PartUnavailable."""
    names = all_names()
    with _building:
        people = _people(names)
    return lambda text: found_in(text, people)


def found_in(text: str, people: People) -> list[Finding]:
    """What is personal in a text. Findings may overlap."""
    found = _found_in(plain(text), people)
    if inside := closed(text):
        found += back_in_place(_found_in(plain(inside[0]), people), inside[1])
    return found


def _found_in(read: str, people: People) -> list[Finding]:
    return [*people.find(read), *birth_dates(read), *addresses(read)]


@lru_cache(maxsize=1)
def _people(names: str) -> People:
    """`names`: one a line. A hundred thousand take a second or more."""
    return People(names.split("\n"))
