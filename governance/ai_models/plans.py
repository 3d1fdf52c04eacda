"""What is promised about model versions that learned from captures which must no longer be used for training.

A privacy officer plans to retrain the model, to exclude the captures from its next training, to retire it, or to do
nothing. All but the last have a date. A plan may be changed. Every version is kept, so a postponed date stays visible.
Each version is recorded in the ledger, in the transaction that stores it. It contains no personal data.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

import clock
from directory import Employee
from errors import NotFound
from governance import ledger
from governance.db.database import reading, writing
from governance.db.tables import ModelPlanRow
from governance.domain.dates import require_future
from governance.domain.plans import Plan
from governance.ledger import log


@dataclass(frozen=True)
class Planned:
    """The current plan for a model version. `first_by`: the date first promised; `entry`: its index in the ledger, None
    until its batch."""

    plan: Plan
    by: date | None
    first_by: date | None
    made_at: datetime
    entry: int | None

    @property
    def overdue(self) -> bool:
        return self.by is not None and self.by < clock.today()


class NoSuchModel(NotFound, LookupError):
    """There is no such model version. `kept` says what was not done."""

    def __init__(self, kept: str = "") -> None:
        super().__init__(f"There is no such model version. {kept}".rstrip())


def plans() -> dict[UUID, Planned]:
    """The current plans, by model version."""
    with reading() as session:
        return _plans(session)


def make(officer: Employee, model_version: UUID, plan: Plan, by: date | None) -> Planned:
    """Plan something for a model version; repeating the same plan changes nothing. Raises DateNotInFuture."""
    with writing() as session:
        known = _plans(session).get(model_version)
        if known is not None and (known.plan, known.by) == (plan, by):
            return known
        if by is not None:
            require_future(by, "by", "it is what people are promised", "Nothing was planned.")
        body = {"model_version": str(model_version), "plan": plan.value, "role": officer.role}
        promise = {} if by is None else {"by": by.isoformat()}
        row = ModelPlanRow(
            model_version=model_version,
            plan=plan.value,
            promised=by,
            role=officer.role,
            made_by=officer.subject,
            made_at=clock.now_utc(),
            ledger_entry=ledger.append(session, "model_plan", body | promise).position,
        )
        session.add(row)
        session.flush()
        return _plans(session)[model_version]


def _plans(session: Session) -> dict[UUID, Planned]:
    versions: dict[UUID, list[ModelPlanRow]] = defaultdict(list)
    for row in session.scalars(select(ModelPlanRow).order_by(ModelPlanRow.id)):
        versions[row.model_version].append(row)
    return {model_version: _planned(session, rows) for model_version, rows in versions.items()}


def _planned(session: Session, rows: list[ModelPlanRow]) -> Planned:
    """The current plan, from its versions (oldest first)."""
    days = [row.promised for row in rows if row.promised]
    last = rows[-1]
    entry = log.index_of(session, last.ledger_entry)
    return Planned(Plan(last.plan), last.promised, days[0] if days else None, last.made_at, entry)
