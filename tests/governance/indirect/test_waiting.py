"""An erasure that waits says nothing about records of others that mention its owner."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from directory import Employee
from governance.fulfilment import waiting
from governance.requests import filing
from lake.lineage.graph import collect_slices
from lake.storage.connection import writer
from tests.governance.conftest import Client
from tests.governance.indirect.test_indirect import archived, people
from tests.governance.working import carry_out

__all__ = ["archived", "people"]


def usable(employee: Employee) -> int:
    with writer() as connection:
        table = collect_slices(connection, date(1970, 1, 1), date(2100, 1, 1))
    return sum(row["events"] for row in table.to_pylist() if str(row["subject"]) == str(employee.subject))


def test_records_of_others_stay_usable(
    people: tuple[Employee, Employee], archived: Path, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, bob = people
    before = usable(bob)
    assert before
    monkeypatch.setattr(filing, "WAIT", timedelta())
    request = api(ada).post("/v1/requests", json={"type": "erasure", "wait_a_day": True}).json()
    waiting.keep_out()
    assert (usable(ada), usable(bob)) == (0, before)
    waiting.start()
    assert carry_out(request["id"])
    assert usable(bob) == before
