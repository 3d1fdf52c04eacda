"""Arbitrary files of an HR system are read or refused with a reason; a refused one changes nothing."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from directory import Directory
from directory.hr_file import COLUMNS
from directory.hr_table import InvalidDirectoryFile
from tests.support.people import Company

CELLS = st.text(max_size=12) | st.sampled_from(
    ["ada@example.com", "bo@example.com", "ada", "Finance", "employee", "manager", "privacy_officer", "gdpr", '"', '""']
)
ROWS = st.lists(st.lists(CELLS, max_size=10), max_size=5)
ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1"])
UNTIMED = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def everyone() -> list[tuple[str, str, bool]]:
    with Directory.open() as directory:
        return sorted((person.email, person.role, person.active) for person in directory.everyone())


def synchronised(content: bytes) -> bool:
    """Whether the file was taken; if not, nothing has changed."""
    before = everyone()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "people.csv"
        file.write_bytes(content)
        try:
            with Directory.open() as directory:
                directory.synchronise(file)
        except InvalidDirectoryFile:
            assert everyone() == before
            return False
    return True


@UNTIMED
@given(st.binary(max_size=300))
def test_any_bytes_change_nothing(person: Company, content: bytes) -> None:
    person("ada@example.com")
    assert not synchronised(content)


@UNTIMED
@given(ROWS, ENCODINGS, st.sampled_from([",", ";", "\t", "|"]))
def test_any_rows_are_taken_or_refused_whole(
    person: Company, table: list[list[str]], encoding: str, separator: str
) -> None:
    person("ada@example.com")
    lines = [separator.join(COLUMNS), *(separator.join(row) for row in table)]
    taken = synchronised("\n".join(lines).encode(encoding, "replace"))
    addresses = [email for email, _, active in everyone() if active]
    assert len(addresses) == len(set(addresses))
    assert taken or "ada@example.com" in addresses
