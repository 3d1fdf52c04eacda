"""Sign-ins that the identity provider has ended, in the directory database: their tokens are refused from then on.

    of a person     every access token of that `sub` that was issued no later than the notice
    of everybody    after a restore (`end_all`), every access token that was issued before it
    of a session    every access token that names that `sid`, and those that the dashboard got with it (`remember`)

An issuer whose clock is ahead of ours dates a token later than we see it, by `LEEWAY_SECONDS` at most; it would outlive
a notice that comes in between. So the latest such `iat` is noted for each person, and a notice that is earlier by no
more than the leeway ends what was issued until then. Whoever signs in afterwards gets a later `iat`, and is in at once.

Names are stored as digests. What is about one session is kept for `LONGEST_AGE`; older access tokens are refused
anyway. A notice for a person replaces the earlier one, so there is one row per person at most.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session

import clock
from databases.statements import insert
from directory.models import LetterCodeRow, NoticeRow, RevocationRow, SessionTokenRow, session_of, writer_of
from errors import NotValid

LEEWAY_SECONDS = 30
"""How far the clocks of others may be off."""
LONGEST_AGE = 31 * 24 * 3600
"""Seconds: older access tokens are refused, whatever their expiry."""
NOTICE_SECONDS = 600
"""How long after it was issued a notice is accepted; its `jti` is kept for that long."""

EVERYBODY = "everybody"
"""The name of the row that is about all people; the others are digests."""


class NoticeRefused(NotValid):
    """A notice of the identity provider that we don't accept. Nobody was signed out."""


class AlreadyUsed(NoticeRefused):
    """A notice with this `jti` was carried out before."""


@dataclass(frozen=True)
class Notice:
    """A verified notice of the identity provider that a person, a session or both are signed out."""

    sub: str | None
    sid: str | None
    issued_at: float
    """Unix seconds."""
    jti: str
    kept_seconds: int = 2 * NOTICE_SECONDS
    """How long after it was issued its `jti` is known: at least as long as the notice would be accepted."""


def carry_out(engine: Engine, notice: Notice) -> None:
    """End what the notice names, all or nothing. Raises AlreadyUsed, PartUnavailable.

    A notice with both names ends the session and the person's earlier sign-ins: an access token needn't name its
    session, and one that can't be told apart must not live on.
    """
    now = clock.now().timestamp()
    with writer_of(engine) as session:
        _use(session, notice, now)
        session.execute(delete(RevocationRow).where(RevocationRow.kept_until < now))
        if notice.sub is not None:
            _end_person(session, notice.sub, notice.issued_at)
        if notice.sid is not None:
            _end(session, _digest("sid", notice.sid), notice.issued_at, now + LONGEST_AGE)
        session.commit()


def end_person(session: Session, sub: str) -> None:
    """End a person's sign-ins up to now, in a session that the caller commits; they may sign in again."""
    _end_person(session, sub, clock.now().timestamp())


def end_all(engine: Engine) -> None:
    """End every sign-in up to now: nobody knows which ones were ended since a backup. Raises PartUnavailable."""
    with writer_of(engine) as session:
        _end(session, EVERYBODY, clock.now().timestamp(), None)
        session.execute(delete(LetterCodeRow))  # some may have been ended since, too
        session.commit()


def _use(session: Session, notice: Notice, now: float) -> None:
    session.execute(delete(NoticeRow).where(NoticeRow.kept_until < now))
    row = insert(NoticeRow).values(name=_digest("jti", notice.jti), kept_until=notice.issued_at + notice.kept_seconds)
    if session.scalar(row.on_conflict_do_nothing().returning(NoticeRow.name)) is None:
        raise AlreadyUsed("This notice was carried out before. Nothing was changed.")


def _end_person(session: Session, sub: str, issued_until: float) -> None:
    ahead = session.get(RevocationRow, _digest("ahead", sub))
    if ahead is not None and ahead.issued_until <= issued_until + LEEWAY_SECONDS:
        issued_until = max(issued_until, ahead.issued_until)
    _end(session, _digest("sub", sub), issued_until, None)


def _note_ahead(engine: Engine, sub: str, issued_at: float) -> None:
    """A token of this person was seen whose `iat` is ahead of our clock."""
    with session_of(engine) as session:
        known = session.get(RevocationRow, _digest("ahead", sub))
        if known is not None and known.issued_until >= issued_at:
            return
    with writer_of(engine) as session:
        _end(session, _digest("ahead", sub), issued_at, issued_at + 2 * NOTICE_SECONDS)
        session.commit()


def _end(session: Session, name: str, issued_at: float, kept_until: float | None) -> None:
    row = insert(RevocationRow).values(name=name, issued_until=issued_at, kept_until=kept_until)
    newer = {"issued_until": row.excluded.issued_until, "kept_until": row.excluded.kept_until}
    session.execute(
        row.on_conflict_do_update(
            index_elements=[RevocationRow.name],
            set_=newer,
            where=RevocationRow.issued_until < row.excluded.issued_until,
        )
    )


def remember(engine: Engine, token: str, sid: str) -> None:
    """Note that this access token belongs to this session of the provider. Raises PartUnavailable."""
    now = clock.now().timestamp()
    with writer_of(engine) as session:
        session.execute(delete(SessionTokenRow).where(SessionTokenRow.kept_until < now))
        row = insert(SessionTokenRow).values(
            token=_digest("token", token), sid=_digest("sid", sid), kept_until=now + LONGEST_AGE
        )
        session.execute(row.on_conflict_do_nothing())
        session.commit()


def has_ended(engine: Engine, token: str, sub: str, sid: object, issued_at: float) -> bool:
    """Whether the sign-in of this verified access token was ended. `sid`: its claim, of any type, or None.

    Otherwise it is noted if its `iat` is ahead of our clock. Raises PartUnavailable.
    """
    sessions = {_digest("sid", sid)} if isinstance(sid, str) else set()
    with session_of(engine) as session:
        linked = session.scalar(select(SessionTokenRow.sid).where(SessionTokenRow.token == _digest("token", token)))
        sessions |= {linked} if linked else set()
        names = (*sessions, _digest("sub", sub), EVERYBODY)
        found = select(RevocationRow.name, RevocationRow.issued_until).where(RevocationRow.name.in_(names))
        for name, issued_until in session.execute(found):
            if name in sessions or issued_at <= issued_until:
                return True
    if issued_at > clock.now().timestamp():
        _note_ahead(engine, sub, issued_at)
    return False


def _digest(kind: str, name: str) -> str:
    return hashlib.sha256(f"{kind}:{name}".encode()).hexdigest()
