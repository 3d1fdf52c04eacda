"""A request has a signed acknowledgement from the first second: it can't be lost, changed or dated later."""

from __future__ import annotations

import base64
import copy
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

import clock
import verifier
from governance import receipts
from governance.ledger.signing import signer
from home import Part
from settings import settings
from tests.governance.conftest import Client
from tests.governance.ledger.ending import cosigned, receipt_of
from tests.governance.ledger.signing import COUNCIL
from tests.governance.working import carry_out
from tests.support.people import Company
from verifier import Checkpoint, Refused, Trust, Unreadable, main, verify


def filed(client: TestClient, kind: str = "export", key: str | None = None) -> dict[str, Any]:
    headers = {"Idempotency-Key": key} if key else {}
    answer = client.post("/v1/requests", json={"type": kind}, headers=headers)
    assert answer.status_code == 201
    return dict(answer.json())


def test_filing_returns_a_proof_of_it(api: Client, person: Company) -> None:
    ada = person()
    request = filed(api(ada))
    verdict = verify(json.dumps(request["acknowledgement"]), Trust([signer().key]))
    assert any("signed exactly this statement" in line for line in verdict.proven)
    assert any("ledger contains it" in line for line in verdict.proven)
    stated = request["acknowledgement"]["statement"]
    assert (stated["request"], stated["subject"]) == (request["id"], str(ada.subject))
    same = ("type", "regime", "received_at", "due_at")
    assert {name: stated[name] for name in same} == {name: request[name] for name in same}
    assert "scope: everything" in verdict.says


def test_repeated_filing_and_fetching_return_the_same_statement(api: Client, person: Company) -> None:
    client = api(person())
    first, second = filed(client, key="once"), filed(client, key="once")
    later = client.get(f"/v1/requests/{first['id']}/acknowledgement")
    assert later.headers["content-disposition"].endswith(f'"open-book-acknowledgement-{first["id"]}.json"')
    statements = [each["acknowledgement"]["statement"] for each in (first, second)] + [later.json()["statement"]]
    assert statements[0] == statements[1] == statements[2]


def test_acknowledgement_is_its_owners_alone(api: Client, person: Company, unknown: TestClient) -> None:
    request = filed(api(person()))
    address = f"/v1/requests/{request['id']}/acknowledgement"
    theirs = api(person("bob@example.com"))
    none = theirs.get("/v1/requests/00000000-0000-4000-8000-000000000000/acknowledgement")
    assert (theirs.get(address).status_code, theirs.get(address).json()) == (404, none.json())
    assert unknown.get(address).status_code == 401


def test_receipt_answers_the_acknowledged_request(
    api: Client, person: Company, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    client = api(person())
    request = filed(client)
    carry_out(request["id"])
    files = {"receipt": receipt_of(client, request["id"]), "asked": request["acknowledgement"]}
    for name, document in files.items():
        (tmp_path / name).write_text(json.dumps(document), encoding="utf-8")
    together = ["--acknowledgement", str(tmp_path / "asked"), "--key", str(signer().key)]
    assert main([str(tmp_path / "receipt"), *together]) == 0
    assert "answers the request that was acknowledged" in capsys.readouterr().out
    assert main([str(tmp_path / "receipt"), "--acknowledgement", str(tmp_path / "receipt")]) == 2


def test_a_checkpoint_kept_after_filing_is_no_accusation(api: Client, person: Company, unknown: TestClient) -> None:
    client = api(person())
    request = filed(client)
    filed(client, "objection")
    kept = Checkpoint.parse(unknown.get("/v1/ledger/checkpoint").text)
    carry_out(request["id"])
    receipt = json.dumps(receipt_of(client, request["id"], since=kept.size))
    verdict = verify(receipt, Trust([signer().key], older=kept, acknowledgement=request["acknowledgement"]))
    assert any("only grew since your older checkpoint" in line for line in verdict.proven)
    assert any("answers the request that was acknowledged" in line for line in verdict.proven)


def test_an_acknowledgement_of_before_the_witness_is_accepted(
    api: Client, person: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENBOOK_WITNESS_KEYS", str(COUNCIL.key))
    client = api(person())
    request = filed(client)
    cosigned(client)
    carry_out(request["id"])
    trust = Trust([signer().key], [COUNCIL.key], acknowledgement=request["acknowledgement"])
    verdict = verify(json.dumps(receipt_of(client, request["id"])), trust)
    assert any("council.example saw this ledger" in line for line in verdict.proven)


def test_receipt_of_another_request_is_refused(api: Client, person: Company) -> None:
    client = api(person())
    first, second = filed(client), filed(client, "objection")
    carry_out(first["id"])
    receipt = receipt_of(client, first["id"])
    with pytest.raises(Refused, match="two different requests"):
        verify(json.dumps(receipt), Trust(acknowledgement=second["acknowledgement"]))


@pytest.mark.parametrize("what", ["received_at", "due_at", "scope", "type"])
def test_request_that_was_changed_afterwards_is_refused(what: str, api: Client, person: Company) -> None:
    """The employer signs both, so it can sign what it likes."""
    client = api(person())
    request = filed(client)
    carry_out(request["id"])
    signed = copy.deepcopy(request["acknowledgement"])
    other = {"scope": {"signals": ["scroll"]}, "type": "erasure"}.get(what, "2026-01-01T00:00:00Z")
    signed["statement"][what] = other
    signed["signature"] = base64.b64encode(
        signer().sign(verifier.message(verifier.ACKNOWLEDGEMENT, signed["statement"]))
    ).decode()
    signed["ledger"] = None
    with pytest.raises(Refused, match="as it was acknowledged"):
        verify(json.dumps(receipt_of(client, request["id"])), Trust(acknowledgement=signed))


def test_acknowledgement_before_its_ledger_entry_claims_less(api: Client, person: Company) -> None:
    early = filed(api(person()))["acknowledgement"] | {"ledger": None}
    verdict = verify(json.dumps(early))
    assert any("That the ledger contains it" in line for line in verdict.unproven)
    assert verifier.UNKNOWN_KEY in verdict.unproven
    assert not any("ledger contains" in line for line in verdict.proven)


def test_altered_acknowledgement_is_refused(api: Client, person: Company) -> None:
    document = filed(api(person()))["acknowledgement"]
    other = document["statement"] | {"type": "erasure"}
    for altered in (document | {"statement": other}, document | {"signature": "AA=="}):
        with pytest.raises((Refused, Unreadable)):
            verify(json.dumps(altered))


def test_request_is_filed_even_where_nothing_can_be_signed(api: Client, person: Company) -> None:
    client = api(person())
    key = Part.SIGNING_KEY.path.read_bytes()
    Part.SIGNING_KEY.path.unlink()
    request = filed(client)
    assert request["acknowledgement"] is None
    assert client.get(f"/v1/requests/{request['id']}/acknowledgement").status_code == 503
    Part.SIGNING_KEY.path.write_bytes(key)
    Part.SIGNING_KEY.path.chmod(0o600)
    assert client.get(f"/v1/requests/{request['id']}/acknowledgement").json()["statement"]["request"] == request["id"]


def test_acknowledgement_is_destroyed_with_the_receipt(
    api: Client, person: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = api(person())
    request = filed(client)
    carry_out(request["id"])
    later = clock.now() + timedelta(days=settings().receipt_days + 1)
    with monkeypatch.context() as ahead:
        ahead.setattr(clock, "now", lambda: later)
        assert receipts.destroy_expired() == 1
    gone = client.get(f"/v1/requests/{request['id']}/acknowledgement")
    assert gone.status_code == 410
