"""Retention: what goes when, what went, what is held back and why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import clock
from directory import Employee
from lake.storage.connection import writer
from tests.dashboard.conftest import AT, POLICY, Capture, OpenApp, words
from tests.support.lake import hold


def test_each_capture_has_its_day_and_its_rule(
    open_app: OpenApp, person: Callable[..., Employee], capture: Capture
) -> None:
    ada = person()
    capture(ada, 30)
    ends = clock.today() + timedelta(days=1)
    brief = replace(POLICY, policy="brief", name="Screens", retention_days=(ends - AT.date()).days)
    capture(ada, 4, application="Chrome", policy=brief)
    capture(person("bob@example.com"), 999)
    app = open_app(ada, page="retention")
    assert "The next to go are 4 captures" in words(app)
    assert "(tomorrow)" in words(app)
    rows = app.dataframe[0].value
    assert list(zip(rows["policy_name"], rows["events"], rows["state"], strict=True)) == [
        ("Screens", 4, "kept under its rule"),
        ("Desktop assistant", 30, "kept under its rule"),
    ]
    assert "Nothing of yours is under a legal hold" in words(app)
    assert "Nothing of yours was deleted so far" in words(app)
    assert "**Screens** keeps captures for" in words(app)


def test_a_hold_says_why_and_until_when(open_app: OpenApp, person: Callable[..., Employee], capture: Capture) -> None:
    ada = person()
    capture(ada, 30)
    capture(ada, 4, application="Chrome")
    hold(ada, ["Excel"])
    app = open_app(ada, page="retention")
    said = words(app)
    table = app.dataframe[0].value
    assert list(table["application"]) == ["Chrome", "Excel"]
    assert table["last"].iloc[1].endswith("unless held longer")
    assert said.count("What no rule in force allows is refused and never stored.") == 1
    assert "keeps captures for 10 years" in said
    assert "**30 captures can't be deleted for now**, because a law obliges your employer to keep this" in said
    assert "It covers everything in Excel" in said
    assert "31 January 2027" in said
    assert "30 captures can't go for now because of a legal hold" in said


def test_what_went_says_why(open_app: OpenApp, person: Callable[..., Employee], capture: Capture) -> None:
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
    assert "43 captures of yours are gone: 41 because their time was over, 2 because you asked" in words(app)
    assert sorted(app.dataframe[1].value["why"]) == ["its rule said so", "you asked"]


def test_nothing_kept_says_so(open_app: OpenApp, person: Callable[..., Employee], capture: Capture) -> None:
    capture(person("bob@example.com"))
    assert "Nothing is kept about you" in words(open_app(person("ada@example.com"), page="retention"))
