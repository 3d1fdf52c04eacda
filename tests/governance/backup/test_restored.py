"""What a restore brings back, and what it must not; it reports correctly what happened since the backup."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

import clock
import queries.connection
from databases.known_lake import known_shard
from directory import Directory
from directory.keys import KeyRing, Oneself
from governance.backup import journal, making, restoring
from governance.backup.places.folder import Folder
from governance.db import database
from governance.db.tables import ExportRow, RequestRow
from governance.domain.lifecycle import State
from governance.lineage import folding, openlineage
from governance.lineage.storing import store
from governance.requests import filing
from governance.schemas import NewRequest
from governance.worker import wholeness
from lake.rules import rules
from lake.rules.holds import lift_hold
from lake.storage import migrations
from lake.storage.connection import reader_once, transaction, writer
from lake.storage.making import is_of_earlier_version
from lake.storage.shards import placing
from lake.storage.shards.moving import spread
from tests.governance.backup.conftest import Erase, Recorded, maintain, restores_in_the_ledger, work_on
from tests.governance.captured import put
from tests.governance.lineage.told import event, model
from tests.support.lake import hold
from tests.support.people import Company


def test_hold_changes_since_the_backup_are_kept(backups: Folder, company: Recorded, erase: Erase, home: Path) -> None:
    """Ada's hold is lifted after the backup, and her erasure deletes the rest; Bob's is placed after the backup."""
    held = hold(company.ada, ["Excel"])
    old = making.make(backups)
    request = erase(company.ada)
    assert request.state == "partially_completed"
    with writer() as connection, transaction(connection):
        lift_hold(connection, held, clock.now_utc())
    with database.writing() as session:
        filing.move(session.get_one(RequestRow, request.id), State.IN_PROGRESS, "The hold was lifted.")
    assert work_on(request.id) is None
    hold(company.bob, ["Chrome"])
    maintain()
    database.close()
    shutil.rmtree(home)
    restoring.restore(backups, old.name)
    assert company.captures(company.ada) == []
    assert filing.one_of(company.ada.subject, request.id).state == "completed"
    bobs = erase(company.bob)
    assert bobs.state == "partially_completed"
    assert {capture.application for capture in company.captures(company.bob)} == {"Chrome"}


def test_tombstones_alone_repeat_erasures(backups: Folder, company: Recorded, erase: Erase, home: Path) -> None:
    old = making.make(backups)
    before = [path.name for path in backups.journal.iterdir()]
    erase(company.ada)
    erase(company.bob, applications=["Excel"])
    (backups.journal / journal.STATE).unlink()
    assert {path.name for path in backups.journal.iterdir()} > {*before} - {journal.STATE}
    database.close()
    shutil.rmtree(home)
    done = restoring.restore(backups, old.name)
    assert (done.state_from, done.replayed.captures, done.replayed.keys) == ("backup", 6, 1)
    assert {capture.application for capture in company.captures(company.bob)} == {"Chrome"}
    keys = KeyRing()
    assert keys.content_key(company.ada.subject, Oneself(company.ada.subject)) is None
    assert keys.content_key(company.bob.subject, Oneself(company.bob.subject))


def test_newer_content_key_survives_repeated_erasure(
    backups: Folder, company: Recorded, erase: Erase, monkeypatch: pytest.MonkeyPatch
) -> None:
    erase(company.ada)
    later = clock.now() + timedelta(days=1)
    put(company.ada, [{"captured_at": later.replace(tzinfo=None), "content": {"text": "typed afterwards"}}])
    making.make(backups)
    database.close()
    done = restoring.restore(backups, replace=True)
    assert (done.replayed.captures, done.replayed.keys) == (0, 0)
    assert "typed afterwards" in company.words(company.ada)


def test_lost_exports_are_reported(backups: Folder, company: Recorded) -> None:
    export = filing.file(company.ada, NewRequest.model_validate({"type": "export"}), None).request.id
    with database.writing() as session:
        row = session.get_one(RequestRow, export)
        now = clock.now_utc()
        row.export = ExportRow(size=6, sha256="0" * 64, written_at=now, expires_at=now + timedelta(days=7))
    making.make(backups)
    database.close()
    restoring.restore(backups, replace=True)
    answer = filing.one_of(company.ada.subject, export)
    assert answer.export is not None
    assert not answer.export.available
    assert "The file was lost" in answer.history[-1].note
    assert restores_in_the_ledger() == 1


def test_a_download_says_that_the_restore_lost_it(
    backups: Folder, company: Recorded, unknown: TestClient, token_for: Callable[..., str]
) -> None:
    export = filing.file(company.ada, NewRequest.model_validate({"type": "export"}), None).request.id
    with database.writing() as session:
        now = clock.now_utc()
        session.get_one(RequestRow, export).export = ExportRow(
            size=6, sha256="0" * 64, written_at=now, expires_at=now + timedelta(days=7)
        )
    making.make(backups)
    database.close()
    restoring.restore(backups, replace=True)
    later = int(clock.now().timestamp()) + 2
    unknown.headers["Authorization"] = f"Bearer {token_for(company.ada, iat=later, auth_time=later)}"
    answer = unknown.get(f"/v1/requests/{export}/export")
    assert answer.status_code == 410
    assert "our system was restored from a backup, and backups contain no exports" in answer.json()["detail"]
    assert "erased" not in answer.json()["detail"]


def test_people_added_after_the_backup_are_kept(backups: Folder, company: Recorded, person: Company) -> None:
    making.make(backups)
    cleo = person("cleo@example.com")
    put(cleo)
    keys = KeyRing()
    key = keys.content_key(cleo.subject, Oneself(cleo.subject))
    database.close()
    restoring.restore(backups, replace=True)
    with Directory.open() as directory:
        assert directory.by_email("cleo@example.com") == cleo
    keys = KeyRing()
    assert keys.content_key(cleo.subject, Oneself(cleo.subject)) == key
    assert company.captures(cleo) == []


def test_undecided_proposals_since_the_backup_are_kept(backups: Folder, company: Recorded, person: Company) -> None:
    making.make(backups)
    cleo = person("cleo@example.com")
    person("cleo@example.com", sub="another")
    database.close()
    restoring.restore(backups, replace=True)
    with Directory.open() as directory:
        [link] = directory.links()
        assert (link.known.subject, link.sub) == (cleo.subject, "another")
        assert directory.by_sub("another") is None


def test_lineage_since_the_backup_is_folded_again(backups: Folder, company: Recorded, home: Path) -> None:
    old = making.make(backups)
    store([openlineage.parse(event("COMPLETE", "fit", outputs=[model("assistant", "7")]))], "test")
    folding.fold_pending()
    maintain()
    database.close()
    shutil.rmtree(home)
    restoring.restore(backups, old.name)
    folding.fold_pending()
    with writer() as connection:
        assert connection.execute("select model, version from model_versions").fetchall() == [("assistant", "7")]


def test_expired_captures_are_not_restored(backups: Folder, company: Recorded, monkeypatch: pytest.MonkeyPatch) -> None:
    made = making.make(backups)
    database.close()
    much_later = clock.now() + timedelta(days=365 * 101)
    monkeypatch.setattr(clock, "now", lambda: much_later)
    done = restoring.restore(backups, made.name, replace=True)
    assert done.captures == 0
    assert company.captures(company.bob) == []


def test_later_hold_does_not_keep_erased_captures(backups: Folder, company: Recorded, erase: Erase, home: Path) -> None:
    old = making.make(backups)
    assert erase(company.ada).state == "completed"
    hold(company.ada, ["Excel"])
    maintain()
    database.close()
    shutil.rmtree(home)
    done = restoring.restore(backups, old.name)
    assert done.replayed.captures
    with writer() as connection:
        left = connection.execute("select count(*) from captures where subject = ?", [company.ada.subject]).fetchall()
    assert left == [(0,)]


@pytest.mark.undivided
def test_the_shards_of_a_backup_are_no_older_copies(backups: Folder, company: Recorded) -> None:
    spread(2)
    wholeness.require_whole()
    with reader_once() as connection:
        [shard, *_] = placing.read(connection).lakes
    old = making.make(backups)
    before = {who.subject: len(company.captures(who)) for who in (company.ada, company.bob)}
    database.note_lake(0, {shard: known_shard(shard) + 100})
    queries.connection.close()
    database.close()
    restoring.restore(backups, old.name, replace=True)
    assert {who.subject: len(company.captures(who)) for who in (company.ada, company.bob)} == before
    assert wholeness.is_whole()


@pytest.mark.undivided
def test_a_backup_of_an_earlier_version_is_restored(
    backups: Folder, company: Recorded, erase: Erase, home: Path
) -> None:
    before = company.captures(company.bob)
    queries.connection.close()
    with writer() as connection, transaction(connection):
        for table in (
            "run_parents",
            "run_models",
            "run_unproven",
            "refused",
            "refused_names",
            "policy_notices",
            "indirect_captures",
            "mentions",
            "name_masks",
            "migrations",
        ):
            connection.execute(f"drop table {table}")
        connection.execute("alter table batches drop column kept_out")
        connection.execute("alter table policies drop column permits")
        connection.execute("create table capture_daily as select * from capture_rollup")
        connection.execute("drop table capture_rollup")
    with pytest.MonkeyPatch.context() as before_versions:
        before_versions.setattr(migrations, "require_current", lambda _: None)
        before_versions.delitem(rules._READ, "name_masks")
        old = making.make(backups)
    queries.connection.close()
    assert is_of_earlier_version()
    database.close()
    shutil.rmtree(home)
    restoring.restore(backups, old.name)
    assert not is_of_earlier_version()
    assert company.captures(company.bob) == before
    assert erase(company.ada).state == "completed"
