"""A run that reads an older copy of a dataset after a consent was withdrawn is a violation."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from directory import Employee
from lake.datasets import making
from lake.datasets.making import Selection
from lake.ingest.ingesting import ingest
from lake.rules.policies import apply_policies
from lake.storage.connection import writer
from tests.governance.conftest import Client
from tests.governance.lineage import told
from tests.governance.recording.test_consent import ASKED, HOUR, consent, log
from tests.lake.ingesting import START
from tests.lake.times import Clock, at
from tests.support.people import Company
from tests.support.words import mentions

__all__ = ["at"]

LINEAGE = "/api/v1/lineage"
OTHER = replace(ASKED, policy="other", legal_basis="GDPR 6(1)(f)", retention_days=ASKED.retention_days + 1)


@pytest.fixture
def ada(home: Path, person: Company, at: Clock) -> Employee:
    with writer() as connection:
        apply_policies(connection, [ASKED, OTHER])
    return person("ada@example.com")


def read(run: str, hours: float, version: str, kind: str = "START", **inputs: Any) -> dict[str, Any]:
    event = told.event(kind, run, 0, inputs=[told.dataset("open-book", "desk", version)], **inputs)
    return {**event, "eventTime": f"{(START + hours * HOUR).isoformat()}Z"}


def test_reading_after_a_withdrawal_of_consent_is_a_violation(
    ada: Employee, person: Company, api: Client, pipeline: TestClient, tmp_path: Path, at: Clock
) -> None:
    bob = person("bob@example.com")
    paths = {each.email: consent(api(each)) for each in (ada, bob)}
    at(START + HOUR)
    for each in (ada, bob):
        assert ingest("ui-log", log(tmp_path, 5, 6), each.email).batch.stored == 2
    making.create("desk", Selection(), version="1", purpose="model training")
    at(START + 2 * HOUR)
    api(ada).delete(paths[ada.email])
    assert ingest("ui-log", log(tmp_path, 7), ada.email).batch.stored == 1, "under the other policy"
    making.create("desk", Selection(), version="2", purpose="model training")
    at(START + 4 * HOUR)
    consent(api(ada))
    at(START + 6 * HOUR)
    after = read("after", 3, "1")
    for body in (read("before", 1.5, "1"), after, after, {**after, "eventType": "COMPLETE"}, read("new", 3, "2"),
                 read("again", 5, "1")):  # fmt: skip
        assert pipeline.post(LINEAGE, json=body).status_code == 201
    [mine] = api(ada).get("/v1/me/violations").json()
    assert (mine["kind"], mine["events"], mine["request"], mine["version"]) == ("consent", 2, None, "1")
    assert "although you had withdrawn your consent" in mine["words"]
    assert api(bob).get("/v1/me/violations").json() == []
    [one] = api(person("olga@example.com", role="privacy_officer")).get("/v1/officer/violations").json()
    assert (one["kind"], one["people"], one["events"], one["run"]) == ("consent", 1, 2, str(told.run_key("after")))
    assert "withdrawn the consent" in one["words"]
    assert not mentions(str(one), ada.name)


def test_a_late_start_before_the_withdrawal_undoes_it(
    ada: Employee, api: Client, pipeline: TestClient, tmp_path: Path, at: Clock
) -> None:
    path = consent(api(ada))
    at(START + HOUR)
    ingest("ui-log", log(tmp_path, 5), ada.email)
    making.create("desk", Selection(), version="1", purpose="model training")
    at(START + 2 * HOUR)
    api(ada).delete(path)
    at(START + 6 * HOUR)
    pipeline.post(LINEAGE, json=read("fit", 5, "1", "COMPLETE"))
    assert api(ada).get("/v1/me/violations").json() == [], "when it began is not known yet"
    pipeline.post(LINEAGE, json=read("fit", 3, "1"))
    assert len(api(ada).get("/v1/me/violations").json()) == 1
    pipeline.post(LINEAGE, json=read("fit", 1.5, "1"))
    assert api(ada).get("/v1/me/violations").json() == []


def test_a_violation_stays_when_the_records_go(
    ada: Employee, api: Client, pipeline: TestClient, tmp_path: Path, at: Clock
) -> None:
    path = consent(api(ada))
    at(START + HOUR)
    ingest("ui-log", log(tmp_path, 5), ada.email)
    making.create("desk", Selection(), version="1", purpose="model training")
    at(START + HOUR + timedelta(minutes=1))
    api(ada).delete(path)
    at(START + HOUR + timedelta(minutes=9))
    pipeline.post(LINEAGE, json=read("fit", 1.1, "1"))
    with writer() as connection:
        connection.execute("delete from captures")
        connection.execute("delete from capture_rollup")
        apply_policies(connection, [replace(ASKED, legal_basis="GDPR 6(1)(f)"), OTHER])
    pipeline.post(LINEAGE, json=read("fit", 1.2, "1", "COMPLETE"))
    assert len(api(ada).get("/v1/me/violations").json()) == 1


def test_a_data_set_for_which_the_policy_is_not_made_has_nothing_of_it(
    ada: Employee, api: Client, pipeline: TestClient, tmp_path: Path, at: Clock
) -> None:
    """The other policy has records of the same kind, day and application; the dataset has only those."""
    with writer() as connection:
        apply_policies(connection, [replace(OTHER, purpose="usability study")])
    path = consent(api(ada))
    at(START + HOUR)
    assert ingest("ui-log", log(tmp_path, 5), ada.email).batch.stored == 1
    api(ada).delete(path)
    assert ingest("ui-log", log(tmp_path, 6), ada.email).batch.stored == 1
    consent(api(ada))
    making.create("desk", Selection(), version="1", purpose="usability study")
    at(START + 2 * HOUR)
    api(ada).delete(path)
    at(START + 6 * HOUR)
    pipeline.post(LINEAGE, json=read("fit", 3, "1"))
    assert api(ada).get("/v1/me/violations").json() == []
