from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from databases.known_lake import known_shard
from governance.db import database
from governance.db.tables import AccessRow, Base, HomeRow, LakeShardRow, RequestRow
from governance.intake.lanes import slots_of
from governance.intake.tables import IntakeBatchRow
from governance.requests.work_tables import SweepRow, SweptMomentRow
from lake.storage.shards import SLOTS
from tests.governance.conftest import ROOT

OPEN = "from governance.db import database\nwith database.reading() as session: session.connection()"


def test_migrations_match_the_models(home: Path) -> None:
    with database.reading() as session:
        assert compare_metadata(MigrationContext.configure(session.connection()), Base.metadata) == []


def test_several_processes_may_start_at_once(home: Path) -> None:
    starting = [subprocess.Popen([sys.executable, "-c", OPEN], cwd=ROOT, env=dict(os.environ)) for _ in range(3)]
    assert [process.wait(120) for process in starting] == [0, 0, 0]


@pytest.mark.state_in_files
def test_commits_are_durable_and_deletions_overwritten(home: Path) -> None:
    with database.writing() as session:
        connection = session.connection()
        found = {
            name: connection.exec_driver_sql(f"pragma {name}").scalar()
            for name in ("journal_mode", "synchronous", "secure_delete", "foreign_keys")
        }
    assert found == {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1, "foreign_keys": 1}


@contextmanager
def upgraded_from(revision: str, tmp_path: Path, row: str) -> Iterator[Session]:
    """The database of an earlier version with a row in it, which this statement inserts; after the upgrade."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / "governance" / "db" / "migrations"))
    engine = create_engine(f"sqlite:///{tmp_path / 'governance.sqlite'}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        connection.execute(text(row))
        command.upgrade(config, "head")
    with Session(engine) as session:
        yield session
    engine.dispose()


def test_sweeps_of_an_earlier_version_are_kept(tmp_path: Path) -> None:
    insert = "insert into sweep values ('2026-11-01', '2026-11-01 00:00:01.000000')"
    with upgraded_from("0010", tmp_path, insert) as session:
        row = session.query(SweepRow).one()
        assert (row.day, row.counted_until, row.listed) == (date(2026, 11, 1), datetime(2026, 11, 1, 0, 0, 1), False)  # noqa: DTZ001
        assert session.query(SweptMomentRow).count() == 0


def test_requests_of_an_earlier_version_wait_for_nothing(tmp_path: Path) -> None:
    day = "'2026-11-01 00:00:01.000000'"
    insert = (
        "insert into request (id, subject, type, state, scope, regime, received_at, zone, due_at, first_due_at, "
        f"due_on, first_due_on, attempts, buried) values ('{'a' * 32}', '{'b' * 32}', 'erasure', 'received', '{{}}', "
        f"'gdpr', {day}, 'UTC', {day}, {day}, '2026-12-01', '2026-12-01', 0, false)"
    )
    with upgraded_from("0040", tmp_path, insert) as session:
        row = session.query(RequestRow).one()
        assert (row.state, row.starts_at, row.waits) == ("received", None, False)


def test_views_of_an_earlier_version_are_kept(tmp_path: Path) -> None:
    insert = (
        "insert into access (subject, at, role, actor, purpose, what, rows) values ('" + "a" * 32 + "', "
        "'2026-11-01 00:00:01.000000', 'privacy_officer', '" + "0" * 32 + "', 'decision', 'requests', 2)"
    )
    with upgraded_from("0019", tmp_path, insert) as session:
        row = session.query(AccessRow).one()
        assert (row.role, row.rows, row.reported_by, row.report) == ("privacy_officer", 2, None, None)


def test_bodies_of_an_earlier_version_may_have_something_of_anybody(tmp_path: Path) -> None:
    insert = (
        "insert into intake_batch (id, service, key_sha256, body_print, state, received_at, read, landed, size, "
        f"counts, reasons, lines) values ('{'a' * 32}', 'recorder', 'x', 'y', 'waiting', '2026-11-01 00:00:01.000000', "
        "2, 2, 9, '{}', '{}', '[]')"
    )
    with upgraded_from("0048", tmp_path, insert) as session:
        row = session.query(IntakeBatchRow).one()
        assert (row.state, row.landed, slots_of(row)) == ("waiting", 2, set(range(SLOTS)))


def test_a_lake_of_an_earlier_version_has_no_further_shard(tmp_path: Path) -> None:
    lake = "00000000-0000-4000-8000-000000000001"
    insert = f"insert into home (number, home, lake, snapshot) values (1, '{lake}', '{lake}', 7)"
    with upgraded_from("0049", tmp_path, insert) as session:
        assert session.query(HomeRow).one().snapshot == 7
        assert session.query(LakeShardRow).count() == 0


def test_the_newest_snapshot_of_each_shard_is_kept(home: Path) -> None:
    one, other = uuid4(), uuid4()
    for shards in ({one: 3}, {one: 2, other: 5}, {other: 6}):
        database.note_lake(0, shards)
    assert [known_shard(shard) for shard in (one, other, uuid4())] == [3, 6, 0]


def test_runs_of_an_earlier_version_are_folded_again(tmp_path: Path) -> None:
    events = [("a", 9, "START"), ("a", 10, "COMPLETE"), ("b", 9, "COMPLETE"), ("b", 10, "START"), ("c", 9, "RUNNING")]
    times = [f"2026-11-01 {hour:02}:00:00.000000" for _, hour, _ in events]
    rows = ", ".join(
        f"('{number}', 'openlineage', 'x', '{at}', 'run', '{at}', '{state}', '{run * 32}', false, 0)"
        for number, ((run, _, state), at) in enumerate(zip(events, times, strict=True))
    )
    columns = "key, origin, source, received_at, kind, at, state, run, waiting, failures"
    with upgraded_from("0020", tmp_path, f"insert into lineage_event ({columns}) values {rows}") as session:
        waiting = session.execute(text("select run from lineage_event where waiting order by id")).scalars().all()
    assert waiting == [run * 32 for run, _, _ in events]
