"""Dataset versions and the ledger: each manifest's root is recorded there once, whoever made the version.

The version itself is made in the lake. The transaction that adds the ledger entry also notes that the version is
recorded. A worker records versions that were made at the command line, or by an API process that died before it could
record them.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from governance import ledger
from governance.db.database import reading, writing
from governance.ledger import log
from governance.ledger.tables import DatasetRow
from governance.throttle import Throttle
from lake.datasets import making
from lake.datasets.making import Made, Manifest
from lake.lineage.manifest import Leaf, form_of
from queries import Own
from queries.connection import answering
from verifier import LEAVES, MEMBERSHIP

ROUND_SECONDS = 30.0

_rounds = Throttle()


def record_in_ledger(made: Manifest) -> int:
    """The position of the public entry for a dataset version (not its index in the tree); records it if it is missing.
    Idempotent."""
    with reading() as session:
        row = session.get(DatasetRow, made.dataset_version)
        if row is not None and row.listed is not None:
            return row.listed
    with writing() as session:
        return _record(session, made)


def record_missing() -> int:
    """Record the versions that are not in the ledger yet, oldest first; returns how many."""
    every = answering(making.manifests)
    with reading() as session:
        listed = set(session.scalars(select(DatasetRow.dataset_version).where(DatasetRow.listed.is_not(None))))
    left = [made for made in every if made.dataset_version not in listed]
    for made in left:
        record_in_ledger(made)
    return len(left)


def record_missing_periodically() -> None:
    """Part of a worker's round; checks every half minute."""
    if _rounds.allows():
        record_missing()
        _rounds.pause(ROUND_SECONDS)


def index_of(made: Manifest) -> int | None:
    """The index of its entry in the ledger, which is recorded if it is missing; None until its batch."""
    position = record_in_ledger(made)
    with reading() as session:
        return log.index_of(session, position)


def find(dataset_version: UUID) -> Made:
    """A dataset version and its size. Raises NoSuchDataset, LakeUnavailable."""
    return answering(lambda cursor: making.of(cursor, dataset_version))


def leaves(dataset_version: UUID) -> dict[str, Any]:
    """All leaves of a manifest, in the verifier's format. Raises NoSuchDataset, LakeUnavailable."""
    made = answering(lambda cursor: making.manifest(cursor, dataset_version))
    listed = [Leaf(*leaf) for leaf in answering(lambda cursor: making.leaves(cursor, dataset_version))]
    return {
        "format": LEAVES,
        "dataset_version": str(dataset_version),
        "manifest": form_of(dataset_version, listed, made.root),
        "leaves": [{"person": leaf.person.hex(), "root": leaf.root.hex()} for leaf in listed],
    }


def membership(own: Own, dataset_version: UUID, since: int | None) -> dict[str, Any]:
    """The proof whether the person is in a dataset version, and with which captures: a file for the verifier.

    It also proves that the ledger extends both the one of size `since` and the head that the person last verified.
    Raises NoSuchDataset, NotYetInLedger, LakeUnavailable.
    """
    made = answering(lambda cursor: making.manifest(cursor, dataset_version))
    proof = own.membership(dataset_version)
    position = record_in_ledger(made)
    with reading() as session:
        known = log.known_sizes(session, own.subject.key, since)
        proven = log.proven_entry(session, position, *known, listing=True)
        assert proven is not None, "ledger content about dataset versions is never destroyed"
        statement, entry = proven
        return {
            "format": MEMBERSHIP,
            "subject": str(own.subject.key),
            **proof,
            "statement": statement,
            "ledger": entry,
        }


def _record(session: Session, made: Manifest) -> int:
    row = session.get(DatasetRow, made.dataset_version)
    if row is None or row.listed is None:
        entry = ledger.append(
            session,
            "dataset_version",
            {
                "dataset_version": str(made.dataset_version),
                "dataset": made.dataset,
                "version": made.version,
                "purpose": made.purpose,
                "root": made.root,
            },
        )
        if row is None:
            row = DatasetRow(dataset_version=made.dataset_version, position=entry.position)
            session.add(row)
        row.listed, row.root = entry.position, made.root
    assert row.listed is not None
    return row.listed
