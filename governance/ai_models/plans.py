"""What is promised about model versions that learned from captures which must not be trained on any more.

A privacy officer plans: train it anew, leave them out of its next training, take it out of use, or nothing. All but
the last have a day. A plan may be changed; every version of it stays, so that a day that was moved shows. Each is in
the ledger, within the transaction that writes it down. Nothing personal is in it.
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
from governance import ledger
from governance.db.database import reading, writing
from governance.db.tables import ModelPlanRow
from governance.domain.plans import Plan


@dataclass(frozen=True)
class Planned:
    """The plan of a model version as it stands. `first_by`: the day that was promised first; `entry`: its place in the
    ledger."""

    plan: Plan
    by: date | None
    first_by: date | None
    made_at: datetime
    entry: int

    @property
    def overdue(self) -> bool:
        return self.by is not None and self.by < clock.today()


class NotToCome(ValueError):
    """The promised day has passed, or is today. Nothing was changed."""


def plans() -> dict[UUID, Planned]:
    """The plans as they stand, by model version."""
    with reading() as session:
        return _plans(session)


def make(officer: Employee, model_version: UUID, plan: Plan, by: date | None) -> Planned:
    """Plan something for a model version; the same again changes nothing. Raises NotToCome."""
    with writing() as session:
        known = _plans(session).get(model_version)
        if known is not None and (known.plan, known.by) == (plan, by):
            return known
        if by is not None and by <= clock.today():
            raise NotToCome("must be a day to come: that is what people are promised")
        body = {"model_version": str(model_version), "plan": plan.value, "role": officer.role}
        promise = {} if by is None else {"by": by.isoformat()}
        row = ModelPlanRow(
            model_version=model_version,
            plan=plan.value,
            promised=by,
            role=officer.role,
            made_by=officer.subject,
            made_at=clock.now_utc(),
            ledger_entry=ledger.append(session, "model_plan", body | promise).index,
        )
        session.add(row)
        session.flush()
        return _plans(session)[model_version]


def _plans(session: Session) -> dict[UUID, Planned]:
    versions: dict[UUID, list[ModelPlanRow]] = defaultdict(list)
    for row in session.scalars(select(ModelPlanRow).order_by(ModelPlanRow.id)):
        versions[row.model_version].append(row)
    return {model_version: _planned(rows) for model_version, rows in versions.items()}


def _planned(rows: list[ModelPlanRow]) -> Planned:
    """Of the versions of a plan, the first one first."""
    days = [row.promised for row in rows if row.promised]
    last = rows[-1]
    return Planned(Plan(last.plan), last.promised, days[0] if days else None, last.made_at, last.ledger_entry)
