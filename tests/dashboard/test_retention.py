"""Retention: what is deleted when, what was deleted, what is held and why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest

import clock
from directory import Employee
from lake.rules.erasure import write_tombstone
from lake.rules.scope import Scope
from lake.storage.connection import writer
from tests.dashboard.conftest import AT, POLICY, Capture, OpenApp, tables, words
from tests.support.lake import hold


def test_retention_dates_by_rule(open_app: OpenApp, person: Callable[..., Employee], capture: Capture) -> None:
    ada = person()
    capture(ada, 30)
    ends = clock.today() + timedelta(days=1)
    brief = replace(POLICY, policy="brief", name="Screens", retention_days=(ends - AT.date()).days)
    capture(ada, 4, application="Chrome", policy=brief)
    capture(person("bob@example.com"), 999)
    app = open_app(ada, page="retention")
    assert "4 records will be deleted after" in words(app)
    assert "(tomorrow)" in words(app)
    rows = tables(app)[0]
    assert list(zip(rows["Policy"], rows["Records"], rows["State"], strict=True)) == [
        ("Screens", "4", "kept under its policy"),
        ("Desktop assistant", "30", "kept under its policy"),
    ]
    assert "None of your data is under a legal hold" in words(app)
    assert "None of your data has been deleted so far" in words(app)
    assert "**Screens** keeps records for" in words(app)


@pytest.mark.parametrize("regime", ["gdpr", "ccpa"])
@pytest.mark.parametrize("basis", ["GDPR 6(1)(f)", "GDPR 6(1)(a), consent"])
def test_consent_can_be_withdrawn_and_says_so(
    open_app: OpenApp, person: Callable[..., Employee], capture: Capture, basis: str, regime: str
) -> None:
    ada = person(regime=regime)
    capture(ada, 3, policy=replace(POLICY, legal_basis=basis))
    said = words(open_app(ada, page="retention"))
    offered = "consent" in basis and regime == "gdpr"
    assert ("withdraw your consent at any time (Article 7(3))" in said) == offered
    assert ("Article 20" in said) == offered


def test_what_the_employer_says_is_on_the_screen(
    open_app: OpenApp, person: Callable[..., Employee], capture: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = person()
    capture(ada, 3)
    assert words(open_app(ada, page="retention")).count("Your employer has not said") == 4
    monkeypatch.setenv("OPENBOOK_LOGS_KEPT", "Logs stay for 90 days")
    said = words(open_app(ada, page="retention")).replace("\\", "").replace("\u2060", "")  # as markdown draws it
    assert "Your employer says: Logs stay for 90 days" in said
    assert said.count("Your employer has not said") == 3


def test_a_hold_says_why_and_until_when(open_app: OpenApp, person: Callable[..., Employee], capture: Capture) -> None:
    ada = person()
    capture(ada, 30)
    capture(ada, 4, application="Chrome")
    hold(ada, ["Excel"])
    app = open_app(ada, page="retention")
    said = words(app)
    table = tables(app)[0]
    assert table["Application"] == ["Chrome", "Excel"]
    assert table["Last deleted after"][1].endswith("unless held longer")
    assert said.count("This register refuses and doesn't store anything that no policy in force allows.") == 1
    assert "keeps records for 10 years" in said
    assert "**30 records can't be deleted for now**, because a law obliges your employer to keep this" in said
    assert "It covers everything in Excel" in said
    assert "31 January 2027" in said
    assert "30 records can't be deleted for now because of a legal hold" in said


def test_held_records_of_a_deletion_are_not_denied(
    open_app: OpenApp, person: Callable[..., Employee], capture: Capture
) -> None:
    """A deletion hides its records everywhere; those that a hold keeps are still kept."""
    ada = person()
    capture(ada, 30)
    hold(ada, ["Excel"])
    with writer() as connection:
        write_tombstone(connection, ada.subject, Scope(), uuid4(), clock.now_utc())
    said = words(open_app(ada, page="retention"))
    assert "30 records that you asked to delete are kept until a legal hold ends." in said
    assert "**30 records can't be deleted for now**" in said
    assert "Nothing is kept about you" not in said


def test_deletions_say_why(open_app: OpenApp, person: Callable[..., Employee], capture: Capture) -> None:
    ada = person()
    capture(ada)
    with writer() as connection:
        for cause, request, events in (("retention", None, 41), ("erasure", uuid4(), 2)):
            connection.execute(
                "insert into removals values ($removal, $subject, $now, $cause, $request, 'desktop', 'keystroke',"
                " 'Excel', $day, $day, $events)",
                {
                    "removal": uuid4(),
                    "subject": ada.subject,
                    "now": clock.now_utc(),
                    "cause": cause,
                    "request": request,
                    "day": date(2026, 1, 5),
                    "events": events,
                },
            )
    app = open_app(ada, page="retention")
    assert "43 records of yours were deleted: 41 because their time was up, 2 because you asked" in words(app)
    assert sorted(tables(app)[1]["Why"]) == ["its time was up", "you asked"]


def test_nothing_kept_says_so(open_app: OpenApp, person: Callable[..., Employee], capture: Capture) -> None:
    capture(person("bob@example.com"))
    assert "Nothing is kept about you" in words(open_app(person("ada@example.com"), page="retention"))
