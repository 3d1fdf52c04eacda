"""The manifest of a dataset version as a tree (RFC 9162, 2.1): one root that commits to what is in it, and of whom.

    slice     one line of canonical JSON: subject, day, signal, application, events, digest
    person    a leaf: their key in this version (`verifier.person_key`), and the root over their slices, in order of
              day, signal and application
    tree      over the people, in order of their keys
    root      SHA-256 over the canonical JSON of format, dataset version, number of people and the tree's root

A subject is 122 random bits. So neither a person's key nor the root over their slices reveals anything to anyone who
does not have the subject, and two versions share nothing by which they could be linked. The leaves can therefore be
public. Hashing is in `verifier`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any
from uuid import UUID

import pyarrow as pa
from duckdb import DuckDBPyConnection

from lake.statements import statement
from lake.storage import merkle
from verifier import canonical, manifest_root, person_key, person_leaf, tree_root

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


def leaves_of(connection: DuckDBPyConnection, dataset_version: UUID, slices: pa.Table) -> list[Leaf]:
    """The leaves of a dataset version with these slices (`SLICES`), each slice once."""
    words = sorted({*slices["signal"].unique().to_pylist(), *slices["application"].unique().to_pylist()})
    spelled = pa.table({"word": words, "spelled": [canonical(word).decode() for word in words]}, _SPELLED)
    connection.register("manifest", slices)
    connection.register("spelled", spelled)
    try:
        answer = connection.execute(statement("hash_slices"))
        leaves = []
        while rows := answer.fetchmany(100):
            leaves += [Leaf(person_key(dataset_version, subject), tree_root(hashes)) for subject, hashes in rows]
        return sorted(leaves, key=attrgetter("person"))
    finally:
        connection.unregister("manifest")
        connection.unregister("spelled")


def root_of(dataset_version: UUID, leaves: Sequence[Leaf]) -> bytes:
    """The root of the manifest."""
    return manifest_root(dataset_version, len(leaves), tree_root([leaf.hash for leaf in leaves]))


def proof(
    dataset_version: UUID,
    leaves: Sequence[Leaf],
    subject: UUID,
    slices: Sequence[dict[str, Any]],
    erased: dict[str, str] | None = None,
) -> dict[str, Any]:
    """The proof of which slices of a subject are in the manifest, as the verifier reads it: `manifest`, `present`,
    `absent`. `slices` are those of the subject: day, signal, application, events, digest, in this order. If they were
    erased, the proof shows the root over them in their place, and which request erased them: `erased`."""
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
        if slices or erased is None:
            return {"index": place, "slices": list(slices), "inclusion": path(place)}
        gone = {"root": leaves[place].root.hex(), **erased}
        return {"index": place, "slices": [], "erased": gone, "inclusion": path(place)}

    return {
        "manifest": {
            "dataset_version": str(dataset_version),
            "people": people,
            "tree": merkle.root(people, node).hex(),
            "root": root_of(dataset_version, leaves).hex(),
        },
        "present": own() if present else None,
        "absent": None if present else {"before": neighbour(place - 1), "after": neighbour(place)},
    }
