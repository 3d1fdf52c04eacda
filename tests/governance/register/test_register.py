"""The register: everybody finds their one leaf, its size is the payroll's, and a person too many is evident."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from starlette.testclient import TestClient

import clock
from directory import Directory
from governance import register
from governance.db.database import governance_folder, reading
from governance.ledger.signing import signer
from governance.ledger.tables import EntryRow
from governance.register.tables import RegisterRow
from governance.worker.process import make_round
from tests.governance.conftest import Client
from tests.governance.ledger.ending import ended_request
from tests.support.people import Company
from verifier import Refused, Trust, register_leaf, verify


def check(document: dict[str, Any]) -> list[str]:
    return verify(json.dumps(document), Trust([signer().key])).proven


@pytest.fixture
def tomorrow(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    now = clock.now()
    return lambda days: monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=days))


def test_everybody_finds_their_leaf_and_the_council_counts_them(
    api: Client, person: Company, unknown: TestClient
) -> None:
    people = [person(f"{name}@example.com") for name in ("ada", "bob", "eve")]
    assert unknown.get("/v1/ledger/register").status_code == 404, "there is none yet"
    assert register.record_if_changed()
    counted = unknown.get("/v1/ledger/register").json()
    assert "exactly 3 leaves" in " ".join(check(counted))
    assert (counted["statement"]["leaves"], counted["statement"]["active"]) == (3, 3)
    found = set()
    for employee in people:
        own = api(employee).get("/v1/me/register").json()
        assert f"{employee.email} with the subject {employee.subject}" in " ".join(check(own))
        found.add(own["index"])
        assert own["statement"] == counted["statement"]
    assert found == {0, 1, 2}
    [entry] = unknown.get("/v1/ledger/entries").json()["entries"]
    assert entry["statement"] == counted["statement"]


def test_shadow_subject_needs_a_leaf_too_many(api: Client, person: Company, unknown: TestClient) -> None:
    """An employer who keeps a second Ada aside shows a leaf more than it pays people, or none for somebody."""
    ada = person("ada@example.com")
    person("ada.shadow@example.com")
    register.record_if_changed()
    counted = unknown.get("/v1/ledger/register").json()
    assert len(counted["leaves"]) == 2, "the council pays one person"
    own = api(ada).get("/v1/me/register").json()
    fewer = counted | {"leaves": [counted["leaves"][own["index"]]], "statement": counted["statement"] | {"leaves": 1}}
    with pytest.raises(Refused, match="not the leaves of this register"):
        check(fewer)
    shadow = own | {"subject": str(uuid4())}
    with pytest.raises(Refused, match="not at this place"):
        check(shadow)


@pytest.mark.parametrize(
    ("what", "to"), [("email", "eve@example.com"), ("index", 1), ("salt", "0" * 64), ("inclusion", ["0" * 64])]
)
def test_altered_opening_is_refused(api: Client, person: Company, what: str, to: Any) -> None:
    ada = person("ada@example.com")
    person("bob@example.com")
    register.record_if_changed()
    own = api(ada).get("/v1/me/register").json()
    other = 1 - own["index"] if what == "index" else to
    with pytest.raises(Refused):
        check(own | {what: other})


def test_leaf_reveals_nobody_without_its_salt(api: Client, person: Company, unknown: TestClient) -> None:
    ada = person()
    register.record_if_changed()
    [leaf] = unknown.get("/v1/ledger/register").json()["leaves"]
    own = api(ada).get("/v1/me/register").json()
    assert register_leaf(bytes.fromhex(own["salt"]), ada.email, ada.subject).hex() == leaf
    assert register_leaf(b"", ada.email, ada.subject).hex() != leaf
    for row in (unknown.get("/v1/ledger/register").text, unknown.get("/v1/ledger/entries").text):
        assert str(ada.subject) not in row
        assert ada.email not in row
    assert ada.email.encode() not in (governance_folder() / "governance.sqlite").read_bytes()


def test_register_follows_the_directory_once_a_day(
    api: Client, person: Company, unknown: TestClient, tomorrow: Callable[[int], None]
) -> None:
    person("ada@example.com")
    assert register.record_if_changed()
    late = person("late@example.com")
    assert not register.record_if_changed(), "it has today's already"
    answer = api(late).get("/v1/me/register")
    assert answer.status_code == 404
    assert "after midnight UTC" in answer.json()["detail"]
    tomorrow(1)
    assert register.record_if_changed()
    assert not register.record_if_changed()
    tomorrow(2)
    assert not register.record_if_changed(), "nobody joined or left"
    tomorrow(31)
    assert register.record_if_changed(), "once a month all the same"
    entries = unknown.get("/v1/ledger/entries").json()["entries"]
    assert [entry["statement"]["leaves"] for entry in entries] == [1, 2, 2]
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(RegisterRow)) == 1


def test_two_registers_of_one_membership_share_no_leaf(
    person: Company, unknown: TestClient, tomorrow: Callable[[int], None]
) -> None:
    person()
    register.record_if_changed()
    first = unknown.get("/v1/ledger/register").json()["leaves"]
    tomorrow(31)
    register.record_if_changed()
    assert not set(first) & set(unknown.get("/v1/ledger/register").json()["leaves"])


def test_worker_makes_the_register(person: Company, api: Client) -> None:
    ada = person()
    make_round("worker-1")
    make_round("worker-1")
    assert check(api(ada).get("/v1/me/register").json())
    with reading() as session:
        kinds = [json.loads(text)["kind"] for text in session.scalars(select(EntryRow.statement)) if text]
    assert sorted(kinds) == ["access_log", "register"], "each once a day"


def test_register_survives_the_end_of_a_request(api: Client, person: Company) -> None:
    ada = person()
    register.record_if_changed()
    ended_request(api(ada))
    assert check(api(ada).get("/v1/me/register").json())
    with Directory.open() as directory:
        assert len(directory.everyone()) == 1
