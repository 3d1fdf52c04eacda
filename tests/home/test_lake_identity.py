"""Files of a lake that doesn't belong to its home are never deleted; people are told, and requests wait."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

import pytest
from starlette.testclient import TestClient

import lake.__main__ as lake
import queries.connection
from governance.db import database
from governance.worker import wholeness
from lake.rules import retention
from lake.rules.policies import apply_policies
from lake.storage import identity
from lake.storage.connection import (
    LakeUnavailable,
    catalog_path,
    data_folder,
    lake_folder,
    reader,
    writer,
    writers_blocked,
)
from lake.storage.maintenance import delete_files, purge
from lake.storage.shards import SHARDS, slot_of
from lake.storage.shards.moving import spread
from tests.governance.conftest import POLICY, ROOT, Capture, Client, wait_until
from tests.support import homes
from tests.support.people import Company

Damage = Callable[[Path], None]
READER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("begin")
connection.execute("select * from ducklake_snapshot").fetchall()
print("reads", flush=True)
sys.stdin.readline()
"""
"""A reader whose process keeps later writes in the write-ahead log."""


def other_lake() -> Path:
    """The lake of another home."""
    return Path(_other().name) / "home" / "lake"


@cache
def _other() -> TemporaryDirectory[str]:
    folder = TemporaryDirectory(prefix="open-book-home-")
    homes.make(Path(folder.name) / "home")
    return folder


def catalog_files() -> list[Path]:
    return sorted(lake_folder().glob("catalog.sqlite*"))


def without_catalog(kept: Path) -> None:
    for file in catalog_files():
        file.unlink()


def empty_catalog(kept: Path) -> None:
    without_catalog(kept)
    catalog_path().touch()


def catalog_without_tables(kept: Path) -> None:
    without_catalog(kept)
    subprocess.run(
        [sys.executable, "-c", "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute('vacuum')", catalog_path()],
        check=True,
    )


def catalog_just_made(kept: Path) -> None:
    without_catalog(kept)
    shutil.copy(other_lake() / "catalog.sqlite", catalog_path())


def older_catalog(kept: Path) -> None:
    without_catalog(kept)
    shutil.copy(kept / "older.sqlite", catalog_path())


def without_data(kept: Path) -> None:
    shutil.rmtree(data_folder())


def emptied_data(kept: Path) -> None:
    without_data(kept)
    data_folder().mkdir()


def data_of_another_lake(kept: Path) -> None:
    without_data(kept)
    shutil.copytree(other_lake() / "data", data_folder())


def another_lake(kept: Path) -> None:
    shutil.rmtree(lake_folder())
    shutil.copytree(other_lake(), lake_folder())


def identity_garbled(kept: Path) -> None:
    (data_folder() / "identity").write_text("?")


def identity_missing(kept: Path) -> None:
    (data_folder() / "identity").unlink()


ALL: dict[str, Damage] = {
    damage.__name__.replace("_", " "): damage
    for damage in (
        without_catalog,
        empty_catalog,
        catalog_without_tables,
        catalog_just_made,
        older_catalog,
        without_data,
        emptied_data,
        data_of_another_lake,
        another_lake,
        identity_garbled,
        identity_missing,
    )
}


@contextmanager
def damaged(damage: Damage, kept: Path, worker: subprocess.Popen[bytes] | None = None) -> Iterator[set[Path]]:
    """The lake with the damage in the block, restored afterwards; gives the data files that must stay. A `worker`
    stands still while the damage is done, so that all it says about it later is about the whole of it."""
    queries.connection.close()
    with standing_still(worker) if worker else nullcontext():
        shutil.copytree(lake_folder(), kept / "lake")
        damage(kept)
        files = parquet()
    yield files
    assert files <= parquet()
    queries.connection.close()
    shutil.rmtree(lake_folder())
    (kept / "lake").rename(lake_folder())


