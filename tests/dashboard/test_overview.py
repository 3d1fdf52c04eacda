"""Overview: the numbers match the lake, and empty states explain themselves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qs
from uuid import uuid4

import pytest

import clock
from directory import Employee
from lake.rules.scope import Scope
from lake.rules.standing import Rule, start_rule
from lake.storage.connection import writer
from tests.dashboard.conftest import Capture, OpenApp, tables, words
from tests.lake.rows import place_hold
from tests.support.words import mentions


def metrics(app: object) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}  # type: ignore[attr-defined]


def test_the_overview_counts_only_the_persons_captures(
    open_app: OpenApp, person: Callable[..., Employee], capture: Capture
) -> None:
    ada, bob = person("ada@example.com"), person("bob@example.com")
    capture(ada, 1200, application="Excel", signal="mouse_move", position=(0, 0), every=timedelta(seconds=1))
    capture(ada, 7, application="Chrome", content={"text": "hello"})
    capture(ada, 2, application="Chrome", content={"text": "[password removed]"}, redactions={"password": 1})
    capture(bob, 500, application="Excel")
    app = open_app(ada)
    assert metrics(app) == {
        "Records held": "1,209",
        "Had sensitive parts hidden": "2",
        "Already deleted": "0",
        "Models that used your data": "0",
    }
    assert "**1,209 records** of your work are held, from Excel and Chrome, recorded on 1 day" in words(app)
    by_application, by_signal = tables(app)
    assert by_application == {"Application": ["Excel", "Chrome"], "Records": ["1,200", "9"], "Masked": ["0", "2"]}
    assert by_signal == {"What": ["Mouse movements", "Typed text"], "Records": ["1,200", "9"], "Masked": ["0", "2"]}
    assert not mentions(words(app), "500")


def test_the_last_two_days_with_records_are_linked_by_the_hour(
    open_app: OpenApp, person: Callable[..., Employee], capture: Capture
) -> None:
    ada = person()
    capture(ada, at=datetime(2026, 1, 5, 23, 30, tzinfo=UTC))  # half past midnight in Berlin, as in what follows
    capture(ada, at=datetime(2026, 1, 3, 11, 10, tzinfo=UTC))
    capture(ada, at=datetime(2026, 1, 2, 11, 10, tzinfo=UTC))
    app = open_app(ada, zone="Europe/Berlin")
    links = [each.proto for each in app.get("page_link")]
    to_captured = [(each.label, each.query_string) for each in links if each.page == "captured"]
    assert to_captured == [
        ("The whole day", "from=2026-01-05T23%3A00Z&until=2026-01-06T23%3A00Z"),
        ("0:00 to 1:00: 1 record", "from=2026-01-05T23%3A00Z&until=2026-01-06T00%3A00Z"),
        ("The whole day", "from=2026-01-02T23%3A00Z&until=2026-01-03T23%3A00Z"),
        ("12:00 to 13:00: 1 record", "from=2026-01-03T11%3A00Z&until=2026-01-03T12%3A00Z"),
        ("Another day or hour", ""),
    ]
    assert "**Tuesday, 6 January 2026: 1 record**" in words(app)
    captured = open_app(ada, zone="Europe/Berlin", page="captured", query=parse_qs(to_captured[3][1]))
    hour = captured.selectbox[0]
    assert (hour.label, hour.value) == ("Hour of 3 January 2026", 12)
    assert "Which models used them" in [each.label for each in links if each.page == "models"]


def test_what_stays_longer_is_said_beside_the_last_day(
    open_app: OpenApp, person: Callable[..., Employee], capture: Capture
) -> None:
    ada = person()
    capture(ada, 20, application="Excel")
    capture(ada, 7, application="Chrome")
    assert "the last of them will be deleted after" in words(open_app(ada))
    with writer() as connection:
        place_hold(connection, ada.subject, applications=["Excel"])
    said = words(open_app(ada))
    assert "20 records can't be deleted for now because of a legal hold. As things stand, the last of the other" in said
    assert "the last of them" not in said
    with writer() as connection:
        start_rule(connection, ada.subject, Scope(applications=("Chrome",)), uuid4(), Rule.RESTRICTION)
    said = words(open_app(ada))
    assert "7 records stay at your request." in said
    assert "As things stand" not in said


def test_nothing_captured_says_so(open_app: OpenApp, person: Callable[..., Employee], capture: Capture) -> None:
    capture(person("bob@example.com"))
    app = open_app(person("ada@example.com"))
    assert "This register has nothing about you" in words(app)
    assert not app.metric


def test_an_empty_overview_says_what_was_deleted(
    open_app: OpenApp, person: Callable[..., Employee], capture: Capture
) -> None:
    ada = person("ada@example.com")
    capture(person("bob@example.com"))
    with writer() as connection:
        connection.execute(
            "insert into removals values ($removal, $subject, $now, 'retention', null, 'desktop', 'keystroke',"
            " 'Excel', $day, $day, 41)",
            {"removal": uuid4(), "subject": ada.subject, "now": clock.now_utc(), "day": date(2026, 1, 5)},
        )
    app = open_app(ada)
    assert "This register has nothing about you any more" in words(app)
    assert "41 records because their time was up" in words(app)


def test_hours_are_in_the_persons_time_zone(
    open_app: OpenApp, person: Callable[..., Employee], capture: Capture
) -> None:
    ada = person()
    capture(ada, 5)
    assert "Most was captured between 9:00 and 10:00" in words(open_app(ada))
    assert "in UTC" in words(open_app(ada))
    berlin = words(open_app(ada, zone="Europe/Berlin"))
    assert "Most was captured between 10:00 and 11:00" in berlin
    assert "in Europe/Berlin time" in berlin


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../../etc/passwd", ""])
def test_a_zone_that_does_not_exist_is_utc(
    open_app: OpenApp, person: Callable[..., Employee], capture: Capture, zone: str
) -> None:
    ada = person()
    capture(ada)
    assert "in UTC" in words(open_app(ada, zone=zone))
