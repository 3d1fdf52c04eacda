"""Backups are made while everything keeps running, copy only what is new, and are atomic."""

from __future__ import annotations

import errno
import json
import threading
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

import clock
from governance.backup import journal, making
from governance.backup.files import copy
from governance.backup.places import folder
from governance.backup.places.folder import Folder
from governance.backup.places.place import BackupError, OthersBackups, OutOfReach, Place
from governance.backup.tables import BackupRow
from governance.db import database
from governance.db.database import reading
from governance.operations import first_start
from lake.storage import maintenance
from lake.storage.connection import lake_folder, reader, writer, writers_blocked
from lake.storage.objects import Area
from tests.governance.backup.conftest import BOTH, Erase, Recorded, maintain
from tests.lake.rows import change
from tests.support.lake import hold


def files(of: Path) -> dict[str, bytes]:
    return {path.relative_to(of).as_posix(): path.read_bytes() for path in of.rglob("*") if path.is_file()}


def rows() -> dict[str, BackupRow]:
    with reading() as session:
        return {row.name: row for row in session.query(BackupRow)}


@BOTH
def test_second_backup_copies_only_new_files(backups: Place, company: Recorded) -> None:
    first = making.make(backups)
    assert first.new_files == first.files > 0
    second = making.make(backups)
    assert (second.files, second.new_files, second.new_size) == (first.files, 0, 0)
    hold(company.ada)
    third = making.make(backups)
    assert (third.files, third.new_files) == (first.files + 1, 1)
    assert backups.names() == [first.name, second.name, third.name]
    data = backups.manifest(third.name).data
    assert backups.sizes("data") == {path: size for path, (size, _) in data.items()}
    assert len(data) == third.files


