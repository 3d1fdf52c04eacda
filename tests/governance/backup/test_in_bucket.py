"""Backups in a bucket: they end with their last day there, too, whatever the bucket does, and an outage delays them."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

import clock
from governance.__main__ import main
from governance.backup import journal, making, restoring, state
from governance.backup.places.bucket import Bucket
from governance.backup.places.configured import configured, place_of
from governance.backup.places.place import BackupError, OthersBackups, OutOfReach, Place
from governance.db import database
from governance.operations import first_start
from home import Part
from lake.storage.objects import prefix
from settings import settings
from tests.governance.backup.conftest import Erase, Recorded, maintain
from tests.governance.backup.opening import NAMES_OF_CATALOGS, bytes_found
from tests.governance.backup.test_final import needles
from tests.governance.backup.test_journal import require_end, waiting_erasure
from tests.governance.backup.test_making import rows
from tests.support import object_storage
from tests.support.line import Line, line_to
from tests.support.object_storage import TestBucket

pytestmark = pytest.mark.parametrize("backups", ["bucket"], indirect=True)
DRAFT = "2026-11-01T120000.000001Z"


@pytest.fixture
def line(away: TestBucket, monkeypatch: pytest.MonkeyPatch) -> Iterator[Line]:
    """To the bucket of the backups; it may be cut."""
    with line_to(away.server.port) as line:
        monkeypatch.setenv("OPENBOOK_BACKUP_ENDPOINT", f"http://localhost:{line.port}")
        yield line


def command(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["governance", *arguments])
    return main()


def test_an_erasure_is_final_in_the_bucket(
    backups: Place, away: TestBucket, company: Recorded, erase: Erase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, traces = needles(company, {})
    old = making.make(backups)
    away.files(tmp_path / "before")
    of_backup = tmp_path / "before" / "keys" / old.name
    assert len(bytes_found(of_backup, traces) & NAMES_OF_CATALOGS) == 1
    assert {path.name for path in of_backup.iterdir()} - NAMES_OF_CATALOGS == {
        "directory.sqlite", "governance.home.id", "governance.opendsr.key.pem",
        "governance.signing.key", "governance.sqlite", "manifest.json",
    }  # fmt: skip
    request = erase(company.ada)
    assert request.outcome is not None
    assert request.outcome.backups is not None
    assert request.outcome.backups.unreadable_after == old.key_part_until + timedelta(days=1)
    making.make(backups)
    then = clock.now() + timedelta(days=settings().backup_key_days)
    monkeypatch.setattr(clock, "now", lambda: then)
    away.begin_upload(f"keys/{old.name}/catalog.sqlite", b"file keys")
    maintain()
    database.close()
    there = away.keys()
    assert {key.partition("/")[0] for key in there} == {"data", "journal"}
    away.files(tmp_path / "after")
    assert bytes_found(tmp_path / "after", traces) == set()
    assert not list((tmp_path / "home" / "governance").rglob("*.draft"))


def test_an_interrupted_backup_is_none_and_is_cleaned_up(
    backups: Place, away: TestBucket, company: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = making.make(backups)
    with monkeypatch.context() as killed:
        killed.setattr(Bucket, "complete", broken)
        killed.setattr(Bucket, "destroy_key_part", broken)
        with pytest.raises(KeyboardInterrupt):
            making.make(backups)
    [draft] = backups.drafts()
    assert rows()[draft].destroyed_at is None
    assert (backups.draft(draft) / "catalog.sqlite").exists()
    backups.put(f"keys/{DRAFT}/catalog.sqlite", backups.draft(draft) / "catalog.sqlite")
    away.begin_upload(f"keys/{draft}/catalog.sqlite", b"file keys")
    assert backups.names() == [first.name]
    assert backups.drafts() == [DRAFT, draft]
    with pytest.raises(BackupError, match=f"has no backup {DRAFT}"):
        restoring.restore(backups, DRAFT, replace=True)
    maintain()
    assert backups.drafts() == []
    assert rows()[draft].destroyed_at is not None
    assert not backups.draft(draft).exists()
    there = away.keys()
    assert {key.split("/")[1] for key in there if key.startswith("keys/")} == {first.name}


def broken(*_: object) -> None:
    raise KeyboardInterrupt


def test_an_outage_delays_an_erasure_and_is_said(
    backups: Place,
    line: Line,
    company: Recorded,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(prefix, "RETRIES", 0)
    place = configured()
    assert place is not None
    first = making.make(place)
    line.cut()
    assert command(monkeypatch, "backup") == 1
    assert "can't be reached just now" in (said := capsys.readouterr().err)
    assert "This backup was not made; earlier backups are unchanged." in said
    request_id = waiting_erasure(company)
    maintain()
    assert "can't be reached just now" in caplog.text
    line.mend()
    require_end(request_id, company, place)
    assert place.names() == [first.name]


def test_a_bucket_that_keeps_versions_is_refused(
    backups: Place, away: TestBucket, company: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = making.make(backups)
    away.keep_versions()
    with pytest.raises(OutOfReach, match="keeps earlier versions"):
        making.make(backups)
    then = clock.now() + timedelta(days=40)
    with monkeypatch.context() as later:
        later.setattr(clock, "now", lambda: then)
        maintain()
    assert rows()[made.name].destroyed_at is None
    waiting_erasure(company)


def test_a_prefix_has_the_backups_of_one_home(
    backups: Place, away: TestBucket, company: Recorded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    making.make(backups)
    before = away.contents()
    with monkeypatch.context() as another:
        another.setenv("OPENBOOK_HOME", str(tmp_path / "new home"))
        first_start.init()
        with pytest.raises(OthersBackups, match="another home"):
            making.make(backups)
        maintain()
    assert away.contents() == before
    for key in before:
        away.server.ask("DELETE", f"{away.name}/open/book/{key}")
    with pytest.raises(OutOfReach, match="has nothing of this home"):
        journal.keep(backups)
    away.replace("somebody/else", b"theirs")
    with pytest.raises(BackupError, match="is not empty"):
        making.make(backups)
    assert away.keys() == ["somebody/else"]
    for theirs in (away.url, f"{away.url}/inside", f"s3://{away.name}/open"):
        monkeypatch.setenv("OPENBOOK_OBJECTS_URL", theirs)
        monkeypatch.setenv("OPENBOOK_OBJECTS_ENDPOINT", away.server.url)
        with pytest.raises(BackupError, match="one inside the other"):
            making.make(backups)


def test_the_master_key_never_gets_there(
    backups: Place,
    away: TestBucket,
    company: Recorded,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert command(monkeypatch, "backup") == 0
    assert "The bucket has the key that signs" in (said := capsys.readouterr().out)
    assert "OPENBOOK_SIGNING_KEY keeps it out of there" in said
    before = away.keys()
    Part.MASTER_KEY.path.write_bytes(bytes(32))
    assert command(monkeypatch, "backup") == 1
    assert "Set OPENBOOK_MASTER_KEY" in capsys.readouterr().err
    assert away.keys() == before


def test_large_files_are_put_in_parts_and_are_the_same(
    backups: Place, away: TestBucket, company: Recorded, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prefix, "CHUNK_BYTES", 5 << 20)
    (home / "directory" / "large.toml").write_bytes(os.urandom(12 << 20))
    content = (home / "directory" / "large.toml").read_bytes()
    making.make(backups)
    database.close()
    shutil.rmtree(home)
    restoring.restore(backups)
    assert (home / "directory" / "large.toml").read_bytes() == content


def test_credentials_are_the_own_or_those_of_sealed_files(
    backups: Place, away: TestBucket, object_server: object_storage.Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert isinstance(backups, Bucket)
    assert (backups.location.key_id, backups.location.endpoint) == ("other", object_server.url)
    assert "other" not in repr(backups).replace(away.name, "").partition("secret")[2]
    for name in ("ENDPOINT", "REGION", "KEY_ID", "SECRET"):
        monkeypatch.delenv("_".join(("OPENBOOK", "BACKUP", name)))
    with pytest.raises(OutOfReach, match="can't be used without OPENBOOK_BACKUP_KEY_ID"):
        state.keep_state()
    object_storage.new_bucket(object_server, monkeypatch)
    theirs = configured()
    assert isinstance(theirs, Bucket)
    assert theirs.location.key_id == "testing"
    state.keep_state()
    with pytest.raises(BackupError, match="neither a folder nor s3:"):
        place_of("s3://no bucket")
