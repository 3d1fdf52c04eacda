"""What must be true of a home once nothing is in progress, whatever was killed before."""

from __future__ import annotations

from itertools import pairwise
from uuid import UUID

from dbos import DBOSClient
from duckdb import DuckDBPyConnection
from sqlalchemy import func, select

import clock
import home
from directory.keys import KeyRing, Oneself
from governance.db import database, work_queue
from governance.db.database import reading
from governance.db.tables import ExportRow, RequestRow
from governance.domain.lifecycle import State, Type
from governance.ledger.tables import EntryRow, ReceiptRow
from governance.requests.work_tables import SweepRow, WorkRow
from lake.storage import maintenance
from lake.storage.connection import data_folder, lake_folder, writer
from lake.storage.objects import Area, prefix, store

TABLES = ("captures", "capture_rollup", "batches", "removals", "tombstones", "holds", "policies", "standing_rules")
REPLACED = (["policies"], ["tombstones"])
"""Tables whose rows are rewritten."""


def all_ended() -> bool:
    with reading() as session:
        states = session.scalars(select(RequestRow.state)).all()
    return all(State(state).final for state in states)


def swept_today() -> bool:
    with reading() as session:
        return session.get(SweepRow, clock.today()) is not None


def captures_of(subject: UUID) -> int:
    with writer() as connection:
        [(found,)] = connection.execute(
            "select count(*) from captures where subject = $subject", {"subject": subject}
        ).fetchall()
    return int(found)


def check(put: int) -> None:
    """Everything ended exactly once, nothing is incomplete, and of `put` captures none is lost or counted twice."""
    check_requests()
    check_lake(put)
    check_files()
    check_queue()


def check_requests() -> None:
    with reading() as session:
        rows = session.scalars(select(RequestRow)).all()
        for row in rows:
            states = [State(event.state) for event in row.history]
            ends = [state for before, state in pairwise(states) if state.final and state != before]
            receipts = session.scalar(select(func.count()).where(ReceiptRow.request_id == row.id))
            entries = session.scalars(select(EntryRow.statement).where(EntryRow.request_id == row.id)).all()
            ended = [entry for entry in entries if entry and '"kind":"request_ended"' in entry]
            notes = [event.note for event in row.history]
            work = session.get(WorkRow, row.id)
            assert State(row.state).final, (row.state, row.failure)
            assert (len(ends), receipts, len(ended)) == (1, 1, 1), (row.type, notes)
            assert row.completed_at is not None
            assert (row.failure, row.retry_at) == (None, None)
            assert work is None or work.workflow is None
            for told in ("Hidden from", "Removed from", "Looked again", "Work has begun"):
                assert sum(note.startswith(told) for note in notes) <= 1, notes
        positions = session.scalars(select(EntryRow.position).order_by(EntryRow.position)).all()
        assert list(positions) == list(range(len(positions)))


def check_lake(put: int) -> None:
    with reading() as session:
        erasures = {row.id: row for row in session.scalars(select(RequestRow).where(RequestRow.type == Type.ERASURE))}
    with writer() as connection:
        [(left,)] = connection.execute("select count(*) from captures").fetchall()
        [(counted,)] = connection.execute("select coalesce(sum(events), 0) from capture_rollup").fetchall()
        [(gone,)] = connection.execute("select coalesce(sum(events), 0) from removals").fetchall()
        tombstones = [one for (one,) in connection.execute("select request from tombstones").fetchall()]
        removed = dict(
            connection.execute(
                "select request, sum(events)::bigint from removals where request is not null group by request"
            ).fetchall()
        )
    assert (left, left + gone) == (counted, put)
    assert sorted(tombstones) == sorted(erasures)
    for request_id, row in erasures.items():
        assert row.outcome is not None
        assert row.outcome["erased"] == removed.get(request_id, 0)
        assert (row.outcome["withheld"] > 0) == (row.state == State.PARTIALLY_COMPLETED)
        assert row.outcome["found_afterwards"] == 0


def check_files() -> None:
    """No unreferenced file of the lake, no draft, no unrecorded export, no spilled rows.

    Each time captures are stored, their policy is rewritten, and so is the tombstone of everything when its request
    ends: the replaced rows stay until the next purge. They reveal nothing that their new rows don't.
    """
    with writer() as connection:
        unknown, missing = _compared(connection)
        assert {name for name in unknown if name.split("/")[-2:-1] not in REPLACED} == {"identity"}, unknown
        assert not missing
        maintenance.purge(connection)
        assert _compared(connection) == ({"identity"}, set())
    assert not list((lake_folder() / "spill").rglob("*.tmp"))
    with reading() as session:
        exports = session.scalars(select(ExportRow.request_id).where(ExportRow.deleted_at.is_(None))).all()
    kept = {stored.name for stored in store(Area.EXPORTS).all()}
    assert kept == {database.export_file(request_id).name for request_id in exports}


def _compared(connection: DuckDBPyConnection) -> tuple[set[str], set[str]]:
    """The data files that no table references, and those that are referenced but missing."""
    known: set[str] = set()
    for table in connection.execute("select table_name from duckdb_tables() where database_name = 'lake'").fetchall():
        for files in connection.execute(
            "select data_file, delete_file from ducklake_list_files('lake', $table)", {"table": table[0]}
        ).fetchall():
            known |= {f"main/{file.partition('/main/')[2]}" for file in files if file}
    found = _names()
    return found - known, known - found


def _names() -> set[str]:
    """Of everything that is beside the lake's data files."""
    if home.lake_is_in_bucket():
        return {key.removeprefix("lake/") for key in prefix.connected().listed("lake")}
    root = data_folder()
    return {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}


def check_queue() -> None:
    assert under_way() == []


def under_way() -> list[str]:
    """The workflows that have not ended."""
    client = DBOSClient(system_database_url=work_queue.system_database_url())
    try:
        alive = client.list_workflows(status=list(work_queue.ALIVE), load_input=False, load_output=False)
        return [workflow.workflow_id for workflow in alive]
    finally:
        client.destroy()


def has_key(subject: UUID) -> bool:
    keys = KeyRing()
    return keys.content_key(subject, Oneself(subject)) is not None
