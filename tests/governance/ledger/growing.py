"""A growing ledger on disk, and what someone with access to the database may do to it."""

from __future__ import annotations

import os

from sqlalchemy import select, text, update

from governance.db.database import reading, writing
from governance.ledger import append, log
from governance.ledger.tables import EntryRow, NodeRow
from lake.storage import merkle
from verifier import Checkpoint, leaf_hash


def grow(entries: int) -> Checkpoint:
    with writing() as session:
        for _ in range(entries):
            append(session, "retention", {"erased": 1})
    with reading() as session:
        return log.checkpoint(session)


def rewrite(position: int) -> None:
    """Replace an entry and rebuild the whole tree to match."""
    with writing() as session:
        session.execute(update(EntryRow).where(EntryRow.position == position).values(commitment=os.urandom(32)))
        commitments = session.scalars(select(EntryRow.commitment).order_by(EntryRow.position)).all()
        session.execute(text("delete from ledger_node"))
        nodes: dict[tuple[int, int], bytes] = {}
        for size, committed in enumerate(commitments):
            for level, at, value in merkle.completed(size, leaf_hash(committed), lambda *of: nodes[of]):
                nodes[level, at] = value
                session.add(NodeRow(level=level, position=at, hash=value))
