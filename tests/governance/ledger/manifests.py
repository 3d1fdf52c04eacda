"""Manifests of made-up people, and proofs about them in a ledger, without a server."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from lake.lineage.manifest import Leaf, proof
from lake.storage import merkle
from tests.governance.ledger.signing import INDEX, LOG, Holder
from tests.governance.ledger.trees import StoredTree
from verifier import (
    LEAVES,
    MANIFEST,
    MANIFEST_OF_ALL,
    MEMBERSHIP,
    Checkpoint,
    Datasets,
    commitment,
    hidden_root,
    person_key,
    slice_leaf,
    tree_root,
)

VERSION = UUID("5a1f0c52-5f3c-4c50-9f35-b2a4b8a4c3e1")
DAY = date(2026, 3, 2)
Slices = dict[UUID, list[dict[str, Any]]]


def slices_of(count: int, seed: int = 0) -> list[dict[str, Any]]:
    return [
        {
            "day": str(DAY + timedelta(days=number // 3)),
            "signal": ("keystroke", "mouse_click", "scroll")[number % 3],
            "application": "Excel",
            "events": number + 1,
            "digest": f"{seed:032x}{number:032x}",
        }
        for number in range(count)
    ]


def people(count: int) -> Slices:
    return {UUID(int=number + 1): slices_of(1 + number % 4, number) for number in range(count)}


def leaves(listed: Slices, version: UUID = VERSION, form: str = MANIFEST) -> list[Leaf]:
    """As an earlier version made them, or of everybody: people without slices have a leaf, too."""
    of = []
    for subject, lines in listed.items():
        root = tree_root([slice_leaf({**line, "subject": str(subject)}) for line in lines])
        shown = hidden_root(version, subject, root) if form == MANIFEST_OF_ALL else root
        of.append(Leaf(person_key(version, subject), shown))
    return sorted(of, key=lambda leaf: leaf.person)


def leaf_list(of: list[Leaf], version: UUID = VERSION, **changed: str) -> dict[str, Any]:
    listed = [{"person": leaf.person.hex(), "root": leaf.root.hex()} for leaf in of]
    return {"format": LEAVES, "dataset_version": str(version), "leaves": listed, **changed}


def document(
    of: list[Leaf],
    subject: UUID,
    lines: list[dict[str, Any]],
    salt: bytes = b"",
    form: str = MANIFEST,
    **changed: Any,
) -> dict[str, Any]:
    """A proof file, in a ledger that records and lists the manifest; `changed`: what the entry states differently."""
    proven = proof(VERSION, of, subject, lines, form=form)
    if form == MANIFEST:
        del proven["manifest"]["format"]  # as an earlier version gave it
    statement = {
        "kind": "dataset_version",
        "at": "2026-03-05T10:00:00Z",
        "dataset_version": str(VERSION),
        "dataset": "desktop-actions",
        "version": "3",
        "purpose": "model training",
        "root": proven["manifest"]["root"],
        **changed,
    }
    listed = Datasets(((str(VERSION), proven["manifest"]["root"], INDEX),))
    entries = [bytes([number]) * 32 for number in range(7)]
    entries[INDEX] = commitment(salt, statement)
    tree = StoredTree(entries)
    root = merkle.root(7, tree.node)
    return {
        "format": MEMBERSHIP,
        "subject": str(subject),
        **proven,
        "statement": statement,
        "ledger": {
            "index": INDEX,
            "commitment": entries[INDEX].hex(),
            "salt": salt.hex(),
            "inclusion": [value.hex() for value in merkle.inclusion(INDEX, 7, tree.node)],
            "head": listing_head(Checkpoint(LOG.key.name, 7, root), listed),
        },
    }


def listing_head(checkpoint: Checkpoint, listed: Datasets, log: Holder = LOG) -> dict[str, Any]:
    """A head whose checkpoint commits to this list of dataset versions."""
    line = listed.line
    signed = log.signs(replace(checkpoint, extensions=() if line is None else (line,)))
    return {
        "key": str(log.key),
        "checkpoint": signed.note,
        "size": signed.size,
        "root": signed.root.hex(),
        "earlier": [],
        "witnessed": None,
        "datasets": [list(row) for row in listed.rows],
    }


def proven(listed: Slices, subject: UUID) -> dict[str, Any]:
    return document(leaves(listed), subject, listed.get(subject, []))
