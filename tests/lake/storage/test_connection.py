"""Opening the lake: one writer, locked readers, tables with correct statistics."""

from __future__ import annotations

import importlib.util
import shutil
from contextlib import closing
from datetime import date
from pathlib import Path
from uuid import uuid4

import duckdb
import pytest

from governance.operations import first_start
from lake.rules.policies import Policy, apply_policies, read_policies
from lake.storage import maintenance
from lake.storage.connection import (
    LakeUnavailable,
    lake_folder,
    reader,
    reader_once,
    reading,
    retrying,
    transaction,
    writer,
)
from tests.lake.rows import count, every_minute, one_value, place_hold, put
from tests.lake.setups import IN_BOTH
from tests.lake.traces import CATALOG, stored_files

pytestmark = IN_BOTH


def policy(key: str) -> Policy:
    return Policy(key, key, "training", "6(1)(f)", ["keystroke"], ["Excel"], ["mask"], 30, date(2026, 1, 1))


def test_without_a_lake_a_reader_fails_and_creates_nothing(no_home: Path) -> None:
    with pytest.raises(LakeUnavailable, match="not available"):
        reader()
    with pytest.raises(LakeUnavailable, match="not available"), reading():
        pass
    assert not no_home.exists()


def test_data_read_from_files_is_not_cached_in_memory(home: Path) -> None:
    with writer() as connection:
        put(connection, uuid4(), every_minute(5))
    with closing(reader()) as connection:
        for _ in range(2):
            assert len(connection.execute("select * from captures").fetchall()) == 5
        assert connection.execute("select path from duckdb_external_file_cache()").fetchall() == []


def test_the_next_first_start_completes_a_lake_without_tables(no_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as power_cut:
        power_cut.setattr("lake.storage.making._create_tables", interrupted_after)
        with pytest.raises(KeyboardInterrupt):
            first_start.init()
    with pytest.raises(LakeUnavailable, match="not available"):
        reader()
    first_start.init()
    with writer() as connection:
        assert put(connection, uuid4(), every_minute(1)).stored == 1


@pytest.mark.parametrize(
    "statement",
    [
        "insert into batches select * from batches",
        "delete from captures",
        "drop table captures",
        "select * from read_text('{folder}/write.lock')",
        "select * from read_text('{folder}/data/../../directory/master.key')",
        "select * from read_csv('/etc/passwd')",
        "copy (select 1) to '{folder}/x.csv'",
        "attach '{folder}/other.duckdb'",
        "set enable_external_access = true",
        "set lock_configuration = false",
        "call ducklake_expire_snapshots('lake', older_than => now())",
    ],
)
def test_a_reader_is_locked_in(home: Path, statement: str) -> None:
    person = uuid4()
    with writer() as connection:
        put(connection, person, every_minute(2))
    connection = reader()
    with pytest.raises(duckdb.Error):
        connection.execute(statement.format(folder=lake_folder())).fetchall()
    assert count(connection, person) == 2
    connection.close()


def interrupted_after(_: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("little", [False, True])
def test_who_reads_little_does_without_what_decrypts_fast(home: Path, little: bool) -> None:
    with reader_once(little=little) as connection:
        assert connection.execute("select count(*) from policies").fetchone() is not None
        [(settings,)] = connection.execute("select count(*) from duckdb_settings() where name = 's3_region'").fetchall()
    assert settings == (0 if little else 1)


def test_a_failed_transaction_changes_nothing(home: Path) -> None:
    with writer() as connection:
        with pytest.raises(KeyboardInterrupt), transaction(connection):
            interrupted_after(place_hold(connection, uuid4()))
        assert one_value(connection, "select count(*) from holds") == 0


def test_the_catalog_holds_ciphertext_only(home: Path) -> None:
    with writer() as connection:
        put(connection, uuid4(), every_minute(5, text="the quarterly figures"))
    stored = [(name, file.read_bytes()) for name, file in stored_files()]
    everything = b"".join(content for _, content in stored)
    assert any(b"Excel" in content for name, content in stored if name == CATALOG)
    assert b"quarterly" not in everything
    assert b"the quarterly".hex().encode() not in everything.lower()


def test_filters_stay_correct_after_purge_and_insert(home: Path) -> None:
    """With empty bounds, or bounds kept in DuckLake's cache, these counts are wrong."""
    first, second = uuid4(), uuid4()
    with writer() as connection:
        put(connection, first, every_minute(5))
        put(connection, second, every_minute(7, application="Slack"))
        connection.execute("delete from captures where subject = $subject", {"subject": first})
        maintenance.purge(connection)
        put(connection, first, every_minute(3, application="Chrome"))
        assert count(connection, first) == 3
        assert count(connection, second) == 7
        assert one_value(connection, "select count(*) from captures where application = 'Slack'") == 7
        assert one_value(connection, "select count(*) from captures where application < 'D'") == 3


def test_every_table_starts_with_one_row_of_statistics_and_keeps_one(home: Path) -> None:
    counts = """
        select count(*), count(distinct table_id), (select count(*) from __ducklake_metadata_lake.ducklake_table)
        from __ducklake_metadata_lake.ducklake_table_stats
    """
    with writer() as connection:
        [before] = connection.execute(counts).fetchall()
        put(connection, uuid4(), every_minute(5))
        [after] = connection.execute(counts).fetchall()
    assert len({*before, *after}) == 1


def test_a_failed_read_is_retried_then_explained() -> None:
    attempts = []

    def lost_file() -> None:
        attempts.append(1)
        raise duckdb.IOException("Cannot open file")

    with pytest.raises(LakeUnavailable, match="Nothing was changed"):
        retrying(lost_file)
    assert len(attempts) > 1


def test_policies_are_replaced_by_key_and_others_stay(home: Path) -> None:
    with writer() as connection:
        apply_policies(connection, [policy("a"), policy("b")])
        changed = Policy(**{**policy("a").__dict__, "retention_days": 10})
        apply_policies(connection, [changed])
        assert {one.policy: one.retention_days for one in read_policies(connection)} == {"a": 10, "b": 30}


def test_a_moved_home_works_at_its_new_place(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    subject = uuid4()
    with writer() as connection:
        put(connection, subject, every_minute(3))
    moved = home.rename(tmp_path / "moved")
    monkeypatch.setenv("OPENBOOK_HOME", str(moved))
    with reader() as connection:
        assert count(connection, subject) == 3
    with writer() as connection:
        put(connection, subject, every_minute(4))
        assert count(connection, subject) == 7
        maintenance.purge(connection)
    assert not home.exists()


def test_an_extension_altered_at_runtime_is_refused(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its signature is checked once per process, and again when the file changes."""
    wheel = importlib.util.find_spec("duckdb_extension_ducklake")
    assert wheel is not None
    assert wheel.submodule_search_locations is not None
    [installed] = wheel.submodule_search_locations
    shutil.copytree(installed, tmp_path / wheel.name)
    monkeypatch.syspath_prepend(tmp_path)
    [ours] = (tmp_path / wheel.name).rglob(f"v{duckdb.__version__}/*.duckdb_extension")
    for checked_before in (False, True):
        with writer() as connection:
            assert one_value(connection, "select current_setting('allow_unsigned_extensions')") is checked_before
    altered = bytearray(ours.read_bytes())
    altered[len(altered) // 2] ^= 1
    (tmp_path / "altered").write_bytes(altered)
    (tmp_path / "altered").replace(ours)  # written to in place, it would change the code that this process runs
    with pytest.raises(duckdb.IOException, match="signature"), writer():
        pass
