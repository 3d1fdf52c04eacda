"""What records of others say about a person: that they are mentioned, quoted, answered or assigned in them.

    mentions           what the person sees: day, application and role. A mention is stored whether the record is or
                       not, unless no policy allows such records, and stays until its own last day. So nobody learns
                       from it what the record's author decides: a pause, no consent, an erasure, a restriction. An
                       erasure by the person deletes those that its scope covers; a legal hold keeps none
    indirect_captures  which records these are, as long as the record is stored, so that an objection keeps them out of
                       training. Nobody is shown it. If the person objected, a row about nobody (`NOBODY`) stays in its
                       place when they have everything erased

Neither has words, or says whose record it is.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from duckdb import DuckDBPyConnection

from lake.statements import statement
from lake.storage import maintenance
from lake.storage.opening import name_of
from lake.storage.shards import placing

NOBODY = UUID(int=0)


def shards_with_asked(everything: DuckDBPyConnection) -> set[int]:
    """The shards that have records which say something about people of the table `asked`; for who sees everybody."""
    found = set()
    for shard in placing.read(everything).shards:
        rows = f"from {name_of(shard)}.main.indirect_captures where subject in (select subject from asked)"  # noqa: S608
        if everything.execute(f"select 1 {rows} limit 1").fetchall():
            found.add(shard)
    return found


def erase_mentions(connection: DuckDBPyConnection) -> None:
    """Erase what the table `asked` covers of what people see; in a transaction. A second call finds nothing."""
    _delete_mentions(connection, "asked")


def erase(connection: DuckDBPyConnection) -> None:
    """Erase what the table `asked` covers of the records of a shard; in a transaction. A second call finds nothing."""
    connection.execute(statement("choose_indirect_asked"))
    [(rows,)] = connection.execute("select count(*) from temp.indirect_asked").fetchall()
    if rows:
        maintenance.mark_purge_due()
        connection.execute(statement("delete_indirect_asked"))
        connection.execute(statement("keep_indirect_objected"), {"nobody": NOBODY})
    connection.execute("drop table temp.indirect_asked")


def remove_expired(connection: DuckDBPyConnection, today: date) -> None:
    """Remove mentions whose last day is before `today`; in a transaction. A second call finds nothing."""
    _delete_mentions(connection, "expired", today=today)


def _delete_mentions(connection: DuckDBPyConnection, which: str, **parameters: date) -> None:
    [(rows,)] = connection.execute(statement(f"count_mentions_{which}"), parameters).fetchall()
    if rows:
        maintenance.mark_purge_due()
        connection.execute(statement(f"delete_mentions_{which}"), parameters)
