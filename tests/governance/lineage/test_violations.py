"""Policy violations: who sees them, what they say, and what is no violation."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from starlette.testclient import TestClient

import clock
from directory import Employee
from lake.datasets import making
from lake.lineage import violations
from lake.rules.erasure import write_tombstone
from lake.rules.scope import Scope
from lake.rules.standing import Rule, end_rule, start_rule
from lake.storage.connection import writer
from tests.governance.conftest import START, Capture, Client
from tests.governance.lineage import told
from tests.governance.lineage.conftest import asked
from tests.support.people import Company
from tests.support.words import mentions

LINEAGE = "/api/v1/lineage"


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Sets the clock to a minute of the morning of the events."""

    def turn(minute: int) -> None:
        now = datetime.fromisoformat(told.MINUTE.format(minute))
        monkeypatch.setattr(clock, "now", lambda: now)

    return turn


@pytest.fixture
def people(person: Company, capture: Capture) -> list[Employee]:
    """Ada with 5 captures in Excel and 2 in Chrome, Bob with 3 in Excel, and Cyd with none."""
    ada, bob, cyd = (person(f"{name}@example.com") for name in ("ada", "bob", "cyd"))
    capture(ada, 5)
    capture(ada, 2, application="Chrome", start=START + timedelta(days=1))
    capture(bob, 3)
    return [ada, bob, cyd]


EVERYTHING = Scope()


def withdraw(employee: Employee, scope: Scope = EVERYTHING, kind: Rule | None = None) -> UUID:
    """An erasure's tombstone, or a rule; returns the request."""
    request = uuid4()
    with writer() as connection:
        if kind is None:
            write_tombstone(connection, employee.subject, scope, request, clock.now_utc())
        else:
            start_rule(connection, employee.subject, scope, request, kind)
    return request


def read(run: str, minute: int, **facets: Any) -> dict[str, Any]:
    return told.event("START", run, minute, inputs=[told.dataset("open-book", "desk", "1")], **facets)


def test_reading_withdrawn_captures_is_a_violation(
    pipeline: TestClient, api: Client, person: Company, people: list[Employee], at: Callable[[int], None]
) -> None:
    ada, bob, cyd = people
    at(0)
    making.create("desk", making.parse([]), version="1", purpose="model training")
    at(10)
    erasure = withdraw(ada, Scope(applications=("Excel",)))
    objection = withdraw(ada, Scope(until_at=START + timedelta(days=9)), Rule.OBJECTION)
    over = withdraw(bob, EVERYTHING, Rule.RESTRICTION)
    with writer() as connection:
        end_rule(connection, over)
    at(30)
    before, after = read("before", 9), read("after", 20)
    for body in (before, after, after, {**after, "eventType": "COMPLETE"}):
        assert pipeline.post(LINEAGE, json=body).status_code == 201
    mine = api(ada).get("/v1/me/violations").json()
    assert {(one["kind"], one["request"], one["events"]) for one in mine} == {
        ("withdrawn", str(erasure), 5), ("withdrawn", str(objection), 7)
    }  # fmt: skip
    assert {(one["job"], one["dataset"], one["version"], one["started_at"]) for one in mine} == {
        ("airflow/train", "desk", "1", "2026-11-02T09:20:00Z")
    }
    assert mine[0]["found_at"] == "2026-11-02T09:30:00Z"
    assert "although you had withdrawn them before it started" in mine[0]["words"]
    for other in (bob, cyd):
        assert api(other).get("/v1/me/violations").json() == []
    olga = api(person("olga@example.com", role="privacy_officer"))
    [one] = olga.get("/v1/officer/violations").json()
    assert (one["people"], one["events"], one["run"]) == (1, 12, str(told.run_key("after")))
    assert str(ada.subject) not in str(one)
    assert not mentions(str(one), ada.name)
    assert api(ada).get("/v1/officer/violations").status_code == 403


def test_run_started_before_withdrawal_is_no_violation(
    pipeline: TestClient, api: Client, people: list[Employee], at: Callable[[int], None]
) -> None:
    ada = people[0]
    at(0)
    making.create("desk", making.parse([]), version="1", purpose="model training")
    at(10)
    withdraw(ada)
    at(30)
    end = {**read("fit", 25), "eventType": "COMPLETE"}
    pipeline.post(LINEAGE, json=end)
    assert api(ada).get("/v1/me/violations").json() == [], "when it began is not known yet"
    pipeline.post(LINEAGE, json=read("fit", 11))
    assert len(api(ada).get("/v1/me/violations").json()) == 1
    pipeline.post(LINEAGE, json=read("fit", 9))
    assert api(ada).get("/v1/me/violations").json() == []


