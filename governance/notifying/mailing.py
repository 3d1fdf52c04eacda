"""E-mail: messages (`messages`) to people's addresses in the directory, sent until the server has them.

A message is sent again under the same Message-ID; if the server refuses it for good, it is given up. A worker that is
killed after the server took a message, and before that is noted, sends it a second time. Nobody who has left gets one,
nor an address of which it isn't certain whose it is.
"""

from __future__ import annotations

import logging
import smtplib
from collections.abc import Callable, Sequence
from email.message import EmailMessage
from uuid import UUID

from filelock import Timeout

from directory import Directory, Employee, UnknownEmployee
from governance.db.database import lock
from governance.notifying import choices, messages, smtp, unsubscribing
from governance.notifying.kinds import OF, Kind
from governance.notifying.tables import MessageRow
from languages import mark
from languages.language import Language
from settings import settings

logger = logging.getLogger("governance")

SEVERAL = mark("Several things happened in Open Book")

Compose = Callable[[MessageRow], EmailMessage | None]


def carry_out() -> None:
    """Bundle and send; in one worker at a time."""
    try:
        with lock("mail", timeout=0):
            messages.bundle(messages.MAIL)
            send(messages.MAIL.place, compose)
    except Timeout:
        return


def send(place: str, compose: Compose) -> None:
    """Every message for a place that is due. `compose` gives None for one that is not to be sent any more."""
    if not settings().mail_server:
        return
    rows = messages.waiting(place)
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
            messages.note_failure(row.id)


def _send(server: smtplib.SMTP, row: MessageRow, compose: Compose) -> None:
    mail = compose(row)
    if mail is None:
        messages.end(row.id, sent=False)
        return
    try:
        server.send_message(mail)
    except smtplib.SMTPServerDisconnected:
        raise
    except smtplib.SMTPException as error:
        logger.warning("the mail server did not take message %s (%s)", row.id, type(error).__name__)
        if smtp.is_final(error):
            messages.end(row.id, sent=False)
        else:
            messages.note_failure(row.id)
    else:
        messages.end(row.id, sent=True)


def compose(row: MessageRow) -> EmailMessage | None:
    """The e-mail of a person's message; None: they have left, or want none of it any more."""
    assert row.subject is not None
    person, choice = reachable(row.subject), choices.of_person(row.subject)
    kinds = [kind for kind in messages.carried_by(row.id, messages.MAIL) if OF[kind].group in choice.mail]
    if person is None or not kinds:
        return None
    theirs = choices.language_of(row.subject)
    title = OF[kinds[0]].words if len(kinds) == 1 else SEVERAL
    text = "\n\n".join([*lines(kinds, theirs), ending(row.subject, theirs)])
    return smtp.compose(
        row.id, person.email, theirs.t(title), text, unsubscribing.link(row.subject), language=theirs.code
    )


def lines(kinds: Sequence[Kind], theirs: Language) -> list[str]:
    """What happened and where to look, each on two lines."""
    return [f"{theirs.t(OF[kind].words)}:\n{page(OF[kind].page)}" for kind in kinds]


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
        theirs.t("Stop these e-mails: {link}", link=unsubscribing.link(subject)),
    )
    return "\n".join([*lines, ""])