@contextmanager
def standing_still(worker: subprocess.Popen[bytes]) -> Iterator[None]:
    with writers_blocked():  # not while it writes: what it commits afterwards would be lost with the damaged lake
        worker.send_signal(signal.SIGSTOP)
        os.waitpid(worker.pid, os.WUNTRACED)
    try:
        yield
    finally:
        worker.send_signal(signal.SIGCONT)


def at_its_end(client: TestClient, request_id: str) -> dict[str, Any]:
    """The request, once it has ended; earlier attempts may have failed."""

    def look() -> dict[str, Any] | None:
        request: dict[str, Any] = client.get(f"/v1/requests/{request_id}").json()
        return request if request["completed_at"] else None

    return dict(wait_until(look, 600))


def says(worker: subprocess.Popen[bytes], log: Path, words: str, after: int = 0) -> None:
    """Wait until a worker has written `words` after that many characters; fails the test at once if it exits."""

    def look() -> bool:
        assert worker.poll() is None, log.read_text()
        return words in log.read_text()[after:]

    wait_until(look, 600)


def parquet() -> set[Path]:
    return set(data_folder().rglob("*.parquet"))


@pytest.fixture
def kept(home: Path, tmp_path: Path, person: Company, capture: Capture) -> Path:
    """A lake with captures of two people; gives the folder for parts put aside."""
    folder = tmp_path / "kept"
    folder.mkdir()
    capture(person("ada@example.com"), 5)
    shutil.copy(catalog_path(), folder / "older.sqlite")
    capture(person("bob@example.com"), 7)
    assert len(parquet()) > 1
    return folder


@pytest.mark.parametrize("damage", ALL.values(), ids=ALL)
def test_an_incomplete_lake_is_never_opened(kept: Path, damage: Damage) -> None:
    with damaged(damage, kept) as files:
        before = parquet()
        for opened in (reader, retention.sweep):
            with pytest.raises(LakeUnavailable, match=r"The lake is not available: .*Nothing was changed or deleted"):
                opened()
        with pytest.raises(LakeUnavailable), writer():
            pass
        assert files == before == parquet()
    assert retention.sweep()["removed"] == 0


@pytest.mark.timeout(1800)  # a process starts, waits and works, eleven times over
def test_a_worker_deletes_nothing_and_erasures_wait(
    kept: Path, person: Company, capture: Capture, api: Client, tmp_path: Path
) -> None:
    """One that starts while the lake is damaged, and one that works when it happens."""
    people = [person(f"{number}@example.com") for number in range(len(ALL))]
    for someone in people:
        capture(someone, 5)
    log = tmp_path / "worker.log"
    with log.open("wb") as to, ExitStack() as ends:
        worker = None
        for damage, someone in zip(ALL.values(), people, strict=True):
            client = api(someone)
            assert client.get("/v1/me/summary").json()["captures"] == 5
            written = len(log.read_text())
            with damaged(damage, kept, worker):
                worker = worker or ends.enter_context(working_process(to))
                says(worker, log, "Workers wait", after=written)
                filed = client.post("/v1/requests", json={"type": "erasure"})
                assert filed.status_code == 201, (damage, filed.text)
                waiting = client.get(f"/v1/requests/{filed.json()['id']}").json()
                assert (waiting["state"], waiting["completed_at"]) == ("received", None), damage
                told = client.get("/v1/me/summary")
                assert told.status_code == 503, damage
                assert "The lake is not available" in told.json()["detail"], damage
                assert client.get("/healthz").status_code == 503, damage
            says(worker, log, "complete again", after=written)
            erased = at_its_end(client, filed.json()["id"])
            assert (erased["outcome"]["matched"], erased["outcome"]["erased"]) == (5, 5), damage
        assert api(person("bob@example.com")).get("/v1/me/summary").json()["captures"] == 7


