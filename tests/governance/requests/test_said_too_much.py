"""A home of the version before, whose results said what a run had read instead: the screens say only what is known."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import Any

import pytest

from governance.db import database
from governance.db.database import governance_folder
from governance.receipts.page import WHAT_IS_KNOWN, render
from tests.governance.conftest import Client
from tests.governance.working import carry_out
from tests.support.earlier import take_back
from tests.support.people import Company

SAID = "so it read something else under that name"
KNOWN = "was in the ledger only after its run began, so nothing shows that the run read this list"


def entry(name: str) -> dict[str, Any]:
    before = f"Sable 1 may have been trained on these records: its run began before {name} was made, {SAID}"
    return {
        "model": "Sable", "version": "1", "dataset": name, "dataset_version": "1", "state": "retained_in_weights",
        "by": None, "words": f"{before}. If it was: it keeps it.",
    }  # fmt: skip


@pytest.mark.parametrize("names", [["cli-two 1"], ['a "b" was made, c', "ünd \\ 2"]])
@pytest.mark.state_in_files
def test_stored_results_say_only_what_is_known(api: Client, person: Company, names: list[str]) -> None:
    client = api(person())
    filed = client.post("/v1/requests", json={"type": "objection"}).json()["id"]
    carry_out(filed)
    database.close()
    file = governance_folder() / "governance.sqlite"
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        outcome = {"covered": 1, "models": [entry(name) for name in names], "processors": []}
        connection.execute("update request set outcome = ?", (json.dumps(outcome),))
    take_back(file, "0031")
    shown = client.get(f"/v1/requests/{filed}").json()["outcome"]["models"]
    assert [each["words"] for each in shown] == [
        f"Sable 1 may have been trained on these records: the list of {name} {KNOWN}. If it was: it keeps it."
        for name in names
    ]


def test_page_of_an_earlier_receipt_says_what_is_known(api: Client, person: Company) -> None:
    client = api(person())
    filed = client.post("/v1/requests", json={"type": "objection"}).json()["id"]
    carry_out(filed)
    receipt = client.get(f"/v1/requests/{filed}/receipt").json()
    assert WHAT_IS_KNOWN not in render(receipt, "Ada")
    receipt["statement"]["models"] = [entry("cli-two 1")]
    assert WHAT_IS_KNOWN in render(receipt, "Ada")
