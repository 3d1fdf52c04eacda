"""An erasure is final in backups: nothing opens what was erased once the older key parts are destroyed."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

import clock
from directory.keys.master import current_master_key
from governance.backup import making, restoring
from governance.backup.places.folder import Folder
from governance.backup.places.place import Place
from governance.db import database
from governance.requests import filing
from lake.copies import catalogs
from lake.storage.connection import catalog_path, lake_folder, reader, shards
from tests.governance.backup.conftest import Erase, Recorded, maintain
from tests.governance.backup.opening import NAMES_OF_CATALOGS, bytes_found, readable

SCOPES = pytest.mark.parametrize("scope", [{}, {"applications": ["Excel"]}], ids=["everything", "one application"])


def needles(company: Recorded, scope: dict[str, Any]) -> tuple[set[str], set[bytes]]:
    """What would reveal Ada's captures in a scope: their texts, and their ids in every stored form."""
    applications = scope.get("applications", ["Chrome", "Excel"])
    connection = reader()
    rows = connection.execute(
        "select capture_id, sealed from captures where subject = $subject and application in (select unnest($names))",
        {"subject": company.ada.subject, "names": applications},
    ).fetchall()
    connection.close()
    texts = {f"Ada typed this into {application}" for application in applications}
    ids = {form for capture, _ in rows for form in (capture.bytes, capture.hex.encode(), str(capture).encode())}
    sealed = {form for _, blob in rows if blob for form in (blob, blob.hex().encode(), blob.hex().upper().encode())}
    assert rows
    return texts, {*ids, *sealed, *(text.encode() for text in texts)}


@SCOPES
def test_only_older_key_parts_open_erased_captures(
    backups: Folder,
    company: Recorded,
    erase: Erase,
    home: Path,
    scope: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    texts, traces = needles(company, scope)
    old = making.make(backups)
    assert len(bytes_found(backups.key_part(old.name), traces) & NAMES_OF_CATALOGS) == 1  # it finds what is there
    request = erase(company.ada, **scope)
    new = making.make(backups)
    database.close()
    assert bytes_found(home, traces) == set()
    assert bytes_found(backups.data, traces) == bytes_found(backups.journal, traces) == set()
    assert bytes_found(backups.key_part(new.name), traces) == set()
    assert all(text in readable(backups.data, backups.key_part(old.name)) for text in texts)
    with_the_newest = readable(backups.data, backups.key_part(new.name))
    assert not any(text in with_the_newest for text in texts)
    assert "Bob typed this into Excel" in with_the_newest

    assert request.outcome is not None
    assert request.outcome.backups is not None
    last_day = request.outcome.backups.unreadable_after
    assert last_day == old.key_part_until + timedelta(days=1)
    assert f"{last_day:%-d %B %Y}" in request.outcome.backups.words
    monkeypatch.setattr(clock, "now", lambda: just_begun(last_day))
    maintain()
    database.close()
    assert backups.names() == []
    assert bytes_found(backups.path, traces) == set()


@pytest.mark.parametrize(
    ("backups", "scope", "home_is"),
    [
        ("folder", {}, "lost"),
        ("folder", {"applications": ["Excel"]}, "there"),
        ("bucket", {"applications": ["Excel"]}, "lost"),
    ],
    ids=["everything, home lost", "one application, home there", "bucket, home lost"],
    indirect=["backups"],
)
def test_restore_excludes_erased_captures(
    backups: Place, company: Recorded, erase: Erase, home: Path, scope: dict[str, Any], home_is: str
) -> None:
    texts, traces = needles(company, scope)
    bobs, adas = company.captures(company.bob), company.captures(company.ada)
    old = making.make(backups)
    erased = erase(company.ada, **scope)
    making.make(backups)
    database.close()
    if home_is == "lost":
        shutil.rmtree(home)
    done = restoring.restore(backups, old.name, replace=home_is == "there")
    assert done.replayed.captures == len(adas) - len(company.captures(company.ada))
    assert company.captures(company.bob) == bobs
    left = company.words(company.ada)
    assert [text in left for text in sorted(texts)] == [False] * len(texts)
    assert ("Ada typed this into Chrome" in left) == bool(scope)
    assert done.captures == len(bobs) + len(company.captures(company.ada))
    assert bytes_found(home, traces) == set()
    opened = readable_of_home(home)
    assert not any(text in opened for text in texts)

    again = company.store(company.ada)
    assert (again.stored, again.erased_before) == (0, done.replayed.captures)
    assert company.captures(company.bob) == bobs
    assert company.words(company.ada) == left
    kept = filing.one_of(company.ada.subject, erased.id)
    assert (kept.state, kept.outcome) == (erased.state, erased.outcome)


def readable_of_home(home: Path) -> str:
    """The data that a home's keys can open."""
    parts = home.with_name("parts of home")
    parts.mkdir()
    shutil.copy(home / "directory" / "directory.sqlite", parts / "directory.sqlite")
    (parts / "directory.master.key").write_bytes(current_master_key())
    for shard in shards():
        shutil.copy(catalog_path(shard), parts / catalogs.name_of(shard))
    found = readable(lake_folder() / "data", parts)
    assert "Bob typed this into Excel" in found
    return found


def just_begun(day: date) -> datetime:
    return datetime.combine(day, time(0, 1), UTC)
