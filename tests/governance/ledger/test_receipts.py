"""Receipts as their owners get them: what they state, how they are checked elsewhere, and how they expire."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

import clock
import verifier
from governance import receipts
from governance.db.database import governance_folder, reading, writing
from governance.db.tables import RequestRow
from governance.domain.lifecycle import State
from governance.ledger import append, log
from governance.ledger.signing import signer
from governance.ledger.tables import EntryRow, ReceiptRow
from tests.governance.conftest import ROOT, Capture, Client, ended
from tests.governance.ledger.ending import ERASED, cosigned, end_request, ended_request, receipt_of
from tests.governance.ledger.signing import COUNCIL
from tests.governance.working import carry_out
from tests.support.people import Company
from verifier import Checkpoint, Trust, verify


def test_receipt_states_everything_done(api: Client, person: Company) -> None:
    ada = person()
    client = api(ada)
    request_id = ended_request(client, ERASED, scope={"applications": ["Excel"]})
    request = client.get(f"/v1/requests/{request_id}").json()
    stated = receipt_of(client, request_id)["statement"]
    assert stated["kind"] == "request_ended"
    assert stated["at"] == request["receipts"][0]["issued_at"]
    same = ("type", "regime", "state", "scope", "received_at", "due_at", "first_due_at", "completed_at")
    assert {field: stated[field] for field in same} == {field: request[field] for field in same}
    assert (stated["request"], stated["subject"], stated["number"]) == (request_id, str(ada.subject), 1)
    captures, _, exports, key = stated["stores"]
    assert {name: captures[name] for name in ("matched", "erased", "withheld", "failed")} == {
        "matched": 12,
        "erased": 9,
        "withheld": 3,
        "failed": 0,
    }
    assert all(store["method"] for store in stated["stores"])
    assert (exports["erased"], key["erased"]) == (1, 0)
    assert stated["withheld"][0] == {**ERASED["withheld_by"][0], "then": stated["withheld"][0]["then"]}
    assert "automatically when the hold is lifted" in stated["withheld"][0]["then"]
    assert {name: stated[name] for name in ("models", "processors", "backups", "differences")} == {
        name: ERASED[name] for name in ("models", "processors", "backups", "differences")
    }
    assert "supervisory authority" in stated["appeal"]
    assert stated["decision"]["role"] == "nobody"
    assert [event["state"] for event in stated["history"]] == [event["state"] for event in request["history"]]
    assert "is kept until" in stated["record"]["words"]
    assert "verifier" in stated["verify"]


def test_missing_records_are_stated(api: Client, person: Company) -> None:
    client = api(person())
    stated = receipt_of(client, ended_request(client, {"erased": 4}))["statement"]
    assert stated["stores"][0]["matched"] == stated["stores"][0]["failed"] == "not recorded"
    assert stated["models"] == stated["processors"] == stated["backups"] == "not recorded"
    assert stated["found_afterwards"] == "not recorded"


def test_withdrawn_request_has_a_receipt(api: Client, person: Company) -> None:
    client = api(person())
    request_id = client.post("/v1/requests", json={"type": "erasure"}).json()["id"]
    waiting = client.get(f"/v1/requests/{request_id}/receipt")
    assert (waiting.status_code, waiting.json()["status"]) == (409, 409)
    client.delete(f"/v1/requests/{request_id}")
    document = receipt_of(client, request_id)
    assert document["statement"]["state"] == "withdrawn"
    assert document["statement"]["done"] == "Nothing was done."
    verify(json.dumps(document), Trust([signer().key]))


def test_worker_erasure_has_a_proven_receipt(
    api: Client, person: Company, capture: Capture, work: Callable[[], BaseProcess]
) -> None:
    ada = person()
    client = api(ada)
    capture(ada, 5)
    request_id = client.post("/v1/requests", json={"type": "erasure"}).json()["id"]
    work()
    assert ended(client, request_id)["receipts"][0]["number"] == 1
    document = receipt_of(client, request_id)
    stores = {store["store"]: store for store in document["statement"]["stores"]}
    assert (stores["captures"]["matched"], stores["captures"]["erased"], stores["captures"]["failed"]) == (5, 5, 0)
    assert stores["content key"]["erased"] == 1
    assert verify(json.dumps(document), Trust([signer().key])).proven


def test_resumed_request_gets_another_receipt(api: Client, person: Company) -> None:
    client = api(person())
    request_id = ended_request(client, {"erased": 1})
    with writing() as session:
        row = session.get_one(RequestRow, UUID(request_id))
        row.state = State.IN_PROGRESS
    end_request(request_id, {"erased": 2})
    assert [each["number"] for each in client.get(f"/v1/requests/{request_id}").json()["receipts"]] == [1, 2]
    erased = [
        receipt_of(client, request_id, **number)["statement"]["stores"][0]["erased"]
        for number in ({"number": 1}, {"number": 2}, {})
    ]
    assert erased == [1, 2, 2]
    assert client.get(f"/v1/requests/{request_id}/receipt", params={"number": 3}).status_code == 404


def test_another_persons_receipt_is_not_found(api: Client, person: Company) -> None:
    ada, bob = api(person("ada@example.com")), api(person("bob@example.com"))
    request_id = ended_request(ada)
    for path in ("receipt", "receipt.html"):
        theirs = bob.get(f"/v1/requests/{request_id}/{path}")
        none = bob.get(f"/v1/requests/00000000-0000-4000-8000-000000000000/{path}")
        assert (theirs.status_code, theirs.json()) == (404, none.json())


def test_later_receipt_continues_a_kept_checkpoint(api: Client, person: Company) -> None:
    client = api(person())
    request_id = ended_request(client)
    kept = client.get("/v1/ledger/checkpoint").text
    older = Checkpoint.parse(kept)
    for _ in range(3):
        ended_request(client, scope={"applications": [str(os.urandom(4).hex())]})
    trust = Trust([signer().key], older=older)
    assert verifier.NO_LINK in verify(json.dumps(receipt_of(client, request_id)), trust).unproven
    verdict = verify(json.dumps(receipt_of(client, request_id, since=older.size)), trust)
    assert any("only grew since your older" in line for line in verdict.proven)
    client.put("/v1/me/ledger", json={"size": older.size, "root": older.root.hex()})
    assert verify(json.dumps(receipt_of(client, request_id)), trust).proven


def test_witness_signature_is_part_of_the_receipt(
    api: Client, person: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENBOOK_WITNESS_KEYS", str(COUNCIL.key))
    client = api(person())
    request_id = ended_request(client)
    cosigned(client)
    ended_request(client, type="export")
    verdict = verify(json.dumps(receipt_of(client, request_id)), Trust([signer().key], [COUNCIL.key]))
    assert any("council.example saw this ledger" in line for line in verdict.proven)
    assert not any("newer than" in line for line in verdict.unproven)


def run_verifier(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The file that the API serves, alone in a folder, run by a Python without our modules."""
    return subprocess.run(
        [sys.executable, "-I", "verifier.py", *arguments], cwd=folder, capture_output=True, text=True, check=False
    )


