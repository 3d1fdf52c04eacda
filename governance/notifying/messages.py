"""Messages that carry notifications, until they are sent or given up, whatever the channel.

What waits for one person is bundled into a message, at most `MOST_A_DAY` in 24 hours; what is too much waits. A message
that fails is sent again later, with longer and longer pauses; after `TRIED_FOR` it is given up: what it says is in the
app.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

import clock
from governance.db.database import due, reading, writing
from governance.notifying.kinds import Kind
from governance.notifying.tables import MessageRow, NotificationRow
from governance.requests.retries import LONGEST_PAUSE, pause_after

MOST_A_DAY = 4
DAY = timedelta(days=1)
TRIED_FOR = timedelta(days=7)
AT_ONCE = 50
PEOPLE_AT_ONCE = 500


@dataclass(frozen=True)
class Channel:
    """A way to a person. `waits`: whether a notification waits for it; `carried`: the message that has it."""

    place: str
    waits: InstrumentedAttribute[bool]
    carried: InstrumentedAttribute[UUID | None]


MAIL = Channel("person", NotificationRow.to_mail, NotificationRow.message)
CHAT = Channel("chat", NotificationRow.to_chat, NotificationRow.chat_message)


def bundle(channel: Channel) -> None:
    waiting = select(NotificationRow).where(channel.waits)
    with reading() as session:
        if session.scalar(waiting.limit(1)) is None:
            return
    with writing() as session:
        of_whom: dict[UUID, list[NotificationRow]] = defaultdict(list)
        for row in session.scalars(waiting.order_by(NotificationRow.id).limit(PEOPLE_AT_ONCE)):
            of_whom[row.subject].append(row)
        busy = _have_enough(session, channel, list(of_whom))
        for subject, rows in of_whom.items():
            if subject not in busy:
                message = new_message(channel.place, subject)
                session.add(message)
                session.flush()
                for row in rows:
                    setattr(row, channel.waits.key, False)
                    setattr(row, channel.carried.key, message.id)


def new_message(place: str, subject: UUID | None) -> MessageRow:
    return MessageRow(
        id=uuid4(), subject=subject, place=place, made_at=clock.now_utc(), attempts=0, sent=False, week=None
    )


def waiting(place: str) -> list[MessageRow]:
    """Those for a place that are due, the oldest first."""
    wanted = select(MessageRow).where(
        MessageRow.place == place, MessageRow.ended_at.is_(None), due(MessageRow.retry_at, LONGEST_PAUSE)
    )
    with reading() as session:
        return list(session.scalars(wanted.order_by(MessageRow.made_at).limit(AT_ONCE)))


def carried_by(message: UUID, channel: Channel) -> list[Kind]:
    """Kinds of what a message carries, each once, in the order in which it happened."""
    kinds = select(NotificationRow.kind).where(channel.carried == message).order_by(NotificationRow.id)
    with reading() as session:
        return [Kind(kind) for kind in dict.fromkeys(session.scalars(kinds))]


def end(message: UUID, *, sent: bool) -> None:
    with writing() as session:
        row = session.get(MessageRow, message)
        if row is not None:
            row.ended_at, row.sent = clock.now_utc(), sent


def note_failure(message: UUID) -> None:
    """It is tried again after a pause, unless that has been long enough."""
    now = clock.now_utc()
    with writing() as session:
        row = session.get(MessageRow, message)
        if row is None:  # its person had everything erased
            return
        row.attempts += 1
        row.retry_at = now + pause_after(row.attempts)
        if now - row.made_at > TRIED_FOR:
            row.ended_at = now


def _have_enough(session: Session, channel: Channel, subjects: Sequence[UUID]) -> set[UUID]:
    recent = (
        select(MessageRow.subject)
        .where(MessageRow.subject.in_(subjects), MessageRow.place == channel.place)
        .where(MessageRow.made_at > clock.now_utc() - DAY)
        .group_by(MessageRow.subject)
        .having(func.count() >= MOST_A_DAY)
    )
    return {subject for subject in session.scalars(recent) if subject is not None}
