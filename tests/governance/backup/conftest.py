"""Fixtures of the tests of backups: two people whose recordings are in a real lake, and a folder for backups.

backups    an empty folder, which `OPENBOOK_BACKUP_FOLDER` names
company    Ada and Bob, each with a recording of typed text
erase      `erase(person, scope…)`: a request for erasure, filed and carried out by the real steps
"""

from __future__ import annotations

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
from governance.backup.folder import Folder
from governance.db import database
from governance.fulfilment.erasure import EACH, TOGETHER
from governance.ledger.tables import EntryRow
from governance.requests import filing
from governance.requests.progress import attempt, attempt_each, begin
from governance.schemas import NewRequest
from governance.schemas.requests import Request
from lake.storage.store import Batch
from tests.governance.captured import FIRST_DAY, put
from tests.lake.ingesting import Stored, stored, texts
from tests.support.people import Company

Erase = Callable[..., Request]


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
def backups(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    folder = Folder(tmp_path / "backups")
    folder.path.mkdir()
    monkeypatch.setenv("OPENBOOK_BACKUP_FOLDER", str(folder.path))
    monkeypatch.setattr(state, "maintained", state.Maintained())
    return folder


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
