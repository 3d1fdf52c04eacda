"""Makes the register of a day, if somebody joined or left since the last one, and at least once a month."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

import clock
from directory import Directory, Employee
from governance import ledger
from governance.db.database import reading, writing
from governance.ledger.tables import EntryRow
from governance.register.tables import RegisterRow
from governance.throttle import Throttle
from verifier import canonical, register_leaf, tree_root

ROUND_SECONDS = 300.0
AT_LEAST_EVERY = timedelta(days=30)

_rounds = Throttle()


def record_periodically() -> None:
    """Part of a worker's round; checks every five minutes."""
    if _rounds.allows():
        record_if_changed()
        _rounds.pause(ROUND_SECONDS)


def record_if_changed() -> bool:
    """Record the register of today in the ledger, unless it is already, or nothing changed; returns whether it did."""
    with Directory.open() as directory:
        people = directory.everyone()
    members = _digest(people)
    with reading() as session:
        if not _is_due(newest(session), members):
            return False
    with writing() as session:
        if not _is_due(newest(session), members):  # another worker was faster
            return False
        secret = secrets.token_bytes(32)
        leaves = sorted(leaf_of(secret, person) for person in people)
        body = {
            "day": clock.today().isoformat(),
            "leaves": len(leaves),
            "active": sum(person.active for person in people),
            "root": tree_root(leaves).hex(),
        }
        entry = ledger.append(session, "register", body)
        session.add(
            RegisterRow(
                day=clock.today(),
                position=entry.position,
                members=members,
                secret=secret,
                leaves=b"".join(leaves),
            )
        )
        proven = newest_in_ledger(session)
        kept = {clock.today(), *([] if proven is None else [proven.day])}
        session.execute(delete(RegisterRow).where(RegisterRow.day.not_in(kept)))
        return True


def newest(session: Session) -> RegisterRow | None:
    return session.scalar(select(RegisterRow).order_by(RegisterRow.day.desc()).limit(1))


def newest_in_ledger(session: Session) -> RegisterRow | None:
    """The newest one that can be proven: it may be the one before the newest, which waits for its batch."""
    listed = select(RegisterRow).join(EntryRow, EntryRow.position == RegisterRow.position)
    return session.scalar(listed.where(EntryRow.leaf.is_not(None)).order_by(RegisterRow.day.desc()).limit(1))


def salt_of(secret: bytes, subject: UUID) -> bytes:
    """The salt of a person's leaf."""
    return hmac.digest(secret, subject.bytes, "sha256")


def leaf_of(secret: bytes, person: Employee) -> bytes:
    """The hash of a person's leaf."""
    return register_leaf(salt_of(secret, person.subject), person.email, person.subject)


def _is_due(last: RegisterRow | None, members: bytes) -> bool:
    if last is None:
        return True
    if last.day >= clock.today():
        return False
    return last.members != members or last.day + AT_LEAST_EVERY <= clock.today()


def _digest(people: Sequence[Employee]) -> bytes:
    members = sorted([str(person.subject), person.email, int(person.active)] for person in people)
    return hashlib.sha256(canonical(members)).digest()