def test_lake_stays_usable_while_files_are_copied(
    backups: Folder, company: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    met: list[int] = []

    def slow_copy(source: Path, target: Path, *told: Any) -> str:
        if not met and backups.data in target.parents:
            met.append(1)
            changing = threading.Thread(target=erase_file_after_file)
            changing.start()
            changing.join(60)
            assert not changing.is_alive()
        return copy(source, target, *told)

    def erase_file_after_file() -> None:
        hold(company.ada)
        with writer() as connection:
            change(
                connection,
                company.ada.subject,
                "delete from captures where subject = $subject",
                {"subject": company.ada.subject},
            )
            maintenance.purge(connection)
        assert reader().execute("select count(*) from captures").fetchone() != (0,)

    monkeypatch.setattr(folder, "copy", slow_copy)
    made = making.make(backups)
    assert met == [1]
    assert made.files == made.new_files == len(files(backups.data))
    assert not (lake_folder() / "backup").exists()


def test_lake_is_locked_while_catalog_is_copied(
    backups: Folder, company: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[bool] = []

    def look(pairs: Any) -> None:
        waiting = threading.Thread(target=lambda: writers_blocked().__enter__(), daemon=True)
        waiting.start()
        waiting.join(0.2)
        held.append(waiting.is_alive())
        raise BackupError("Seen enough.")

    monkeypatch.setattr(making, "duplicate", look)
    with pytest.raises(BackupError, match="Seen enough"):
        making.make(backups)
    assert held == [True]


@pytest.mark.parametrize("after", [0, 3])
def test_full_disk_keeps_earlier_backups_only(
    backups: Folder, company: Recorded, after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = making.make(backups)
    for _ in range(4):
        hold(company.ada)
    database.close()
    before = files(backups.keys)
    copies = []

    def on_a_full_disk(source: Path, target: Path, *told: Any) -> str:
        if backups.data in target.parents:
            copies.append(target)
        if len(copies) > after:
            target.with_name(target.name + ".draft").write_bytes(b"half")
            raise OSError(errno.ENOSPC, "No space left on device")
        return copy(source, target, *told)

    with monkeypatch.context() as patch:
        patch.setattr(folder, "copy", on_a_full_disk)
        with pytest.raises(OSError, match="No space left"):
            making.make(backups)
    database.close()
    assert files(backups.keys) == before
    assert backups.names() == [first.name]
    assert [row.name for row in rows().values() if row.destroyed_at is None] == [first.name]
    assert not (lake_folder() / "backup").exists()
    again = making.make(backups)
    assert again.new_files == 4 - after
    assert set(files(backups.data)) == backups.manifest(again.name).data.keys()


def test_only_the_newest_key_parts_are_kept(
    backups: Folder, company: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENBOOK_BACKUP_KEY_PARTS", "2")
    made = [making.make(backups) for _ in range(4)]
    assert [one.destroyed for one in made] == [[], [], [made[0].name], [made[1].name]]
    assert backups.names() == [made[2].name, made[3].name]
    known = rows()
    assert [known[one.name].destroyed_at is None for one in made] == [False, False, True, True]


@BOTH
def test_workers_destroy_a_key_part_after_its_last_day(
    backups: Place, company: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = making.make(backups)
    assert made.key_part_until == clock.today() + timedelta(days=29)
    for days, there in ((29, [made.name]), (30, [])):
        then = clock.now() + timedelta(days=days)
        with monkeypatch.context() as patch:
            patch.setattr(clock, "now", lambda then=then: then)
            maintain()
            assert backups.names() == there
    assert backups.sizes("keys") == {}
    assert making.make(backups, prune=True).pruned == 0
    assert rows()[made.name].destroyed_at


@BOTH
def test_data_files_without_key_part_can_be_pruned(
    backups: Place, company: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENBOOK_BACKUP_KEY_PARTS", "1")
    first = making.make(backups)
    with writer() as connection:
        change(
            connection,
            company.ada.subject,
            "delete from captures where subject = $subject",
            {"subject": company.ada.subject},
        )
        maintenance.compact(connection)
    assert making.make(backups).pruned == 0
    left = making.make(backups, prune=True)
    assert 0 < left.pruned <= first.files
    assert backups.sizes("data").keys() == backups.manifest(left.name).data.keys()


def test_leftovers_of_an_interrupted_backup_are_destroyed(
    backups: Folder, company: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = making.make(backups)
    for tidying in (lambda: making.make(backups), maintain):
        draft = backups.draft("2026-11-01T120000.000001Z")
        draft.mkdir()
        (draft / "catalog.sqlite").write_bytes(b"file keys")
        (lake_folder() / "backup").mkdir()
        (lake_folder() / "backup" / "file.parquet").write_bytes(b"erased meanwhile")
        tidying()
        assert not draft.exists()
        assert not (lake_folder() / "backup").exists()
    assert made.name in backups.names()


def test_clock_ahead_keeps_the_newest_backup(
    backups: Folder, company: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENBOOK_BACKUP_KEY_PARTS", "1")
    ahead = clock.now() + timedelta(days=3)
    with monkeypatch.context() as patch:
        patch.setattr(clock, "now", lambda: ahead)
        making.make(backups)
    assert making.make(backups).name in backups.names()


def test_missing_key_part_counts_until_its_last_day(
    backups: Folder, company: Recorded, erase: Erase, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = making.make(backups)
    backups.keys.rename(backups.path / "elsewhere")
    backups.keys.mkdir()
    maintain()
    outcome = erase(company.ada).outcome
    assert outcome is not None
    assert outcome.backups is not None
    assert outcome.backups.unreadable_after == made.key_part_until + timedelta(days=1)
    later = clock.now() + timedelta(days=40)
    monkeypatch.setattr(clock, "now", lambda: later)
    maintain()
    outcome = erase(company.bob).outcome
    assert outcome is not None
    assert outcome.backups is not None
    assert outcome.backups.words == "There is no earlier backup."


def test_two_backups_at_once_are_refused(backups: Folder, company: Recorded) -> None:
    with making.alone_or_not(), pytest.raises(BackupError, match="already being made"):
        making.make(backups)
    assert backups.names() == []


def test_missing_data_file_is_detected(backups: Folder, company: Recorded) -> None:
    missing = next((lake_folder() / "data" / "main" / "captures").rglob("*.parquet"))
    missing.unlink()
    with pytest.raises(BackupError) as refused:
        making.make(backups)
    first, *_ = str(refused.value).splitlines()
    assert first.startswith(f"{missing.name}: it is missing; ")
    assert "so no backup was made" in str(refused.value)
    assert backups.names() == []


def test_another_home_does_not_overwrite_the_folder(
    backups: Folder, company: Recorded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    making.make(backups)
    hold(company.ada)
    maintain()
    database.close()
    before = files(backups.path)
    monkeypatch.setenv("OPENBOOK_HOME", str(tmp_path / "new home"))
    first_start.init()
    with pytest.raises(OthersBackups, match="another home"):
        journal.keep(backups)
    with pytest.raises(OthersBackups):
        journal.mirror(backups)
    with pytest.raises(OthersBackups):
        making.make(backups)
    maintain()
    assert files(backups.path) == before


def test_unattached_disk_differs_from_a_new_folder(backups: Folder, company: Recorded, tmp_path: Path) -> None:
    journal.keep(backups)
    backups.path.rename(tmp_path / "detached")
    with pytest.raises(OutOfReach, match="does not exist"):
        journal.keep(backups)
    backups.path.mkdir()  # the mount point
    with pytest.raises(OutOfReach, match="Is its disk attached"):
        journal.keep(backups)
    assert list(backups.path.iterdir()) == []


@pytest.mark.undivided
def test_backup_excludes_exports_and_queue(backups: Folder, company: Recorded) -> None:
    with database.reading():
        exports = Area.EXPORTS.folder
    (exports / "one.sealed").write_bytes(b"sealed export")
    name = making.make(backups).name
    there = set(files(backups.key_part(name)))
    assert there == {
        "catalog.sqlite", "directory.master.key", "directory.sqlite", "governance.home.id",
        "governance.opendsr.key.pem", "governance.signing.key", "governance.sqlite", "manifest.json",
    }  # fmt: skip
    assert not any(b"sealed export" in content for content in files(backups.path).values())


def test_backup_excludes_an_environment_master_key(
    no_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backups = Folder(tmp_path / "backups")
    monkeypatch.setenv("OPENBOOK_MASTER_KEY", "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY=")
    first_start.init()
    name = making.make(backups).name
    found = files(backups.key_part(name))
    assert "directory.master.key" not in found
    assert not any(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef" in content for content in found.values())
    assert json.loads(found["manifest.json"])["key_part_until"] > date.min.isoformat()
