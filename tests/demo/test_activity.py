"""The generated days are plausible and reproducible, and contain nothing that a policy doesn't allow."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest

from demo.company import people, phrases, pointer
from demo.company.activity import Worker, events
from demo.company.events import Events
from demo.company.library import Library
from demo.company.policies import PILOT, policies
from demo.company.rows import Terms, rows
from directory.sealing import Sealer
from lake.rules.policies import policy_for
from lake.rules.scope import SIGNALS

NOW = datetime(2026, 6, 17, 13, 30, tzinfo=UTC)
TODAY = NOW.date()
SUBJECT = UUID(int=7)
KEY = bytes(range(32))


@pytest.fixture(scope="module")
def library() -> Library:
    return Library(np.random.default_rng(1))


def worker(department: str = "Customer Care", regime: str = "gdpr") -> Worker:
    return Worker(SUBJECT, department, regime, busyness=1.0, in_pilot=True)


def lived(library: Library, who: Worker) -> Events:
    return events(np.random.default_rng(2), library, who, TODAY)


def stored(library: Library, who: Worker) -> pa.Table:
    terms = Terms(policies(TODAY), TODAY)
    _, table = rows(np.random.default_rng(3), lived(library, who), who, library, terms, Sealer(KEY), NOW)
    return table


def test_the_same_seed_and_day_give_the_same_captures(library: Library) -> None:
    again = Library(np.random.default_rng(1))
    same = stored(library, worker()).drop_columns(["sealed"])
    assert same.equals(stored(again, worker()).drop_columns(["sealed"]))


@pytest.mark.parametrize(("regime", "zone"), [("gdpr", "Europe/Brussels"), ("ccpa", "America/Los_Angeles")])
def test_people_work_on_weekdays_in_local_time(library: Library, regime: str, zone: str) -> None:
    at = lived(library, worker(regime=regime)).at
    walls = [datetime.fromtimestamp(seconds, ZoneInfo(zone)) for seconds in at]
    assert {wall.weekday() for wall in walls} == {0, 1, 2, 3, 4}
    assert all(5 <= wall.hour < 21 for wall in walls)
    by_hour = np.bincount([wall.hour for wall in walls], minlength=24)
    assert by_hour[12] < by_hour[10], "a lunch break shows"
    assert by_hour[[9, 10, 15]].sum() > 10 * by_hour[[6, 20]].sum()


def test_a_pointer_arrives_and_never_jumps(library: Library) -> None:
    targets = np.array([[100.0, 100.0], [900.0, 500.0], [200.0, 800.0]])
    reach, seconds, x, y = pointer.reaches(np.random.default_rng(4), targets, np.array([12, 9]))
    assert [(x[11], y[11]), (x[20], y[20])] == [(900, 500), (200, 800)]
    steps = np.hypot(np.diff(x[reach == 0]), np.diff(y[reach == 0]))
    assert steps.max() < 0.35 * np.hypot(800, 400)
    assert steps.argmax() in range(3, 8), "fastest in the middle"
    assert (np.diff(seconds[reach == 0]) > 0).all()


@pytest.mark.parametrize("department", ["Customer Care", "Finance", "Sales Operations"])
def test_every_row_follows_its_policy(library: Library, department: str) -> None:
    known = policies(TODAY)
    table = stored(library, worker(department))
    slices = {
        (row["captured_at"].date(), row["signal"], row["application"], row["policy"], row["retained_until"])
        for row in table.select(["captured_at", "signal", "application", "policy", "retained_until"]).to_pylist()
    }
    for day, signal, application, policy, until in slices:
        allowing = policy_for(known, day, signal, application)
        assert allowing is not None
        assert (allowing.policy, allowing.retained_until(day)) == (policy, until)
        assert until >= TODAY or policy == PILOT


def test_nothing_is_captured_after_now(library: Library) -> None:
    latest = max(stored(library, worker())["captured_at"].to_pylist())
    assert latest.date() == TODAY
    assert latest <= NOW.replace(tzinfo=None)


def test_every_signal_exists_and_only_movements_lack_content(library: Library) -> None:
    tables = [stored(library, worker(department)) for department in ("Customer Care", "Finance", "Sales Operations")]
    seen = pa.concat_tables(tables).to_pylist()
    assert {row["signal"] for row in seen} == set(SIGNALS)
    assert {row["signal"] for row in seen if row["sealed"] is None} == {"mouse_move"}


def test_a_masked_word_is_recorded_and_decrypts(library: Library) -> None:
    redacted = [row for row in stored(library, worker()).to_pylist() if row["redactions"]]
    assert redacted
    for row in redacted:
        content = Sealer(KEY).open(UUID(bytes=row["capture_id"]), row["sealed"])
        assert sum(" removed]" in text for text in content.values()) >= 1
        assert dict(row["redactions"]).keys() <= {"email_address", "phone_number", "iban", "card_number"}


def test_archives_have_own_and_other_peoples_words(library: Library) -> None:
    rows_ = [
        row for row in stored(library, worker("Customer Care")).to_pylist() if row["signal"] in ("message", "ticket")
    ]
    written = [Sealer(KEY).open(UUID(bytes=row["capture_id"]), row["sealed"]) for row in rows_]
    authors = {content.get("author") for content in written}
    assert None in authors
    assert authors <= {None, *phrases.AUTHORS}
    assert not set(phrases.AUTHORS) & {one.name for one in people.people()}
    assert 0.3 < sum("author" in content for content in written) / len(written) < 0.7


def test_the_pilot_policy_has_ended() -> None:
    pilot = next(policy for policy in policies(date(2026, 6, 17)) if policy.policy == PILOT)
    assert pilot.valid_to is not None
    assert pilot.retained_until(pilot.valid_to) < date(2026, 6, 17)
