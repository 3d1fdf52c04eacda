"""Backups from before the master key was replaced: what a restore needs, and which key the restored home has."""

from __future__ import annotations

import base64
import json
import shutil
from pathlib import Path

import pytest

from directory.keys import KeyRing, Oneself
from governance.backup import making, restoring
from governance.backup.files import sha256
from governance.backup.places.folder import Folder
from governance.backup.places.place import BackupError
from governance.db import database
from governance.ledger import master_key_changes
from home import Part
from tests.governance.backup.conftest import Erase, Recorded, maintain
from tests.governance.captured import put
from tests.governance.keys.wrapped import as_before, names_with, opened_with, wrapped_keys
from tests.support.people import Company


def in_settings(monkeypatch: pytest.MonkeyPatch, key: bytes | None, previous: bytes | None = None) -> None:
    for name, value in (("OPENBOOK_MASTER_KEY", key), ("OPENBOOK_MASTER_KEY_PREVIOUS", previous)):
        monkeypatch.setenv(name, base64.b64encode(value).decode() if value else "")


@pytest.fixture
def under_settings(home: Path, backups: Folder, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """The key of the settings, before anybody has a content key; the home has none."""
    in_settings(monkeypatch, key := b"o" * 32)
    Part.MASTER_KEY.path.unlink()
    return key


NEW = b"n" * 32


def test_a_replaced_home_keeps_its_present_key(backups: Folder, company: Recorded, person: Company) -> None:
    before = making.make(backups)
    old = Part.MASTER_KEY.path.read_bytes()
    put(cleo := person("cleo@example.com"))
    keys = KeyRing()
    of_cleo = keys.content_key(cleo.subject, Oneself(cleo.subject))
    master_key_changes.replace()
    new = Part.MASTER_KEY.path.read_bytes()
    database.close()
    done = restoring.restore(backups, before.name, replace=True)
    assert done.warnings == []
    assert Part.MASTER_KEY.path.read_bytes() == new
    assert (len(opened_with(new)), len(opened_with(old))) == (3, 0)
    assert "typed this into" in company.words(company.ada)
    keys = KeyRing()
    assert keys.content_key(cleo.subject, Oneself(cleo.subject)) == of_cleo


def test_a_lost_home_comes_back_under_the_earlier_key(backups: Folder, company: Recorded, home: Path) -> None:
    before = making.make(backups)
    master_key_changes.replace()
    maintain()
    database.close()
    shutil.rmtree(home)
    done = restoring.restore(backups, before.name)
    assert "rotate-keys master" in " ".join(done.warnings)
    assert "typed this into" in company.words(company.ada)
    master_key_changes.replace()
    assert "typed this into" in company.words(company.ada)


def test_a_backup_of_after_needs_no_advice(backups: Folder, company: Recorded, home: Path) -> None:
    master_key_changes.replace()
    making.make(backups)
    database.close()
    shutil.rmtree(home)
    assert restoring.restore(backups).warnings == []
    assert "typed this into" in company.words(company.ada)


@pytest.mark.parametrize("lost", [False, True])
def test_the_settings_need_the_earlier_key_beside(
    under_settings: bytes,
    backups: Folder,
    company: Recorded,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    lost: bool,
) -> None:
    before = making.make(backups)
    in_settings(monkeypatch, NEW, under_settings)
    master_key_changes.replace()
    maintain()
    database.close()
    if lost:
        shutil.rmtree(home)
    in_settings(monkeypatch, NEW)
    with pytest.raises(BackupError, match="set OPENBOOK_MASTER_KEY_PREVIOUS to that one"):
        restoring.restore(backups, before.name, replace=True)
    in_settings(monkeypatch, NEW, under_settings)
    assert restoring.restore(backups, before.name, replace=True).warnings == []
    in_settings(monkeypatch, NEW)
    assert "typed this into" in company.words(company.ada)
    assert (len(opened_with(NEW)), len(opened_with(under_settings))) == (2, 0)


def test_a_key_of_the_key_part_gives_way_to_the_settings(
    backups: Folder, company: Recorded, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = making.make(backups)
    old = Part.MASTER_KEY.path.read_bytes()
    in_settings(monkeypatch, NEW, old)
    master_key_changes.replace()
    Part.MASTER_KEY.path.unlink()
    database.close()
    in_settings(monkeypatch, NEW)
    restoring.restore(backups, before.name, replace=True)
    assert "typed this into" in company.words(company.ada)
    assert names_with(home, old) == []
    assert len(opened_with(NEW)) == 2


@pytest.mark.parametrize("name", ["OPENBOOK_MASTER_KEY", "OPENBOOK_MASTER_KEY_PREVIOUS"])
def test_an_unusable_setting_is_named(
    under_settings: bytes, backups: Folder, company: Recorded, home: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    making.make(backups)
    database.close()
    shutil.rmtree(home)
    monkeypatch.setenv(name, "c2hvcnQ=")
    with pytest.raises(BackupError, match=f"{name} must be the base64 of exactly 32 bytes"):
        restoring.restore(backups)
    assert not home.exists()


@pytest.mark.parametrize("before_columns", [False, True])
def test_what_was_erased_since_is_erased_again(
    backups: Folder, company: Recorded, erase: Erase, home: Path, before_columns: bool
) -> None:
    """`before_columns`: the backup is of the version that knew no other fingerprint than that of the wrapped key."""
    before = making.make(backups)
    keys = KeyRing()
    content_key = keys.content_key(company.ada.subject, Oneself(company.ada.subject))
    assert content_key
    wrapped = wrapped_keys()
    master_key_changes.replace()
    erase(company.ada)
    if before_columns:
        key_part = backups.key_part(before.name)
        as_before(key_part / "directory.sqlite")
        manifest = json.loads((key_part / "manifest.json").read_text())
        manifest["keys"]["directory.sqlite"] = sha256(key_part / "directory.sqlite")
        (key_part / "manifest.json").write_text(json.dumps(manifest))
    database.close()
    shutil.rmtree(home)
    assert restoring.restore(backups, before.name).replayed.keys == 1
    keys = KeyRing()
    assert keys.content_key(company.ada.subject, Oneself(company.ada.subject)) is None
    assert keys.content_key(company.bob.subject, Oneself(company.bob.subject))
    assert company.captures(company.ada) == []
    assert names_with(home, content_key) == []
    assert sum(bool(names_with(home, one)) for one in wrapped) == 1


@pytest.mark.parametrize("stopped_at", ["rewrap", "forget"])
def test_a_backup_first_completes_a_change(
    backups: Folder, company: Recorded, home: Path, monkeypatch: pytest.MonkeyPatch, stopped_at: str
) -> None:
    with monkeypatch.context() as stopping:
        stopping.setattr(f"directory.keys.rewrapping.{stopped_at}", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            master_key_changes.replace()
    making.make(backups)
    assert [path.name for path in home.glob("directory/master*")] == ["master.key"]
    database.close()
    shutil.rmtree(home)
    restoring.restore(backups)
    assert "typed this into" in company.words(company.ada)


def test_no_backup_is_made_while_it_changes(
    backups: Folder, company: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused: list[str] = []

    def back_up(*_: object) -> None:
        with pytest.raises(BackupError, match="already being made") as error:
            making.make(backups)
        refused.append(str(error.value))

    monkeypatch.setattr(master_key_changes, "_finish", back_up)
    master_key_changes.replace()
    assert refused
    assert backups.names() == []
