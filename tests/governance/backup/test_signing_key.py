"""A restore keeps the key that signed last; if it is missing, that is an error, and no other key replaces it."""

from __future__ import annotations

import base64
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

import home as homes_of
from directory import Employee
from governance.__main__ import main
from governance.api.app import create_app
from governance.backup import journal, making, restoring
from governance.backup.places.folder import Folder
from governance.db import database
from governance.ledger import log, signing
from governance.worker import wholeness
from home import HomeUnavailable, Part
from tests.governance.backup.conftest import Erase, Recorded
from verifier import Checkpoint, Key

Api = Callable[[Employee], TestClient]
ANOTHER = bytes(range(32))


@pytest.fixture
def without_key(backups: Folder, company: Recorded, tmp_path: Path) -> str:
    """A backup from before there was a key, as an earlier version made them; its name."""
    away = Part.SIGNING_KEY.path.rename(tmp_path / "signing.key")
    name = making.make(backups).name
    away.rename(Part.SIGNING_KEY.path)
    return name


def restore(backups: Folder, name: str) -> restoring.Restore:
    database.close()
    return restoring.restore(backups, name, replace=True)


def head() -> Checkpoint:
    with database.reading() as session:
        return log.checkpoint(session)


def keys() -> list[Key]:
    with database.reading() as session:
        return signing.known_keys(session)


def test_the_key_of_the_replaced_home_is_kept(
    backups: Folder, company: Recorded, erase: Erase, without_key: str
) -> None:
    key = signing.signer().key
    erase(company.ada)
    done = restore(backups, without_key)
    assert done.warnings == []
    assert (signing.signer().key, keys(), homes_of.missing_parts()) == (key, [key], [])
    assert head().signed_by(key)


def test_newest_key_wins_over_the_backups(
    backups: Folder, company: Recorded, erase: Erase, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = signing.signer().key
    name = making.make(backups).name
    with monkeypatch.context() as changed:
        changed.setenv("OPENBOOK_SIGNING_KEY", base64.b64encode(ANOTHER).decode())
        with database.writing() as session:
            signing.note_in_force(session)
        second = signing.signer().key
    Part.SIGNING_KEY.path.write_bytes(ANOTHER)
    erase(company.ada)
    restore(backups, name)
    assert signing.signer().key == second != first
    assert keys() == [first, second]


def test_missing_key_is_an_error_and_requests_wait(
    backups: Folder,
    company: Recorded,
    home: Path,
    without_key: str,
    unknown: TestClient,
    again: Api,
    caplog: pytest.LogCaptureFixture,
) -> None:
    kept = Part.SIGNING_KEY.path.read_bytes()
    journal.mirror(backups)
    database.close()
    shutil.rmtree(home)
    done = restoring.restore(backups, without_key)
    assert [warning for warning in done.warnings if "The key that signs the ledger" in warning]
    assert homes_of.missing_parts() == [Part.SIGNING_KEY]
    with pytest.raises(HomeUnavailable, match="the key that signs the ledger"):
        signing.signer()
    with TestClient(create_app()) as client:
        assert "the key that signs the ledger" in caplog.text
        assert client.get("/healthz").status_code == 503
        assert client.get("/v1/ledger/checkpoint").status_code == 503
    assert again(company.ada).post("/v1/requests", json={"type": "erasure"}).status_code == 201
    assert not wholeness.is_whole()
    assert not Part.SIGNING_KEY.is_there()
    Part.SIGNING_KEY.path.write_bytes(kept)
    assert wholeness.is_whole()
    assert head().signed_by(signing.signer().key)


def test_wrong_key_file_signs_nothing(home: Path, unknown: TestClient) -> None:
    Part.SIGNING_KEY.path.write_bytes(ANOTHER)
    with pytest.raises(HomeUnavailable, match="not the key that signs this ledger"):
        signing.signer()
    assert unknown.get("/v1/ledger/checkpoint").status_code == 503
    assert not wholeness.is_whole()


def test_every_key_that_ever_signed_is_published(
    home: Path, unknown: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = signing.signer().key
    monkeypatch.setenv("OPENBOOK_SIGNING_KEY", base64.b64encode(ANOTHER).decode())
    with TestClient(create_app()) as client:
        second = signing.signer().key
        assert client.get("/v1/ledger/keys").text == f"{second}\n{first}\n"
        assert client.get("/v1/ledger/key").text == f"{second}\n"


def refused(folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> str:
    """What `python -m governance backup FOLDER` says as it refuses."""
    monkeypatch.setattr(sys, "argv", ["it", "backup", str(folder)])
    capsys.readouterr()
    assert main() == 1
    said = capsys.readouterr().err
    assert "Traceback" not in said
    return said


@pytest.mark.parametrize("content", [b"no key at all. " * 126, ANOTHER], ids=["damaged", "another"])
@pytest.mark.parametrize("part", [Part.SIGNING_KEY, Part.MASTER_KEY, Part.OPENDSR_KEY], ids=lambda part: part.name)
def test_no_backup_is_made_with_a_key_that_can_not_be_used(
    backups: Folder,
    company: Recorded,
    part: Part,
    content: bytes,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    earlier = making.make(backups).name
    before = {path for path in backups.path.rglob("*") if path.is_file()}
    kept = part.path.read_bytes()
    part.path.write_bytes(content)
    said = refused(backups.path, capsys, monkeypatch)
    assert part.words[4:] in said or str(part.path) in said
    assert "No backup was made" in said
    assert (backups.names(), list(backups.drafts())) == ([earlier], [])
    assert {path for path in backups.path.rglob("*") if path.is_file()} == before
    refused(backups.path.with_name("elsewhere"), capsys, monkeypatch)
    assert not backups.path.with_name("elsewhere").exists()
    part.path.write_bytes(kept)
    assert making.make(backups).name in backups.names()


@pytest.mark.parametrize("content", [b"no key at all. " * 126, ANOTHER], ids=["damaged", "another"])
def test_a_backup_with_a_key_that_can_not_be_used_is_restored_without_it(
    backups: Folder, company: Recorded, home: Path, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Earlier versions made such backups."""
    kept = Part.SIGNING_KEY.path.read_bytes()
    Part.SIGNING_KEY.path.write_bytes(content)
    with monkeypatch.context() as earlier_version:
        earlier_version.setattr(making, "require_usable_keys", lambda: None)
        name = making.make(backups).name
    database.close()
    shutil.rmtree(home)
    done = restoring.restore(backups, name)
    assert [warning for warning in done.warnings if "The key that signs the ledger" in warning]
    assert homes_of.missing_parts() == [Part.SIGNING_KEY]
    Part.SIGNING_KEY.path.write_bytes(kept)
    assert wholeness.is_whole()
    assert head().signed_by(signing.signer().key)


def test_a_damaged_key_of_the_replaced_home_gives_way_to_that_of_the_backup(backups: Folder, company: Recorded) -> None:
    key = signing.signer().key
    name = making.make(backups).name
    Part.SIGNING_KEY.path.write_bytes(b"no key at all. " * 126)
    assert restore(backups, name).warnings == []
    assert signing.signer().key == key


def test_a_backup_without_the_signing_key_says_so(
    backups: Folder, company: Recorded, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Part.SIGNING_KEY.path.unlink()
    monkeypatch.setattr(sys, "argv", ["it", "backup", str(backups.path)])
    assert main() == 0
    assert "the key that signs the ledger is missing" in " ".join(capsys.readouterr().out.split())
