"""Standing rules: objections keep captures out of training, restrictions also keep them from retention."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from duckdb import DuckDBPyConnection

from lake.lineage.graph import collect_slices
from lake.rules import erasure
from lake.rules.removal import remove_captures
from lake.rules.scope import Scope
from lake.rules.standing import Rule, end_rule, start_rule
from lake.storage.connection import parts, transaction
from tests.lake.rows import MORNING, Capture, count, every_minute, one_value, put

EXPIRED = {"today": date(2030, 1, 1)}


@pytest.fixture
def subject(lake: DuckDBPyConnection) -> UUID:
    subject = uuid4()
    put(lake, subject, every_minute(10))
    put(lake, subject, [Capture(captured_at=MORNING + timedelta(days=1), application="Chrome")])
    return subject


def trained_on(lake: DuckDBPyConnection, subject: UUID) -> int:
    table = collect_slices(lake, date(2026, 1, 1), date(2026, 12, 31), ["keystroke", "scroll", "mouse_click"])
    return sum(row["events"] for row in table.to_pylist() if str(row["subject"]) == str(subject))


def sweep(lake: DuckDBPyConnection) -> int:
    removed = 0
    for shard, _ in parts(lake):
        with transaction(shard):
            removed += remove_captures(shard, "leaving_by_retention", EXPIRED, cause="retention")[0]
    return removed


@pytest.mark.parametrize("kind", Rule)
def test_covered_captures_enter_no_dataset_until_the_rule_ends(
    lake: DuckDBPyConnection, subject: UUID, kind: Rule
) -> None:
    everything, request = trained_on(lake, subject), uuid4()
    start_rule(lake, subject, Scope(applications=("Chrome",)), request, kind)
    start_rule(lake, subject, Scope(), request, kind)  # the same request again: its rule is unchanged
    assert trained_on(lake, subject) == everything - 1
    assert one_value(lake, "select count(*) from standing_rules") == 1
    end_rule(lake, request)
    end_rule(lake, request)
    assert trained_on(lake, subject) == everything


def test_a_rule_covers_later_captures_and_whole_slices(lake: DuckDBPyConnection, subject: UUID) -> None:
    start_rule(lake, subject, Scope(from_at=MORNING + timedelta(minutes=5)), uuid4(), Rule.OBJECTION)
    put(lake, subject, [Capture(captured_at=MORNING + timedelta(days=9))])
    assert trained_on(lake, subject) == 0


def test_other_people_are_trained_on_as_before(lake: DuckDBPyConnection, subject: UUID) -> None:
    start_rule(lake, uuid4(), Scope(), uuid4(), Rule.RESTRICTION)
    assert trained_on(lake, subject) == 11


def test_retention_keeps_restricted_and_removes_objected_captures(lake: DuckDBPyConnection, subject: UUID) -> None:
    request = uuid4()
    start_rule(lake, subject, Scope(applications=("Chrome",)), request, Rule.RESTRICTION)
    start_rule(lake, subject, Scope(), uuid4(), Rule.OBJECTION)
    assert sweep(lake) == 10
    assert count(lake, subject) == 1
    end_rule(lake, request)
    assert sweep(lake) == 1


def test_an_erasure_overrides_the_same_persons_restriction(lake: DuckDBPyConnection, subject: UUID) -> None:
    start_rule(lake, subject, Scope(), uuid4(), Rule.RESTRICTION)
    received = MORNING + timedelta(days=10)
    removed = erasure.remove(lake, subject, Scope(), uuid4(), received)
    assert (removed.erased, removed.withheld, count(lake, subject)) == (11, 0, 0)
