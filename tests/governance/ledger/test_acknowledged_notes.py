"""The acknowledgement of a correction covers its note: an exchanged text shows, and the ledger never has it."""

from __future__ import annotations

import base64
import copy
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from governance.db.database import reading, writing
from governance.db.tables import RequestRow
from governance.domain.lifecycle import State
from governance.ledger import log
from governance.ledger.signing import signer
from governance.ledger.tables import EntryRow
from governance.receipts import acknowledging
from governance.requests import notes
from tests.documents.reading import ROOT
from tests.governance.conftest import Capture, Client
from tests.governance.working import carry_out
from tests.support.people import Company
from verifier import ACKNOWLEDGEMENT, Refused, Trust, Unreadable, message, verify

WORDS = "I typed these figures for a colleague: “not mine”.\nTwo lines, ünd 漢字."
OTHERS = "I typed these figures myself."


def note_filed(client: TestClient, words: str = WORDS) -> dict[str, Any]:
    answer = client.post("/v1/requests", json={"type": "rectification", "note": words})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def checked(folder: Path, acknowledgement: dict[str, Any], words: str) -> str:
    """What the program in docs/ledger.md says."""
    text = (ROOT / "docs" / "ledger.md").read_text(encoding="utf-8")
    [program] = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    (folder / "acknowledgement.json").write_text(json.dumps(acknowledgement), encoding="utf-8")
    (folder / "text").write_bytes(words.encode())
    (folder / "check.py").write_text(program, encoding="utf-8")
    command = [sys.executable, *(str(folder / name) for name in ("check.py", "acknowledgement.json", "text"))]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout.strip()


def test_person_checks_their_text_as_documented(api: Client, person: Company, tmp_path: Path) -> None:
    client = api(person())
    request = note_filed(client)
    asked = request["acknowledgement"]
    verdict = verify(json.dumps(asked), Trust([signer().key]))
    [covers] = [line for line in verdict.proven if line.startswith("It covers your note")]
    assert asked["statement"]["note_sha256"] in covers
    assert asked["note_salt"] in covers
    assert checked(tmp_path, asked, request["note"]) == "the same note"
    assert checked(tmp_path, asked, OTHERS) == "ANOTHER NOTE"
    later = client.get(f"/v1/requests/{request['id']}/acknowledgement").json()
    assert (later["statement"], later["note_salt"]) == (asked["statement"], asked["note_salt"])


def test_exchanged_note_contradicts_the_acknowledgement(api: Client, person: Company, tmp_path: Path) -> None:
    """The employer has every key here, and seals another text: what is shown is not what was acknowledged."""
    ada = person()
    client = api(ada)
    request = note_filed(client)
    with writing() as session:
        row = session.scalars(select(RequestRow)).one()
        row.sealed_note = notes.seal(ada.subject, row.id, OTHERS).sealed
    shown = client.get(f"/v1/requests/{request['id']}").json()["note"]
    assert shown == OTHERS
    for asked in request["acknowledgement"], client.get(f"/v1/requests/{request['id']}/acknowledgement").json():
        assert checked(tmp_path, asked, shown) == "ANOTHER NOTE"
    assert checked(tmp_path, request["acknowledgement"], WORDS) == "the same note"


def test_changed_hash_or_salt_is_refused(api: Client, person: Company) -> None:
    asked = note_filed(api(person()))["acknowledgement"]
    forged = copy.deepcopy(asked)
    forged["statement"]["note_sha256"] = "00" * 32
    with pytest.raises(Refused):
        verify(json.dumps(forged))
    for damaged in "", "00", "zz" * 32, asked["note_salt"] + "00":
        with pytest.raises(Unreadable):
            verify(json.dumps({**asked, "note_salt": damaged}))


def test_receipt_of_a_correction_has_the_same_hash(api: Client, person: Company) -> None:
    client = api(person())
    request = note_filed(client)
    assert client.delete(f"/v1/requests/{request['id']}").status_code == 200
    receipt = client.get(f"/v1/requests/{request['id']}/receipt").json()
    assert receipt["statement"]["note_sha256"] == request["acknowledgement"]["statement"]["note_sha256"]
    verify(json.dumps(receipt), Trust([signer().key], acknowledgement=request["acknowledgement"]))


