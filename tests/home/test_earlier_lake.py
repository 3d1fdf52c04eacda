"""A lake that an earlier version made is brought up to date at the next start, and answers as before."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from starlette.testclient import TestClient

import clock
from governance.db.database import reading
from governance.lineage import openlineage
from governance.lineage.folding import fold_pending
from governance.lineage.storing import store
from governance.lineage.tables import LineageEventRow
from governance.operations import first_start
from lake.lineage.model_graph import ModelGraph
from lake.rules import erasure
from lake.rules.scope import Scope
from lake.storage import making, migrations
from lake.storage.connection import LakeUnavailable, transaction, writer
from lake.storage.maintenance import purge
from queries.connection import answering, close
from tests.governance.lineage import told
from tests.lake.rows import every_minute, put, rollup_differences
from tests.support.people import Company

EARLIER = Path(__file__).parent / "earlier"
ADDED = ("run_parents", "run_models", "run_unproven", "migrations")
DAILY = """
create table capture_daily as
select
    subject, captured_at::date as day, signal, application, policy, batch, max(retained_until) as retained_until,
    count(*) as events, count(*) filter (redactions is not null) as redacted,
    min(captured_at) as first_at, max(captured_at) as last_at
from captures
group by all;
drop table capture_rollup;
"""
KILLED_IN_THE_MIDDLE = """
import os, signal, sys
from lake.storage import making, migrations
done = migrations.carry_out
def dying(lake, migration):
    done(lake, migration)
    if migration.number == int(sys.argv[1]):
        os.kill(os.getpid(), signal.SIGKILL)
migrations.carry_out = dying
making.upgrade()
"""


@pytest.fixture(params=sorted(path.stem for path in EARLIER.glob("*.zip")))
def earlier(request: pytest.FixtureRequest, home: Path) -> dict[str, dict[str, Any]]:
    """A home as the version of that month left it is in place. What its API answered: person -> path -> answer."""
    shutil.rmtree(home)
    with zipfile.ZipFile(EARLIER / f"{request.param}.zip") as archive:
        archive.extractall(home.parent)
        return dict(json.loads(archive.read("answers.json")))


def waiting() -> int:
    with reading() as session:
        return int(session.scalar(select(func.count()).where(LineageEventRow.waiting.is_(True))) or 0)


def taken_back(version: int = 0) -> None:
    """The lake as it was before a later migration than that."""
    with writer() as connection, transaction(connection):
        connection.execute("delete from migrations where number > $version", {"version": version})
        connection.execute(DAILY)
        for table in ("refused", "refused_names", "policy_notices", "indirect_captures", "mentions", "name_masks"):
            connection.execute(f"drop table {table}")
        connection.execute("alter table batches drop column kept_out")
        connection.execute("alter table policies drop column permits")
        connection.execute("alter table migrations drop column goes_with")
        if not version:
            for table in ADDED:
                connection.execute(f"drop table {table}")
    close()


def differences(now: Any, before: Any, where: str) -> list[str]:
    """Where a person is told something else than before; what they are told in addition doesn't count."""
    if isinstance(before, dict) and isinstance(now, dict):
        return [each for name in before for each in differences(now.get(name), before[name], f"{where}.{name}")]
    if isinstance(before, list) and isinstance(now, list) and len(now) == len(before):
        return [each for n, old in enumerate(before) for each in differences(now[n], old, f"{where}[{n}]")]
    return [] if now == before else [f"{where}: {now!r}, before {before!r}"]


def spelled_as_now(answer: Any) -> Any:
    """Sentences said "data set" then, and what was stored stays as it is."""
    return json.loads(json.dumps(answer).replace("data set", "dataset"))


def test_a_home_of_before_answers_the_same(
    earlier: dict[str, dict[str, Any]], unknown: TestClient, token_for: Callable[..., str]
) -> None:
    first_start.require_home()
    later = int(clock.now().timestamp()) + 1

    def asked(name: str, path: str) -> Any:
        return unknown.get(path, headers={"Authorization": f"Bearer {token_for(name, iat=later)}"}).json()

    for _ in ("as it was", "with everything folded again"):
        found = [
            each
            for name, answers in earlier.items()
            for path, before in answers.items()
            for each in differences(spelled_as_now(asked(name, path)), spelled_as_now(before), f"{name} {path} ")
        ]
        assert found == []
        fold_pending()
    assert waiting() == 0


