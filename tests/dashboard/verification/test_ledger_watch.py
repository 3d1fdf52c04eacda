"""The ledger is compared with the head from the last visit: growth is fine, anything else raises an alarm."""

from __future__ import annotations

from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import verifier
from dashboard.moments import UTC_ZONE
from dashboard.verification.ledger_watch import compare, quiet_line

NAME = "ledger.example"
VISIT = datetime(2026, 5, 3, 10, 0, tzinfo=UTC)
PRIVATE = Ed25519PrivateKey.generate()
KEY = verifier.Key(NAME, PRIVATE.public_key().public_bytes_raw())
ONE, TWO = verifier.leaf_hash(b"one"), verifier.leaf_hash(b"two")
BOTH = verifier.node_hash(ONE, TWO)
PROOF = [TWO.hex()]


def head(size: int, root: bytes, private: Ed25519PrivateKey = PRIVATE) -> str:
    text = verifier.Checkpoint(NAME, size, root).text
    return verifier.Checkpoint(NAME, size, root, ((NAME, KEY.id, private.sign(text.encode())),)).note


def test_a_first_visit_has_nothing_to_compare_with() -> None:
    watched = compare(head(2, BOTH), str(KEY), seen=None, proof=[])
    assert (watched.size, watched.root, watched.fault) == (2, BOTH.hex(), None)
    assert "From now on, we check it" in quiet_line(watched, UTC_ZONE)


def test_a_grown_ledger_raises_no_alarm() -> None:
    watched = compare(head(2, BOTH), str(KEY), seen=(1, ONE.hex(), VISIT), proof=PROOF)
    assert watched.fault is None
    assert quiet_line(watched, UTC_ZONE) == (
        "The record of requests has only grown since your last visit on 3 May 2026, 10:00: 1 entry more, "
        "and no earlier entry changed."
    )


def test_an_unchanged_ledger_says_so() -> None:
    watched = compare(head(2, BOTH), str(KEY), seen=(2, BOTH.hex(), VISIT), proof=[])
    assert "is unchanged since your last visit" in quiet_line(watched, UTC_ZONE)


def test_a_rewritten_ledger_raises_an_alarm() -> None:
    other = verifier.leaf_hash(b"another")
    watched = compare(head(2, BOTH), str(KEY), seen=(1, other.hex(), VISIT), proof=PROOF)
    assert "REWRITTEN" in str(watched.fault)
    assert watched.root == "", "the head seen before is kept"


def test_a_shorter_ledger_raises_an_alarm() -> None:
    watched = compare(head(1, ONE), str(KEY), seen=(2, BOTH.hex(), VISIT), proof=[])
    assert watched.fault == verifier.FAULTS["ledger shrank"]


def test_a_foreign_signature_raises_an_alarm() -> None:
    forged = head(2, BOTH, Ed25519PrivateKey.generate())
    assert compare(forged, str(KEY), seen=None, proof=[]).fault == verifier.FAULTS["checkpoint signature"]


def test_an_invalid_checkpoint_raises_an_alarm() -> None:
    assert compare("nothing", str(KEY), seen=None, proof=[]).fault
    assert compare(head(2, BOTH), "no key", seen=None, proof=[]).fault
    assert compare(head(2, BOTH), str(KEY), seen=(1, ONE.hex(), VISIT), proof=["not hexadecimal"]).fault
