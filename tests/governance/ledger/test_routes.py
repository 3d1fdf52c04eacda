"""The ledger over the API: public, checked by each caller, and the verified head stored for the next visit."""

from __future__ import annotations

import os

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from governance.db.database import writing
from governance.ledger import append
from governance.ledger.signing import signer
from tests.governance.conftest import Client
from tests.governance.ledger.growing import grow, rewrite
from tests.governance.ledger.signing import COUNCIL, Holder
from tests.support.people import Company
from verifier import Checkpoint, Key, Refused, Trust, consistent, root_from_inclusion, verify


def hashes(texts: list[str]) -> list[bytes]:
    return [bytes.fromhex(each) for each in texts]


def post(client: TestClient, note: str) -> tuple[int, str]:
    answer = client.post("/v1/ledger/cosignatures", content=note, headers={"Content-Type": "text/plain"})
    return answer.status_code, answer.text


def test_ledger_is_public(unknown: TestClient) -> None:
    grow(9)
    key = Key.parse(unknown.get("/v1/ledger/key").text)
    head = Checkpoint.parse(unknown.get("/v1/ledger/checkpoint").text)
    assert head.signed_by(key)
    assert head.size == 9
    for index in range(9):
        for size in range(index + 1, 10):
            proof = unknown.get(f"/v1/ledger/proof/{index}", params={"size": size}).json()
            signed = Checkpoint.parse(proof["checkpoint"])
            assert signed.signed_by(key)
            leaf = bytes.fromhex(proof["leaf"])
            assert root_from_inclusion(index, size, leaf, hashes(proof["proof"])) == signed.root
    for older in range(9):
        document = unknown.get("/v1/ledger/consistency", params={"from": older, "to": 9})
        assert verify(document.text, Trust([key])).proven


def test_a_consistency_proof_is_a_file_for_the_verifier(unknown: TestClient) -> None:
    kept = grow(4)
    grow(3)
    fetched = unknown.get("/v1/ledger/consistency", params={"from": 4}).text
    assert verify(fetched, Trust([signer().key], older=kept)).proven
    rewrite(1)
    fetched = unknown.get("/v1/ledger/consistency", params={"from": 4}).text
    with pytest.raises(Refused) as caught:
        verify(fetched, Trust([signer().key], older=kept))
    assert caught.value.fault == "older checkpoint"


def test_missing_entries_are_reported(unknown: TestClient) -> None:
    grow(3)
    assert unknown.get("/v1/ledger/proof/3").status_code == 404
    assert unknown.get("/v1/ledger/proof/1", params={"size": 4}).status_code == 404
    assert unknown.get("/v1/ledger/proof/1", params={"size": 1}).status_code == 404
    for query in ({"from": 4}, {"from": 2, "to": 1}, {"from": 1, "to": 9}):
        assert unknown.get("/v1/ledger/consistency", params=query).status_code == 422


def test_next_visit_verifies_growth(api: Client, person: Company) -> None:
    client = api(person())
    grow(5)
    first = client.get("/v1/me/ledger").json()
    assert (first["seen"], first["consistency"]) == (None, [])
    head = Checkpoint.parse(first["checkpoint"])
    seen = {"size": head.size, "root": head.root.hex()}
    assert client.put("/v1/me/ledger", json=seen).json() == seen
    grow(6)
    later = client.get("/v1/me/ledger").json()
    assert later["seen"] == seen
    now = Checkpoint.parse(later["checkpoint"])
    assert consistent(5, now.size, head.root, now.root, hashes(later["consistency"]))
    rewrite(2)
    tampered = client.get("/v1/me/ledger").json()
    now = Checkpoint.parse(tampered["checkpoint"])
    assert tampered["seen"] == seen
    assert not consistent(5, now.size, head.root, now.root, hashes(tampered["consistency"]))
    refused = client.put("/v1/me/ledger", json={"size": now.size, "root": now.root.hex()})
    assert (refused.status_code, "is kept" in refused.json()["detail"]) == (409, True)


