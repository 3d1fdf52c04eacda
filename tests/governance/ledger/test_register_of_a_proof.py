"""A proof about a dataset version is counted against the register of the same ledger only (`--register`)."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from starlette.testclient import TestClient

from governance.register import recording
from lake.datasets.making import Selection, create
from lake.storage import merkle
from tests.governance.conftest import Capture, Client
from tests.governance.ledger.manifests import listing_head
from tests.governance.ledger.signing import COUNCIL, LOG, Holder
from tests.governance.ledger.test_manifest_of_all import ADA, LINES, OF, shown
from tests.governance.ledger.trees import StoredTree
from tests.support.people import Company
from verifier import (
    ONE_LEDGER,
    OTHER_NUMBER,
    REGISTER_LEAVES,
    Checkpoint,
    Datasets,
    Key,
    Refused,
    Trust,
    Verdict,
    commitment,
    tree_root,
    verify,
)

ANOTHER = Holder(LOG.key.name, seed=9)
SIZE, INDEX = 9, 3
PROOF = shown(ADA, LINES)
PROOF_SIZE = PROOF["ledger"]["head"]["size"]


LISTED = Datasets.parse(PROOF["ledger"]["head"]["datasets"])


def register(log: Holder = LOG, size: int = SIZE, more: int = 0, index: int = INDEX) -> dict[str, Any]:
    """A register of as many people as the manifest has leaves, or `more`, in a ledger of its own."""
    leaves = sorted(bytes([9, number]) * 16 for number in range(len(OF) + more))
    at = {"at": "2026-03-05T09:00:00Z", "day": "2026-03-05"}
    statement = {"kind": "register", **at, "leaves": len(leaves), "root": tree_root(leaves).hex()}
    entries = [bytes([number + 100]) * 32 for number in range(size)]
    entries[index] = commitment(b"", statement)
    tree = StoredTree(entries)
    inclusion = [value.hex() for value in merkle.inclusion(index, size, tree.node)]
    return {
        "format": REGISTER_LEAVES,
        "statement": statement,
        "leaves": [leaf.hex() for leaf in leaves],
        "ledger": {
            "index": index,
            "commitment": entries[index].hex(),
            "salt": "",
            "inclusion": inclusion,
            "head": listing_head(Checkpoint(log.key.name, size, merkle.root(size, tree.node)), LISTED, log),
        },
    }


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
    assert any("compare their number with everybody who has been on the payroll" in line for line in verdict.unproven)


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


NEWER, OLDER = 8, 0
"""Entries of the ledger after and before that about the manifest."""


@pytest.mark.parametrize(
    ("index", "more", "fault"), [(NEWER, -1, "register too small"), (OLDER, 1, "manifest too small")]
)
def test_a_difference_that_joining_cannot_explain_is_refused(index: int, more: int, fault: str) -> None:
    with pytest.raises(Refused) as caught:
        check(register(more=more, index=index))
    assert caught.value.fault == fault


@pytest.mark.parametrize(("index", "more"), [(NEWER, 1), (OLDER, -1)])
def test_a_difference_that_joining_explains_proves_no_count(index: int, more: int) -> None:
    verdict = check(register(more=more, index=index))
    assert OTHER_NUMBER in verdict.unproven, "which ends the program with a status of its own"
    assert not any("there are no others" in line for line in verdict.proven)


def test_the_register_of_another_person_is_refused(
    unknown: TestClient, api: Client, person: Company, capture: Capture
) -> None:
    ada, bo = person("ada@example.com"), person("bo@example.com")
    capture(ada, 3)
    made = create("desktop", Selection())
    recording.record_if_changed()
    bos_proof = api(bo).get(f"/v1/me/datasets/{made.dataset_version}/proof").text
    keys = [Key.parse(unknown.get("/v1/ledger/key").text.strip())]
    registers = {who: api(who).get("/v1/me/register").json() for who in (ada, bo)}
    own = verify(bos_proof, Trust(keys, register=registers[bo]))
    assert any("bo@example.com" in line for line in own.proven), "for whom it was compared"
    with pytest.raises(Refused) as caught:
        verify(bos_proof, Trust(keys, register=registers[ada]))
    assert caught.value.fault == "register of another"
