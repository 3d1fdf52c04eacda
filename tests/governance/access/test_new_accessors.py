"""Who reads a person's data for the first time is shown as new, for two weeks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

import clock
import queries
from directory import Employee
from governance import access_log
from governance.access_log import Purpose
from governance.db.database import writing
from governance.db.tables import AccessRow
from tests.governance.conftest import Client
from tests.support.people import Company


def new(api: Client, who: Employee) -> list[tuple[Any, ...]]:
    answer = api(who).get("/v1/me/new-accessors").json()
    return [(each["role"], each["system"], each["action"], each["views"]) for each in answer]


def reported(ada: Employee, system: str, action: str, days_ago: int = 0) -> AccessRow:
    at = clock.now_utc() - timedelta(days=days_ago)
    return AccessRow(
        subject=ada.subject, at=at, role="support engineer", actor=access_log.NOBODY, purpose=Purpose.REPORTED,
        what="records", rows=1, reported_by="siem", reported_at=at, system=system, action=action, reason="Help",
    )  # fmt: skip


@pytest.fixture
def ada(person: Company) -> Employee:
    return person("ada@example.com")


def test_a_first_view_is_new_and_a_later_one_is_counted(api: Client, ada: Employee, person: Company) -> None:
    olga = person("olga@example.com", role="privacy_officer")
    assert new(api, ada) == []
    for _ in range(2):
        access_log.record(olga, Purpose.DECISION, "requests", {ada.subject: 1})
    assert new(api, ada) == [("privacy_officer", None, None, 2)]
    assert new(api, olga) == []


def test_each_system_and_action_is_a_kind_of_its_own(api: Client, ada: Employee) -> None:
    with writing() as session:
        session.add_all([reported(ada, "tickets", "view", 30), reported(ada, "tickets", "view")])
        session.add_all([reported(ada, "tickets", "export"), reported(ada, "vault", "view", 13)])
    assert new(api, ada) == [
        ("support engineer", "tickets", "export", 1),
        ("support engineer", "vault", "view", 1),
    ]


def test_what_was_reported_late_is_new_when_it_is_known(api: Client, ada: Employee) -> None:
    late = reported(ada, "tickets", "view", 90)
    late.reported_at = clock.now_utc()
    with writing() as session:
        session.add(late)
    assert len(new(api, ada)) == 1


def test_own_work_of_open_book_is_no_news(api: Client, ada: Employee) -> None:
    queries.for_request(ada.subject, access_log.NOBODY)
    assert access_log.count_of(ada.subject) == 1
    assert new(api, ada) == []


def test_many_new_kinds_make_no_long_answer(api: Client, ada: Employee) -> None:
    with writing() as session:
        session.add_all(reported(ada, f"system-{number}", "view") for number in range(50))
    assert len(new(api, ada)) == access_log.MOST_NEW
