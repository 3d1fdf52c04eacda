"""Whatever people ask, officers decide, workers do and leave half done, recorders bring and retention takes, in
whatever order: on a real lake and a real database, these hold.

    a held capture is never removed, and no other is but by a request or after its time
    nothing under a tombstone is visible, or stored again
    a request ends once, unless it is taken up again, and each end has its receipt
    a deadline moves once, by an extension
    matched = erased + withheld
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

import clock
import queries
import queries.connection
from directory.keys import Oneself
from governance import schemas
from governance.db import database
from governance.db.database import reading
from governance.db.tables import RequestRow
from governance.domain.lifecycle import AFTERWARDS, ALLOWED, OPEN, NotAllowed, State, Type
from governance.domain.scopes import RequestScope
from governance.fulfilment import erasure
from governance.fulfilment import standing as standing_requests
from governance.requests import decisions, filing, holds, preview, progress, retries, serialize
from lake.rules import retention
from lake.rules.scope import CLOCK_TOLERANCE, SIGNALS, Scope
from lake.storage.connection import writer
from law.exceptions import LegalException
from law.reasons import REASONS, Decision
from law.regimes import regime
from queries.connection import answering
from tests.governance.any_captures import as_asked, captures, covers, scopes
from tests.governance.working import maintain_rules
from tests.lake.rows import MORNING, Capture, put, rollup_differences
from tests.support import homes
from tests.support.people import Company

which = st.integers(0, 1000)
people = st.integers(0, 1)


class Lives(RuleBasedStateMachine):
    """The model: which captures each person should have, what is held, buried and restricted, who got more time."""

    def __init__(self) -> None:
        super().__init__()
        self.now = MORNING.replace(tzinfo=UTC) + timedelta(hours=30)
        self.stack = ExitStack()
        folder = Path(self.stack.enter_context(TemporaryDirectory()))
        patch = self.stack.enter_context(pytest.MonkeyPatch.context())
        homes.copy(folder / "home")
        patch.setenv("OPENBOOK_HOME", str(folder / "home"))
        patch.setattr(clock, "now", lambda: self.now)
        patch.setattr(retries, "pause_after", lambda _: timedelta())
        self.stack.callback(database.close)
        self.stack.callback(queries.connection.close)
        company = Company(folder / "people.csv")
        self.people = [company("ada@example.com"), company("bob@example.com", regime="ccpa")]
        self.officer = company("olga@example.com", role="privacy_officer")
        self.there: list[dict[UUID, Capture]] = [{}, {}]
        self.holds: dict[UUID, tuple[int, Scope]] = {}
        self.buried: dict[UUID, tuple[int, Scope]] = {}
        self.restricted: dict[UUID, tuple[int, Scope]] = {}
        self.erased: dict[UUID, int] = {}
        self.filed: list[UUID] = []
        self.more_time: set[UUID] = set()

    def teardown(self) -> None:
        try:
            for request_id in self.filed:
                self.finish_whatever_is_open(request_id)
        finally:
            self.stack.close()

    def row(self, request_id: UUID) -> RequestRow:
        with reading() as session:
            return session.get_one(RequestRow, request_id)

    def pick(self, number: int) -> UUID | None:
        return self.filed[number % len(self.filed)] if self.filed else None

    def is_in(self, rules: dict[UUID, tuple[int, Scope]], person: int, capture: Capture) -> bool:
        return any(whose == person and covers(scope, capture) for whose, scope in rules.values())

    @rule(person=people, new=st.lists(captures, min_size=1, max_size=6))
    def a_recorder_brings(self, person: int, new: list[Capture]) -> None:
        kept = [one for one in new if not self.is_in(self.buried, person, one)]
        with writer() as connection:
            batch = put(connection, self.people[person].subject, new)
        assert (batch.stored, batch.erased_before) == (len(kept), len(new) - len(kept))
        self.there[person].update({one.capture_id: one for one in kept})

    @rule(person=people, kind=st.sampled_from([*Type, Type.ERASURE, Type.ERASURE, Type.ERASURE]), scope=scopes)
    def a_person_asks(self, person: int, kind: Type, scope: Scope) -> None:
        if kind == Type.EXPORT:
            kind = Type.RESTRICTION
        note = "a drill" if kind == Type.RECTIFICATION else None
        new = schemas.NewRequest(type=kind, scope=as_asked(scope), note=note)
        own = queries.for_request(self.people[person].subject, uuid4())
        alike = [
            row
            for request_id in self.filed
            if (row := self.row(request_id)).subject == own.subject.key
            and (row.type, State(row.state) in OPEN) == (kind, True)
            and RequestScope.model_validate(row.scope).same_as(new.scope)
        ]
        previewed = preview.counts(own, new)
        if alike:
            with pytest.raises(filing.AlreadyOpen) as refused:
                filing.file(self.people[person], new, None, previewed)
            assert refused.value.request_id == alike[0].id
        else:
            self.filed.append(filing.file(self.people[person], new, None, previewed).request.id)

    @rule(number=which)
    def a_person_takes_back(self, number: int) -> None:
        if (request_id := self.pick(number)) is None:
            return
        before = self.row(request_id)
        standing = Type(before.type).standing and before.state == State.COMPLETED
        possible = before.state in (State.RECEIVED, State.VERIFYING, State.WITHDRAWN) or standing
        if possible:
            assert filing.withdraw(before.subject, request_id).state == State.WITHDRAWN
        else:
            with pytest.raises(NotAllowed):
                filing.withdraw(before.subject, request_id)
            assert self.row(request_id).state == before.state

    @rule(number=which, decision=st.sampled_from(Decision))
    def an_officer_decides(self, number: int, decision: Decision) -> None:
        if (request_id := self.pick(number)) is None:
            return
        before = self.row(request_id)
        reason = next(iter(REASONS[decision]), None)
        is_open = State(before.state) in OPEN
        possible = {
            Decision.APPROVE: before.awaits_decision,
            Decision.DENY: is_open and not before.buried,
            Decision.EXTEND: is_open and request_id not in self.more_time and before.due_at > clock.now_utc(),
        }[decision]
        if not possible:
            with pytest.raises(decisions.CannotDecide):
                decisions.decide(self.officer, request_id, decision, reason)
            return
        decisions.decide(self.officer, request_id, decision, reason)
        if decision == Decision.EXTEND:
            self.more_time.add(request_id)

    @rule(person=people, scope=scopes)
    def an_officer_holds(self, person: int, scope: Scope) -> None:
        new = schemas.NewHold(
            employee=self.people[person].email,
            scope=as_asked(scope),
            everything=as_asked(scope).same_as(RequestScope()),
            case="TAX-7",
            exception=LegalException.GDPR_17_3_B,
            review_on=date(2099, 1, 1),
        )
        placed = holds.place(self.officer, new)
        self.holds[placed.hold] = (person, scope)
        own = queries.for_request(self.people[person].subject, uuid4())
        kept = dict(zip(own.holds()["hold"], own.holds()["events"], strict=True))
        assert kept[placed.hold] == sum(covers(scope, one) for one in self.there[person].values())

    @rule(number=which)
    def an_officer_lifts(self, number: int) -> None:
        if self.holds:
            hold = list(self.holds)[number % len(self.holds)]
            assert holds.lift(self.officer, hold).lifted_at is not None
            del self.holds[hold]

    @rule(number=which, steps=st.integers(1, 12))
    def a_worker_works_and_may_be_killed(self, number: int, steps: int) -> None:
        """Work that is started but not finished here starts over later."""
        if (request_id := self.pick(number)) is not None:
            self.work_on(request_id, steps)

    @rule()
    def a_worker_looks_around(self) -> None:
        maintain_rules()
        for request_id in list(self.restricted):
            if self.row(request_id).state == State.WITHDRAWN:
                del self.restricted[request_id]

    @rule(days=st.sampled_from([1, 1, 10, 40]))
    def time_passes(self, days: int) -> None:
        self.now += timedelta(days=days)

    @rule()
    def retention_sweeps(self) -> None:
        gone = [
            (person, one)
            for person in (0, 1)
            for one in self.there[person].values()
            if one.retained_until < clock.today()
            and not self.is_in(self.holds, person, one)
            and not self.is_in(self.restricted, person, one)
        ]
        assert retention.sweep()["removed"] == len(gone)
        for person, one in gone:
            del self.there[person][one.capture_id]

    def work_on(self, request_id: UUID, at_most: int) -> None:
        taken = progress.begin(request_id)
        if not taken:
            row = self.row(request_id)
            assert State(row.state).final or row.awaits_decision
            return
        kind = Type(self.row(request_id).type)
        for step in list(self.erasing(request_id) if kind == Type.ERASURE else self.standing(request_id))[:at_most]:
            try:
                step()
            except progress.Postponed as error:
                retries.fail_all(taken, str(error))
                return

    def standing(self, request_id: UUID) -> Iterator[Callable[[], None]]:
        def settle() -> None:
            row = self.row(request_id)
            standing_requests.settle(request_id)
            if (row.type, row.state) == (Type.RESTRICTION, State.IN_PROGRESS):
                self.restricted[request_id] = self.whose(row)

        yield settle
        yield lambda: standing_requests.finish(request_id)

    def erasing(self, request_id: UUID) -> Iterator[Callable[[], None]]:
        ids = [request_id]

        def bury() -> None:
            erasure.write_tombstones(ids)
            row = self.row(request_id)
            if row.state == State.IN_PROGRESS:
                self.buried.setdefault(request_id, self.whose(row))

        def remove() -> None:
            erasure.remove(ids)
            if request_id not in self.buried:
                return
            person, scope = self.buried[request_id]
            hit = [one for one in self.there[person].values() if covers(scope, one)]
            gone = [one for one in hit if not self.is_in(self.holds, person, one)]
            for one in gone:
                del self.there[person][one.capture_id]
            self.erased[request_id] = self.erased.get(request_id, 0) + len(gone)
            outcome = self.row(request_id).outcome or {}
            assert (outcome["erased"], outcome["withheld"]) == (self.erased[request_id], len(hit) - len(gone))

        yield from (bury, remove)
        for joint in erasure.TOGETHER[2:]:
            yield lambda joint=joint: joint(ids)  # type: ignore[misc]
        for step in erasure.EACH[:-1]:
            yield lambda step=step: step(request_id)  # type: ignore[misc]
        yield lambda: self.finish_erasure(request_id)

    def finish_erasure(self, request_id: UUID) -> None:
        """What is captured after an erasure of everything has ended is stored again."""
        erasure.finish(request_id)
        person, scope = self.buried.get(request_id, (0, Scope(from_at=MORNING)))
        if scope.everything:
            latest = [one.captured_at + timedelta(microseconds=1) for one in self.there[person].values()]
            self.buried[request_id] = person, Scope(until_at=max([clock.now_utc() + CLOCK_TOLERANCE, *latest]))

    def whose(self, row: RequestRow) -> tuple[int, Scope]:
        person = [employee.subject for employee in self.people].index(row.subject)
        scope = RequestScope.model_validate(row.scope).of_the_lake()
        if row.type != Type.ERASURE or scope.everything:
            return person, scope
        latest = row.received_at + CLOCK_TOLERANCE
        return person, Scope(scope.signals, scope.applications, scope.from_at, min(scope.until_at or latest, latest))

    def finish_whatever_is_open(self, request_id: UUID) -> None:
        while State(self.row(request_id).state) in OPEN and not self.row(request_id).awaits_decision:
            self.work_on(request_id, 99)
        row = self.row(request_id)
        assert State(row.state).final or row.awaits_decision
        if row.type == Type.ERASURE and row.state in (State.COMPLETED, State.PARTIALLY_COMPLETED):
            assert (row.outcome or {})["found_afterwards"] == 0
            assert row.state == (State.PARTIALLY_COMPLETED if (row.outcome or {})["withheld"] else State.COMPLETED)

    @invariant()
    def the_lake_holds_what_it_should(self) -> None:
        rows, differences = answering(
            lambda cursor: (
                cursor.execute("select subject, capture_id from captures").fetchall(),
                rollup_differences(cursor),
            )
        )
        expected = [(self.people[person].subject, one) for person in (0, 1) for one in self.there[person]]
        assert sorted(rows) == sorted(expected)
        assert differences == []

    @invariant()
    def nothing_under_a_tombstone_is_visible(self) -> None:
        for person, employee in enumerate(self.people):
            seen = queries.for_request(employee.subject, uuid4()).records(Scope(signals=SIGNALS), limit=1000).records
            visible = {one.capture_id for one in seen}
            hidden = {key for key, one in self.there[person].items() if self.is_in(self.buried, person, one)}
            assert visible == self.there[person].keys() - hidden

    @invariant()
    def requests_live_as_they_may(self) -> None:
        for request_id in self.filed:
            with reading() as session:
                row = session.get_one(RequestRow, request_id)
                answer = serialize.answer(row, Oneself(row.subject))
            self.history_is_allowed(row)
            ends = [event for event in row.history if State(event.state).final]
            assert [receipt.number for receipt in answer.receipts] == list(range(1, len(ends) + 1))
            assert (row.completed_at is not None) == State(row.state).final
            rules = regime(row.regime)
            period = rules.extended if request_id in self.more_time else rules.deadline
            received_on = row.received_at.date()
            assert (row.first_due_on, row.due_on) == (rules.deadline.after(received_on), period.after(received_on))
            assert row.first_due_at == datetime.combine(row.first_due_on, time.max)
            assert row.due_at == datetime.combine(row.due_on, time.max)
            if "matched" in (outcome := row.outcome or {}):
                assert outcome["matched"] == outcome["erased"] + outcome["withheld"]

    def history_is_allowed(self, row: RequestRow) -> None:
        state = State(row.history[0].state)
        assert state == State.RECEIVED
        for event in row.history[1:]:
            to = State(event.state)
            if to not in (state, State.EXTENDED):
                assert to in ALLOWED[state] | AFTERWARDS.get((Type(row.type), state), frozenset())
                state = to
        assert state == row.state


def test_lifecycle_invariants_hold() -> None:
    run_state_machine_as_test(
        Lives,
        settings=settings(
            max_examples=5, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
