"""How a person wants to be told: which groups in the app, and which by e-mail."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

import clock
from governance.db.database import reading, writing
from governance.notifying.kinds import EVERY, MAIL, Group
from governance.notifying.tables import ChoiceRow, MessageRow, NotificationRow

AT_ONCE = 500


@dataclass(frozen=True)
class Choice:
    """`chosen_at` (naive UTC) None: the defaults. `language`: that of their e-mail, a code of `languages.NAMES`."""

    app: frozenset[Group] = EVERY
    mail: frozenset[Group] = MAIL
    language: str | None = None
    chosen_at: datetime | None = None


def of(session: Session, subjects: Collection[UUID]) -> dict[UUID, Choice]:
    """The choices of those who made one."""
    found: dict[UUID, Choice] = {}
    listed = list(subjects)
    for start in range(0, len(listed), AT_ONCE):
        rows = session.scalars(select(ChoiceRow).where(ChoiceRow.subject.in_(listed[start : start + AT_ONCE])))
        found |= {row.subject: _choice(row) for row in rows}
    return found


def of_person(subject: UUID) -> Choice:
    with reading() as session:
        return of(session, [subject]).get(subject, Choice())


def choose(subject: UUID, app: Collection[Group], mail: Collection[Group], language: str | None = None) -> Choice:
    """Also what waits for an e-mail follows it. `language` None: as before."""
    with writing() as session:
        row = session.get(ChoiceRow, subject)
        if row is None:
            row = ChoiceRow(subject=subject)
            session.add(row)
        row.app, row.mail, row.chosen_at = _joined(app), _joined(mail), clock.now_utc()
        row.language = language or row.language
        return _choice(row)


def no_mail(subject: UUID) -> None:
    """Nothing by e-mail any more, as the link in each e-mail does. Safe to repeat."""
    choose(subject, of_person(subject).app, ())


def forget(subject: UUID) -> None:
    """Everything about a person, except that they want no e-mail. Safe to repeat."""
    with writing() as session:
        session.execute(delete(NotificationRow).where(NotificationRow.subject == subject))
        session.execute(delete(MessageRow).where(MessageRow.subject == subject))
        session.execute(delete(ChoiceRow).where(ChoiceRow.subject == subject, ChoiceRow.mail != ""))
        session.execute(update(ChoiceRow).where(ChoiceRow.subject == subject).values(app=_joined(EVERY), language=None))


def count_of(session: Session, subject: UUID) -> int:
    """1 if the person made a choice, else 0."""
    return session.scalar(select(func.count()).where(ChoiceRow.subject == subject)) or 0


def _joined(groups: Collection[Group]) -> str:
    return ",".join(sorted(groups))


def _choice(row: ChoiceRow) -> Choice:
    return Choice(_groups(row.app), _groups(row.mail), row.language, row.chosen_at)


def _groups(listed: str) -> frozenset[Group]:
    return frozenset(Group(name) for name in listed.split(",") if name in EVERY)
