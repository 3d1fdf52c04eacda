"""Notifications of a person: written once for each thing that happened, listed, and marked as seen.

Whoever writes one does so in a writing session; the same event, found again, changes nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

import clock
from databases.statements import insert
from governance.db.database import reading, writing
from governance.notifying import choices
from governance.notifying.choices import Choice
from governance.notifying.kinds import OF, Kind
from governance.notifying.tables import MessageRow, NotificationRow
from settings import settings

if TYPE_CHECKING:
    from governance.schemas.paging import Paging


KEPT = timedelta(days=90)
AT_ONCE = 200


def tell(session: Session, kind: Kind, events: Iterable[tuple[UUID, object]]) -> None:
    """`events`: whom, and the id of what happened (at most 64 characters)."""
    listed = list(dict.fromkeys((subject, str(about)) for subject, about in events))
    chosen = choices.of(session, {subject for subject, _ in listed})
    group, now, mails = OF[kind].group, clock.now_utc(), bool(settings().mail_server)
    values, last = [], _last_numbers(session, {subject for subject, _ in listed})
    for subject, about in listed:
        last[subject] = last.get(subject, 0) + 1
        choice = chosen.get(subject, Choice())
        values.append(
            {
                "subject": subject,
                "number": last[subject],
                "kind": kind.value,
                "about": about,
                "at": now,
                "in_app": group in choice.app,
                "to_mail": mails and group in choice.mail,
                "to_chat": choice.chat_host is not None and group in choice.chat,
            }
        )
    for start in range(0, len(values), AT_ONCE):
        session.execute(insert(NotificationRow).on_conflict_do_nothing(), values[start : start + AT_ONCE])


def _last_numbers(session: Session, subjects: Collection[UUID]) -> dict[UUID, int]:
    found: dict[UUID, int] = {}
    asked = list(subjects)
    for start in range(0, len(asked), AT_ONCE):
        of_some = NotificationRow.subject.in_(asked[start : start + AT_ONCE])
        newest = select(NotificationRow.subject, func.max(NotificationRow.number)).where(of_some)
        found.update((row[0], row[1]) for row in session.execute(newest.group_by(NotificationRow.subject)))
    return found


def digest(*parts: object) -> str:
    """An id for what has none, which doesn't say what it is of."""
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()[:32]


def page_of(subject: UUID, page: Paging) -> list[NotificationRow]:
    """What is shown in the app, the newest first."""
    mine = NotificationRow.subject == subject, NotificationRow.in_app
    newest = select(NotificationRow).where(*mine).order_by(NotificationRow.at.desc(), NotificationRow.id.desc())
    with reading() as session:
        return list(page.select(session, newest))


def all_of(subject: UUID) -> list[NotificationRow]:
    """All that were written for them, the newest first."""
    mine = select(NotificationRow).where(NotificationRow.subject == subject)
    with reading() as session:
        return list(session.scalars(mine.order_by(NotificationRow.at.desc(), NotificationRow.id.desc())))


def count_of(session: Session, subject: UUID) -> int:
    return session.scalar(select(func.count()).where(NotificationRow.subject == subject)) or 0


def see(subject: UUID, newest: int) -> None:
    """Mark those up to the one with this number as seen. Safe to repeat."""
    unseen = update(NotificationRow).where(
        NotificationRow.subject == subject, NotificationRow.number <= newest, NotificationRow.seen_at.is_(None)
    )
    with writing() as session:
        session.execute(unseen.values(seen_at=clock.now_utc()))


def forget_old() -> None:
    """What was told more than `KEPT` ago."""
    before = clock.now_utc() - KEPT
    old = NotificationRow.at <= before
    with reading() as session:
        of_either = (
            select(NotificationRow.at).where(old),
            select(MessageRow.ended_at).where(MessageRow.ended_at <= before),
        )
        if all(session.scalar(each.limit(1)) is None for each in of_either):
            return
    with writing() as session:
        session.execute(delete(NotificationRow).where(old))
        ended = delete(MessageRow).where(MessageRow.ended_at <= before)
        for carried in (NotificationRow.message, NotificationRow.chat_message):
            ended = ended.where(MessageRow.id.not_in(select(carried).where(carried.is_not(None))))
        session.execute(ended)