@pytest.mark.parametrize("number", [each.number for each in migrations.every()])
def test_a_migration_that_is_killed_has_done_nothing(earlier: dict[str, dict[str, Any]], number: int) -> None:
    dying = [sys.executable, "-c", KILLED_IN_THE_MIDDLE, str(number)]
    killed = subprocess.run(dying, env=dict(os.environ), check=False)
    assert killed.returncode == -signal.SIGKILL
    assert making.is_of_earlier_version()
    first_start.require_home()
    assert not making.is_of_earlier_version()
    with writer() as connection:
        rows = connection.execute("select number from migrations order by number").fetchall()
        assert rollup_differences(connection) == []
        assert connection.execute("select count(*) > 0 from capture_rollup").fetchall() == [(True,)]
    assert rows == [(migration.number,) for migration in migrations.every()]


def test_a_migrated_rollup_counts_every_quarter_of_an_hour(home: Path, person: Company) -> None:
    ada, ben = person("ada@example.com"), person("ben@example.com")
    with writer() as connection:
        put(connection, ada.subject, every_minute(200))
        put(connection, ada.subject, every_minute(90, signal="scroll", text=None))
        put(connection, ben.subject, every_minute(40, application="Chrome", redactions=(("iban", 1),)))
    taken_back(version=1)
    first_start.require_home()
    with writer() as connection:
        assert rollup_differences(connection) == []
        assert connection.execute("select sum(events), max(events) from capture_rollup").fetchall() == [(330, 15)]
        tables = {name for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall()}
        assert "capture_daily" not in tables
        assert erasure.remove(connection, ada.subject, Scope(), uuid4(), clock.now_utc()).erased == 290
        purge(connection)
    assert not list((home / "lake" / "data").rglob("capture_daily/**/*.parquet")), "an erasure leaves no older rollup"


def test_lake_of_an_earlier_version_is_upgraded_and_folded_again(home: Path) -> None:
    reads = [told.dataset("s3://lake", "web", "1")]
    failed = told.event("FAIL", "try", 1, inputs=reads, outputs=[told.model("sable", "7")])
    made = told.event("COMPLETE", "fit", 2, inputs=reads, outputs=[told.model("sable", "7")])
    store([openlineage.parse(failed), openlineage.parse(made)], "test")
    fold_pending()
    before = answering(ModelGraph.read)
    taken_back()
    with pytest.raises(LakeUnavailable, match="earlier version"):
        answering(ModelGraph.read)
    with pytest.raises(LakeUnavailable, match="earlier version"), writer():
        pass
    assert (making.is_of_earlier_version(), waiting()) == (True, 0)

    first_start.require_home()
    assert (making.is_of_earlier_version(), waiting()) == (False, 2)
    fold_pending()
    after = answering(ModelGraph.read)
    assert [len(readings) for readings in after.readings.values()] == [2]
    assert after.readings == before.readings

    first_start.require_home()
    assert waiting() == 0, "once is enough"


def test_an_upgraded_lake_has_the_tables_of_a_new_one(home: Path) -> None:
    columns = "select table_name, column_name, data_type, is_nullable from duckdb_columns() order by all"
    with writer() as connection:
        new = connection.execute(columns).fetchall()
    taken_back()
    first_start.require_home()
    with writer() as connection:
        assert connection.execute(columns).fetchall() == new


def test_a_rollup_is_not_migrated_without_its_captures(home: Path, person: Company) -> None:
    ada = person("ada@example.com")
    with writer() as connection:
        put(connection, ada.subject, every_minute(20))
    taken_back(version=1)
    [file] = (home / "lake" / "data" / "main" / "captures").rglob("*.parquet")
    away = file.rename(file.with_suffix(".away"))
    for _ in range(2):
        first_start.require_home()
        assert making.is_of_earlier_version()
        with pytest.raises(LakeUnavailable, match="earlier version"):
            answering(ModelGraph.read)
    away.rename(file)
    first_start.require_home()
    with writer() as connection:
        assert rollup_differences(connection) == []


def test_a_lake_of_a_later_version_is_refused(home: Path) -> None:
    with writer() as connection, transaction(connection):
        connection.execute("insert into migrations (number, migrated_at) values (1000, now()::timestamp)")
    close()

    def written() -> None:
        with writer():
            pass

    for opened in (written, making.upgrade, making.is_of_earlier_version, lambda: answering(ModelGraph.read)):
        with pytest.raises(LakeUnavailable, match="later version"):
            opened()


def test_empty_tables_of_an_upgraded_lake_have_statistics(home: Path) -> None:
    counting = "select count(*) from __ducklake_metadata_lake.ducklake_table_stats"
    with writer() as connection:
        as_new = connection.execute(counting).fetchone()
    taken_back()
    first_start.require_home()
    with writer() as connection:
        missing = connection.execute(
            "select count(*) from __ducklake_metadata_lake.ducklake_table t where t.end_snapshot is null"
            " and t.table_id not in (select table_id from __ducklake_metadata_lake.ducklake_table_stats)"
        ).fetchone()
    assert missing == (0,)
    assert as_new is not None
