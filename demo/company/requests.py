"""Requests of Tessel's people so far, and their outcomes: one of each kind and in each lasting state.

Everything uses the product's own functions: requests are filed, decided, held, carried out and signed into the ledger
as by the API and the worker. Only the clock is turned back. Days are counted back from today.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID, uuid4

from duckdb import DuckDBPyConnection

import clock
import queries
import timekeeping
from demo.company import models, people
from directory import Directory, Employee
from governance import schemas
from governance.db import database
from governance.domain.lifecycle import Type
from governance.domain.scopes import RequestScope
from governance.fulfilment import erasure, export, standing
from governance.requests import decisions, filing, holds, preview
from governance.requests.progress import JointStep, Step, begin
from lake.storage.connection import transaction, writer
from law.exceptions import LegalException
from law.reasons import Decision, Reason

WORDS = ("message", "ticket")
CLAIMS, BOOKS = people.HELD


@dataclass(frozen=True)
class Past:
    """Something that happened at one moment in the past."""

    days_ago: int
    at: time
    happened: Callable[[], None]


def replay_past(today: date) -> None:
    """Plays the past, from the oldest event to the newest. The company's captures must exist."""
    for past in sorted(PAST, key=lambda past: (-past.days_ago, past.at)):
        with turned_back(datetime.combine(today - timedelta(days=past.days_ago), past.at, UTC)):
            past.happened()
    database.close()


def _holds_on_claims() -> None:
    """Words and pictures about a claim that a customer disputes."""
    scope = RequestScope(signals=[*WORDS, "screenshot"], from_at=_before(30))
    _hold(CLAIMS, scope, "CLAIMS-2291/4", LegalException.GDPR_17_3_E, _after(85))


def _holds_on_books() -> None:
    """Orders under tax audit."""
    scope = RequestScope(signals=["form_edit"], applications=["Salesforce"])
    _hold(BOOKS, scope, "TAX-AUDIT-17", LegalException.GDPR_17_3_B, _after(111))


def _overdue_note() -> None:
    _file(
        "Farid Haddad",
        Type.RECTIFICATION,
        RequestScope(signals=["ticket"]),
        "Two of these tickets are from the colleague who sat in for me in my first week.",
    )


def _denied_note() -> None:
    filed = _file(
        CLAIMS,
        Type.RECTIFICATION,
        RequestScope(signals=["message"], until_at=_before(30)),
        "What the customer writes about me in these messages isn't true.",
    )
    _decide(filed, Decision.DENY, Reason.OTHERS_RIGHTS)


def _note_soon_due() -> None:
    _file(
        "Aiko Tanabe",
        Type.RECTIFICATION,
        RequestScope(applications=["Zendesk"], from_at=_before(18), until_at=_before(11)),
        "I was on sick leave that week. Somebody worked with my account.",
    )


def _objection() -> None:
    carry_out(_file(people.RICH, Type.OBJECTION, RequestScope(signals=[*WORDS])))


def _partial_erasure() -> None:
    carry_out(_file(CLAIMS, Type.ERASURE, RequestScope(signals=[*WORDS])))


def _attached_note() -> None:
    filed = _file(
        people.RICH,
        Type.RECTIFICATION,
        RequestScope(applications=["Excel"], from_at=_before(12), until_at=_before(11)),
        "I typed these figures for a colleague. They are not my work.",
    )
    _decide(filed, Decision.APPROVE, None)
    carry_out(filed)


def _restriction() -> None:
    scope = RequestScope(signals=["screenshot"], from_at=_before(19))
    carry_out(_file(people.CALIFORNIANS[0], Type.RESTRICTION, scope))


def _extended_note() -> None:
    filed = _file(
        people.CALIFORNIANS[0],
        Type.RECTIFICATION,
        RequestScope(signals=["keystroke"]),
        "The addresses in these are out of date since I moved.",
    )
    _decide(filed, Decision.EXTEND, Reason.COMPLEX)


