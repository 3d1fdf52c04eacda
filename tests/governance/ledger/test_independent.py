"""A verifier that shares no code with ours comes to the same verdict on a thousand proofs, true and altered."""

from __future__ import annotations

import base64
import copy
import json
from random import Random
from typing import Any
from uuid import UUID

from lake.storage import merkle
from tests.governance.ledger.c2sp import consistency, included, receipt_holds
from tests.governance.ledger.signing import LOG
from tests.governance.ledger.trees import StoredTree
from verifier import RECEIPT, Checkpoint, Refused, Trust, Unreadable, commitment, leaf_hash, message, verify

PROOFS = 1000


def receipt(random: Random) -> dict[str, Any]:
    """A receipt somewhere in a ledger of a random size."""
    size = random.randint(1, 200)
    index, salt = random.randrange(size), random.randbytes(32)
    statement = {"kind": "request_ended", "request": str(UUID(int=random.getrandbits(128))), "erased": index}
    statement["words"] = random.choice(["It was done.", "Erledigt: 3 Einträge", "line\nbreak ☕", '"quoted" \\'])
    entries = [random.randbytes(32) for _ in range(size)]
    entries[index] = commitment(salt, statement)
    tree = StoredTree(entries)
    root = merkle.root(size, tree.node)
    return {
        "format": RECEIPT,
        "statement": statement,
        "key": str(LOG.key),
        "signature": base64.b64encode(LOG.sign(message(RECEIPT, statement))).decode(),
        "ledger": {
            "index": index,
            "commitment": entries[index].hex(),
            "salt": salt.hex(),
            "inclusion": [value.hex() for value in merkle.inclusion(index, size, tree.node)],
            "head": {
                "key": str(LOG.key),
                "checkpoint": LOG.signs(Checkpoint(LOG.key.name, size, root)).note,
                "size": size,
                "root": root.hex(),
                "earlier": [],
                "witnessed": None,
            },
        },
    }


def altered(document: dict[str, Any], random: Random) -> dict[str, Any]:
    """The same with one part changed that somebody could be deceived by."""
    other, ledger = copy.deepcopy(document), copy.deepcopy(document["ledger"])
    hashes = ledger["inclusion"]
    match random.randrange(6):
        case 0:
            other["statement"]["erased"] += 1
        case 1:
            ledger["index"] = (ledger["index"] + 1) % (ledger["head"]["size"] + 1)
        case 2:
            ledger["salt"] = random.randbytes(32).hex()
        case 3 if hashes:
            hashes[random.randrange(len(hashes))] = random.randbytes(32).hex()
        case 4:
            ledger["head"]["checkpoint"] = ledger["head"]["checkpoint"].replace("\n", "0\n", 1)
        case _:
            hashes.append(random.randbytes(32).hex())
    return {**other, "ledger": ledger}


def holds(document: dict[str, Any]) -> bool:
    try:
        verify(json.dumps(document), Trust([LOG.key]))
    except (Refused, Unreadable):
        return False
    return True


def test_two_verifiers_agree_on_a_thousand_receipts() -> None:
    random = Random(1)
    for _ in range(PROOFS // 2):
        true = receipt(random)
        assert holds(true)
        assert receipt_holds(true, str(LOG.key))
        false = altered(true, random)
        assert not holds(false)
        assert not receipt_holds(false, str(LOG.key))


def test_proofs_are_those_of_the_standard() -> None:
    random = Random(2)
    for _ in range(PROOFS // 10):
        size = random.randint(1, 300)
        entries = [random.randbytes(32) for _ in range(size)]
        tree, index, old = StoredTree(entries), random.randrange(size), random.randint(1, size)
        path = merkle.inclusion(index, size, tree.node)
        assert included(index, size, leaf_hash(entries[index]), path, merkle.root(size, tree.node))
        assert merkle.consistency(old, size, tree.node) == (consistency(old, entries) if old < size else [])
