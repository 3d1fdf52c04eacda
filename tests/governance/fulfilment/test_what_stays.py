"""After an erasure of everything: what is left of the person in any table, and that the receipt lists all of it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import duckdb
import pytest
from starlette.testclient import TestClient

import verifier
from directory import Employee
from directory.people import directory_path
from governance.api import service_tokens
from governance.backup import replaying
from governance.db import database
from lake.datasets.making import Selection, create
from lake.lineage import violations
from lake.lineage.graph import ModelVersion
from lake.rules import holds, retention
from lake.rules.policies import Policy
from lake.rules.rules import read_rules
from lake.rules.scope import SIGNALS
from lake.storage.connection import lake_folder, reader, transaction, writer
from tests.governance.conftest import Client
from tests.governance.working import carry_out
from tests.lake.traces import Keys, places
from tests.support.lake import hold, store_captures
from tests.support.lineage import train
from tests.support.people import Company

ONLY_ADA = "Zeppelin Planner"
BEGIN = datetime(2026, 3, 2, 9, 17, 23, 456789)  # noqa: DTZ001 (the lake's times are naive UTC)
POLICY = Policy(
    "desktop", "Desktop assistant", "model training", "GDPR 6(1)(f)", list(SIGNALS),
    ["Excel", "Chrome", ONLY_ADA], ["mask"], 3650, date(2026, 1, 1),
)  # fmt: skip
SHORT = Policy(
    "short", "Short", "model training", "GDPR 6(1)(f)", list(SIGNALS), [ONLY_ADA], ["mask"], 30, date(2020, 1, 1)
)
MANIFESTS = "dataset versions"


@pytest.fixture
def ada(person: Company) -> Employee:
    return person()


@pytest.fixture
def eve(person: Company, ada: Employee) -> Employee:
    return person("eve@example.com")


def captured(employee: Employee, application: str = ONLY_ADA, signal: str = "keystroke", **more: Any) -> None:
    given = {"policy": POLICY, "start": BEGIN, "every": timedelta(seconds=61.000007), **more}
    store_captures(
        employee, 4, application=application, signal=signal, content=lambda number: {"text": f"typed {number}"}, **given
    )


class Lake:
    """Ada and Eve in three dataset versions: `trained` (a completed run read it), `read_earlier` (the same, before Ada
    objected to clicks), `unread`; `model` learned from the first."""

    def __init__(self, ada: Employee, eve: Employee) -> None:
        captured(ada)
        captured(ada, signal="mouse_click")
        captured(eve, "Excel", start=BEGIN + timedelta(hours=3, microseconds=77))
        self.trained = create("desk", Selection(), version="1").dataset_version
        self.unread = create("desk", Selection(), version="2").dataset_version
        self.model = ModelVersion("sable", "1", None, None, released_at=BEGIN + timedelta(days=1))
        with writer() as connection, transaction(connection):
            self.run = train(connection, self.model, [self.trained], BEGIN + timedelta(days=1))


@pytest.fixture
def lake(home: Path, ada: Employee, eve: Employee) -> Lake:
    return Lake(ada, eve)


def erase(client: TestClient, **scope: Any) -> dict[str, Any]:
    answer = client.post("/v1/requests", json={"type": "erasure", "scope": scope})
    assert answer.status_code == 201, answer.text
    carry_out(answer.json()["id"])
    request: dict[str, Any] = client.get(f"/v1/requests/{answer.json()['id']}").json()
    assert request["completed_at"], request
    return request


def slices(employee: Employee) -> list[tuple[Any, ...]]:
    with closing(reader()) as connection:
        return connection.execute(
            "select dataset_version, day, signal, application, events, digest, first_at, last_at from dataset_slices"
            " where subject = $subject order by all",
            {"subject": employee.subject},
        ).fetchall()


def times(employee: Employee) -> set[str]:
    """The moments of the person's captures, to the microsecond."""
    with closing(reader()) as connection:
        rows = connection.execute(
            "select captured_at from captures where subject = $subject", {"subject": employee.subject}
        ).fetchall()
    return {str(at) for (at,) in rows}


