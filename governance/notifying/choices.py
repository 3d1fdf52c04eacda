"""How a person wants to be told: which groups in the app, which by e-mail, and which in Slack or Teams."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

import clock
from databases.by_person import count_by_person
from governance.db.database import reading, writing
from governance.db.tables import RequestRow
from governance.notifying.kinds import CHAT, EVERY, MAIL, Group
from governance.notifying.tables import ChoiceRow, MessageRow, NotificationRow
from languages import DEFAULT
from languages.language import Language, language

AT_ONCE = 500


@dataclass(frozen=True)
class Choice:
    """`chosen_at` (naive UTC) None: the defaults. `language`: that of their messages, a code of `languages.NAMES`.
    `chat_host`: of the webhook that they connected, without which nothing of `chat` is sent."""

    app: frozenset[Group] = EVERY
    mail: frozenset[Group] = MAIL
    language: str | None = None
    chosen_at: datetime | None = None
    chat: frozenset[Group] = frozenset()
    chat_host: str | None = None


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


def language_of(subject: UUID) -> Language:
    """In which they are written to: the one that they chose, else that of their newest request, else English."""
    of_request = select(RequestRow.language).where(RequestRow.subject == subject, RequestRow.language.is_not(None))
    with reading() as session:
        chosen = session.scalar(select(ChoiceRow.language).where(ChoiceRow.subject == subject))
        return language(
            chosen or session.scalar(of_request.order_by(RequestRow.received_at.desc()).limit(1)) or DEFAULT
        )


def choose(
    subject: UUID,
    app: Collection[Group],
    mail: Collection[Group],
    language: str | None = None,
    chat: Collection[Group] | None = None,
) -> Choice:
    """Also what waits for a message follows it. `language`, `chat` None: as before."""
    with writing() as session:
        row = _row(session, subject)
        row.app, row.mail = _joined(app), _joined(mail)
        row.language = language or row.language
        if chat is not None:
            row.chat = _joined(chat)
        return _choice(row)


def no_mail(subject: UUID) -> None:
    """Nothing by e-mail any more, as the link in each e-mail does. Safe to repeat."""
    choose(subject, of_person(subject).app, ())


def connect(subject: UUID, sealed_webhook: bytes, host: str) -> Choice:
    """From now on they are told by this webhook instead of an earlier one: what they chose before, or `CHAT`."""
    with writing() as session:
        row = _row(session, subject)
        row.sealed_webhook, row.chat_host = sealed_webhook, host
        row.chat = row.chat or _joined(CHAT)
        return _choice(row)


def disconnect(subject: UUID) -> Choice:
    """Forgets the webhook. Safe to repeat."""
    with writing() as session:
        row = session.get(ChoiceRow, subject)
        if row is None or row.sealed_webhook is None:
            return Choice() if row is None else _choice(row)
        row.sealed_webhook, row.chat_host, row.chosen_at = None, None, clock.now_utc()
        return _choice(row)


def webhook_of(subject: UUID) -> bytes | None:
    """As it is stored, sealed."""
    with reading() as session:
        return session.scalar(select(ChoiceRow.sealed_webhook).where(ChoiceRow.subject == subject))


def forget(*subjects: UUID) -> None:
    """Everything about these people, except that they want no e-mail. Safe to repeat."""
    with writing() as session:
        session.execute(delete(NotificationRow).where(NotificationRow.subject.in_(subjects)))
        session.execute(delete(MessageRow).where(MessageRow.subject.in_(subjects)))
        session.execute(delete(ChoiceRow).where(ChoiceRow.subject.in_(subjects), ChoiceRow.mail != ""))
        rest = {"app": _joined(EVERY), "language": None, "chat": "", "chat_host": None, "sealed_webhook": None}
        session.execute(update(ChoiceRow).where(ChoiceRow.subject.in_(subjects)).values(**rest))


def count_of(session: Session, people: Collection[UUID]) -> Counter[UUID]:
    """1 for each of these people who made a choice."""
    return count_by_person(session, ChoiceRow.subject, people)


def _row(session: Session, subject: UUID) -> ChoiceRow:
    """The row of a choice that is made now; a new one has the defaults."""
    row = session.get(ChoiceRow, subject)
    if row is None:
        row = ChoiceRow(subject=subject, app=_joined(EVERY), mail=_joined(MAIL), chat="")
        session.add(row)
    row.chosen_at = clock.now_utc()
    return row


def _joined(groups: Collection[Group]) -> str:
    return ",".join(sorted(groups))


def _choice(row: ChoiceRow) -> Choice:
    return Choice(_groups(row.app), _groups(row.mail), row.language, row.chosen_at, _groups(row.chat), row.chat_host)


def _groups(listed: str) -> frozenset[Group]:
    return frozenset(Group(name) for name in listed.split(",") if name in EVERY)