def test_verifier_runs_standalone(api: Client, person: Company, tmp_path: Path) -> None:
    client = api(person())
    request_id = ended_request(client, ERASED)
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    (folder / "verifier.py").write_text(client.get("/v1/ledger/verifier").text)
    document = receipt_of(client, request_id)
    (folder / "receipt.json").write_text(json.dumps(document))
    (folder / "older.txt").write_text(client.get("/v1/ledger/checkpoint").text)
    key = client.get("/v1/ledger/key").text.strip()
    proven = run_verifier(folder, "receipt.json", "--key", key, "--checkpoint", "older.txt")
    assert proven.returncode == 0, proven.stderr
    assert re.search(r"Proven:.*NOT proven:.*no copy exists outside.*weights", proven.stdout, re.DOTALL)
    document["statement"]["stores"][0]["erased"] = 12
    (folder / "receipt.json").write_text(json.dumps(document))
    refused = run_verifier(folder, "receipt.json", "--key", key)
    assert (refused.returncode, refused.stdout) == (1, f"REFUSED: {verifier.FAULTS['statement']}\n")
    (folder / "receipt.json").write_text("?")
    unreadable = run_verifier(folder, "receipt.json")
    assert unreadable.returncode == 2
    assert unreadable.stdout.startswith("This can't be checked: ")
    assert run_verifier(folder, "nowhere.json").returncode == 2
    assert run_verifier(folder, "receipt.json", "--key", "nonsense").returncode == 2


def test_verify_command_matches_the_verifier(api: Client, person: Company, tmp_path: Path) -> None:
    client = api(person())
    file = tmp_path / "receipt.json"
    file.write_text(json.dumps(receipt_of(client, ended_request(client))))
    command = [sys.executable, "-m", "governance", "verify", str(file), "--key", str(signer().key)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, "NOT proven" in done.stdout) == (0, True), done.stderr


def bytes_under(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())


