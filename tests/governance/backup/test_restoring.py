"""A restore ends correctly whenever it is interrupted, and reports correctly what happened since the backup."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import clock
from governance.api.app import create_app
from governance.backup import journal, making, restoring
from governance.backup.files import copy
from governance.backup.places import folder
from governance.backup.places.folder import Folder
from governance.backup.places.place import BackupError
from governance.db import database, worker_slots
from governance.requests import filing
from governance.rounds import retention
from governance.worker import process
from lake.storage.connection import LakeUnavailable
from tests.governance.backup.conftest import Erase, Recorded, restores_in_the_ledger
from tests.governance.conftest import wait_until
from tests.support import forking


def killed_before(backups: Path, name: str, step: str, reached: Path | None = None, go_on: Path | None = None) -> None:
    """Restore in a separate process, which is killed when it reaches a step; it says so first, and waits."""

    def kill(_: restoring.Restore) -> None:
        if reached is not None and go_on is not None:
            reached.touch()
            wait_until(go_on.exists)
        os.kill(os.getpid(), signal.SIGKILL)

    restoring.STEPS = tuple(kill if each.__name__ == step else each for each in restoring.STEPS)
    restoring.restore(Folder(backups), name, replace=True)


def contents(of: Path) -> dict[str, bytes]:
    return {path.relative_to(of).as_posix(): path.read_bytes() for path in of.rglob("*") if path.is_file()}


def test_killed_restore_completes_when_repeated(backups: Folder, company: Recorded, erase: Erase, home: Path) -> None:
    bobs = company.captures(company.bob)
    name = making.make(backups).name
    erased = erase(company.ada)
    journal.mirror(backups)
    database.close()
    of_locks = (".lock", "-shm", "write.holder")  # the last says who writes to the lake: the one that was killed
    before = {path: content for path, content in contents(home).items() if not path.endswith(of_locks)}
    ends = []
    for step in restoring.STEPS:
        if step is restoring.copy_keys:
            continue
        run = forking.start(killed_before, backups.path, name, step.__name__)
        run.join(120)
        ends.append((step.__name__, run.exitcode))
        if step is not restoring.put_in_place and step is not restoring.clear_away:
            assert {path: contents(home).get(path) for path in before} == before, step.__name__
        elif step is restoring.put_in_place:
            assert not home.exists()
            assert home.with_name("home.replaced").exists()
    assert ends == [(step.__name__, -signal.SIGKILL) for step in restoring.STEPS[1:]]
    done = restoring.restore(backups, name, replace=True)
    assert done.manifest.name == name
    assert sorted(path.name for path in home.parent.glob("home*")) == ["home"]
    assert company.captures(company.bob) == bobs
    assert company.captures(company.ada) == []
    assert filing.one_of(company.ada.subject, erased.id).state == "completed"
    assert restores_in_the_ledger() == 1


def test_nothing_starts_during_an_unfinished_restore(
    backups: Folder, company: Recorded, home: Path, tmp_path: Path
) -> None:
    del company
    name = making.make(backups).name
    database.close()

    async def lifespan() -> None:
        app = create_app()
        async with app.router.lifespan_context(app):
            pass

    def serve() -> None:
        asyncio.run(lifespan())

    def start(words: str) -> None:
        for begin in (serve, process.run):
            with pytest.raises(BackupError) as refused:
                begin()
            assert str(refused.value).startswith(words)

    reached, go_on = tmp_path / "reached", tmp_path / "go on"
    run = forking.start(killed_before, backups.path, name, restoring.put_in_place.__name__, reached, go_on)
    wait_until(reached.exists)
    start(f"A backup is being restored to {home}. Start again when that is done.")
    go_on.touch()
    run.join(120)
    assert run.exitcode == -signal.SIGKILL
    start(words := f"A restore to {home} was interrupted. Run the same `python -m governance restore` again")
    said = subprocess.run(
        [sys.executable, "-m", "governance", "serve"], capture_output=True, text=True, timeout=60, check=False
    )
    assert (said.returncode, said.stderr[: len(words)]) == (1, words)
    assert not home.exists()


def test_new_home_during_a_switch_is_detected(
    backups: Folder, company: Recorded, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    making.make(backups)
    database.close()

    def power_cut(_: restoring.Restore) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        at = restoring.STEPS.index(restoring.put_in_place)
        patch.setattr(restoring, "STEPS", (*restoring.STEPS[:at], power_cut))
        with pytest.raises(SystemExit):
            restoring.restore(backups, replace=True)
    home.mkdir()
    with pytest.raises(BackupError, match="created again meanwhile"):
        restoring.restore(backups, replace=True)
    home.rmdir()
    assert restoring.restore(backups, replace=True).captures == 8


@pytest.mark.parametrize("target", ["lake/data", "directory"])
def test_full_disk_leaves_the_home_unchanged(
    backups: Folder, company: Recorded, home: Path, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    making.make(backups)
    database.close()
    before = contents(home)

    def on_a_full_disk(source: Path, to: Path, *told: Any) -> str:
        if target in to.as_posix():
            raise OSError(errno.ENOSPC, "No space left on device")
        return copy(source, to, *told)

    with monkeypatch.context() as patch:
        patch.setattr(folder, "copy", on_a_full_disk)
        with pytest.raises(OSError, match="No space left"):
            restoring.restore(backups, replace=True)
    assert contents(home) == before
    assert sorted(path.name for path in home.parent.glob("home*")) == ["home"]


def damage_data(backups: Folder) -> None:
    path = next(backups.data.rglob("*.parquet"))
    path.write_bytes(path.read_bytes()[:-1] + b"!")


def lose_data(backups: Folder) -> None:
    next(backups.data.rglob("*.parquet")).unlink()


def damage_keys(backups: Folder) -> None:
    path = backups.key_part(backups.names()[0]) / "catalog.sqlite"
    path.write_bytes(path.read_bytes()[:-1] + b"!")


def lose_journal(backups: Folder) -> None:
    shutil.rmtree(backups.journal)


def lose_keys(backups: Folder) -> None:
    shutil.rmtree(backups.keys)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (damage_data, "The data file .* is damaged"),
        (lose_data, "The data file .* is not in"),
        (damage_keys, "catalog.sqlite of the backup .* is damaged"),
        (lose_journal, "has no journal"),
        (lose_keys, "There is no backup with its key part"),
    ],
)
def test_incomplete_backup_is_refused(
    backups: Folder, company: Recorded, home: Path, damage: Callable[[Folder], None], said: str
) -> None:
    making.make(backups)
    database.close()
    shutil.rmtree(home)
    damage(backups)
    with pytest.raises(BackupError, match=said):
        restoring.restore(backups)
    assert not home.exists()
    assert list(home.parent.glob("home*")) == []


def test_existing_or_used_home_is_not_replaced(backups: Folder, company: Recorded) -> None:
    making.make(backups)
    with pytest.raises(BackupError, match="already exists"):
        restoring.restore(backups)
    with worker_slots.place(), pytest.raises(BackupError, match="Workers are running"):
        restoring.restore(backups, replace=True)


def test_home_with_an_open_database_is_not_replaced(backups: Folder, company: Recorded, home: Path) -> None:
    making.make(backups)
    ask = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); print(*c.execute('select count(*) from request'))"
    path = home / "governance" / journal.STATE
    command = [sys.executable, "-c", f"{ask}; sys.stdout.flush(); sys.stdin.read()", str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as api:
        assert api.stdout is not None
        api.stdout.readline()
        with pytest.raises(BackupError, match="Stop the API"):
            restoring.restore(backups, replace=True)
        api.communicate()
    assert restoring.restore(backups, replace=True).captures == 8


def test_restore_sweeps_even_if_today_is_done(
    backups: Folder, company: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    making.make(backups)
    later = clock.now() + timedelta(days=40_000)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert retention.sweep_if_due()
    database.close()
    assert restoring.restore(backups, replace=True).captures == 0


@pytest.mark.parametrize("error", [LakeUnavailable("The lake's disk is full."), RuntimeError("unforeseen")])
def test_failed_restore_leaves_no_files(
    backups: Folder, company: Recorded, home: Path, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    making.make(backups)
    database.close()

    def fail(_: restoring.Restore) -> None:
        raise error

    at = restoring.STEPS.index(restoring.erase_again)
    monkeypatch.setattr(restoring, "STEPS", (*restoring.STEPS[:at], fail))
    with pytest.raises(type(error)):
        restoring.restore(backups, replace=True)
    assert sorted(path.name for path in home.parent.glob("home*")) == ["home"]


def test_restore_without_journal_and_lake_is_refused(
    backups: Folder, company: Recorded, erase: Erase, home: Path
) -> None:
    making.make(backups)
    erase(company.ada)
    database.close()
    shutil.rmtree(backups.journal)
    shutil.rmtree(home / "lake")
    with pytest.raises(BackupError, match="not known what was erased"):
        restoring.restore(backups, replace=True)


def test_journal_of_another_home_is_refused(backups: Folder, company: Recorded, home: Path) -> None:
    making.make(backups)
    database.close()
    shutil.rmtree(home)
    (backups.journal / "home").write_text("11111111-1111-1111-1111-111111111111")
    with pytest.raises(BackupError, match="belongs to another home"):
        restoring.restore(backups)


def test_manifest_paths_stay_inside_the_backup(backups: Folder, company: Recorded, home: Path) -> None:
    manifest = backups.key_part(making.make(backups).name) / "manifest.json"
    database.close()
    shutil.rmtree(home)
    manifest.write_text(manifest.read_text().replace('"data": {', '"data": {"../outside": [4, "00"],', 1))
    with pytest.raises(BackupError, match="is damaged"):
        restoring.restore(backups)


def test_a_backup_under_another_master_key_is_refused(
    home: Path, backups: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENBOOK_MASTER_KEY", "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY=")
    making.make(backups)
    database.close()
    shutil.rmtree(home)
    monkeypatch.setenv("OPENBOOK_MASTER_KEY", "YWJjZGVmR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY=")
    with pytest.raises(BackupError, match="another master key"):
        restoring.restore(backups)
    assert not home.exists()
