"""A person checks their saved access logs with the verifier alone."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select, update
from starlette.testclient import TestClient

import clock
import verifier
from directory import Employee
from directory.keys import Why
from governance import access_proofs
from governance.access_log import row_for_everybody
from governance.access_proofs import proving
from governance.access_proofs.tables import AnchorRow, ChainRow
from governance.db.database import writing
from governance.db.tables import AccessRow
from governance.ledger import signing
from tests.governance.conftest import Client
from tests.support.people import Company

Proof = dict[str, Any]
LaterDay = Callable[[int], Proof]


@pytest.fixture
def olga(person: Company) -> Employee:
    return person("olga@example.com", role="privacy_officer")


@pytest.fixture
def ada(api: Client, person: Company, olga: Employee) -> Employee:
    ada = person("ada@example.com")
    assert api(ada).post("/v1/requests", json={"type": "export"}).status_code == 201
    return ada


@pytest.fixture
def anchored(api: Client, ada: Employee, olga: Employee, monkeypatch: pytest.MonkeyPatch) -> LaterDay:
    """`anchored(day)`: Ada's proof after an officer looked twice and a backup was made on that day."""
    now = clock.now()

    def on(day: int) -> Proof:
        monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=day))
        for _ in range(2):
            assert api(olga).get("/v1/officer/requests").status_code == 200
        with writing() as session:
            session.add(row_for_everybody(Why.BACKUP, "backup"))
        assert access_proofs.record_if_due()
        return proof_of(api(ada))

    return on


def proof_of(client: TestClient) -> Proof:
    answer = client.get("/v1/me/access-log/proof")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def checked(proof: Proof, earlier: Proof | None = None) -> verifier.Verdict:
    trust = verifier.Trust(keys=[verifier.Key.parse(str(signing.signer().key))], earlier=earlier)
    return verifier.verify(json.dumps(proof), trust)


def refused(proof: Proof, earlier: Proof | None = None) -> str:
    with pytest.raises(verifier.Refused) as error:
        checked(proof, earlier)
    return error.value.fault


def test_a_saved_log_is_proven_and_continues_the_earlier(anchored: LaterDay) -> None:
    first, second = anchored(0), anchored(1)
    said = "\n".join(checked(first).proven)
    assert "exactly 2 entries of their own and 1 about everybody; the newest 2 and 1 are in this file" in said
    assert "The ledger contains it" in said
    assert f"continues the log of {first['leaf']['day']} that you saved" in "\n".join(checked(second, first).proven)
    assert "never recorded is in no log" in "\n".join(checked(second, first).unproven)


@pytest.mark.parametrize("where", ["own", "everybody"])
@pytest.mark.parametrize("change", [delete(AccessRow), update(AccessRow).values(role="employee")])
def test_what_the_employer_removes_or_changes_is_refused(
    anchored: LaterDay, api: Client, ada: Employee, where: str, change: Any
) -> None:
    kept = anchored(0)
    with writing() as session:
        own = AccessRow.subject == ada.subject if where == "own" else AccessRow.subject != ada.subject
        first = session.scalars(select(AccessRow.id).where(own)).first()
        session.execute(change.where(AccessRow.id == first))
    assert refused(proof_of(api(ada))) == "access log entries"
    with writing() as session:  # whoever rewrites the chains, too, makes a log that is sound by itself
        session.execute(update(AccessRow).values(anchor=None))
        session.execute(delete(AnchorRow))
        session.execute(delete(ChainRow))
    forged = anchored(1)
    assert checked(forged).proven
    assert refused(forged, kept) == "access log rewritten"


def altered(name: str, proof: Proof) -> Proof:
    changed = copy.deepcopy(proof)
    match name:
        case "an entry":
            changed["own"]["entries"][0]["rows"] = 7
        case "an entry left out":
            del changed["own"]["entries"][0]
        case "an entry summed up":
            del changed["own"]["entries"][0]
            changed["own"]["before"]["entries"] = 1
        case "the leaf and its entries":
            changed["own"] = {"before": changed["own"]["before"], "entries": []}
            changed["leaf"]["own"] = changed["own"]["before"]
        case "another subject":
            changed["leaf"]["subject"] = "00000000-0000-0000-0000-000000000007"
        case "another day":
            changed["leaf"]["day"] = "2020-01-01"
        case "the root":
            changed["statement"]["root"] = "00" * 32
    return changed


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("an entry", "access log entries"),
        ("an entry left out", "access log entries"),
        ("an entry summed up", "access log entries"),
        ("the leaf and its entries", "not in the access logs"),
        ("another subject", "not in the access logs"),
        ("another day", "access log statement"),
        ("the root", "not in the access logs"),
    ],
)
def test_an_altered_log_is_refused(anchored: LaterDay, name: str, fault: str) -> None:
    assert refused(altered(name, anchored(0))) == fault


def test_the_log_of_another_person_is_not_an_earlier_one(anchored: LaterDay, api: Client, olga: Employee) -> None:
    mine = anchored(0)
    assert refused(mine, proof_of(api(olga))) == "log of another"


def test_swapped_and_unreachable_files_are_no_proof(
    anchored: LaterDay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    first = anchored(0)
    monkeypatch.setattr(proving, "MOST_ENTRIES", 1)
    second = anchored(1)
    with pytest.raises(verifier.Unreadable, match="Swap them"):
        checked(first, second)
    older, newer = tmp_path / "older.json", tmp_path / "newer.json"
    older.write_text(json.dumps(first))
    newer.write_text(json.dumps(second))
    key = str(signing.signer().key)
    assert verifier.main([str(newer), "--key", key, "--earlier", str(older)]) == 3
    assert "NOT CHECKED" in capsys.readouterr().out
    assert verifier.main([str(newer), "--key", key]) == 0
    assert verifier.main([str(newer), "--key", key, "--register", str(older)]) == 2
