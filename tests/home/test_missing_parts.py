"""A home or a part of it goes missing at runtime: true messages, no replacement, and recovery."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from uuid import UUID

import pytest
from starlette.testclient import TestClient

import home as homes_of
import queries.connection
from dashboard.sign_in import sessions
from directory.keys import KeyRing
from governance.api.monitoring import health
from governance.db import database, work_queue
from governance.db.database import reading, writing
from governance.domain.lifecycle import Type
from governance.fulfilment import export
from governance.ledger import signing
from governance.rounds import retention
from governance.worker import wholeness
from home import HomeUnavailable, Part
from lake.releases import publishing
from lake.releases.database import publication
from lake.storage.connection import LakeUnavailable, data_folder, writer
from tests.dashboard.conftest import OpenApp, open_app, session_cookie, words
from tests.governance.conftest import ROOT, Capture, Client, wait_until
from tests.home.test_lake_identity import says
from tests.support.people import Company

__all__ = ["open_app"]

WHOLE = sorted(set(Part) - homes_of.OPTIONAL, key=lambda part: part.place)
NEEDED_TO_ANSWER = (Part.CATALOG, Part.DATA, Part.DIRECTORY, Part.MASTER_KEY)
INCOMPLETE = "Open Book is incomplete right now"
every_part = pytest.mark.parametrize("part", WHOLE, ids=lambda part: part.place)


def move(path: Path, to: Path) -> None:
    """Move it as `mv` does, including SQLite's files beside a database."""
    to.mkdir(exist_ok=True)
    for file in path.parent.glob(f"{path.name}*"):
        shutil.move(file, to / file.name)


def names(folder: Path) -> set[str]:
    """Everything except lock files, which are created when needed."""
    found = (path.relative_to(folder).as_posix() for path in folder.rglob("*"))
    return {name for name in found if not name.endswith((".lock", "-wal", "-shm")) and "spill" not in name}


