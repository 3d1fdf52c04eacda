"""Consents of people to capture policies that rest on consent, and their withdrawals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import Engine, or_, select

from databases.by_person import count_by_person
from directory.models import change_of, session_of
from directory.tables.consents import ConsentRow


@dataclass(frozen=True)
class Consent:
    """Consent to one version of a policy's notice. Times naive UTC."""

    policy: str
    notice: UUID
    sha256: str
    given_at: datetime
    withdrawn_at: datetime | None


@dataclass(frozen=True)
class Consents:
    """All that a person ever gave, the earliest first."""

    every: tuple[Consent, ...] = ()

    def cover(self, notice: UUID, at: datetime) -> bool:
        """Whether what is dated then may be stored now: the consent was given by then, and wasn't withdrawn since."""
        return any(one.notice == notice and one.withdrawn_at is None and one.given_at <= at for one in self.every)

    def of(self, notice: UUID) -> tuple[Consent, ...]:
        return tuple(one for one in self.every if one.notice == notice)


def consents_of(engine: Engine, subject: UUID) -> Consents:
    mine = select(ConsentRow).where(ConsentRow.subject == subject).order_by(ConsentRow.given_at, ConsentRow.consent)
    with session_of(engine) as session:
        return Consents(
            tuple(
                Consent(row.policy, row.notice, row.sha256, row.given_at, row.withdrawn_at)
                for row in session.scalars(mine)
            )
        )


def count_of(engine: Engine, subjects: Collection[UUID]) -> Counter[UUID]:
    """How many consents several people ever gave."""
    with session_of(engine) as session:
        return count_by_person(session, ConsentRow.subject, subjects)


def give(engine: Engine, subject: UUID, consent: Consent) -> bool:
    """False if the person consents to this notice already."""
    same = ConsentRow.subject == subject, ConsentRow.notice == consent.notice, ConsentRow.withdrawn_at.is_(None)
    with change_of(engine) as session:
        if session.scalar(select(ConsentRow).where(*same)) is not None:
            return False
        session.add(
            ConsentRow(
                consent=uuid4(),
                subject=subject,
                policy=consent.policy,
                notice=consent.notice,
                sha256=consent.sha256,
                given_at=consent.given_at,
                withdrawn_at=None,
            )
        )
        return True


def withdraw(engine: Engine, subject: UUID, policy: str, now: datetime) -> bool:
    """Withdraw every consent of a person to a policy; False if there is none."""
    given = ConsentRow.subject == subject, ConsentRow.policy == policy, ConsentRow.withdrawn_at.is_(None)
    with change_of(engine) as session:
        rows = list(session.scalars(select(ConsentRow).where(*given)))
        for row in rows:
            row.withdrawn_at = now
        return bool(rows)


def of_those_who_withdrew(
    engine: Engine, policies: Collection[str]
) -> list[tuple[UUID, str, datetime, datetime | None]]:
    """Every consent to these policies of people who ever withdrew one of them: subject, policy, given, withdrawn."""
    withdrawn = select(ConsentRow.subject).where(ConsentRow.policy.in_(policies), ConsentRow.withdrawn_at.is_not(None))
    every = select(ConsentRow.subject, ConsentRow.policy, ConsentRow.given_at, ConsentRow.withdrawn_at)
    with session_of(engine) as session:
        found = session.execute(every.where(ConsentRow.policy.in_(policies), ConsentRow.subject.in_(withdrawn)))
        return [(subject, policy, given_at, until) for subject, policy, given_at, until in found]


def consenting(engine: Engine, policies: Collection[str], also_at: datetime) -> list[tuple[UUID, str]]:
    """Who consents to which of these policies now, and did at that time (naive UTC)."""
    given = select(ConsentRow.subject, ConsentRow.policy).where(ConsentRow.policy.in_(policies))
    now = given.where(ConsentRow.withdrawn_at.is_(None))
    then = given.where(
        ConsentRow.given_at <= also_at, or_(ConsentRow.withdrawn_at.is_(None), ConsentRow.withdrawn_at > also_at)
    )
    with session_of(engine) as session:
        return [(subject, policy) for subject, policy in session.execute(now.intersect(then))]
