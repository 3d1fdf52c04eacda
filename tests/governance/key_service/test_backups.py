"""Backups of a home with a key service: they need the same token, and don't bring back what was destroyed in it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from directory.keys import KeyRing, Oneself, service
from governance.backup import making, restoring
from governance.backup.places.folder import Folder
from governance.backup.places.place import BackupError
from governance.db import database
from governance.ledger import master_key_changes
from home import Part
from home import read as read_home
from tests.governance.backup.conftest import Erase, Recorded, maintain
from tests.governance.captured import put
from tests.governance.key_service.test_people import row_of, sealed_of
from tests.support.people import Company
from tests.support.softhsm import SETTINGS, SoftHsm


def own(who: Recorded) -> bytes | None:
    return KeyRing().content_key(who.ada.subject, Oneself(who.ada.subject))


@pytest.mark.parametrize("lost", [False, True])
def test_a_restored_home_opens_what_it_had(
    backups: Folder, company: Recorded, home: Path, person: Company, lost: bool
) -> None:
    key = own(company)
    making.make(backups)
    put(cleo := person("cleo@example.com"))
    of_cleo = KeyRing().content_key(cleo.subject, Oneself(cleo.subject))
    database.close()
    if lost:
        maintain()
        database.close()
        shutil.rmtree(home)
    assert restoring.restore(backups, replace=not lost).warnings == []
    assert Part.KEY_SERVICE in read_home().parts
    assert own(company) == key
    assert "typed this into" in company.words(company.ada)
    assert KeyRing().content_key(cleo.subject, Oneself(cleo.subject)) == (None if lost else of_cleo)


def test_a_key_part_from_before_opens_no_text_that_was_erased(backups: Folder, company: Recorded, erase: Erase) -> None:
    """Although the master key is in it, and its last day is far away."""
    before = making.make(backups)
    erase(company.ada)
    key_part = backups.key_part(before.name)
    wrapped, name = row_of(company.ada.subject, key_part / "directory.sqlite")
    assert (key_part / "directory.master.key").read_bytes() == Part.MASTER_KEY.path.read_bytes()
    with pytest.raises(service.KeyLost):
        service.key_service().open(name, company.ada.subject, sealed_of(wrapped))


@pytest.mark.parametrize("replaced", [False, True])
def test_an_erasure_since_is_repeated_although_the_key_is_gone(
    backups: Folder, company: Recorded, erase: Erase, home: Path, replaced: bool
) -> None:
    before = making.make(backups)
    if replaced:
        master_key_changes.replace()
    erase(company.ada)
    maintain()
    database.close()
    shutil.rmtree(home)
    done = restoring.restore(backups, before.name)
    assert done.replayed.keys == 1
    assert not any("key service" in words for words in done.warnings)
    assert (own(company), company.captures(company.ada)) == (None, [])
    assert "typed this into" in company.words(company.bob)
    ada = company.ada.subject
    assert KeyRing().create_content_key(ada, Oneself(ada))


def test_a_key_that_is_gone_for_another_reason_is_said_and_the_rest_restored(
    backups: Folder, company: Recorded, home: Path
) -> None:
    """Such as one that somebody destroyed in the token, or an erasure that the journal doesn't have."""
    making.make(backups)
    _, name = row_of(company.ada.subject)
    service.key_service().destroy(name)
    database.close()
    done = restoring.restore(backups, replace=True)
    assert "doesn't have the key of a person any more" in " ".join(done.warnings)
    assert own(company) is None
    assert done.captures == 8  # the records are there, without their texts
    assert "typed this into" in company.words(company.bob)
    assert KeyRing().create_content_key(company.ada.subject, Oneself(company.ada.subject))


def test_a_newer_key_of_the_replaced_home_is_kept(
    backups: Folder, company: Recorded, erase: Erase, person: Company
) -> None:
    """After an erasure, somebody has another key, under which a note may be sealed."""
    before = making.make(backups)
    erase(company.ada)
    ada = company.ada.subject
    newer = KeyRing().create_content_key(ada, Oneself(ada))
    database.close()
    assert restoring.restore(backups, before.name, replace=True).warnings == []
    assert own(company) == newer


def test_a_restore_needs_the_key_service(
    backups: Folder, company: Recorded, home: Path, hsm: SoftHsm, monkeypatch: pytest.MonkeyPatch
) -> None:
    making.make(backups)
    database.close()
    before = (home / "home.json").read_bytes()
    hsm.take_away()
    with pytest.raises(BackupError, match=r"The key service can't be reached.*Nothing was restored"):
        restoring.restore(backups, replace=True)
    hsm.bring_back()
    with monkeypatch.context() as unset:
        for name in SETTINGS:
            unset.delenv(name)
        with pytest.raises(BackupError, match=r"Set OPENBOOK_KEY_SERVICE_MODULE.*Nothing was restored"):
            restoring.restore(backups, replace=True)
    assert (home / "home.json").read_bytes() == before
    assert "typed this into" in company.words(company.ada)
    database.close()
    assert restoring.restore(backups, replace=True).warnings == []


def test_a_backup_is_made_while_the_token_is_away(backups: Folder, company: Recorded, hsm: SoftHsm) -> None:
    hsm.take_away()
    assert making.make(backups).files
    hsm.bring_back()
    database.close()
    restoring.restore(backups, replace=True)
    assert "typed this into" in company.words(company.ada)