def test_receipt_for_another_note_than_acknowledged_is_refused(api: Client, person: Company) -> None:
    """The employer signs both, so it can sign what it likes."""
    client = api(person())
    request = note_filed(client)
    assert client.delete(f"/v1/requests/{request['id']}").status_code == 200
    signed = copy.deepcopy(request["acknowledgement"]) | {"ledger": None}
    signed["statement"]["note_sha256"] = "00" * 32
    signed.pop("note_salt")
    said = signer().sign(message(ACKNOWLEDGEMENT, signed["statement"]))
    signed["signature"] = base64.b64encode(said).decode()
    receipt = json.dumps(client.get(f"/v1/requests/{request['id']}/receipt").json())
    with pytest.raises(Refused, match="as it was acknowledged"):
        verify(receipt, Trust([signer().key], acknowledgement=signed))


def test_other_requests_have_no_hash_of_a_note(api: Client, person: Company) -> None:
    asked = api(person()).post("/v1/requests", json={"type": "export"}).json()["acknowledgement"]
    assert "note_sha256" not in asked["statement"]
    assert "note_salt" not in asked
    verdict = verify(json.dumps(asked))
    assert not any("note" in line for line in verdict.proven + verdict.unproven)


def test_the_same_words_twice_have_different_hashes(api: Client, person: Company) -> None:
    stated = [
        note_filed(api(person(address)))["acknowledgement"]["statement"]["note_sha256"]
        for address in ("ada@example.com", "bob@example.com")
    ]
    assert stated[0] != stated[1]


def test_earlier_acknowledgement_stays_valid_and_says_its_limit(api: Client, person: Company) -> None:
    """As the version before filed it: no salt beside the note, no hash in the ledger."""
    ada = person()
    client = api(ada)
    request = note_filed(client)
    with writing() as session:
        row = session.scalars(select(RequestRow)).one()
        first = session.scalars(select(EntryRow).where(EntryRow.request_id == row.id)).first()
        assert first is not None
        stated = json.loads(str(first.statement))
        for name in ("kind", "at", acknowledging.NOTE):
            stated.pop(name)
        first.request_id = None
        row.sealed_note = notes.seal(ada.subject, row.id, WORDS).sealed
        log.append(session, "request_received", stated)
    earlier = client.get(f"/v1/requests/{request['id']}/acknowledgement").json()
    assert "note_sha256" not in earlier["statement"]
    assert "note_salt" not in earlier
    verdict = verify(json.dumps(earlier), Trust([signer().key]))
    assert any("a version that covered no notes" in line for line in verdict.unproven)
    assert not any("covers your note" in line for line in verdict.proven)
    assert client.delete(f"/v1/requests/{request['id']}").status_code == 200
    assert "note_sha256" not in client.get(f"/v1/requests/{request['id']}/receipt").json()["statement"]


def test_after_an_erasure_nobody_can_guess_the_note(api: Client, person: Company, capture: Capture) -> None:
    ada = person()
    client = api(ada)
    capture(ada, 2)
    request = note_filed(client)
    salt = request["acknowledgement"]["note_salt"]
    erasing = client.post("/v1/requests", json={"type": "erasure"}).json()["id"]
    carry_out(erasing)
    assert client.get(f"/v1/requests/{erasing}").json()["state"] == State.COMPLETED
    later = client.get(f"/v1/requests/{request['id']}/acknowledgement").json()
    assert "note_salt" not in later
    verdict = verify(json.dumps(later), Trust([signer().key]))
    assert any("this file has no salt" in line for line in verdict.unproven)
    with reading() as session:
        kept = [(str(row.statement), bytes(row.salt or b"")) for row in session.scalars(select(EntryRow))]
    assert all(salt not in text and bytes.fromhex(salt) != own and WORDS[:20] not in text for text, own in kept)