def test_run_while_an_erasure_waited_stays_a_violation(
    pipeline: TestClient, api: Client, people: list[Employee], at: Callable[[int], None]
) -> None:
    ada = people[0]
    at(0)
    making.create("desk", making.parse([]), version="1", purpose="model training")
    at(10)
    request = withdraw(ada, kind=Rule.WAITING)
    pipeline.post(LINEAGE, json=read("fit", 15))
    at(20)
    with writer() as connection:
        write_tombstone(connection, ada.subject, Scope(), request, clock.now_utc())
        end_rule(connection, request)
    pipeline.post(LINEAGE, json=read("fit", 14))
    assert len(api(ada).get("/v1/me/violations").json()) == 1
    pipeline.post(LINEAGE, json=read("fit", 9))
    assert api(ada).get("/v1/me/violations").json() == []


def test_purpose_violation_is_shown_to_everyone_listed(
    pipeline: TestClient, api: Client, person: Company, people: list[Employee]
) -> None:
    ada, bob, cyd = people
    making.create("desk", making.parse(["application=Excel"]), version="1", purpose="Model training: answers")
    harmless = [
        read("one", 1, run_facets=told.purpose("fine-tuning")),
        read("two", 1, run_facets=told.purpose("model-training:  Answers")),
        read("three", 1),
    ]
    for body in [*harmless, read("review", 2, run_facets=told.purpose("Performance evaluation"), job="review")]:
        assert pipeline.post(LINEAGE, json=body).status_code == 201
        assert pipeline.post(LINEAGE, json={**body, "eventType": "COMPLETE"}).status_code == 201
    for employee, events in ((ada, 5), (bob, 3)):
        [mine] = api(employee).get("/v1/me/violations").json()
        assert (mine["kind"], mine["job"], mine["events"], mine["request"]) == (
            "purpose",
            "airflow/review",
            events,
            None,
        )
        assert "“Performance evaluation”" in mine["words"]
    assert api(cyd).get("/v1/me/violations").json() == []
    [one] = api(person("olga@example.com", role="privacy_officer")).get("/v1/officer/violations").json()
    assert (one["kind"], one["people"], one["events"]) == ("purpose", 2, 8)


def test_purpose_violation_without_manifest_is_reported(pipeline: TestClient, api: Client, person: Company) -> None:
    made = told.event(
        "COMPLETE", "make", 1, outputs=[told.dataset("s3://lake", "web", "1", **told.purpose("model training"))]
    )
    used = told.event(
        "START", "rate", 2, inputs=[told.dataset("s3://lake", "web", "1")], run_facets=told.purpose("staff ratings")
    )
    for body in (used, made):
        assert pipeline.post(LINEAGE, json=body).status_code == 201
    [one] = api(person("olga@example.com", role="privacy_officer")).get("/v1/officer/violations").json()
    assert (one["kind"], one["people"], one["events"], one["dataset"]) == ("purpose", 0, None, "web")
    assert "unknown people" in one["words"]
    assert asked("select subject from violations") == [(None,)]


@pytest.mark.parametrize(
    ("of_run", "of_dataset", "agrees"),
    [
        ("model training", "Model Training", True),
        ("Fine-tuning", "training", True),
        ("model training", "model training: answers", True),
        ("model training: answers", "training", True),
        ("model training: answers", "model training: routing", False),
        ("employee training needs", "model training", False),
        ("performance evaluation", "model training", False),
        ("model training", "usability study", False),
        ("Qualitätssicherung", "qualitätssicherung", True),
        ("?", "!", True),
        ("model training", "Train a model that works in office applications", True),
        ("fine-tuning", "Training of AI models for drafts", True),
        ("Fine-tune a language model to draft answers", "model training", True),
        ("model training", "Train models", True),
        ("model training: routing", "Train a model that drafts answers", False),
        ("Train a model that rates people", "Train a model that drafts answers", False),
        ("performance evaluation", "Train a model that drafts answers", False),
        ("model training", "Train our staff to model risks", False),
        ("model training", "Train a model employee for the stand", False),
        ("model training", "Find people who train a model", False),
        ("model training", "Rate people: train a model that rates them", False),
    ],
)
def test_purposes_are_compared_as_words(of_run: str, of_dataset: str, agrees: bool) -> None:
    assert violations.agrees(of_run, of_dataset) is agrees


@pytest.mark.parametrize("first", ["parent", "part"])
def test_a_part_without_start_began_after_its_run(
    people: list[Employee], pipeline: TestClient, at: Callable[[int], None], first: str
) -> None:
    at(1)
    pipeline.post("/v1/datasets", json={"dataset": "desk", "version": "1", "purpose": "model training"})
    at(10)
    withdraw(people[0])
    at(40)
    parent = {"parent": {"run": {"runId": str(told.run_key("dag"))}, "job": {"namespace": "airflow", "name": "dag"}}}
    reads = [told.dataset("open-book", "desk", "1")]
    events = {
        "parent": told.event("START", "dag", 20, job="dag"),
        "part": told.event("COMPLETE", "fit", 30, inputs=reads, run_facets=parent),
    }
    for name in sorted(events, key=lambda name: name != first):
        assert pipeline.post(LINEAGE, json=events[name]).status_code == 201
    assert asked("select run, subject from violations where kind = 'withdrawn'") == [
        (told.run_key("fit"), people[0].subject)
    ]
