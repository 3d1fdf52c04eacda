"""Backups of homes whose state is in PostgreSQL and whose lake is in a bucket, and restores into such a set-up."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest

import clock
import queries.connection
from directory.keys import KeyRing, Oneself
from errors import OpenBookError
from governance.__main__ import main
from governance.backup import homes, journal, making, restoring
from governance.backup.places.folder import Folder
from governance.backup.places.place import BackupError, Place
from governance.copies import elsewhere
from governance.copies.places import SETTINGS, at
from governance.db import database, work_queue
from governance.moving import whole
from governance.requests import filing
from governance.schemas import NewRequest
from lake.copies import files as files_of_lake
from lake.storage import verifying
from lake.storage.objects import pictures
from tests.governance.backup.conftest import BOTH, Erase, Recorded, maintain, restores_in_the_ledger
from tests.governance.captured import put
from tests.support import object_storage
from tests.support.object_storage import TestBucket
from tests.support.postgres import Server

NewPlaces = Callable[[], TestBucket]
"""Empty databases and an empty bucket, which the settings name from then on."""


@pytest.fixture
def new_places(
    postgres: Server, object_server: object_storage.Server, monkeypatch: pytest.MonkeyPatch
) -> Iterator[NewPlaces]:
    made: list[str] = []

    def new() -> TestBucket:
        closed()
        made.append(postgres.new_database())
        monkeypatch.setenv("OPENBOOK_DATABASE_URL", made[-1])
        monkeypatch.setenv("OPENBOOK_LAKE_CATALOG", made[-1])
        monkeypatch.setenv("OPENBOOK_LAKE_DATA", "bucket")
        return object_storage.new_bucket(object_server, monkeypatch)

    yield new
    closed()
    for url in made:
        postgres.drop_database(url)


@pytest.fixture
def moved(
    home: Path, backups: Folder, company: Recorded, new_places: NewPlaces, monkeypatch: pytest.MonkeyPatch
) -> TestBucket:
    """The company's home, moved by the command from files to these places."""
    bucket = new_places()
    monkeypatch.setattr("sys.argv", ["governance", "move", str(backups.path)])
    assert main() == 0
    return bucket


def closed() -> None:
    queries.connection.close()
    work_queue.close()
    database.close()


def lose(home: Path) -> None:
    closed()
    shutil.rmtree(home)


def schemas() -> set[str]:
    with closing(psycopg.connect(os.environ["OPENBOOK_DATABASE_URL"])) as connection:
        found = connection.execute(
            "select nspname from pg_namespace where nspname !~ '^pg_|^information_schema|^public'"
        )
        return {name for (name,) in found}


