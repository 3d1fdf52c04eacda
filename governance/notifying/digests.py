"""The weekly digest for privacy officers and a works council: counts only.

It is made once, in the week after the one that it is about (Monday to Sunday, UTC), and is the same for everybody: for
officers by e-mail, unless they choose otherwise, for the address of the settings, and for webhooks of Slack or Teams.
What can't be sent is sent later, as all messages (`messages`).
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from email.message import EmailMessage

from filelock import Timeout
from sqlalchemy import func, select

import clock
from directory import Directory
from directory.roles import OFFICER
from governance.ai_models import officer_models, plans
from governance.db.database import lock, reading, writing
from governance.db.tables import RequestRow
from governance.domain.lifecycle import OPEN
from governance.notifying import choices, mailing, messages, smtp, unsubscribing, webhooks
from governance.notifying.choices import Choice
from governance.notifying.kinds import Group
from governance.notifying.tables import DigestRow, MessageRow
from governance.recording import heartbeats
from lake.statements import statement
from languages import DEFAULT, mark
from languages.language import Language, language
from queries.connection import answering
from settings import settings

logger = logging.getLogger("governance")

OFFICERS, ADDRESS = "officer", "digest"
WEEK = timedelta(weeks=1)
WORDS: Mapping[str, str] = {
    "received": mark("Requests received"),
    "ended": mark("Requests ended"),
    "open": mark("Requests open now"),
    "near": mark("… of these, to be answered within 7 days"),
    "late": mark("… of these, past their deadline"),
    "violations": mark("Runs found to have used data without permission"),
    "missed": mark("Promises about models past their date"),
    "silent": mark("Recorders silent now"),
    "undelivered": mark("Messages that could not be delivered"),
}


def carry_out() -> None:
    """Make the digest if it is due, and send what waits; in one worker at a time. Raises LakeUnavailable."""
    try:
        with lock("digest", timeout=0):
            make_if_due()
            mailing.send(OFFICERS, compose)
            mailing.send(ADDRESS, compose)
            _call_webhooks()
    except Timeout:
        return


def make_if_due() -> None:
    """Raises LakeUnavailable."""
    week = _monday(clock.today()) - WEEK
    with reading() as session:
        if session.get(DigestRow, week) is not None or not (settings().mail_server or settings().digest_webhooks):
            return
    counts = _counts(datetime.combine(week, time()))
    with Directory.open() as directory:
        officers = [each.subject for each in directory.everyone() if each.is_now(OFFICER)]
    with writing() as session:
        if session.get(DigestRow, week) is not None:
            return
        session.add(DigestRow(week=week, counts=counts))
        chosen = choices.of(session, officers)
        made = [messages.new_message(_place(url), None) for url in _webhooks()]
        if settings().mail_server:
            wanting = [each for each in officers if Group.DIGEST in chosen.get(each, Choice()).mail]
            made += [messages.new_message(OFFICERS, subject) for subject in wanting]
            made += [messages.new_message(ADDRESS, None)] if settings().digest_address else []
        for message in made:
            message.week = week
        session.add_all(made)


def compose(row: MessageRow) -> EmailMessage | None:
    """None: the officer is none any more, or doesn't want it; or the address was taken out of the settings."""
    assert row.week is not None
    if row.subject is None:
        to, plain = settings().digest_address, language(DEFAULT)
        text = _text(row.week, plain)
        return smtp.compose(row.id, to, _title(row.week, plain), text, language=plain.code) if to else None
    person = mailing.reachable(row.subject)
    choice = choices.of_person(row.subject)
    if person is None or not person.is_now(OFFICER) or Group.DIGEST not in choice.mail:
        return None
    theirs, link = choices.language_of(row.subject), unsubscribing.link(row.subject)
    text = f"{_text(row.week, theirs)}{theirs.t('Stop these e-mails: {link}', link=link)}\n"
    return smtp.compose(row.id, person.email, _title(row.week, theirs), text, link, language=theirs.code)


def _title(week: date, theirs: Language) -> str:
    return theirs.t("Open Book: the week from {day}", day=week)


def _text(week: date, theirs: Language) -> str:
    return f"{_lines(week, theirs)}\n\n{theirs.t('More: {place}', place=mailing.page('officer'))}\n"


def _lines(week: date, theirs: Language) -> str:
    with reading() as session:
        counts = session.get_one(DigestRow, week).counts
    return "\n".join(f"{theirs.t(WORDS[name])}: {number}" for name, number in counts.items() if name in WORDS)


def _counts(begin: datetime) -> dict[str, int]:
    """Raises LakeUnavailable."""
    end, now = begin + WEEK, clock.now_utc()
    is_open = RequestRow.state.in_(OPEN)
    conditions = {
        "received": (RequestRow.received_at >= begin, RequestRow.received_at < end),
        "ended": (RequestRow.completed_at >= begin, RequestRow.completed_at < end),
        "open": (is_open,),
        "near": (is_open, RequestRow.due_at >= now, RequestRow.due_at < now + WEEK),
        "late": (is_open, RequestRow.due_at < now),
    }
    failed = MessageRow.ended_at >= begin, MessageRow.ended_at < end, MessageRow.attempts > 0, ~MessageRow.sent
    with reading() as session:
        counts = {
            name: session.scalar(select(func.count()).select_from(RequestRow).where(*those)) or 0
            for name, those in conditions.items()
        }
        undelivered = session.scalar(select(func.count()).select_from(MessageRow).where(*failed)) or 0
    found = answering(
        lambda cursor: cursor.execute(statement("count_violating_runs"), {"since": begin, "until": end}).fetchone()
    )
    planned = {model: each for model, each in plans.plans().items() if each.by is not None}
    _, missed = officer_models.kept_and_missed(planned) if planned else ({}, {})
    silent = heartbeats.count_by_state()["silent"]
    more = {"violations": found[0] if found else 0, "missed": len(missed), "silent": silent}
    return {**counts, **more, "undelivered": undelivered}


def _call_webhooks() -> None:
    for url in _webhooks():
        for row in messages.waiting(_place(url)):
            assert row.week is not None
            if _post(url, row.week):
                messages.end(row.id, sent=True)
            else:
                logger.warning("a webhook did not take message %s", row.id)
                messages.note_failure(row.id)


def _post(url: str, week: date) -> bool:
    """Whether it took the digest."""
    plain = language(DEFAULT)
    return webhooks.is_taken(webhooks.post(url, f"{_title(week, plain)}\n{_lines(week, plain)}"))


def _webhooks() -> list[str]:
    return [url for url in settings().digest_webhooks.split(",") if url]


def _place(url: str) -> str:
    return hashlib.sha256(url.encode()).hexdigest()


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
