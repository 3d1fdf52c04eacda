"""Only heads that the check of a file has verified count: whatever else is in it hides no fork, accuses nobody."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

import verifier
from tests.governance.ledger.manifests import leaf_list, leaves, people
from tests.governance.ledger.signing import LOG, head
from tests.governance.ledger.test_compare import FORKED, grown
from verifier import CONSISTENCY, KEY_CHANGES, Checkpoint, Refused, Trust, Unreadable, compare, verify

FORKS_HEAD = head(13, tree=FORKED)


def decoys(real: dict[str, Any], decoy: dict[str, Any]) -> list[str]:
    """Files whose format shows `real`, or no head at all, and that have another head where other formats have one."""
    changes = {"format": KEY_CHANGES, "key": str(LOG.key), "changes": []}
    return [
        json.dumps({"format": CONSISTENCY, "head": real, "ledger": {"head": decoy}}),
        json.dumps({"format": CONSISTENCY, "head": real, "ledger": {"head": decoy}, "witnessed": decoy}),
        json.dumps({**changes, "head": decoy, "ledger": {"head": real}}),
    ]


def test_a_head_that_was_not_checked_hides_no_fork() -> None:
    for file in decoys(FORKS_HEAD, head(13))[:2]:
        with pytest.raises(Refused, match="FORKED"):
            compare([grown(13), file], Trust([LOG.key]))
        kept = older_from(file)
        with pytest.raises(Refused, match="REWRITTEN"):
            verify(grown(13, 7), Trust([LOG.key], older=kept))


def older_from(file: str) -> Checkpoint:
    return verifier._older(file)


def unsigned(shown: dict[str, Any]) -> dict[str, Any]:
    note = Checkpoint.parse(shown["checkpoint"])
    (name, id_, signature), *_ = note.signatures
    return {**shown, "checkpoint": replace(note, signatures=((name, id_, bytes(len(signature))),)).note}


def test_a_head_that_nobody_signed_accuses_nobody() -> None:
    forged = unsigned(FORKS_HEAD)
    for file in decoys(head(13), forged)[:2]:
        assert "No two of these heads" in " ".join(compare([grown(13), file], Trust([LOG.key])).proven)
    for file in (decoys(forged, forged)[2], json.dumps({**leaf_list(leaves(people(3))), "ledger": {"head": forged}})):
        with pytest.raises(Unreadable, match="no head of a ledger"):
            compare([grown(13), file], Trust([LOG.key]))
        with pytest.raises(Unreadable, match="contains no checkpoint"):
            older_from(file)


@pytest.mark.parametrize("odd", [7, [], {"a": 1}, True])
def test_an_odd_witnessed_head_is_damage(odd: Any) -> None:
    file = json.dumps({"format": CONSISTENCY, "head": {**head(13), "witnessed": odd}})
    with pytest.raises(Unreadable):
        compare([grown(13), file], Trust([LOG.key]))