@BOTH
def test_a_home_of_files_moves_and_back(
    backups: Place, company: Recorded, home: Path, new_places: NewPlaces, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = uuid4()
    put(company.ada, [{"capture_id": screen, "signal": "screenshot", "x": 30, "y": 20}])
    pictures.settle([pictures.write_draft(screen, b"sealed picture")])
    captures, words = company.captures(company.ada), company.words(company.ada)
    asked = NewRequest.model_validate({"type": "rectification", "note": "Not me."})
    request = filing.file(company.bob, asked, None).request
    bucket = new_places()
    done = whole.move(backups, lambda *_: None)
    assert (done.state_from, done.captures) == ("home", 9)
    assert company.captures(company.ada) == captures
    assert company.words(company.ada) == words
    assert pictures.read(screen) == b"sealed picture"
    assert filing.one_of(company.bob.subject, request.id).state == request.state
    assert not [file for kind in ("sqlite*", "parquet", "picture") for file in home.rglob(f"*.{kind}")]
    company.store(company.ada)
    made = making.make(backups)
    assert made.files == len(files_of_lake.there())
    before = bucket.contents()
    lose(home)
    for name in SETTINGS:
        monkeypatch.delenv(name)
    assert restoring.restore(backups).captures == 9
    assert company.words(company.ada) == words
    assert pictures.read(screen) == b"sealed picture"
    assert restores_in_the_ledger() == 2
    assert bucket.contents() == before


def test_an_erasure_is_repeated_in_a_new_set_up(
    moved: TestBucket, backups: Folder, company: Recorded, erase: Erase, home: Path, new_places: NewPlaces
) -> None:
    making.make(backups)
    request = erase(company.ada)
    assert request.state == "completed"
    assert request.outcome is not None
    until = clock.now_utc().date()
    assert str(request.outcome.model_dump()["backups"]["unreadable_after"]) > str(until)
    maintain()
    lose(home)
    new_places()
    done = restoring.restore(backups)
    assert (done.state_from, done.replayed.erasures, done.replayed.captures) == ("journal", 1, 4)
    assert company.captures(company.ada) == []
    assert company.words(company.bob)
    assert filing.one_of(company.ada.subject, request.id).state == "completed"
    assert KeyRing().content_key(company.ada.subject, Oneself(company.ada.subject)) is None
    assert not verifying.verify().damaged


def test_the_state_is_mirrored_only_after_changes(
    moved: TestBucket, backups: Folder, company: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    maintain()
    mirrored: list[Folder] = []
    monkeypatch.setattr(journal, "mirror", mirrored.append)
    maintain()
    assert mirrored == []
    filing.file(company.bob, NewRequest.model_validate({"type": "export"}), None)
    maintain()
    assert mirrored == [backups]


def test_only_empty_places_are_filled(
    moved: TestBucket, backups: Folder, home: Path, new_places: NewPlaces, monkeypatch: pytest.MonkeyPatch
) -> None:
    used = {name: os.environ[name] for name in SETTINGS}
    before = moved.contents()
    new_places()
    with pytest.raises(OpenBookError, match="in PostgreSQL or a bucket"):
        restoring.restore(backups, replace=True)
    lose(home)
    for name, words in (
        ("OPENBOOK_DATABASE_URL", "already has"),
        ("OPENBOOK_LAKE_CATALOG", "already has a lake"),
        ("OPENBOOK_OBJECTS_URL", "not empty"),
    ):
        new_places()
        with monkeypatch.context() as patch:
            patch.setenv(name, used[name])
            with pytest.raises(OpenBookError, match=words):
                restoring.restore(backups)
        assert not home.exists()
    assert moved.contents() == before


@pytest.mark.parametrize("at_the", ["state", "end"])
def test_a_failed_restore_leaves_the_places_empty(
    backups: Folder, company: Recorded, home: Path, new_places: NewPlaces, at_the: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    making.make(backups)
    bucket = new_places()
    step = "governance.copies.state.copy" if at_the == "state" else "governance.copies.elsewhere._require_whole"
    with monkeypatch.context() as patch:
        patch.setattr(step, broken)
        with pytest.raises(OSError, match="No space"):
            restoring.restore(backups, replace=True)
    assert schemas() == set()
    assert bucket.contents() == {}
    with at(home):
        assert len(company.captures(company.ada)) == 4
    assert restoring.restore(backups, replace=True).captures == 8


def broken(*_: Any) -> None:
    raise OSError(28, "No space left on device")


def test_a_killed_move_goes_on(
    backups: Folder, company: Recorded, home: Path, new_places: NewPlaces, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = new_places()
    with monkeypatch.context() as killed:
        killed.setattr(elsewhere, "_require_whole", broken)
        killed.setattr(restoring, "_give_up", lambda _: None)
        with pytest.raises(OSError, match="No space"):
            whole.move(backups, lambda *_: None)
    closed()
    assert schemas() > {"governance", "directory", "dbos"}
    assert homes.note_path(home).exists()
    with monkeypatch.context() as files_only:
        for name in SETTINGS:
            files_only.delenv(name)
        with pytest.raises(BackupError, match="same settings"):
            restoring.restore(backups, replace=True)
    assert whole.move(backups, lambda *_: None).captures == 8
    assert len(backups.names()) == 1
    assert len(company.captures(company.bob)) == 4
    assert bucket.contents()["identity"]


def test_the_lake_alone_can_be_elsewhere(
    backups: Folder,
    company: Recorded,
    erase: Erase,
    home: Path,
    tmp_path: Path,
    postgres_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    closed()
    monkeypatch.setenv("OPENBOOK_LAKE_CATALOG", postgres_url)
    monkeypatch.setenv("OPENBOOK_LAKE_DATA", str(tmp_path / "data"))
    assert whole.move(backups, lambda *_: None).captures == 8
    making.make(backups)
    erase(company.ada, applications=["Excel"])
    lose(home)
    monkeypatch.setenv("OPENBOOK_LAKE_SCHEMA", "another")
    with pytest.raises(OpenBookError, match="not empty"):
        restoring.restore(backups)
    monkeypatch.setenv("OPENBOOK_LAKE_DATA", str(tmp_path / "more"))
    assert restoring.restore(backups).captures == 6
    assert {capture.application for capture in company.captures(company.ada)} == {"Chrome"}
    assert not (home / "lake" / "data").exists() or not list((home / "lake" / "data").rglob("*.parquet"))
    queries.connection.close()


def test_a_killed_backup_leaves_the_one_before(
    moved: TestBucket,
    backups: Folder,
    company: Recorded,
    home: Path,
    new_places: NewPlaces,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    company.store(company.ada)
    before = backups.names()
    with monkeypatch.context() as killed:
        killed.setattr(files_of_lake, "chunks", broken)
        killed.setattr(Folder, "destroy_key_part", lambda *_: None)
        with pytest.raises(OSError, match="No space"):
            making.make(backups)
    assert list(backups.drafts())
    assert backups.names() == before
    making.make(backups)
    assert not list(backups.drafts())
    lose(home)
    new_places()
    assert restoring.restore(backups, before[0]).captures == 8


def test_what_is_erased_while_files_are_copied_is_no_failure(
    moved: TestBucket, backups: Folder, company: Recorded, erase: Erase, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.rmtree(backups.data)
    fetched: list[str] = []

    def fetch(path: str) -> Iterator[bytes]:
        if not fetched:
            fetched.append(path)
            erase(company.ada)
        return original(path)

    original = files_of_lake.chunks
    monkeypatch.setattr(files_of_lake, "chunks", fetch)
    made = making.make(backups)
    manifest = backups.manifest(made.name)
    assert {path: size for path, (size, _) in manifest.data.items()} == files_of_lake.there()
    assert all((backups.data / path).is_file() for path in manifest.data)
