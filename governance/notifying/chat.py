"""What happened, told in Slack or Teams: by a webhook that the person connected, of a host that the settings allow.

Whoever knows a webhook can post with it, so it is stored sealed and never given out again. One that was removed at
Slack or Teams is forgotten, as is one that can't be opened any more.
"""

from __future__ import annotations

import logging
from uuid import UUID

from filelock import Timeout

import outgoing
from directory.keys import open_address, seal_address
from errors import NotValid
from governance.db.database import lock
from governance.notifying import choices, mailing, messages, webhooks
from governance.notifying.choices import Choice
from governance.notifying.kinds import OF
from governance.notifying.tables import MessageRow
from languages import mark
from languages.saying import say
from settings import settings

logger = logging.getLogger("governance")

FIRST = mark("You chose to get Open Book's notifications here. They say that something happened, and where to look.")


class UnusableWebhook(NotValid):
    field = "webhook"


def hosts() -> list[str]:
    """Hosts that webhooks may be of; those that begin with a dot stand for all below. None: no chat."""
    return [host for host in settings().chat_hosts.split(",") if host]


def connect(subject: UUID, url: str) -> Choice:
    """Once the webhook has taken a first message. Raises UnusableWebhook, HomeUnavailable."""
    host = _allowed(url)
    status = webhooks.post(url, choices.language_of(subject).t(FIRST))
    if not webhooks.is_taken(status):
        raise UnusableWebhook(
            say("{host} answered {status}. Nothing was changed. Copy the address again.", host=host, status=status)
            if status
            else say("{host} can't be reached, or didn't answer in time. Nothing was changed.", host=host)
        )
    return choices.connect(subject, seal_address(subject, url), host)


def carry_out() -> None:
    """Bundle and send; in one worker at a time."""
    try:
        with lock("chat", timeout=0):
            messages.bundle(messages.CHAT)
            for row in messages.waiting(messages.CHAT.place):
                _send(row)
    except Timeout:
        return


def _send(row: MessageRow) -> None:
    assert row.subject is not None
    choice = choices.of_person(row.subject)
    kinds = [kind for kind in messages.carried_by(row.id, messages.CHAT) if OF[kind].group in choice.chat]
    sealed = choices.webhook_of(row.subject)
    if sealed is None or not kinds or mailing.reachable(row.subject) is None:
        messages.end(row.id, sent=False)
        return
    url = open_address(row.subject, sealed)
    if url is None or not _is_allowed(url):
        _forget(row, "can't be used any more")
        return
    status = webhooks.post(url, "\n".join(mailing.lines(kinds, choices.language_of(row.subject))))
    if webhooks.is_taken(status):
        messages.end(row.id, sent=True)
    elif status in webhooks.GONE:
        _forget(row, "is gone")
    else:
        logger.warning("a webhook did not take message %s (%d)", row.id, status)
        messages.note_failure(row.id)


def _forget(row: MessageRow, why: str) -> None:
    assert row.subject is not None
    logger.warning("the webhook of message %s %s, and was forgotten", row.id, why)
    choices.disconnect(row.subject)
    messages.end(row.id, sent=False)


def _allowed(url: str) -> str:
    """Its host. Raises UnusableWebhook."""
    try:
        host = outgoing.require_plain(url)
    except ValueError:
        example = "https://hooks.slack.com/services/…"
        raise UnusableWebhook(say("This isn't the address of a webhook, such as {example}", example=example)) from None
    if not _is_allowed(url):
        allowed = ", ".join(f"*{host}" if host.startswith(".") else host for host in hosts())
        raise UnusableWebhook(
            say("A webhook has to begin with https:// and belong to one of these hosts: {hosts}.", hosts=allowed)
            if allowed
            else say("This installation can't send to Slack or Teams: its administrators allow no host for that.")
        )
    return host


def _is_allowed(url: str) -> bool:
    host = webhooks.host_of(url)
    encrypted = url.lower().startswith("https://") or outgoing.is_this_machine(host)
    return encrypted and any(host.endswith(one) if one.startswith(".") else host == one for one in hosts())