@pytest.mark.state_in_files  # in PostgreSQL, bytes may leave traces, which receipts say
def test_destroyed_receipt_leaves_the_ledger_intact(api: Client, person: Company) -> None:
    client = api(person())
    request_id = ended_request(client, {"processors": [{"domain": "find-me.example", "state": "told", "at": None}]})
    other = ended_request(client, type="export")
    document = receipt_of(client, request_id)
    before = client.get("/v1/ledger/checkpoint").text
    salt, signature = bytes.fromhex(document["ledger"]["salt"]), document["signature"]
    assert salt in bytes_under(governance_folder())
    receipts.destroy(UUID(request_id), 1)
    receipts.destroy(UUID(request_id), 1)
    gone = client.get(f"/v1/requests/{request_id}/receipt")
    assert (gone.status_code, "destroyed" in gone.json()["detail"]) == (410, True)
    left = bytes_under(governance_folder())
    assert salt not in left
    assert base64.b64decode(signature) not in left
    assert client.get("/v1/ledger/checkpoint").text == before
    verify(json.dumps(receipt_of(client, other)), Trust([signer().key], older=Checkpoint.parse(before)))
    verify(json.dumps(document), Trust([signer().key]))  # the person's own copy still holds


def test_expired_receipts_and_ledger_statements_are_destroyed(
    api: Client, person: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENBOOK_RECEIPT_DAYS", "730")
    client = api(person())
    request_id = ended_request(client)
    with writing() as session:
        append(session, "retention", {"erased": 3})
    assert receipts.destroy_expired() == 0
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=729))
    assert receipts.destroy_expired() == 0
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=731))
    assert receipts.destroy_expired() == 1
    assert receipts.destroy_expired() == 0
    in_order = select(EntryRow).order_by(EntryRow.position)
    with reading() as session:
        kinds = [log.statement_of(session, row.position) is None for row in session.scalars(in_order)]
        assert kinds == [True, True, False]
        row = session.scalars(select(ReceiptRow)).one()
        assert row.signature is None
        assert str(row.request_id) == request_id


def test_receipt_contains_no_typed_text(api: Client, person: Company) -> None:
    client = api(person())
    secret = "The captures of Tuesday were my colleague's"
    request_id = client.post("/v1/requests", json={"type": "rectification", "note": secret}).json()["id"]
    client.delete(f"/v1/requests/{request_id}")
    assert secret not in json.dumps(receipt_of(client, request_id))
    with reading() as session:
        assert not any(secret in (row.statement or "") for row in session.scalars(select(EntryRow)))


def test_receipt_page_matches_and_loads_nothing(api: Client, person: Company) -> None:
    client = api(person())
    outcome: dict[str, Any] = {**ERASED, "processors": [{"domain": "<script>x</script>", "state": "told", "at": None}]}
    request_id = ended_request(client, outcome)
    answer = client.get(f"/v1/requests/{request_id}/receipt.html")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    html = answer.text
    style = re.search(r"<style>(.*?)</style>", html, re.DOTALL)
    assert style
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"'sha256-{digest}'" in policy
    assert not re.search(r"<script|<img|<link|src=|href=|url\(| style=| on\w+=", html)
    assert "&lt;script&gt;x&lt;/script&gt;" in html
    for words in ("TAX-2026/7", "GDPR 17(3)(b)", "31 January 2027", "what it learned is still in it", "4 April 2026"):
        assert words in html
    assert str(signer().key).replace("+", "&#43;") in html or str(signer().key) in html


@pytest.mark.parametrize("kind", ["export", "objection", "restriction", "erasure"])
def test_every_type_of_request_has_a_receipt_and_a_page(api: Client, person: Company, kind: str) -> None:
    client = api(person(regime="ccpa"))
    request_id = ended_request(client, {"exported": {"captures": 5}} if kind == "export" else None, type=kind)
    verify(json.dumps(receipt_of(client, request_id)), Trust([signer().key]))
    page = client.get(f"/v1/requests/{request_id}/receipt.html")
    assert page.status_code == 200
    assert "CCPA" in page.text


def test_destroyed_key_is_not_reported_as_kept(api: Client, person: Company, capture: Capture) -> None:
    ada = person()
    capture(ada, 2)
    client = api(ada)
    for destroyed in (1, 0):
        request_id = client.post("/v1/requests", json={"type": "erasure"}).json()["id"]
        assert carry_out(request_id)
        [key] = [store for store in receipt_of(client, request_id)["statement"]["stores"] if "key" in store["store"]]
        assert key["erased"] == destroyed
    assert key["method"].startswith("Not destroyed by this request")


def test_receipt_says_overwritten_only_of_keys_in_files(
    api: Client, person: Company, capture: Capture, state_in: str
) -> None:
    ada = person()
    capture(ada, 2)
    client = api(ada)
    request_id = client.post("/v1/requests", json={"type": "erasure"}).json()["id"]
    assert carry_out(request_id)
    stated = receipt_of(client, request_id)["statement"]["stores"]
    [said] = [store["method"] for store in stated if store["store"] == "content key"]
    assert said.startswith("Overwritten:" if state_in == "files" else "Deleted from the database:")
    assert ("may keep traces" in said) == (state_in == "postgresql")
