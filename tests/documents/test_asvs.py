"""docs/asvs.md has each requirement of OWASP ASVS 5.0.0, levels 1 and 2, once, and names only what exists."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from tests.documents.claims import ROOT, cells, names_of_tests, quoted

PAGE = (ROOT / "docs" / "asvs.md").read_text(encoding="utf-8")
COLUMNS = ["requirement", "about", "result", "evidence"]
RESULTS = {"met", "partly", "yours", "not met", "n/a"}
LAST = {
    1: (2, 9, 11, 3, 2), 2: (3, 3, 4, 1), 3: (0, 2, 4, 6, 5, 0, 2), 4: (3, 1, 2, 4), 5: (1, 3, 2, 3),
    6: (3, 12, 4, 4, 5, 3, 0, 4), 7: (3, 4, 2, 5, 2, 2), 8: (2, 3, 1, 1), 9: (3, 4), 10: (2, 2, 4, 11, 5, 2, 3),
    11: (2, 3, 3, 4, 1, 1), 12: (3, 2, 4), 13: (1, 5, 2, 5), 14: (2, 4, 3), 15: (3, 3, 7), 16: (1, 5, 4, 3, 3),
    17: (1, 4, 2),
}  # fmt: skip
"""By chapter, the number of requirements of the levels 1 and 2 in each of its sections; those of level 3 come after."""

ROWS = [row for row in map(cells, PAGE.splitlines()) if len(row) == len(COLUMNS) and re.match(r"[0-9]", row[0])]


def numbers(listed: str) -> list[str]:
    """`1.2.6 to 1.2.8, 1.3.1` -> each of them."""
    found = []
    for part in listed.split(", "):
        first, _, last = part.partition(" to ")
        section, low = first.rsplit(".", 1)
        high = last.removeprefix(f"{section}.") if last else low
        found += [f"{section}.{number}" for number in range(int(low), int(high) + 1)]
    return found


def test_each_requirement_is_there_once() -> None:
    asked = [
        f"{chapter}.{section}.{number + 1}"
        for chapter, sections in LAST.items()
        for section, last in enumerate(sections, 1)
        for number in range(last)
    ]
    assert len(asked) == 253
    assert Counter(number for row in ROWS for number in numbers(row[0])) == Counter(asked)


def test_each_result_is_one_of_the_five() -> None:
    assert {row[2] for row in ROWS} == RESULTS
    assert [row for row in ROWS if not all(row)] == []


NAMED = {
    word
    for row in ROWS
    for word in quoted(row[3])
    if re.match(r"(tests|docs|dashboard|governance|lake)/|\w+\.py", word)
}


@pytest.mark.parametrize("named", sorted(NAMED))
def test_what_is_named_exists(named: str) -> None:
    path, _, name = named.partition("::")
    assert (ROOT / path).exists()
    assert not name or name in names_of_tests(ROOT / path)


def test_what_is_met_by_code_names_some() -> None:
    """A row without a file or test says what library or lack of a feature meets it; most name one."""
    met = [row for row in ROWS if row[2] == "met"]
    assert len([row for row in met if re.search(r"`[\w/.]+\.(py|md)", row[3])]) > 0.7 * len(met)
