"""A lake that an earlier version made gets what it lacks at the next start, and everything reported is folded again."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import func, select

from governance.db.database import reading
from governance.lineage import openlineage
from governance.lineage.folding import fold_pending
from governance.lineage.storing import store
from governance.lineage.tables import LineageEventRow
from governance.operations import first_start
from lake.lineage.model_graph import ModelGraph
from lake.storage import connection as lake
from lake.storage.connection import LakeUnavailable, transaction, writer
from queries.connection import answering, close
from tests.governance.lineage import told

ADDED = ("run_parents", "run_models", "run_unproven")


def waiting() -> int:
    with reading() as session:
        return int(session.scalar(select(func.count()).where(LineageEventRow.waiting.is_(True))) or 0)


def test_lake_of_an_earlier_version_is_upgraded_and_folded_again(home: Path) -> None:
    reads = [told.dataset("s3://lake", "web", "1")]
    failed = told.event("FAIL", "try", 1, inputs=reads, outputs=[told.model("sable", "7")])
    made = told.event("COMPLETE", "fit", 2, inputs=reads, outputs=[told.model("sable", "7")])
    store([openlineage.parse(failed), openlineage.parse(made)], "test")
    fold_pending()
    before = answering(ModelGraph.read)
    with writer() as connection, transaction(connection):
        for table in ADDED:
            connection.execute(f"drop table {table}")
    close()
    with pytest.raises(LakeUnavailable, match="earlier version"):
        answering(ModelGraph.read)
    assert (lake.is_of_earlier_version(), waiting()) == (True, 0)

    first_start.require_home()
    assert (lake.is_of_earlier_version(), waiting()) == (False, 2)
    fold_pending()
    after = answering(ModelGraph.read)
    assert [len(readings) for readings in after.readings.values()] == [2]
    assert after.readings == before.readings

    first_start.require_home()
    assert waiting() == 0, "once is enough"


def test_empty_tables_of_an_upgraded_lake_have_statistics(home: Path) -> None:
    counting = "select count(*) from __ducklake_metadata_lake.ducklake_table_stats"
    with writer() as connection:
        as_new = connection.execute(counting).fetchone()
        with transaction(connection):
            for table in ADDED:
                connection.execute(f"drop table {table}")
    first_start.require_home()
    with writer() as connection:
        missing = connection.execute(
            "select count(*) from __ducklake_metadata_lake.ducklake_table t where t.end_snapshot is null"
            " and t.table_id not in (select table_id from __ducklake_metadata_lake.ducklake_table_stats)"
        ).fetchone()
    assert missing == (0,)
    assert as_new is not None
