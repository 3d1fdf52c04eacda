"""Anchors the access logs: once every UTC day, whether or not there are new entries.

An entry gets the number of its anchor in the transaction that hashes it; entries without one come later. So the order
in a chain, by anchor and id, never changes.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

import clock
from directory import Directory
from directory.keys import EVERYBODY
from governance import access_log, ledger
from governance.access_proofs.chains import Chain, extended, fields, leaf_of, statement
from governance.access_proofs.tables import AnchorRow, ChainRow
from governance.db.database import reading, writing
from governance.db.tables import AccessRow
from governance.throttle import Throttle
from verifier import tree_root

ROUND_SECONDS = 300.0

_rounds = Throttle()


def record_periodically() -> None:
    """Part of a worker's round; checks every five minutes."""
    if _rounds.allows():
        record_if_due()
        _rounds.pause(ROUND_SECONDS)


def record_if_due() -> bool:
    """Anchor all access logs in the ledger unless today's anchor exists; returns whether it did."""
    with reading() as session:
        if not _is_due(session):
            return False
    access_log.collect()
    with Directory.open() as directory:
        people = sorted(person.subject for person in directory.everyone())
    with writing() as session:
        if not _is_due(session):  # another worker was faster
            return False
        last = newest(session)
        number = 1 if last is None else last.number + 1
        _extend(session, number)
        chains = {row.subject: Chain(row.entries, row.head) for row in session.scalars(select(ChainRow))}
        everybody = chains.get(EVERYBODY, Chain())
        secret, day = secrets.token_bytes(32), clock.today()
        leaves = sorted(
            leaf_of(secret, subject, statement(subject, day, chains.get(subject, Chain()), everybody))
            for subject in people
        )
        body = {"day": day.isoformat(), "leaves": len(leaves), "root": tree_root(leaves).hex()}
        entry = ledger.append(session, "access_log", body)
        session.execute(delete(AnchorRow))
        session.add(AnchorRow(number=number, day=day, position=entry.position, secret=secret, leaves=b"".join(leaves)))
        return True


def newest(session: Session) -> AnchorRow | None:
    return session.scalar(select(AnchorRow))


def _extend(session: Session, number: int) -> None:
    """Add the entries that are in no chain yet."""
    added: defaultdict[UUID, list[AccessRow]] = defaultdict(list)
    new = (AccessRow.anchor.is_(None), access_log.disclosed())
    for row in session.scalars(select(AccessRow).where(*new).order_by(AccessRow.id)):
        added[row.subject].append(row)
        row.anchor = number
    for subject, rows in added.items():
        chain = session.get(ChainRow, subject)
        if chain is None:
            chain = ChainRow(subject=subject, entries=0, head=Chain().head)
            session.add(chain)
        chain.entries, chain.head = extended(Chain(chain.entries, chain.head), map(fields, rows))


def _is_due(session: Session) -> bool:
    last = newest(session)
    return last is None or last.day < clock.today()
