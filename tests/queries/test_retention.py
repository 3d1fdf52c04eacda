"""What is removed when, what was removed, and what a hold keeps."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

import clock
from directory import Employee
from lake.rules import erasure
from lake.rules.policies import Policy, apply_policies
from lake.rules.scope import SIGNALS, Scope
from lake.storage.connection import writer
from queries import Own
from tests.lake.rows import MORNING, every_minute, place_hold, put
from tests.support.people import Company

OwnOf = Callable[[Employee], Own]
TODAY = date(2026, 3, 10)


@pytest.fixture(autouse=True)
def on_10_march(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime.fromisoformat("2026-03-10T12:00:00+00:00"))


@pytest.fixture
def ada(person: Company) -> Employee:
    return person("ada@example.com")


def policy(key: str, **terms: Any) -> Policy:
    standard = Policy(key, f"{key.title()} rule", "training", "GDPR 6(1)(f)", list(SIGNALS), ["Excel"], [], 30, TODAY)
    return Policy(**{**vars(standard), **terms})


def test_what_is_removed_next(ada: Employee, own_of: OwnOf) -> None:
    with writer() as connection:
        apply_policies(connection, [policy("short"), policy("long")])
        put(connection, ada.subject, every_minute(4, retained_until=TODAY - timedelta(days=1)), "short")
        put(connection, ada.subject, every_minute(3, retained_until=TODAY), "short")
        put(connection, ada.subject, every_minute(2, retained_until=TODAY + timedelta(days=9)), "long")
        put(connection, ada.subject, every_minute(1, retained_until=TODAY, signal="scroll"), "unwritten")
        place_hold(connection, ada.subject, signals=["scroll"])
    own = own_of(ada)
    table = own.retention()
    assert list(table.columns) == [
        "retained_until", "policy", "policy_name", "signal", "application", "events", "state",
    ]  # fmt: skip
    columns = ["retained_until", "policy_name", "signal", "events", "state"]
    table["policy_name"] = table["policy_name"].fillna("")
    assert [(day.date(), *rest) for day, *rest in table[columns].itertuples(index=False, name=None)] == [
        (date(2026, 3, 9), "Short rule", "keystroke", 4, "expired"),
        (date(2026, 3, 10), "Short rule", "keystroke", 3, "retained"),
        (date(2026, 3, 10), "", "scroll", 1, "held"),
        (date(2026, 3, 19), "Long rule", "keystroke", 2, "retained"),
    ]
    summary = own.summary()
    assert (summary.next_expiry_day, summary.next_expiry_events) == (TODAY, 3)
    assert summary.kept_until == date(2026, 3, 19)
    assert summary.held == 1


def test_erased_captures_are_hidden_but_counted_under_holds(ada: Employee, own_of: OwnOf) -> None:
    with writer() as connection:
        put(connection, ada.subject, every_minute(10))
        put(connection, ada.subject, every_minute(5, signal="scroll"))
        place_hold(connection, ada.subject, signals=["scroll"], until_at=MORNING + timedelta(minutes=3))
        erasure.write_tombstone(connection, ada.subject, Scope(), uuid4(), clock.now_utc())
    own = own_of(ada)
    summary = own.summary()
    assert (summary.captures, summary.held, summary.applications) == (0, 3, ())
    assert own.records(Scope()).records == []
    assert own.captures_per_day().empty
    assert own.retention().empty
    held = own.holds()
    assert held["events"].tolist() == [3]
    assert held["signals"].tolist() == [("scroll",)]
    assert held["applications"].tolist() == [None]


def test_a_lifted_hold_holds_nothing(ada: Employee, own_of: OwnOf) -> None:
    with writer() as connection:
        put(connection, ada.subject, every_minute(2))
        place_hold(connection, ada.subject, lifted_at=MORNING)
    assert own_of(ada).holds().empty
    assert set(own_of(ada).retention()["state"]) == {"retained"}


def test_removals_are_listed_with_their_rule(ada: Employee, own_of: OwnOf) -> None:
    request = uuid4()
    with writer() as connection:
        apply_policies(connection, [policy("assistant", retention_days=77)])
        put(connection, ada.subject, every_minute(10))
        scope = Scope(until_at=MORNING + timedelta(minutes=4))
        erasure.write_tombstone(connection, ada.subject, scope, request, clock.now_utc())
        erasure.remove(connection, ada.subject, scope, request, clock.now_utc())
    own = own_of(ada)
    gone = own.removals().iloc[0]
    assert (gone["cause"], gone["request"], gone["events"]) == ("erasure", request, 4)
    assert (gone["policy_name"], gone["retention_days"]) == ("Assistant rule", 77)
    summary = own.summary()
    assert (summary.captures, summary.removed_by_request, summary.removed_by_retention) == (6, 4, 0)
    assert own.count(Scope()) == own.count(Scope(until_at=MORNING + timedelta(days=1))) == 6


def test_removals_have_the_terms_of_now_or_none(ada: Employee, own_of: OwnOf) -> None:
    request = uuid4()
    with writer() as connection:
        put(connection, ada.subject, every_minute(10), "unwritten")
        scope = Scope(until_at=MORNING + timedelta(minutes=4))
        erasure.write_tombstone(connection, ada.subject, scope, request, clock.now_utc())
        erasure.remove(connection, ada.subject, scope, request, clock.now_utc())
    own = own_of(ada)
    gone = own.removals()
    assert gone["policy_name"].isna().all()
    assert gone["retention_days"].isna().all()
    for days in (30, 40):
        with writer() as connection:
            apply_policies(connection, [policy("unwritten", retention_days=days)])
        row = own.removals().iloc[0]
        assert (row["policy_name"], row["retention_days"]) == ("Unwritten rule", days)


def test_policies_are_those_in_force_and_those_that_applied(ada: Employee, person: Company, own_of: OwnOf) -> None:
    past = {"valid_from": date(2025, 1, 1), "valid_to": date(2026, 3, 10)}
    with writer() as connection:
        apply_policies(connection, [policy("current"), policy("applied", **past), policy("past", **past)])
        apply_policies(connection, [policy("to come", valid_from=date(2027, 1, 1))])
        put(connection, ada.subject, every_minute(1), "applied")
    table = own_of(ada).policies()
    assert dict(zip(table["policy"], table["in_force"], strict=True)) == {"applied": False, "current": True}
    assert table.loc[table["policy"] == "current", "applications"].item() == ("Excel",)
    assert set(own_of(person("ben@example.com")).policies()["policy"]) == {"current"}
