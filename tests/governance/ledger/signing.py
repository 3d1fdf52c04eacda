"""Keys of a log and of witnesses, and receipts made with them, without a server."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lake.storage import merkle
from tests.governance.ledger.trees import StoredTree
from verifier import COSIGNATURE, ED25519, RECEIPT, Checkpoint, Key, commitment, leaf_hash, message


class Holder:
    """Someone with a private key: a log or a witness."""

    def __init__(self, name: str, kind: int = ED25519, seed: int = 1) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
        self.key = Key(name, self._private.public_key().public_bytes_raw(), kind)

    def sign(self, text: bytes) -> bytes:
        return self._private.sign(text)

    def signs(self, checkpoint: Checkpoint, time: int = 1_790_000_000) -> Checkpoint:
        """The checkpoint with this holder's signature as one more line."""
        text = checkpoint.text.encode()
        if self.key.type == COSIGNATURE:
            signature = time.to_bytes(8, "big") + self.sign(b"cosignature/v1\ntime %d\n" % time + text)
        else:
            signature = self.sign(text)
        return replace(checkpoint, signatures=(*checkpoint.signatures, (self.key.name, self.key.id, signature)))


LOG = Holder("example.com/ledger")
COUNCIL = Holder("council.example", COSIGNATURE, seed=2)
STATEMENT: dict[str, Any] = {
    "kind": "request_ended",
    "at": "2026-03-05T10:00:00Z",
    "request": "b1f7ab32-7d55-4bd8-a18e-7c8f1f6a1d0e",
    "state": "completed",
    "stores": [{"store": "captures", "matched": 12, "erased": 12, "withheld": 0, "failed": 0}],
    "backups": None,
}
SALT = bytes(range(32))
INDEX = 5
ENTRIES = [bytes([number]) * 32 for number in range(13)]
ENTRIES[INDEX] = commitment(SALT, STATEMENT)
TREE = StoredTree(ENTRIES)


def checkpoint(size: int, tree: StoredTree = TREE, log: Holder = LOG) -> Checkpoint:
    return log.signs(Checkpoint(log.key.name, size, merkle.root(size, tree.node)))


def head(
    size: int = 13, *since: int, log: Holder = LOG, witnessed: Checkpoint | None = None, tree: StoredTree = TREE
) -> dict[str, Any]:
    return {
        "key": str(log.key),
        "checkpoint": checkpoint(size, tree, log).note,
        "size": size,
        "root": merkle.root(size, tree.node).hex(),
        "earlier": [
            {
                "size": earlier,
                "root": merkle.root(earlier, tree.node).hex(),
                "proof": [value.hex() for value in merkle.consistency(earlier, size, tree.node)],
            }
            for earlier in since
        ],
        "witnessed": witnessed.note if witnessed else None,
    }


def receipt(
    *since: int,
    size: int = 13,
    log: Holder = LOG,
    witnessed: Checkpoint | None = None,
    statement: dict[str, Any] = STATEMENT,
) -> dict[str, Any]:
    """A valid receipt, in the ledger of `size` entries."""
    assert leaf_hash(ENTRIES[INDEX]) == TREE.node(0, INDEX)
    committed = commitment(SALT, statement)
    tree = StoredTree([*ENTRIES[:INDEX], committed, *ENTRIES[INDEX + 1 :]])
    return {
        "format": RECEIPT,
        "statement": statement,
        "key": str(log.key),
        "signature": base64.b64encode(log.sign(message(RECEIPT, statement))).decode(),
        "ledger": {
            "index": INDEX,
            "commitment": committed.hex(),
            "salt": SALT.hex(),
            "inclusion": [value.hex() for value in merkle.inclusion(INDEX, size, tree.node)],
            "head": head(size, *since, log=log, witnessed=witnessed, tree=tree),
        },
    }