def test_shrunk_ledger_is_detected(api: Client, person: Company) -> None:
    client = api(person())
    head = grow(5)
    client.put("/v1/me/ledger", json={"size": 5, "root": head.root.hex()})
    with writing() as session:
        session.execute(text("delete from ledger_node where (position + 1) * (1 << level) > 3"))
    after = client.get("/v1/me/ledger").json()
    assert after["seen"]["size"] == 5
    assert Checkpoint.parse(after["checkpoint"]).size == 3
    assert after["consistency"] == []


def test_only_real_heads_are_stored_per_person(api: Client, person: Company) -> None:
    ada, bob = api(person("ada@example.com")), api(person("bob@example.com"))
    head = grow(4)
    seen = {"size": 4, "root": head.root.hex()}
    assert ada.put("/v1/me/ledger", json=seen).status_code == 200
    assert bob.get("/v1/me/ledger").json()["seen"] is None
    for wrong in ({"size": 5, "root": seen["root"]}, {"size": 4, "root": os.urandom(32).hex()}):
        assert ada.put("/v1/me/ledger", json=wrong).status_code == 409
    for wrong in ({}, {"size": -1, "root": seen["root"]}, {"size": 4, "root": "xyz"}):
        assert ada.put("/v1/me/ledger", json=wrong).status_code == 422


def test_a_witness_co_signs_the_head(unknown: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBOOK_WITNESS_KEYS", str(COUNCIL.key))
    grow(4)
    head = Checkpoint.parse(unknown.get("/v1/ledger/checkpoint").text)
    status, answer = post(unknown, COUNCIL.signs(head, time=1_790_000_000).note)
    assert (status, answer) == (200, unknown.get("/v1/ledger/checkpoint").text)
    both = Checkpoint.parse(answer)
    assert both.signed_by(signer().key)
    assert both.signed_by(COUNCIL.key)
    for time, kept in ((1_790_000_009, 1_790_000_009), (1_790_000_001, 1_790_000_009)):
        post(unknown, COUNCIL.signs(head, time=time).note)
        (signature,) = Checkpoint.parse(unknown.get("/v1/ledger/checkpoint").text).by(COUNCIL.key)
        assert int.from_bytes(signature[:8], "big") == kept


def test_unknown_witness_is_refused(unknown: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBOOK_WITNESS_KEYS", str(COUNCIL.key))
    grow(4)
    head = Checkpoint.parse(unknown.get("/v1/ledger/checkpoint").text)
    stranger = Holder("council.example", 4, seed=7)
    elsewhere = Holder("open-book", seed=7)
    other_root = Checkpoint(head.origin, 4, os.urandom(32))
    beyond = Checkpoint(head.origin, 5, head.root)
    unsigned = Checkpoint(head.origin, 4, head.root)
    for note, status in (
        (head.note, 409),
        (stranger.signs(head).note, 409),
        (COUNCIL.signs(elsewhere.signs(other_root)).note, 409),
        (COUNCIL.signs(elsewhere.signs(beyond)).note, 409),
        (COUNCIL.signs(unsigned).note, 409),
        ("hello", 422),
        ("", 422),
        ("x" * 40_000, 422),
        ("x" * 70_000, 413),
    ):
        assert post(unknown, note)[0] == status, note
    assert Checkpoint.parse(unknown.get("/v1/ledger/checkpoint").text) == head


def test_older_head_can_be_cosigned(unknown: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBOOK_WITNESS_KEYS", str(COUNCIL.key))
    old = grow(3)
    grow(2)
    assert post(unknown, COUNCIL.signs(old).note)[0] == 200
    document = unknown.get("/v1/ledger/consistency", params={"from": 1}).text
    verdict = verify(document, Trust([signer().key], [COUNCIL.key]))
    assert any("saw this ledger when it had 3 entries" in line for line in verdict.proven)


def test_ledger_exposes_only_hashes(unknown: TestClient) -> None:
    with writing() as session:
        append(session, "hold_placed", {"case": "FIND-ME-1", "exception": "GDPR 17(3)(e)"})
    for path in ("checkpoint", "proof/0", "consistency?from=0"):
        shown = unknown.get(f"/v1/ledger/{path}").text
        assert "FIND-ME" not in shown
        assert "hold" not in shown