@contextmanager
def working_process(to: IO[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    worker = subprocess.Popen([sys.executable, "-m", "governance", "work"], cwd=ROOT, stdout=to, stderr=to)
    try:
        yield worker
    finally:
        worker.terminate()
        worker.wait(60)


@pytest.mark.parametrize("damage", [without_catalog, catalog_just_made, older_catalog, emptied_data])
def test_commands_say_that_the_lake_is_not_available(
    kept: Path, damage: Damage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with damaged(damage, kept):
        for command in (["sweep"], ["policy", "list"], ["dataset", "list"]):
            monkeypatch.setattr(sys, "argv", ["lake", *command])
            assert lake.main() == 1
            missing = damage in (without_catalog, emptied_data)
            said = "This home lacks the lake's" if missing else "The lake is not available"
            assert said in capsys.readouterr().err


def test_no_files_are_deleted_if_data_was_swapped(kept: Path) -> None:
    with writer() as connection:
        stray = data_folder() / "main" / "captures" / "stray.parquet"
        stray.write_bytes(b"an interrupted write")
        (data_folder() / "identity").rename(kept / "identity")
        with pytest.raises(LakeUnavailable):
            delete_files(connection)
        assert stray.exists()
        (kept / "identity").rename(data_folder() / "identity")
        delete_files(connection)
        assert not stray.exists()


def test_a_catalog_without_its_write_ahead_log_is_noticed(kept: Path) -> None:
    command = [sys.executable, "-I", "-c", READER, str(catalog_path())]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as held:
        assert held.stdout is not None
        held.stdout.readline()
        with writer() as connection:
            apply_policies(connection, [replace(POLICY, policy="another")])
        shutil.copy(catalog_path(), kept / "without log.sqlite")
        held.communicate(b"\n")

    def restored(_: Path) -> None:
        without_catalog(kept)
        shutil.copy(kept / "without log.sqlite", catalog_path())

    with damaged(restored, kept), pytest.raises(LakeUnavailable, match="an older copy"):
        reader()


def test_an_older_copy_of_the_whole_lake_is_detected(kept: Path, person: Company, capture: Capture) -> None:
    older = kept / "older lake"
    shutil.copytree(lake_folder(), older)
    capture(person("ada@example.com"), 1)
    database.note_lake(identity.of_data().snapshot, {})
    queries.connection.close()
    shutil.rmtree(lake_folder())
    shutil.copytree(older, lake_folder())
    with pytest.raises(LakeUnavailable, match="an older copy"), writer():
        pass


def test_an_older_copy_of_a_whole_shard_is_named(kept: Path, person: Company, capture: Capture) -> None:
    spread(2)
    number = 0
    while slot_of((ada := person(f"ada{number}@example.com")).subject) % 2 == 0:
        number += 1
    capture(ada, 1)
    parts = [lake_folder() / SHARDS / "1", data_folder() / SHARDS / "1"]
    queries.connection.close()
    for place, part in enumerate(parts):
        shutil.copytree(part, kept / f"older {place}")
    capture(ada, 2)
    wholeness.require_whole()
    queries.connection.close()
    for place, part in enumerate(parts):
        shutil.rmtree(part)
        shutil.copytree(kept / f"older {place}", part)
    for use in (reader, lambda: capture(ada, 3)):
        with pytest.raises(LakeUnavailable, match="the catalog of shard 1 is an older copy"):
            use()
    assert not wholeness.is_whole()


def test_every_writer_records_the_newest_snapshot(kept: Path, person: Company, capture: Capture) -> None:
    before = json.loads((data_folder() / "identity").read_bytes())
    capture(person("ada@example.com"), 1)
    after = json.loads((data_folder() / "identity").read_bytes())
    assert (after["lake"], after["snapshot"] > before["snapshot"]) == (before["lake"], True)
    with writer() as connection:
        purge(connection)
        assert identity.of_catalog(connection).snapshot >= after["snapshot"]
    reader().close()
