"""Consent to capture policies that rest on it, given and withdrawn by the person.

It is in the directory database, where ingestion reads it, and in the ledger. A withdrawal is in force before the ledger
has it: if the ledger can't be written, the person is told so, and nothing is stored or used all the same.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import clock
from directory import Directory
from directory.consenting import Consent
from errors import Conflict
from governance import ledger, schemas
from governance.db.database import writing
from governance.recording import notices
from governance.schemas.problem import TooManyRequests
from languages.saying import say

MOST_A_DAY = 50
DAY = timedelta(days=1)


class NotNeeded(Conflict):
    """The policy doesn't rest on consent."""

    def __init__(self) -> None:
        super().__init__("This policy doesn't rest on your consent. Nothing was changed.")


class NotCurrent(Conflict):
    """The policy has a newer notice, or has ended."""

    def __init__(self) -> None:
        super().__init__("This notice is not the current one of its policy. Nothing was changed. Read that one.")


def give(subject: UUID, notice: UUID, sha256: str) -> schemas.Notice:
    """Raises UnknownNotice, AnotherText, NotNeeded, NotCurrent, TooManyRequests."""
    found = notices.find(subject, notice)
    if found.sha256 != sha256:
        raise notices.AnotherText
    if not found.needs_consent:
        raise NotNeeded
    if not found.current:
        raise NotCurrent
    now = clock.now_utc()
    with Directory.open() as directory:
        known = directory.consents_of(subject)
        if sum(one.given_at > now - DAY for one in known.every) >= MOST_A_DAY:
            raise TooManyRequests(
                say("You consented {most_a_day} times in a day. Nothing was changed.", most_a_day=MOST_A_DAY), 3600
            )
        with writing() as session:
            if directory.give_consent(subject, Consent(found.policy, notice, sha256, now, None)):
                body = {"policy": found.policy, "notice": str(notice), "sha256": sha256, "given": "yes"}
                ledger.append(session, "consent", body, whose=subject)
    return notices.find(subject, notice)


def withdraw(subject: UUID, notice: UUID) -> schemas.Notice:
    """Withdraw every consent to the policy of this notice; nothing happens if there is none. Raises UnknownNotice."""
    found = notices.find(subject, notice)
    with Directory.open() as directory:
        changed = directory.withdraw_consent(subject, found.policy, clock.now_utc())
    if changed:
        with writing() as session:
            ledger.append(session, "consent", {"policy": found.policy, "given": "no"}, whose=subject)
    return notices.find(subject, notice)
