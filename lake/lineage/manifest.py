"""The manifest of a dataset version as a tree (RFC 9162, 2.1): one root that commits to what is in it, and of whom.

    slice     one line of canonical JSON: subject, day, signal, application, events, digest
    person    a leaf: their key in this version (`verifier.person_key`), and a hash of version, subject and the root
              over their slices, in order of day, signal and application (`verifier.hidden_root`)
    tree      over the people, in order of their keys
    root      SHA-256 over the canonical JSON of format, dataset version, number of leaves and the tree's root

Everybody in the directory has a leaf, also those of whom nothing is listed: so the number of leaves says nothing about
who is in a version, and the leaves can be counted against the register of people. A subject is 122 random bits. So
a leaf does not reveal to anyone who does not have the subject whether anything is listed, and two versions share
nothing by which they could be linked. The leaves can therefore be public. Hashing is in `verifier`.

Manifests of earlier versions (`verifier.MANIFEST`) have leaves only of people of whom something is listed, with the
plain root over their slices. They stay as they are.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any
from uuid import UUID

import pyarrow as pa
from duckdb import DuckDBPyConnection

from lake.statements import statement
from lake.storage import merkle
from verifier import (
    EMPTY_ROOT,
    MANIFEST,
    MANIFEST_OF_ALL,
    canonical,
    hidden_root,
    manifest_root,
    person_key,
    person_leaf,
    tree_root,
)

SLICES = pa.schema(
    [
        ("subject", pa.binary(16)),
        ("day", pa.date32()),
        ("signal", pa.string()),
        ("application", pa.string()),
        ("events", pa.int64()),
        ("digest", pa.binary()),
        ("first_at", pa.timestamp("us")),
        ("last_at", pa.timestamp("us")),
    ]
)
"""Schema of the slices of a manifest; `subject` may also be text, as DuckDB gives it."""


_SPELLED = pa.schema([("word", pa.string()), ("spelled", pa.string())])


@dataclass(frozen=True)
class Leaf:
    """One person of a manifest."""

    person: bytes
    root: bytes

    @property
    def hash(self) -> bytes:
        return person_leaf(self.person, self.root)


def leaves_of(
    connection: DuckDBPyConnection, dataset_version: UUID, slices: pa.Table, everyone: Collection[UUID]
) -> list[Leaf]:
    """The leaves of a dataset version with these slices (`SLICES`), each slice once: of `everyone`, and of whoever has
    slices without being among them, which then shows as a leaf too many."""
    words = sorted({*slices["signal"].unique().to_pylist(), *slices["application"].unique().to_pylist()})
    spelled = pa.table({"word": words, "spelled": [canonical(word).decode() for word in words]}, _SPELLED)
    connection.register("manifest", slices)
    connection.register("spelled", spelled)
    try:
        answer = connection.execute(statement("hash_slices"))
        roots = dict.fromkeys(everyone, EMPTY_ROOT)
        while rows := answer.fetchmany(100):
            roots |= {subject: tree_root(hashes) for subject, hashes in rows}
        leaves = [
            Leaf(person_key(dataset_version, subject), hidden_root(dataset_version, subject, root))
            for subject, root in roots.items()
        ]
        return sorted(leaves, key=attrgetter("person"))
    finally:
        connection.unregister("manifest")
        connection.unregister("spelled")


def root_of(dataset_version: UUID, leaves: Sequence[Leaf], form: str = MANIFEST_OF_ALL) -> bytes:
    """The root of the manifest."""
    return manifest_root(dataset_version, len(leaves), tree_root([leaf.hash for leaf in leaves]), form)


def form_of(dataset_version: UUID, leaves: Sequence[Leaf], root: str) -> str:
    """The format of the manifest that has this root. Raises ValueError: the leaves are not those of the root."""
    tree = tree_root([leaf.hash for leaf in leaves])
    for form in (MANIFEST_OF_ALL, MANIFEST):
        if manifest_root(dataset_version, len(leaves), tree, form).hex() == root:
            return form
    raise ValueError("The leaves of a manifest do not give its root.")


def proof(
    dataset_version: UUID,
    leaves: Sequence[Leaf],
    subject: UUID,
    slices: Sequence[dict[str, Any]],
    erased: dict[str, str] | None = None,
    form: str = MANIFEST_OF_ALL,
) -> dict[str, Any]:
    """The proof of which slices of a subject are in the manifest, as the verifier reads it: `manifest`, `present`,
    `absent`. `slices` are those of the subject: day, signal, application, events, digest, in this order. If they were
    erased, the proof shows the root over them in their place, and which request erased them: `erased`. An empty leaf
    is shown without slices; nothing was erased from it."""
    node = merkle.in_memory([leaf.hash for leaf in leaves])
    me, people = person_key(dataset_version, subject), len(leaves)
    place = bisect_left(leaves, me, key=attrgetter("person"))
    present = place < people and leaves[place].person == me

    def path(index: int) -> list[str]:
        return [value.hex() for value in merkle.inclusion(index, people, node)]

    def neighbour(index: int) -> dict[str, Any] | None:
        if not 0 <= index < people:
            return None
        leaf = leaves[index]
        return {"index": index, "person": leaf.person.hex(), "root": leaf.root.hex(), "inclusion": path(index)}

    def own() -> dict[str, Any]:
        empty = leaves[place].root == hidden_root(dataset_version, subject, EMPTY_ROOT)
        if slices or empty or erased is None:
            return {"index": place, "slices": list(slices), "inclusion": path(place)}
        gone = {"root": leaves[place].root.hex(), **erased}
        return {"index": place, "slices": [], "erased": gone, "inclusion": path(place)}

    return {
        "manifest": {
            "format": form,
            "dataset_version": str(dataset_version),
            "people": people,
            "tree": merkle.root(people, node).hex(),
            "root": root_of(dataset_version, leaves, form).hex(),
        },
        "present": own() if present else None,
        "absent": None if present else {"before": neighbour(place - 1), "after": neighbour(place)},
    }
