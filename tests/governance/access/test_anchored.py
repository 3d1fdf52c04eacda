"""The access log is in the ledger: who saved a proof notices what is removed, and nobody else learns anything."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, select, update
from starlette.testclient import TestClient

import clock
from directory import Employee
from directory.keys import EVERYBODY, Why
from governance import access_proofs
from governance.access_log import row_for_everybody
from governance.access_proofs import proving
from governance.access_proofs.tables import AnchorRow, ChainRow
from governance.db import database
from governance.db.database import governance_folder, reading, writing
from governance.db.tables import AccessRow
from governance.ledger import log
from governance.worker import process
from tests.governance.conftest import Client
from tests.governance.working import queues
from tests.support.earlier import take_back
from tests.support.people import Company
from verifier import canonical, commitment, leaf_hash, root_from_inclusion

Proof = dict[str, Any]


@pytest.fixture
def days_later(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    now = clock.now()
    return lambda days: monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=days))


def head(chain: Proof, entries: int | None = None) -> str:
    """The head of a chain after so many entries, as docs/ledger.md says."""
    value = bytes.fromhex(chain["before"]["head"])
    left = None if entries is None else entries - chain["before"]["entries"]
    for entry in chain["entries"][:left]:
        value = hashlib.sha256(value + leaf_hash(canonical(entry))).digest()
    return value.hex()


def size(chain: Proof) -> int:
    return int(chain["before"]["entries"]) + len(chain["entries"])


def holds(proof: Proof) -> bool:
    """What a person checks without Open Book."""
    said, statement = proof["leaf"], proof["statement"]
    leaf = leaf_hash(commitment(bytes.fromhex(proof["salt"]), said))
    path = [bytes.fromhex(value) for value in proof["inclusion"]]
    root = root_from_inclusion(proof["index"], statement["leaves"], leaf, path)
    ends = [said[name] == {"entries": size(proof[name]), "head": head(proof[name])} for name in ("own", "everybody")]
    told = commitment(b"", statement).hex() == proof["ledger"]["commitment"]
    return all(ends) and told and root is not None and root.hex() == statement["root"]


def continues(later: Proof, earlier: Proof) -> bool:
    return all(
        head(later[name], earlier["leaf"][name]["entries"]) == earlier["leaf"][name]["head"]
        for name in ("own", "everybody")
    )


def proof_of(client: TestClient) -> Proof:
    answer = client.get("/v1/me/access-log/proof")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def viewed(api: Client, ada: Employee, officer: Employee, times: int = 1) -> None:
    if not api(ada).get("/v1/requests").json():
        assert api(ada).post("/v1/requests", json={"type": "export"}).status_code == 201
    for _ in range(times):
        assert api(officer).get("/v1/officer/requests").status_code == 200


@pytest.fixture
def people(person: Company) -> tuple[Employee, Employee]:
    return person("ada@example.com"), person("olga@example.com", role="privacy_officer")


def test_a_proof_is_checked_and_continues_the_earlier(
    api: Client, people: tuple[Employee, Employee], days_later: Callable[[int], None]
) -> None:
    ada, olga = people
    assert api(ada).get("/v1/me/access-log/proof").status_code == 404
    viewed(api, ada, olga, 2)
    with writing() as session:
        session.add(row_for_everybody(Why.BACKUP, "backup"))
    assert access_proofs.record_if_due()
    first = proof_of(api(ada))
    assert (holds(first), first["intact"]) == (True, True)
    assert (size(first["own"]), size(first["everybody"])) == (2, 1)
    viewed(api, ada, olga)
    assert proof_of(api(ada))["leaf"] == first["leaf"], "today's entries are in tomorrow's anchor"
    days_later(1)
    assert access_proofs.record_if_due()
    second = proof_of(api(ada))
    assert (holds(second), size(second["own"]), continues(second, first)) == (True, 3, True)
    assert (holds(proof_of(api(olga))), size(proof_of(api(olga))["own"])) == (True, 0)


@pytest.mark.parametrize("where", ["own", "everybody"])
@pytest.mark.parametrize("change", [delete(AccessRow), update(AccessRow).values(role="employee")])
def test_what_is_removed_or_changed_is_noticed(
    api: Client, people: tuple[Employee, Employee], days_later: Callable[[int], None], where: str, change: Any
) -> None:
    ada, olga = people
    viewed(api, ada, olga, 2)
    with writing() as session:
        session.add_all(row_for_everybody(Why.BACKUP, "backup") for _ in range(2))
    access_proofs.record_if_due()
    kept = proof_of(api(ada))
    subject: UUID = ada.subject if where == "own" else EVERYBODY
    with writing() as session:
        first = session.scalars(select(AccessRow.id).where(AccessRow.subject == subject)).first()
        session.execute(change.where(AccessRow.id == first))
    assert proof_of(api(ada))["intact"] is False
    assert not continues(proof_of(api(ada)), kept)
    with writing() as session:  # whoever rewrites the chains, too, makes a sound log that contradicts what was kept
        session.execute(update(AccessRow).values(anchor=None))
        session.execute(delete(AnchorRow))
        session.execute(delete(ChainRow))
    days_later(1)
    access_proofs.record_if_due()
    forged = proof_of(api(ada))
    assert (holds(forged), forged["intact"]) == (True, True)
    assert not continues(forged, kept)


@pytest.mark.parametrize("where", ["own", "everybody"])
def test_a_removed_chain_is_not_taken_for_a_newcomer(
    api: Client, people: tuple[Employee, Employee], where: str
) -> None:
    ada, olga = people
    viewed(api, ada, olga)
    with writing() as session:
        session.add(row_for_everybody(Why.BACKUP, "backup"))
    access_proofs.record_if_due()
    with writing() as session:
        subject = ada.subject if where == "own" else EVERYBODY
        session.execute(delete(ChainRow).where(ChainRow.subject == subject))
    assert proof_of(api(ada))["intact"] is False
    if where == "everybody":
        assert proof_of(api(olga))["intact"] is False, "she has no entries of her own"


def test_the_public_entry_tells_nobody_who_was_looked_at(
    api: Client, unknown: TestClient, people: tuple[Employee, Employee], days_later: Callable[[int], None]
) -> None:
    ada, olga = people
    bodies = []
    for day, views in enumerate((0, 3, 0)):
        days_later(day)
        viewed(api, ada, olga, views)
        before = log_size()
        assert access_proofs.record_if_due()
        assert not access_proofs.record_if_due(), "once a day"
        bodies.append((log_size() - before, sorted(entries_of(unknown)[-1])))
    assert bodies == [(1, ["at", "day", "kind", "leaves", "root"])] * 3
    assert {entry["leaves"] for entry in entries_of(unknown) if entry["kind"] == "access_log"} == {2}


def log_size() -> int:
    with reading() as session:
        return log.size(session)


def entries_of(unknown: TestClient) -> list[Proof]:
    return [entry["statement"] for entry in unknown.get("/v1/ledger/entries").json()["entries"]]


def test_a_long_log_is_summed_up_before_its_newest(
    api: Client, people: tuple[Employee, Employee], monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, olga = people
    monkeypatch.setattr(proving, "MOST_ENTRIES", 2)
    viewed(api, ada, olga, 9)
    access_proofs.record_if_due()
    proof = proof_of(api(ada))
    assert (holds(proof), proof["intact"], len(proof["own"]["entries"]), size(proof["own"])) == (True, True, 2, 9)


def test_a_worker_anchors_and_one_per_day(api: Client, people: tuple[Employee, Employee], working: str) -> None:
    ada, olga = people
    viewed(api, ada, olga)
    with queues() as executor_id:
        process.make_round(executor_id)
    assert size(proof_of(api(ada))["own"]) == 1


def test_who_came_after_the_anchor_waits(api: Client, person: Company, days_later: Callable[[int], None]) -> None:
    person("ada@example.com")
    access_proofs.record_if_due()
    eve = person("eve@example.com")
    assert api(eve).get("/v1/me/access-log/proof").status_code == 404
    days_later(1)
    access_proofs.record_if_due()
    assert holds(proof_of(api(eve)))


@pytest.mark.state_in_files
def test_entries_of_before_are_in_the_first_anchor(api: Client, people: tuple[Employee, Employee], home: Path) -> None:
    ada, olga = people
    viewed(api, ada, olga, 2)
    database.close()
    take_back(governance_folder() / "governance.sqlite", "0020")
    access_proofs.record_if_due()
    assert (holds(proof_of(api(ada))), size(proof_of(api(ada))["own"])) == (True, 2)