@every_part
def test_health_and_log_name_each_missing_part(
    home: Path, part: Part, api: Client, person: Company, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    client = api(person())
    assert client.get("/healthz").status_code == 200
    assert wholeness.is_whole()
    move(part.path, tmp_path / "away")
    before = names(home)
    assert homes_of.missing_parts() == [part]
    assert not wholeness.is_whole()
    assert part.words in caplog.text
    told = client.get("/healthz")
    assert told.status_code == 503
    assert f"home: A part of Open Book is missing just now: {part.words}." in told.json()["detail"]
    assert str(home) not in told.text
    assert names(home) == before
    for file in (tmp_path / "away").iterdir():
        shutil.move(file, part.path.parent / file.name)
    assert client.get("/healthz").status_code == 200
    assert wholeness.is_whole()


def test_health_names_what_is_missing_and_what_is_damaged(
    home: Path, unknown: TestClient, working: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All at once: what one look finds doesn't hide what another would."""
    monkeypatch.setattr(health, "SECONDS", 120.0)

    def problems() -> str:
        answer = unknown.get("/healthz")
        assert answer.status_code == 503, answer.text
        assert str(home) not in answer.text
        return str(answer.json()["detail"])

    with publication():
        pass
    assert unknown.get("/healthz").json()["problems"] == []
    work_queue.close()
    Part.RELEASES.path.write_bytes(b"some text " * 2000)
    Part.QUEUE.path.write_bytes(b"some text " * 2000)
    shutil.rmtree(Part.EXPORTS.path)
    said = problems()
    assert "missing just now: the folder of exports." in said
    assert "The queue of the workers is damaged" in said
    assert "What was published for managers is damaged" in said
    Part.RELEASES.path.unlink()
    assert "missing just now: the folder of exports, the release database." in problems()
    homes_of.identity_path().write_text("some text")
    assert "The file home.json, which says which parts Open Book has, is damaged" in problems()
    homes_of.identity_path().unlink()
    assert "missing just now: the home" in problems()


@every_part
def test_people_are_never_told_that_nothing_is_held(
    home: Path, part: Part, api: Client, person: Company, capture: Capture, tmp_path: Path
) -> None:
    ada = person("ada@example.com")
    capture(ada, 3)
    client = api(ada)
    assert client.get("/v1/me/summary").json()["captures"] == 3
    move(part.path, tmp_path / "away")
    before = names(home)
    for path in ("/v1/me", "/v1/me/summary", "/v1/me/captures", "/v1/me/models", "/v1/me/retention", "/v1/requests"):
        answer = client.get(path)
        assert answer.status_code in (200, 503), (path, answer.text)
        if answer.status_code == 503:
            detail = answer.json()["detail"]
            assert "missing" in detail or "The lake is not available" in detail
            assert str(home) not in detail
    assert client.get("/v1/me/captures").status_code == (503 if part in NEEDED_TO_ANSWER else 200)
    assert names(home) == before


@pytest.mark.parametrize("part", [Part.CATALOG, Part.DATA, Part.SIGNING_KEY, Part.QUEUE, Part.EXPORTS])
def test_requests_are_accepted_and_wait(
    home: Path, part: Part, api: Client, person: Company, capture: Capture, tmp_path: Path
) -> None:
    ada = person("ada@example.com")
    capture(ada, 3)
    move(part.path, tmp_path / "away")
    filed = api(ada).post("/v1/requests", json={"type": "erasure"})
    assert (filed.status_code, filed.json()["state"]) == (201, "received")
    assert not part.is_there()


def test_a_moved_home_is_not_recreated(
    home: Path, api: Client, person: Company, capture: Capture, tmp_path: Path
) -> None:
    ada = person("ada@example.com")
    capture(ada, 3)
    client = api(ada)
    filed = client.post("/v1/requests", json={"type": "export"}).json()["id"]
    assert client.get("/v1/me/summary").json()["captures"] == 3
    away = home.rename(tmp_path / "away")
    for path in ("/v1/me", "/v1/me/summary", "/v1/requests", "/v1/ledger/checkpoint", "/healthz"):
        assert client.get(path).status_code == 503, path
    told = client.post("/v1/requests", json={"type": "erasure"})
    assert told.status_code == 503
    assert "HR" not in told.text
    for work in (retention.sweep_if_due, publishing.releases, KeyRing, signing.signer, export.delete_expired):
        with pytest.raises((HomeUnavailable, LakeUnavailable)):
            work()
    with pytest.raises(HomeUnavailable):
        export.write(UUID(filed))
    with pytest.raises(LakeUnavailable), writer():
        pass
    work_queue.enqueue(UUID(filed), Type.EXPORT)
    assert not wholeness.is_whole()
    assert not home.exists()
    away.rename(home)
    assert client.get("/v1/me/summary").json()["captures"] == 3
    assert [one["id"] for one in client.get("/v1/requests").json()] == [filed]


@pytest.mark.timeout(900)  # a process starts, waits and works
def test_a_worker_waits_while_its_home_is_moved_away(
    home: Path, api: Client, person: Company, capture: Capture, tmp_path: Path
) -> None:
    ada = person("ada@example.com")
    capture(ada, 3)
    client = api(ada)
    log = tmp_path / "worker.log"
    with log.open("wb") as to:
        worker = subprocess.Popen([sys.executable, "-m", "governance", "work"], cwd=ROOT, stdout=to, stderr=to)
        try:
            says(worker, log, "is ready")
            away = home.rename(tmp_path / "away")
            says(worker, log, "Workers wait")
            assert [part for part in Part if part.is_there()] == []
            shutil.rmtree(home, ignore_errors=True)  # a lock file that was just requested
            away.rename(home)
            filed = client.post("/v1/requests", json={"type": "erasure"}).json()["id"]
            wait_until(lambda: client.get(f"/v1/requests/{filed}").json()["completed_at"], 600)
        finally:
            worker.terminate()
            worker.wait(60)


def test_an_unreadable_home_is_not_complete(home: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever is raised, the worker waits instead of exiting."""
    assert wholeness.is_whole()
    gate = home / "lake" / "gate.lock"
    gate.unlink(missing_ok=True)
    gate.mkdir()
    for _ in range(2):
        assert not wholeness.is_whole()
    (told,) = [record.getMessage() for record in caplog.records if "Workers wait" in record.getMessage()]
    assert "IsADirectoryError at" in told
    gate.rmdir()
    assert wholeness.is_whole()


def test_the_database_of_another_home_is_not_used(home: Path, tmp_path: Path) -> None:
    from tests.support import homes

    homes.make(tmp_path / "other")
    database.close()
    shutil.copy(tmp_path / "other" / "governance" / "governance.sqlite", Part.GOVERNANCE.path)
    for session in (reading, writing):
        with pytest.raises(HomeUnavailable, match="not the governance database of this home"), session():
            pass


def test_a_missing_release_database_is_not_recreated(home: Path) -> None:
    with publication():
        pass
    assert Part.RELEASES in homes_of.read().parts
    Part.RELEASES.path.unlink()
    for opened in (publishing.releases, lambda: publication().__enter__()):
        with pytest.raises(HomeUnavailable, match="the release database"):
            opened()


@pytest.mark.parametrize("part", [Part.DIRECTORY, Part.CATALOG, Part.DATA], ids=lambda part: part.place)
def test_screens_say_that_something_is_missing(
    home: Path, part: Part, person: Company, capture: Capture, open_app: OpenApp, tmp_path: Path
) -> None:
    ada = person("ada@example.com")
    capture(ada, 3)
    queries.connection.close()
    move(part.path, tmp_path / "away")
    said = words(open_app(ada))
    assert ("Open Book is incomplete" in said) == (part is Part.DIRECTORY)
    assert ("Your records can't be read right now" in said) == (part is not Part.DIRECTORY)
    assert "We don't know you" not in said
    assert not part.is_there()


@pytest.mark.parametrize("part", [Part.SIGNING_KEY, Part.QUEUE, Part.OPENDSR_KEY], ids=lambda part: part.place)
def test_the_privacy_officer_reads_what_is_missing(
    home: Path, part: Part, person: Company, open_app: OpenApp, tmp_path: Path
) -> None:
    officer = person("olga@example.com", role="privacy_officer")
    assert part.words not in words(open_app(officer, page="officer"))
    move(part.path, tmp_path / "away")
    assert part.words in words(open_app(officer, page="officer"))


def test_screens_of_a_home_moved_away_say_so(home: Path, person: Company, open_app: OpenApp, tmp_path: Path) -> None:
    app = open_app(person("ada@example.com"))
    assert INCOMPLETE not in words(app)
    away = home.rename(tmp_path / "away")
    assert INCOMPLETE in words(app.run())
    assert INCOMPLETE in words(open_app(None))
    assert not home.exists()
    assert not data_folder().exists()
    away.rename(home)
    assert INCOMPLETE not in words(app.run())


def test_sessions_survive_a_missing_home_identity(home: Path, tmp_path: Path) -> None:
    cookie = session_cookie("a token")
    homes_of.identity_path().rename(tmp_path / "home.json")
    assert sessions.find(cookie) is None
    (tmp_path / "home.json").rename(homes_of.identity_path())
    assert sessions.find(cookie) is not None
