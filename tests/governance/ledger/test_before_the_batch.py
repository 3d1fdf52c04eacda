"""What a person has before the ledger has it: a signed file that says what isn't proven yet, and later the proof."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from starlette.testclient import TestClient

import clock
from governance import access_proofs, register
from governance.access_proofs import recording
from governance.ai_models import datasets
from governance.db.database import reading
from governance.domain.moments import format_moment
from governance.ledger import batches
from governance.ledger.signing import signer
from governance.lineage.told_roots import told_roots
from lake.datasets.making import Selection, create
from tests.governance.conftest import Capture, Client
from tests.governance.ledger.ending import ended_request, receipt_of
from tests.governance.ledger.schedule import Pass, minutes, seal
from tests.support.people import Company
from verifier import NOT_YET, Trust, main, verify

__all__ = ["minutes"]


def acknowledgement(client: TestClient, request: str) -> dict[str, Any]:
    return dict(client.get(f"/v1/requests/{request}/acknowledgement").json())


def checked(file: Path, document: dict[str, Any], *more: str) -> int:
    file.write_text(json.dumps(document), encoding="utf-8")
    return main([str(file), "--key", str(signer().key), *more])


def test_signed_at_once_and_proven_from_the_batch_on(
    api: Client, person: Company, minutes: Pass, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    minutes(7)
    client = api(person())
    asked_at = format_moment(clock.now())
    filed = client.post("/v1/requests", json={"type": "export"}).json()
    early = filed["acknowledgement"]
    minutes(15)
    due = format_moment(clock.now())
    minutes(7)
    assert (early["ledger"], early["in_ledger_from"], early["statement"]["at"]) == (None, due, asked_at)
    verdict = verify(json.dumps(early), Trust([signer().key]))
    assert NOT_YET in verdict.unproven
    assert not any("ledger contains" in line for line in verdict.proven)
    assert checked(tmp_path / "early.json", early) == 3
    assert f"in the ledger from: {due}" in capsys.readouterr().out
    seal(minutes, 15)
    later = acknowledgement(client, filed["id"])
    assert "in_ledger_from" not in later
    assert (later["statement"], later["signature"]) == (early["statement"], early["signature"])
    assert checked(tmp_path / "later.json", later) == 0


def test_receipt_before_its_batch_is_complete_but_for_the_proof(
    api: Client, person: Company, minutes: Pass, tmp_path: Path
) -> None:
    client = api(person())
    minutes(7)
    request = ended_request(client)
    early = receipt_of(client, request)
    assert early["ledger"] is None
    [listed] = client.get(f"/v1/requests/{request}").json()["receipts"]
    assert listed["in_ledger_from"] == early["in_ledger_from"]
    page = client.get(f"/v1/requests/{request}/receipt.html")
    assert page.status_code == 200
    assert "This receipt will be in the ledger from" in page.text
    proof = client.get(f"/v1/requests/{request}/receipt.tlog-proof")
    assert (proof.status_code, "Ask again then" in proof.json()["detail"]) == (409, True)
    assert checked(tmp_path / "early.json", early) == 3
    acknowledged = tmp_path / "acknowledged.json"
    acknowledged.write_text(json.dumps(acknowledgement(client, request)), encoding="utf-8")
    assert checked(tmp_path / "early.json", early, "--acknowledgement", str(acknowledged)) == 3
    seal(minutes, 15)
    later = receipt_of(client, request)
    assert (later["statement"], later["signature"]) == (early["statement"], early["signature"])
    assert "in_ledger_from" not in client.get(f"/v1/requests/{request}").json()["receipts"][0]
    assert checked(tmp_path / "later.json", later, "--acknowledgement", str(acknowledged)) == 0
    assert "of a ledger of" in client.get(f"/v1/requests/{request}/receipt.html").text
    assert client.get(f"/v1/requests/{request}/receipt.tlog-proof").status_code == 200


def test_receipt_of_the_same_batch_comes_after_the_acknowledgement(
    api: Client, person: Company, minutes: Pass, tmp_path: Path
) -> None:
    """Places are random, but the verifier refuses a receipt that is older than the acknowledgement."""
    client = api(person())
    for tick in range(4):
        request = ended_request(client, type="export")
        seal(minutes, 15 * tick)
        acknowledged = tmp_path / "acknowledged.json"
        acknowledged.write_text(json.dumps(acknowledgement(client, request)), encoding="utf-8")
        receipt = receipt_of(client, request)
        assert checked(tmp_path / "receipt.json", receipt, "--acknowledgement", str(acknowledged)) == 0


@pytest.fixture
def dataset(person: Company, capture: Capture, minutes: Pass) -> UUID:
    capture(person(), 5)
    minutes(7)
    made = create("desktop-actions", Selection(), purpose="model training")
    datasets.record_missing()
    return made.dataset_version


def test_manifest_is_told_from_its_batch_on(dataset: UUID, api: Client, person: Company, minutes: Pass) -> None:
    """A run that began before could have read anything: what waits tells nobody the root."""
    client = api(person())
    with reading() as session:
        assert told_roots(session) == {}
    answer = client.get(f"/v1/me/datasets/{dataset}/proof")
    assert (answer.status_code, "Nothing is lost" in answer.json()["detail"]) == (409, True)
    minutes(16)
    sealed_at = clock.now_utc()
    batches.seal_due()
    with reading() as session:
        assert told_roots(session) == {dataset: sealed_at}
    document = client.get(f"/v1/me/datasets/{dataset}/proof").json()
    proven = verify(json.dumps(document), Trust([signer().key])).proven
    assert any("this one once" in line for line in proven)
    assert datasets.record_missing() == 0


def test_register_before_it_is_shown_until_the_batch_of_the_newest(
    api: Client, person: Company, unknown: TestClient, minutes: Pass
) -> None:
    ada = person("ada@example.com")
    register.record_if_changed()
    assert unknown.get("/v1/ledger/register").status_code == 404
    seal(minutes, 0)
    day = 24 * 60
    minutes(day)
    person("bob@example.com")
    assert register.record_if_changed()
    assert len(unknown.get("/v1/ledger/register").json()["leaves"]) == 1
    minutes(0)
    assert api(ada).get("/v1/me/register").status_code == 200
    seal(minutes, day + 15)
    assert len(unknown.get("/v1/ledger/register").json()["leaves"]) == 2


def test_access_log_is_proven_from_its_batch_on(person: Company, minutes: Pass) -> None:
    subject = person().subject
    assert recording.record_if_due()
    with pytest.raises(access_proofs.NotAnchored, match="not in the ledger yet"):
        access_proofs.proof(subject)
    seal(minutes, 0)
    assert access_proofs.proof(subject)["intact"]