def _copy() -> None:
    carry_out(_file(people.RICH, Type.EXPORT, RequestScope(applications=["Zendesk"], signals=["ticket"])))


def _in_the_lake(happened: Callable[[DuckDBPyConnection, date], None], days_ago: int) -> Callable[[], None]:
    """What pipelines did that many days ago. They count days back from today, like everything here."""

    def happens() -> None:
        with writer() as connection, transaction(connection):
            happened(connection, clock.today() + timedelta(days=days_ago))

    return happens


def _plan() -> None:
    models.plan(_employee(people.PRIVACY_OFFICER))


PAST = (
    *(Past(each.made, time(9, 31), models.tell_the_ledger) for each in (*models.DATASETS, models.WORDS_3)),
    Past(40, time(9, 20), _holds_on_claims),
    Past(33, time(16, 5), _overdue_note),
    Past(30, time(10, 40), _denied_note),
    Past(27, time(13, 15), _note_soon_due),
    Past(21, time(11, 30), _holds_on_books),
    Past(11, time(8, 50), _objection),
    Past(10, time(15, 25), _partial_erasure),
    Past(9, time(16, 30), _plan),
    Past(8, time(9, 10), _attached_note),
    Past(6, time(9, 30), _in_the_lake(models.record_dataset_without_withdrawn, 6)),
    Past(6, time(14, 45), _restriction),
    Past(5, time(10, 5), _extended_note),
    Past(4, time(9, 30), _in_the_lake(models.retrain, 4)),
    Past(3, time(17, 20), _copy),
    Past(2, time(9, 30), _in_the_lake(models.train_without_permission, 2)),
)

STEPS: dict[Type, tuple[Step, ...]] = {Type.EXPORT: export.STEPS, Type.ERASURE: erasure.EACH}
TOGETHER: dict[Type, tuple[JointStep, ...]] = {Type.ERASURE: erasure.TOGETHER}


def carry_out(filed: schemas.Request) -> None:
    """Does a worker's job, without its queue."""
    if begin(filed.id):
        for together in TOGETHER.get(filed.type, ()):
            together([filed.id])
        for step in STEPS.get(filed.type, standing.STEPS):
            step(filed.id)


def _file(name: str, kind: Type, scope: RequestScope, note: str | None = None) -> schemas.Request:
    person = _employee(name)
    own = queries.for_request(person.subject, uuid4())
    previewed = preview.counts(own, schemas.RequestedScope(type=kind, scope=scope))
    return filing.file(person, schemas.NewRequest(type=kind, scope=scope, note=note), None, previewed).request


def _decide(filed: schemas.Request, decision: Decision, reason: Reason | None) -> None:
    decisions.decide(_employee(people.PRIVACY_OFFICER), filed.id, decision, reason)


def _hold(name: str, scope: RequestScope, case: str, exception: LegalException, review_on: date) -> UUID:
    new = schemas.NewHold(
        employee=_employee(name).email, scope=scope, case=case, exception=exception, review_on=review_on
    )
    return holds.place(_employee(people.PRIVACY_OFFICER), new).hold


def _employee(name: str) -> Employee:
    with Directory.open() as directory:
        return directory.by_email(next(person.email for person in people.people() if person.name == name))


def _before(days: int) -> datetime:
    """The start of the day that many days before the clock's current day."""
    return datetime.combine(_after(-days), time(), UTC)


def _after(days: int) -> date:
    return clock.today() + timedelta(days=days)


@contextmanager
def turned_back(moment: datetime) -> Iterator[None]:
    """Sets the clock to `moment`, and trusts it. The process must do nothing else in the meantime."""
    now, look, not_earlier = clock.now, timekeeping.look, timekeeping.not_earlier
    clock.now = lambda: moment
    timekeeping.look = lambda known=None: timekeeping.Trusted()  # noqa: ARG005 (the real signature)
    timekeeping.not_earlier = lambda than: than
    try:
        yield
    finally:
        clock.now, timekeeping.look, timekeeping.not_earlier = now, look, not_earlier
