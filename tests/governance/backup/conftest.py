"""Fixtures of the tests of backups: two people whose recordings are in a real lake, and a place for backups.

backups    an empty folder, which `OPENBOOK_BACKUP_FOLDER` names; with `BOTH` also a prefix of a bucket
away       the bucket that it is in, of another account than sealed files would be
company    Ada and Bob, each with a recording of typed text
erase      `erase(person, scope…)`: a request for erasure, filed and carried out by the real steps
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

import queries.connection
from directory import Employee
from governance.backup import journal, state
from governance.backup.places.configured import configured
from governance.backup.places.place import Place
from governance.db import database
from governance.fulfilment.erasure import EACH, TOGETHER
from governance.ledger.tables import EntryRow
from governance.requests import filing
from governance.requests.progress import attempt, attempt_each, begin
from governance.schemas import NewRequest
from governance.schemas.requests import Request
from home import Part
from lake.storage.store import Batch
from tests.governance.captured import FIRST_DAY, put
from tests.lake.ingesting import Stored, stored, texts
from tests.support import object_storage
from tests.support.object_storage import TestBucket
from tests.support.people import Company

Erase = Callable[..., Request]
BOTH = pytest.mark.parametrize("backups", ["folder", "bucket"], indirect=True)
"""For tests that run with the backups in a folder, and in a bucket."""

APPLICATIONS = ("Chrome", "Excel")


@dataclass(frozen=True)
class Recorded:
    """Two people and their recordings: in each application some typed text and a mouse move."""

    ada: Employee
    bob: Employee
    recordings: dict[str, list[dict[str, Any]]]

    def store(self, who: Employee) -> Batch:
        """Store a person's recordings again."""
        return put(who, self.recordings[who.name])

    def captures(self, who: Employee) -> list[Stored]:
        return stored(who.subject)

    def words(self, who: Employee) -> str:
        return texts(stored(who.subject))


def recording(name: str) -> list[dict[str, Any]]:
    captures: list[dict[str, Any]] = []
    for application in APPLICATIONS:
        text = {"text": f"{name} typed this into {application}"}
        captures.append({"signal": "keystroke", "content": text, "application": application})
        captures.append({"signal": "mouse_move", "x": 3, "y": 4, "application": application})
    return [
        {**capture, "capture_id": uuid4(), "captured_at": FIRST_DAY + timedelta(minutes=number)}
        for number, capture in enumerate(captures)
    ]


@pytest.fixture
def backups(request: pytest.FixtureRequest, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    if getattr(request, "param", "folder") == "folder":
        folder = tmp_path / "backups"
        folder.mkdir()
        monkeypatch.setenv("OPENBOOK_BACKUP_FOLDER", str(folder))
    else:
        request.getfixturevalue("away")
    monkeypatch.setattr(state, "maintained", state.Maintained())
    place = configured()
    assert place is not None
    return place


@pytest.fixture
def away(home: Path, object_server: object_storage.Server, monkeypatch: pytest.MonkeyPatch) -> TestBucket:
    monkeypatch.setenv("OPENBOOK_MASTER_KEY", base64.b64encode(Part.MASTER_KEY.path.read_bytes()).decode())
    Part.MASTER_KEY.path.unlink()
    with pytest.MonkeyPatch.context() as of_objects:
        made = object_storage.new_bucket(object_server, of_objects)
    monkeypatch.setenv("OPENBOOK_BACKUP_FOLDER", made.url)
    monkeypatch.setenv("OPENBOOK_BACKUP_ENDPOINT", object_server.url)
    monkeypatch.setenv("OPENBOOK_BACKUP_REGION", "us-east-1")
    monkeypatch.setenv("OPENBOOK_BACKUP_KEY_ID", "other")
    monkeypatch.setenv("OPENBOOK_BACKUP_SECRET", "other")
    return made


@pytest.fixture(autouse=True)
def forgotten_journals() -> Iterator[None]:
    yield
    journal._known.clear()


@pytest.fixture
def company(person: Company) -> Recorded:
    ada, bob = person("ada@example.com"), person("bob@example.com")
    recorded = Recorded(ada, bob, {who.name: recording(who.name) for who in (ada, bob)})
    for who in (ada, bob):
        recorded.store(who)
    return recorded


@pytest.fixture
def erase(home: Path) -> Erase:
    def carry_out(who: Employee, **scope: Any) -> Request:
        queries.connection.close()
        new = NewRequest.model_validate({"type": "erasure", "scope": scope})
        request_id = filing.file(who, new, None).request.id
        begin(request_id)
        assert work_on(request_id) is None
        return filing.one_of(who.subject, request_id)

    return carry_out


def maintain() -> None:
    """A worker's regular work on backups, as if a minute had passed."""
    state.maintained.rounds.resume("journal")
    state.maintained.rounds.resume("cleaning")
    state.maintain()


def work_on(request_id: UUID) -> str | None:
    """Carry out an erasure that has begun; returns the reason if it can't end now."""
    for step in TOGETHER:
        assert attempt(step, [request_id]) is None
    return attempt_each(EACH, request_id)


def restores_in_the_ledger() -> int:
    with database.reading() as session:
        statements = session.scalars(select(EntryRow.statement)).all()
    return sum('"kind":"restore"' in (statement or "") for statement in statements)