def test_manifests_keep_only_a_count(api: Client, lake: Lake, ada: Employee, eve: Employee) -> None:
    others = slices(eve)
    before = len(slices(ada))
    assert before == 4
    erase(api(ada))
    left = slices(ada)
    assert [(row[0], row[4]) for row in left] == sorted([(lake.trained, 8), (lake.unread, 8)])
    assert {row[1] for row in left} == {date(1, 1, 1)}
    assert {bytes(row[5]) for row in left} == {b""}
    assert not [row for row in left if ONLY_ADA in row or row[6].year > 1 or row[7].year > 1]
    assert slices(eve) == others


def test_no_byte_of_the_manifest_is_left(api: Client, lake: Lake, ada: Employee) -> None:
    keys = Keys()
    with writer() as connection:
        keys.remember(connection)
        digests = {bytes(row[5]) for row in slices(ada)}
    moments = {at.encode() for at in times(ada)}
    wanted = {ONLY_ADA.encode(), *digests, *moments}
    assert any(name.endswith(".parquet") for name in places(digests, keys))
    assert "catalog.sqlite" in places(moments, keys)
    with writer() as connection:
        connection.execute("delete from policies")  # the employer's list of applications, about nobody
    erase(api(ada))
    with writer() as connection:
        keys.remember(connection)
    assert places(wanted, keys) == set()


def test_model_still_keeps_what_it_learned(api: Client, lake: Lake, ada: Employee) -> None:
    client = api(ada)
    done = erase(client)
    states = {(each["model"], each["dataset_version"]): each["state"] for each in done["outcome"]["models"]}
    assert states["sable", "1"] == "retained_in_weights"
    models = client.get("/v1/me/models").json()
    [use] = [each for each in models["models"] if each["model"] == "sable"]
    assert use["evidence"] == "proven", use


def test_erased_leaf_still_proves_that_it_was_there(
    api: Client, unknown: TestClient, lake: Lake, ada: Employee, eve: Employee
) -> None:
    client = api(ada)
    kept = client.get(f"/v1/me/datasets/{lake.trained}/proof").content
    request = erase(client)
    after = client.get(f"/v1/me/datasets/{lake.trained}/proof")
    leaves = unknown.get(f"/v1/datasets/{lake.trained}/leaves").json()
    assert after.status_code == 200, after.text
    present = after.json()["present"]
    assert (present["slices"], present["erased"]["request"]) == ([], request["id"])
    verdict = verifier.verify(after.content, verifier.Trust(leaves=leaves))
    assert any(f"listed the person {ada.subject}" in line for line in verdict.proven)
    assert any("exactly these 2 slices" in line for line in verifier.verify(kept, verifier.Trust(leaves=leaves)).proven)
    others = api(eve).get(f"/v1/me/datasets/{lake.trained}/proof").content
    assert any("exactly these 1 slices" in line for line in verifier.verify(others).proven)
    forged = {**after.json(), "subject": str(eve.subject)}
    with pytest.raises(verifier.Refused):
        verifier.verify(json.dumps(forged))


def test_earlier_objection_still_bounds_what_a_run_got(api: Client, lake: Lake, ada: Employee) -> None:
    client = api(ada)
    objection = client.post("/v1/requests", json={"type": "objection", "scope": {"signals": ["mouse_click"]}}).json()
    assert carry_out(objection["id"])
    erase(client)
    left = [(row[2], row[4]) for row in slices(ada) if row[0] == lake.trained]
    assert sorted(left) == [("erased", 4), ("mouse_click", 4)]
    written = client.post("/v1/requests", json={"type": "export"}).json()
    assert written["state"] == "received"


def test_hold_keeps_the_manifests_until_it_is_lifted(api: Client, lake: Lake, ada: Employee) -> None:
    captured(ada, "Chrome")
    hold(ada, ["Chrome"])
    done = erase(api(ada))
    assert done["state"] == "partially_completed"
    assert {row[2] for row in slices(ada)} == {"keystroke", "mouse_click"}


def test_erasing_again_changes_nothing_more(api: Client, lake: Lake, ada: Employee) -> None:
    client = api(ada)
    erase(client)
    left = slices(ada)
    erase(client)
    assert slices(ada) == left
