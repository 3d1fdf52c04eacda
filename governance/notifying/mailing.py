"""E-mail: what waits for one person is bundled into a message, and messages are sent until the server has them.

    bundle    what waits becomes one message per person, at most `MOST_A_DAY` in 24 hours; what is too much waits
    send      each message that is due. One that fails is sent again later, with longer and longer pauses, under the
              same Message-ID; after `TRIED_FOR`, or if the server refuses it for good, it is given up: what it says is
              in the app

A worker that is killed after the server took a message, and before that is noted, sends it a second time.
Nobody who has left gets one, nor an address of which it isn't certain whose it is.
"""

from __future__ import annotations

import logging
import smtplib
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import timedelta
from email.message import EmailMessage
from uuid import UUID, uuid4

from filelock import Timeout
from sqlalchemy import func, select
from sqlalchemy.orm import Session

import clock
from directory import Directory, Employee, UnknownEmployee
from governance.db.database import due, lock, reading, writing
from governance.notifying import choices, smtp, unsubscribing
from governance.notifying.choices import Choice
from governance.notifying.kinds import OF, Kind
from governance.notifying.tables import MessageRow, NotificationRow
from governance.requests.retries import LONGEST_PAUSE, pause_after
from languages import DEFAULT, mark
from languages.language import Language, language
from settings import settings

logger = logging.getLogger("governance")

PERSON = "person"
SEVERAL = mark("Several things happened in Open Book")
MOST_A_DAY = 4
DAY = timedelta(days=1)
TRIED_FOR = timedelta(days=7)
AT_ONCE = 50
PEOPLE_AT_ONCE = 500

Compose = Callable[[MessageRow], EmailMessage | None]


def carry_out() -> None:
    """Bundle and send; in one worker at a time."""
    try:
        with lock("mail", timeout=0):
            bundle()
            send(PERSON, compose)
    except Timeout:
        return


def bundle() -> None:
    waiting = select(NotificationRow).where(NotificationRow.to_mail)
    with reading() as session:
        if session.scalar(waiting.limit(1)) is None:
            return
    with writing() as session:
        of_whom: dict[UUID, list[NotificationRow]] = defaultdict(list)
        for row in session.scalars(waiting.order_by(NotificationRow.id).limit(PEOPLE_AT_ONCE)):
            of_whom[row.subject].append(row)
        busy = _have_enough(session, list(of_whom))
        for subject, rows in of_whom.items():
            if subject not in busy:
                message = new_message(PERSON, subject)
                session.add(message)
                session.flush()
                for row in rows:
                    row.to_mail, row.message = False, message.id


def new_message(place: str, subject: UUID | None) -> MessageRow:
    return MessageRow(
        id=uuid4(), subject=subject, place=place, made_at=clock.now_utc(), attempts=0, sent=False, week=None
    )


def _have_enough(session: Session, subjects: Sequence[UUID]) -> set[UUID]:
    recent = (
        select(MessageRow.subject)
        .where(MessageRow.subject.in_(subjects), MessageRow.place == PERSON)
        .where(MessageRow.made_at > clock.now_utc() - DAY)
        .group_by(MessageRow.subject)
        .having(func.count() >= MOST_A_DAY)
    )
    return {subject for subject in session.scalars(recent) if subject is not None}


def send(place: str, compose: Compose) -> None:
    """Every message for a place that is due. `compose` gives None for one that is not to be sent any more."""
    if not settings().mail_server:
        return
    wanted = select(MessageRow).where(
        MessageRow.place == place, MessageRow.ended_at.is_(None), due(MessageRow.retry_at, LONGEST_PAUSE)
    )
    with reading() as session:
        rows = list(session.scalars(wanted.order_by(MessageRow.made_at).limit(AT_ONCE)))
    if not rows:
        return
    left = {row.id: row for row in rows}
    try:
        with smtp.connected() as server:
            for row in rows:
                _send(server, row, compose)
                del left[row.id]
    except smtp.ERRORS as error:
        logger.warning("the mail server can't be used now (%s). %d messages wait.", type(error).__name__, len(left))
        for row in left.values():
            note_failure(row.id)


def _send(server: smtplib.SMTP, row: MessageRow, compose: Compose) -> None:
    mail = compose(row)
    if mail is None:
        end(row.id, sent=False)
        return
    try:
        server.send_message(mail)
    except smtplib.SMTPServerDisconnected:
        raise
    except smtplib.SMTPException as error:
        logger.warning("the mail server did not take message %s (%s)", row.id, type(error).__name__)
        if smtp.is_final(error):
            end(row.id, sent=False)
        else:
            note_failure(row.id)
    else:
        end(row.id, sent=True)


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


def compose(row: MessageRow) -> EmailMessage | None:
    """The e-mail of a person's message; None: they have left, or want none of it any more."""
    assert row.subject is not None
    person = reachable(row.subject)
    carried = select(NotificationRow.kind).where(NotificationRow.message == row.id).order_by(NotificationRow.id)
    with reading() as session:
        kinds = [Kind(kind) for kind in session.scalars(carried)]
        choice = choices.of(session, [row.subject]).get(row.subject, Choice())
    kinds = [kind for kind in dict.fromkeys(kinds) if OF[kind].group in choice.mail]
    if person is None or not kinds:
        return None
    theirs = language(choice.language or DEFAULT)
    title = OF[kinds[0]].words if len(kinds) == 1 else SEVERAL
    lines = [f"{theirs.t(OF[kind].words)}:\n{page(OF[kind].page)}" for kind in kinds]
    text = "\n\n".join([*lines, ending(row.subject, theirs)])
    return smtp.compose(
        row.id, person.email, theirs.t(title), text, unsubscribing.link(row.subject), language=theirs.code
    )


def reachable(subject: UUID) -> Employee | None:
    """The person, if mail to their address reaches them; None: they have left, or it isn't certain who they are."""
    with Directory.open() as directory:
        try:
            person = directory.by_subject(subject)
        except UnknownEmployee:
            return None
        return person if person.active and not directory.is_about(subject) else None


def page(path: str) -> str:
    return f"{settings().dashboard_base_url.rstrip('/')}/{path}"


def ending(subject: UUID, theirs: Language) -> str:
    lines = (
        theirs.t("This message says no more than that, because others may be able to read it.") + "\n",
        theirs.t("Choose what you are told about: {place}", place=page("")),
        theirs.t("No e-mail any more: {link}", link=unsubscribing.link(subject)),
    )
    return "\n".join([*lines, ""])
