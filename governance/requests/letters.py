"""Letters to people who have left, with a code that opens their own data (`directory.tokens.letters`).

The person sees in their access log who made or ended a letter, and each use of its code; the entry is written first.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID

import clock
import security_events
from directory import Directory, Employee, UnknownEmployee
from directory.tokens.letters import TOKEN_SECONDS, Letter
from errors import Conflict, NotFound, NotValid
from governance import access_log, schemas
from governance.access_log import NOBODY, Purpose
from governance.db.database import writing
from governance.db.tables import AccessRow
from governance.requests.decisions import names_of

if TYPE_CHECKING:
    from governance.schemas.paging import Paging


OPERATOR, BEARER = "operator", "letter"
"""Roles in the access log: who runs the command, and who has the code."""


class NobodyOfThisAddress(NotFound, LookupError):
    """No one in the directory has this e-mail address. No letter was made."""

    def __init__(self) -> None:
        super().__init__("No one in the directory has this e-mail address. No letter was made.")


class StillHere(Conflict):
    """The person works here."""

    def __init__(self) -> None:
        super().__init__("This person works here, and signs in as everybody does. No letter was made.")


class NoSuchLetter(NotFound, LookupError):
    """There is no such letter, or it has ended."""

    def __init__(self) -> None:
        super().__init__("There is no such letter, or it has ended already. Nothing was changed.")


class CodeRefused(NotValid):
    """The code opens nothing."""

    def __init__(self) -> None:
        fault = "is unknown, or its letter has ended; ask your former employer's privacy office for another letter"
        super().__init__("This code opens nothing.", "code", fault)


def make(address: str, days: int, by: Employee | None) -> Letter:
    """A letter, which ends the person's earlier one. `by`: the privacy officer; None: an operator.

    Raises NobodyOfThisAddress, StillHere.
    """
    with Directory.open() as directory:
        try:
            employee = directory.by_email(address)
        except UnknownEmployee as error:
            raise NobodyOfThisAddress from error
        if employee.active:
            raise StillHere
        _note(employee.subject, "a letter was made", Purpose.LETTER, by)
        letter = directory.make_letter(employee.subject, days)
    if letter is None:
        raise StillHere
    return letter


def all_for(officer: Employee, page: Paging) -> list[schemas.LetterInForce]:
    """A page of the letters in force. The people see this view in their access log."""
    with Directory.open() as directory:
        found = page.of(directory.letters())
    access_log.record(officer, Purpose.LETTER, "letters", Counter(each.subject for each in found))
    names = names_of({each.subject for each in found})
    return [
        schemas.LetterInForce(
            letter=each.letter, employee=names[each.subject], expires_at=moment_of(each.expires_at), uses=each.uses
        )
        for each in found
    ]


def moment_of(seconds: float) -> datetime:
    """Naive UTC, from Unix seconds."""
    return clock.naive(datetime.fromtimestamp(seconds, UTC))


def end(letter: UUID, by: Employee | None) -> None:
    """End a letter, and every sign-in with its code. Raises NoSuchLetter."""
    with Directory.open() as directory:
        subject = directory.end_letter(letter)
    if subject is None:
        raise NoSuchLetter
    _note(subject, "a letter was ended", Purpose.LETTER, by)


def sign_in(code: str, address: str | None) -> schemas.LetterToken:
    """A token for the code. Raises CodeRefused."""
    with Directory.open() as directory:
        subject = directory.owner_of_letter(code)
        if subject is not None:
            _note(subject, "sign-in with the code", Purpose.LETTER_USED, None, BEARER)
        token = directory.letter_token(code) if subject is not None else None
    if token is None:
        security_events.sign_in_failed(address, "The code of a letter was refused.", "governance")
        raise CodeRefused
    security_events.signed_in(subject, address, "governance")
    return schemas.LetterToken(access_token=token, expires_in=TOKEN_SECONDS)


def _note(subject: UUID, what: str, purpose: Purpose, by: Employee | None, role: str = OPERATOR) -> None:
    actor, role = (by.subject, by.role) if by else (NOBODY, role)
    with writing() as session:
        session.add(
            AccessRow(subject=subject, at=clock.now_utc(), role=role, actor=actor, purpose=purpose, what=what, rows=1)
        )
