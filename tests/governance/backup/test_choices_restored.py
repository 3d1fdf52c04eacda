"""What people decided after a backup about their recording holds after its restore."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

import queries.connection
from directory import Directory, Employee
from directory.people import directory_path
from governance.backup import journal, making, restoring
from governance.backup.places.folder import Folder
from governance.db import database
from lake.datasets import making as datasets
from lake.datasets import training_export
from lake.datasets.making import InvalidSelection, Selection
from lake.ingest.ingesting import ingest
from lake.rules.policies import apply_policies
from lake.storage.connection import writer
from queries.connection import answering
from tests.governance.backup.conftest import maintain
from tests.governance.conftest import Client
from tests.governance.recording.test_consent import ASKED, HOUR, consent, log
from tests.lake.ingesting import START
from tests.lake.times import Clock, at
from tests.support.people import Company

__all__ = ["at"]

Restored = Callable[[Folder, str], None]


@pytest.fixture
def ada(home: Path, person: Company, at: Clock) -> Employee:
    with writer() as connection:
        apply_policies(connection, [ASKED])
    return person("ada@example.com")


@pytest.fixture(params=["replaced", "lost"])
def restored(request: pytest.FixtureRequest, home: Path) -> Restored:
    """`restored(folder, name)`: restore into the home, or after the machine is lost, from the journal alone."""

    def carry_out(folder: Folder, name: str) -> None:
        queries.connection.close()
        maintain()
        database.close()
        if request.param == "lost":
            shutil.rmtree(home)
        restoring.restore(folder, name, replace=request.param == "replaced")

    return carry_out


def test_a_withdrawal_since_the_backup_holds(
    backups: Folder, ada: Employee, api: Client, tmp_path: Path, at: Clock, restored: Restored
) -> None:
    path = consent(api(ada))
    at(START + HOUR)
    assert ingest("ui-log", log(tmp_path, 5, 6), ada.email).batch.stored == 2
    made = datasets.create("desktop", Selection())
    old = making.make(backups)
    at(START + 2 * HOUR)
    api(ada).delete(path)
    restored(backups, old.name)
    with Directory.open() as directory:
        [one] = directory.consents_of(ada.subject).every
    assert one.withdrawn_at == START + 2 * HOUR
    assert ingest("ui-log", log(tmp_path, 7, 7300), ada.email).batch.kept_out == 2
    assert answering(lambda cursor: training_export.counts(cursor, made)) == {}
    with pytest.raises(InvalidSelection):
        datasets.create("desktop", Selection())


def test_pauses_and_consents_since_the_backup_hold(
    backups: Folder, ada: Employee, api: Client, tmp_path: Path, at: Clock, restored: Restored
) -> None:
    api(ada).put("/v1/me/pause", json={"minutes": 60})
    old = making.make(backups)
    at(START + timedelta(minutes=10))
    api(ada).delete("/v1/me/pause")
    consent(api(ada))
    at(START + HOUR)
    api(ada).put("/v1/me/pause", json={"minutes": 10})
    restored(backups, old.name)
    with Directory.open() as directory:
        pauses = directory.pauses_of(ada.subject).every
    assert [(each.begins_at - START, each.until_at - START) for each in pauses] == [
        (timedelta(0), timedelta(minutes=10)),
        (HOUR, timedelta(minutes=70)),
    ]
    at(START + 2 * HOUR)
    batch = ingest("ui-log", log(tmp_path, 5, 1800, 3700, 4300), ada.email).batch
    assert (batch.stored, batch.kept_out) == (2, 2)


def test_a_withdrawal_in_the_backup_alone_holds(
    backups: Folder, ada: Employee, api: Client, at: Clock, home: Path
) -> None:
    """The journal may be older than the backup: somebody copied an older one."""
    path = consent(api(ada))
    maintain()
    older = {file.name: file.read_bytes() for file in backups.journal.iterdir()}
    at(START + HOUR)
    api(ada).delete(path)
    old = making.make(backups)
    for file in backups.journal.iterdir():
        file.unlink()
    for name, content in older.items():
        (backups.journal / name).write_bytes(content)
    database.close()
    shutil.rmtree(home)
    restoring.restore(backups, old.name)
    with Directory.open() as directory:
        [one] = directory.consents_of(ada.subject).every
    assert one.withdrawn_at == START + HOUR


def test_the_journal_has_each_choice_once(backups: Folder, ada: Employee, api: Client, at: Clock) -> None:
    making.make(backups)
    path = consent(api(ada))
    maintain()
    maintain()
    at(START + HOUR)
    api(ada).delete(path)
    maintain()
    entries = [json.loads(file.read_text())["rules"] for file in sorted(backups.journal.glob("0*.json"))]
    said = [one["withdrawn_at"] for entry in entries for one in entry.get("consent", [])]
    assert said == [None, (START + HOUR).isoformat()]
    assert len(journal.read(backups).rules["consent"]) == 1


def test_choices_of_people_whom_nobody_knows_are_left_out(
    backups: Folder, ada: Employee, api: Client, person: Company, home: Path
) -> None:
    """They joined after the backup, and the machine is lost: the directory gives them another id."""
    old = making.make(backups)
    bob = person("bob@example.com")
    consent(api(bob))
    maintain()
    database.close()
    shutil.rmtree(home)
    restoring.restore(backups, old.name)
    with closing(sqlite3.connect(directory_path())) as connection:
        assert connection.execute("select count(*) from consent").fetchone() == (0,)
