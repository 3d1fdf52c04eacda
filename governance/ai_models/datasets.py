"""Dataset versions and the ledger: each manifest's root is told there once, whoever made the version.

A version is made in the lake; that it is told is noted in the transaction of the ledger's entry. What was made at the
command line, or by an API that died before it could tell, is told by a worker.
"""

from __future__ import annotations

import time
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from governance import ledger
from governance.db.database import reading, writing
from governance.ledger import log
from governance.ledger.tables import DatasetRow
from lake.datasets import making
from lake.datasets.making import Made, Manifest
from queries import Own
from queries.connection import answering
from verifier import LEAVES, MEMBERSHIP

ROUND_SECONDS = 30.0

_next_round = 0.0


def tell(made: Manifest) -> int:
    """The place in the ledger of what it says of a dataset version; told now if it was not. Safe to repeat."""
    with reading() as session:
        if (row := session.get(DatasetRow, made.dataset_version)) is not None:
            return row.position
    with writing() as session:
        return _told(session, made)


def tell_left() -> int:
    """Tell what nobody has told yet, the oldest first; returns how many."""
    every = answering(making.manifests)
    with reading() as session:
        told = set(session.scalars(select(DatasetRow.dataset_version)))
    left = [made for made in every if made.dataset_version not in told]
    for made in left:
        tell(made)
    return len(left)


def tell_now_and_then() -> None:
    """For a worker's round: looks every half a minute."""
    global _next_round
    if time.monotonic() >= _next_round:
        tell_left()
        _next_round = time.monotonic() + ROUND_SECONDS


def find(dataset_version: UUID) -> Made:
    """A dataset version and how much is in it. Raises LookupError, LakeUnavailable."""
    return answering(lambda cursor: making.of(cursor, dataset_version))


def leaves(dataset_version: UUID) -> dict[str, Any]:
    """All leaves of a manifest, as the verifier reads them. Raises LookupError, LakeUnavailable."""
    answering(lambda cursor: making.manifest(cursor, dataset_version))
    listed = answering(lambda cursor: making.leaves(cursor, dataset_version))
    return {
        "format": LEAVES,
        "dataset_version": str(dataset_version),
        "leaves": [{"person": person.hex(), "root": root.hex()} for person, root in listed],
    }


def membership(own: Own, dataset_version: UUID, since: int | None) -> dict[str, Any]:
    """What proves whether the person is in a dataset version, and with what: a file for the verifier.

    It proves that the ledger continues the one of `since` entries, and the head that the person last verified. Raises
    LookupError, LakeUnavailable.
    """
    made = answering(lambda cursor: making.manifest(cursor, dataset_version))
    proof = own.membership(dataset_version)
    position = tell(made)
    with reading() as session:
        held = log.statement_of(session, position)
        assert held is not None, "what is told of a dataset version is never destroyed"
        committed, salt, statement = held
        seen = log.seen(session, own.subject.key)
        size = log.size(session)
        sizes = [known for known in (since, seen.size if seen else None) if known is not None]
        return {
            "format": MEMBERSHIP,
            "subject": str(own.subject.key),
            **proof,
            "statement": statement,
            "ledger": {
                "index": position,
                "commitment": committed.hex(),
                "salt": salt.hex(),
                "inclusion": [value.hex() for value in log.inclusion(session, position, size)],
                "head": log.proven_head(session, *sizes),
            },
        }


def _told(session: Session, made: Manifest) -> int:
    row = session.get(DatasetRow, made.dataset_version)
    if row is None:
        entry = ledger.append(
            session,
            "dataset_version",
            {
                "dataset_version": str(made.dataset_version),
                "dataset": made.dataset,
                "version": made.version,
                "purpose": made.purpose,
                "people": made.people,
                "root": made.root,
            },
        )
        row = DatasetRow(dataset_version=made.dataset_version, position=entry.index)
        session.add(row)
    return row.position
