"""What records of others say about a person: that they are mentioned, quoted, answered or assigned in them.

A row goes with its record, whatever removes that, and with an erasure by whom it concerns, if its scope covers it; a
legal hold keeps records, not these rows. If the person objected to the use of the record, a row about nobody
(`NOBODY`) stays in its place, so that the record stays out of new data sets.
"""

from __future__ import annotations

from uuid import UUID

from duckdb import DuckDBPyConnection

from lake.statements import statement
from lake.storage import maintenance

NOBODY = UUID(int=0)


def erase(connection: DuckDBPyConnection) -> None:
    """Erase what the table `asked` covers; in a transaction. A second call finds nothing."""
    connection.execute(statement("choose_indirect_asked"))
    [(rows,)] = connection.execute("select count(*) from temp.indirect_asked").fetchall()
    if rows:
        maintenance.mark_purge_due()
        connection.execute(statement("delete_indirect_asked"))
        connection.execute(statement("keep_indirect_objected"), {"nobody": NOBODY})
    connection.execute("drop table temp.indirect_asked")
