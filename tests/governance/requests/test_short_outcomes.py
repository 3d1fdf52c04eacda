"""A home of an earlier version, with outcomes of tens of thousands of entries, opens and answers within limits."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, insert, text

import clock
from directory import Employee
from governance.db import database
from governance.db.tables import RequestRow
from tests.governance.conftest import Client
from tests.support.earlier import take_back
from tests.support.people import Company

KILOBYTE = 1000
ENTRIES = 20_000


def outcome_of_before(entries: int) -> dict[str, Any]:
    words = "may have been trained on these captures: nobody wrote down what was in"
    unsure = {
        "model": "wide", "version": "1", "dataset": "table", "dataset_version": "", "state": "retained_in_weights",
        "by": None, "words": f"wide 1 {words} table.",
    }  # fmt: skip
    sure = unsure | {"model": "sable", "words": "sable 1 was trained on 12 of these captures."}
    clean = unsure | {"model": "amber", "state": "never_included", "words": "What amber was trained on lists none."}
    return {"covered": 12, "models": [clean, *[unsure] * (entries - 2), sure]}


def as_before(home: Path, requests: list[dict[str, Any]]) -> None:
    """The governance database as an earlier version left it."""
    database.close()
    path = home / "governance" / "governance.sqlite"
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        connection.execute(insert(RequestRow), requests)
    engine.dispose()
    take_back(path, "0012")


def request_of(ada: Employee, entries: int) -> dict[str, Any]:
    now = clock.now_utc()
    return {
        "id": uuid4(), "subject": ada.subject, "type": "objection", "state": "completed", "scope": {}, "regime": "gdpr",
        "received_at": now, "due_at": now, "first_due_at": now, "completed_at": now, "attempts": 0, "buried": False,
        "due_on": now.date(), "first_due_on": now.date(), "awaits_decision": False, "rule_stands": True,
        "outcome": outcome_of_before(entries),
    }  # fmt: skip


@pytest.mark.state_in_files
def test_long_outcomes_are_shortened(home: Path, person: Company, request: Any) -> None:
    ada = person()
    long, short = request_of(ada, ENTRIES), request_of(ada, 30)
    as_before(home, [long, short])
    api: Client = request.getfixturevalue("api")
    client = api(ada)
    listed = client.get("/v1/requests")
    assert {each["id"] for each in listed.json()} == {str(long["id"]), str(short["id"])}
    assert len(listed.content) < 5 * KILOBYTE
    answer = client.get(f"/v1/requests/{long['id']}")
    assert len(answer.content) < 20 * KILOBYTE
    outcome = answer.json()["outcome"]
    assert (outcome["covered"], len(outcome["models"]), outcome["models"][0]["model"]) == (12, 40, "sable")
    assert outcome["models_left_out"] == {"retained_in_weights": ENTRIES - 41, "never_included": 1}
    kept = client.get(f"/v1/requests/{short['id']}").json()["outcome"]
    assert (len(kept["models"]), kept["models"][0]["model"], "models_left_out" in kept) == (30, "amber", False)
    with database.reading() as session:
        largest = session.execute(text("select max(length(outcome)) from request")).scalar_one()
    assert largest < 20 * KILOBYTE
