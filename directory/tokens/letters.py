"""A way to their own data for people who have left, whom the provider no longer signs in: the code of a letter.

    letter   for one person who has left; ends after some days, when it is ended, replaced or used too often, when the
             person works here again, and at a restore
    code     what is written in the letter: 125 random bits, of which only a digest is kept
    token    what the API gives for the code: an opaque access token that opens that person's own data for an hour, and
             ends with the letter

A person who has left has no role, so a token never opens what is for managers or privacy officers.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from uuid import UUID, uuid4

from sqlalchemy import Engine, delete, select, update

import clock
from directory.models import EmployeeRow, LetterCodeRow, LetterTokenRow, session_of, writer_of

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's Base32: no letters that look like digits."""
LOOK_ALIKE = str.maketrans("OIL", "011", " -\t\n")
GROUPS, GROUP = 5, 5
PREFIX = "ob-letter-"
TOKEN_SECONDS = 3600
MOST_DAYS = 180
MOST_USES = 200


@dataclass(frozen=True)
class Letter:
    """`code` is known only now."""

    letter: UUID
    code: str
    expires_at: float
    """Unix seconds."""


@dataclass(frozen=True)
class LetterSignIn:
    """A token that was given for a code, and its owner."""

    subject: UUID
    issued_at: float
    expires_at: float
    """Unix seconds."""


def is_one(token: str) -> bool:
    """Whether it has the form of a token that is given for a code."""
    return token.startswith(PREFIX)


def make(engine: Engine, subject: UUID, days: int) -> Letter | None:
    """A letter for a person, which ends an earlier one; None if they work here. Raises PartUnavailable."""
    code = "-".join("".join(secrets.choice(ALPHABET) for _ in range(GROUP)) for _ in range(GROUPS))
    made = Letter(uuid4(), code, clock.now().timestamp() + days * 24 * 3600)
    with writer_of(engine) as session:
        if session.get_one(EmployeeRow, subject).active:
            return None
        session.execute(delete(LetterCodeRow).where(LetterCodeRow.subject == subject))
        row = LetterCodeRow(subject=subject, letter=made.letter, code=_digest(code), expires_at=made.expires_at, uses=0)
        session.add(row)
        session.commit()
    return made


@dataclass(frozen=True)
class LetterInForce:
    """`expires_at`: Unix seconds."""

    subject: UUID
    letter: UUID
    expires_at: float
    uses: int


def in_force(engine: Engine) -> list[LetterInForce]:
    """The one that ends first at the top. Raises PartUnavailable."""
    found = (
        select(LetterCodeRow.subject, LetterCodeRow.letter, LetterCodeRow.expires_at, LetterCodeRow.uses)
        .join(EmployeeRow, EmployeeRow.subject == LetterCodeRow.subject)
        .where(~EmployeeRow.active, LetterCodeRow.expires_at > clock.now().timestamp())
        .order_by(LetterCodeRow.expires_at, LetterCodeRow.letter)
    )
    with session_of(engine) as session:
        return [LetterInForce(*row) for row in session.execute(found)]


def end(engine: Engine, letter: UUID) -> UUID | None:
    """End a letter, and whom it was for; None if there is no such letter. Raises PartUnavailable."""
    with writer_of(engine) as session:
        ended = delete(LetterCodeRow).where(LetterCodeRow.letter == letter).returning(LetterCodeRow.subject)
        subject = session.scalar(ended)
        session.commit()
    return subject


def owner_of(engine: Engine, code: str) -> UUID | None:
    """Whose code it is; None if it isn't one, or no longer. Counts as a use. Raises PartUnavailable."""
    with writer_of(engine) as session:
        used = (
            update(LetterCodeRow)
            .where(
                LetterCodeRow.code == _digest(code),
                LetterCodeRow.expires_at > clock.now().timestamp(),
                LetterCodeRow.uses < MOST_USES,
            )
            .values(uses=LetterCodeRow.uses + 1)
            .returning(LetterCodeRow.subject)
        )
        subject = session.scalar(used)
        session.commit()
    return subject


def give_token(engine: Engine, code: str) -> str | None:
    """A token for a code; None if the letter has ended meanwhile. Raises PartUnavailable."""
    token, now = PREFIX + secrets.token_urlsafe(32), clock.now().timestamp()
    with writer_of(engine) as session:
        session.execute(delete(LetterTokenRow).where(LetterTokenRow.expires_at < now))
        letter = session.scalar(select(LetterCodeRow.letter).where(LetterCodeRow.code == _digest(code)))
        if letter is None:
            return None
        row = LetterTokenRow(
            token=_digest_of_token(token), letter=letter, issued_at=now, expires_at=now + TOKEN_SECONDS
        )
        session.add(row)
        session.commit()
    return token


def signed_in(engine: Engine, token: str) -> LetterSignIn | None:
    """The owner of a token; None if it or its letter has ended. Raises PartUnavailable."""
    now = clock.now().timestamp()
    found = (
        select(LetterCodeRow.subject, LetterTokenRow.issued_at, LetterTokenRow.expires_at)
        .join(LetterCodeRow, LetterCodeRow.letter == LetterTokenRow.letter)
        .join(EmployeeRow, EmployeeRow.subject == LetterCodeRow.subject)
        .where(LetterTokenRow.token == _digest_of_token(token), ~EmployeeRow.active)
        .where(LetterTokenRow.expires_at > now, LetterCodeRow.expires_at > now)
    )
    with session_of(engine) as session:
        row = session.execute(found).one_or_none()
    return None if row is None else LetterSignIn(*row)


def _digest(code: str) -> str:
    return hashlib.sha256(f"letter:{code.upper().translate(LOOK_ALIKE)}".encode()).hexdigest()


def _digest_of_token(token: str) -> str:
    return hashlib.sha256(f"letter token:{token}".encode()).hexdigest()
