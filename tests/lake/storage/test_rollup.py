"""After any operations the rollup matches the captures, and each capture exists exactly as long as it should."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from lake.rules.erasure import match, remove, verify_absent, write_tombstone
from lake.rules.removal import remove_captures
from lake.rules.scope import CLOCK_TOLERANCE, Scope
from lake.storage import maintenance
from lake.storage.connection import transaction, writer
from tests.lake.rows import MORNING, Capture, place_hold, put, rollup_differences
from tests.support import homes

PEOPLE = [UUID(int=1), UUID(int=2)]
HOURS = 72
moments = st.integers(0, HOURS).map(lambda hour: MORNING + timedelta(hours=hour))
some_signals = st.sampled_from([None, ["keystroke"], ["scroll"], []])
some_applications = st.sampled_from([None, ["Excel"], ["Excel", "Chrome"]])
captures = st.builds(
    Capture,
    captured_at=moments,
    signal=st.sampled_from(["keystroke", "scroll"]),
    application=st.sampled_from(["Excel", "Chrome"]),
    text=st.just(None),
    retained_until=st.sampled_from([date(2026, 6, 1), date(2026, 7, 1)]),
    redactions=st.sampled_from([None, (("iban", 1),)]),
)
ranges = st.tuples(st.none() | moments, st.none() | moments)


def covers(span: dict[str, Any], capture: Capture) -> bool:
    return (
        (span["signals"] is None or capture.signal in span["signals"])
        and (span["applications"] is None or capture.application in span["applications"])
        and (span["from_at"] is None or capture.captured_at >= span["from_at"])
        and (span["until_at"] is None or capture.captured_at < span["until_at"])
    )


class Life(RuleBasedStateMachine):
    """The model: which captures each person should have, their holds, and what was erased of them."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        folder = self.stack.enter_context(TemporaryDirectory())
        patch = self.stack.enter_context(pytest.MonkeyPatch.context())
        homes.copy(Path(folder) / "home")
        patch.setenv("OPENBOOK_HOME", str(Path(folder) / "home"))
        self.connection = self.stack.enter_context(writer())
        self.there: dict[UUID, dict[UUID, Capture]] = {person: {} for person in PEOPLE}
        self.holds: dict[UUID, list[dict[str, Any]]] = {person: [] for person in PEOPLE}
        self.erased: dict[UUID, list[dict[str, Any]]] = {person: [] for person in PEOPLE}

    def teardown(self) -> None:
        self.stack.close()

    def held(self, person: UUID, capture: Capture) -> bool:
        return any(covers(hold, capture) for hold in self.holds[person])

    @rule(person=st.sampled_from(PEOPLE), new=st.lists(captures, min_size=1, max_size=6))
    def store(self, person: UUID, new: list[Capture]) -> None:
        kept = [one for one in new if not any(covers(span, one) for span in self.erased[person])]
        assert put(self.connection, person, new).stored == len(kept)
        self.there[person].update({one.capture_id: one for one in kept})

    @rule(person=st.sampled_from(PEOPLE), signals=some_signals, applications=some_applications, span=ranges)
    def hold(
        self, person: UUID, signals: Any, applications: Any, span: tuple[datetime | None, datetime | None]
    ) -> None:
        hold = {"signals": signals, "applications": applications, "from_at": span[0], "until_at": span[1]}
        place_hold(self.connection, person, **hold)
        self.holds[person].append(hold)

    @rule(person=st.sampled_from(PEOPLE))
    def lift_all_holds(self, person: UUID) -> None:
        self.connection.execute(
            "update holds set lifted_at = $now where subject = $subject", {"now": MORNING, "subject": person}
        )
        self.holds[person].clear()

    @rule(
        person=st.sampled_from(PEOPLE),
        signals=some_signals,
        applications=some_applications,
        span=ranges,
        received=moments,
    )
    def erase(
        self,
        person: UUID,
        signals: Any,
        applications: Any,
        span: tuple[datetime | None, datetime | None],
        received: datetime,
    ) -> None:
        scope = Scope(
            None if signals is None else tuple(signals), None if applications is None else tuple(applications), *span
        )
        latest = None if scope.everything else received + CLOCK_TOLERANCE  # everything: until the request has ended
        until = min((end for end in (span[1], latest) if end), default=None)
        covered = {"signals": signals, "applications": applications, "from_at": span[0], "until_at": until}
        hit = [one for one in self.there[person].values() if covers(covered, one)]
        gone = [one for one in hit if not self.held(person, one)]
        matched = match(self.connection, person, scope, received)
        assert (matched.events, matched.withheld) == (len(gone), len(hit) - len(gone))
        request = uuid4()
        write_tombstone(self.connection, person, scope, request, received)
        removed = remove(self.connection, person, scope, request, received)
        assert (removed.erased, removed.withheld) == (len(gone), len(hit) - len(gone))
        assert verify_absent(self.connection, person, scope, received) == 0
        self.erased[person].append(covered)
        for one in gone:
            del self.there[person][one.capture_id]

    @rule(today=st.sampled_from([date(2026, 6, 2), date(2026, 7, 2)]))
    def expire(self, today: date) -> None:
        expired = [
            (person, one)
            for person in PEOPLE
            for one in self.there[person].values()
            if one.retained_until < today and not self.held(person, one)
        ]
        with transaction(self.connection):
            removed, _ = remove_captures(self.connection, "leaving_by_retention", {"today": today}, cause="retention")
        assert removed == len(expired)
        for person, one in expired:
            del self.there[person][one.capture_id]

    @rule(clear=st.sampled_from([maintenance.purge, maintenance.compact]))
    def clear(self, clear: Any) -> None:
        clear(self.connection)

    @invariant()
    def the_lake_holds_what_it_should(self) -> None:
        rows = self.connection.execute("select subject, capture_id from captures").fetchall()
        assert sorted(rows) == sorted((person, one) for person in PEOPLE for one in self.there[person])
        assert rollup_differences(self.connection) == []


def test_rollup_and_captures_agree_after_any_operations() -> None:
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=12,
            stateful_step_count=10,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
