"""A proof about a dataset version is counted against the register of the same ledger only (`--register`)."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from lake.storage import merkle
from tests.governance.ledger.signing import COUNCIL, LOG, Holder, head
from tests.governance.ledger.test_manifest_of_all import ADA, LINES, OF, shown
from tests.governance.ledger.trees import StoredTree
from verifier import ONE_LEDGER, REGISTER_LEAVES, Checkpoint, Refused, Trust, Verdict, commitment, tree_root, verify

ANOTHER = Holder(LOG.key.name, seed=9)
SIZE, INDEX = 9, 3


def register(log: Holder = LOG, size: int = SIZE) -> dict[str, Any]:
    """A register of as many people as the manifest has leaves, in a ledger of its own."""
    leaves = sorted(bytes([9, number]) * 16 for number in range(len(OF)))
    at = {"at": "2026-03-05T09:00:00Z", "day": "2026-03-05"}
    statement = {"kind": "register", **at, "leaves": len(leaves), "root": tree_root(leaves).hex()}
    entries = [bytes([number + 100]) * 32 for number in range(size)]
    entries[INDEX] = commitment(b"", statement)
    tree = StoredTree(entries)
    inclusion = [value.hex() for value in merkle.inclusion(INDEX, size, tree.node)]
    return {
        "format": REGISTER_LEAVES,
        "statement": statement,
        "leaves": [leaf.hex() for leaf in leaves],
        "ledger": {
            "index": INDEX,
            "commitment": entries[INDEX].hex(),
            "salt": "",
            "inclusion": inclusion,
            "head": head(size, log=log, tree=tree),
        },
    }


PROOF = shown(ADA, LINES)
PROOF_SIZE = PROOF["ledger"]["head"]["size"]


def check(given: dict[str, Any], *others: Holder, witness: Holder | None = None) -> Verdict:
    keys = [LOG.key, *(holder.key for holder in others)]
    proof = copy.deepcopy(PROOF)
    if witness:
        newest = Checkpoint.parse(proof["ledger"]["head"]["checkpoint"])
        proof["ledger"]["head"]["witnessed"] = witness.signs(newest).note
    trust = Trust(keys, [witness.key] if witness else [], register=given)
    return verify(json.dumps(proof), trust)


def test_register_of_a_fork_is_refused() -> None:
    with pytest.raises(Refused) as caught:
        check(register(size=PROOF_SIZE))
    assert caught.value.fault == "forked"


def test_register_that_nothing_connects_is_not_of_this_ledger_for_certain() -> None:
    verdict = check(register(size=PROOF_SIZE + 2))
    assert ONE_LEDGER in verdict.unproven
    assert any("compare their number with the payroll" in line for line in verdict.unproven)


def test_register_signed_by_another_key_proves_no_count() -> None:
    verdict = check(register(ANOTHER), ANOTHER)
    assert ONE_LEDGER in verdict.unproven
    assert not any("there are no others" in line for line in verdict.proven)


def test_register_that_the_witness_did_not_see_is_refused() -> None:
    with pytest.raises(Refused):
        check(register(size=PROOF_SIZE + 2), witness=COUNCIL)


def test_erasure_that_nobody_signed_is_the_files_word() -> None:
    proof = copy.deepcopy(PROOF)
    leaf = OF[proof["present"]["index"]]
    made_up = {"request": "849bb853-0000-4000-8000-000000000000", "at": "2026-05-01T09:30:00Z", "root": leaf.root.hex()}
    proof["present"] |= {"slices": [], "erased": made_up}
    verdict = verify(json.dumps(proof), Trust([LOG.key]))
    assert any("erased, says the file," in line for line in verdict.says)
    assert any("nobody signed that here" in line for line in verdict.unproven)
