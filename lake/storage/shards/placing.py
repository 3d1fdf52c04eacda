"""In which shard each slot is: read from the catalog of the first shard, and written to it.

It is a view whose text is the answer. So reading it reads no file, it changes in a transaction like any table, and a
lake that was never divided has none.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from uuid import UUID

from duckdb import DuckDBPyConnection

from lake.statements import about
from lake.storage.shards import UNDIVIDED, Doubled, Placing


def read(connection: DuckDBPyConnection, database: str = "lake") -> Placing:
    """As it is now. `database`: the first shard in this connection."""
    if not connection.execute(about(database, "has_placing")).fetchall():
        return UNDIVIDED
    [(text,)] = connection.execute(f"select found from {database}.main.shards").fetchall()  # noqa: S608
    found = json.loads(text)
    doubled = found["doubled"] and Doubled(tuple(found["doubled"]["slots"]), found["doubled"]["shard"])
    return Placing(tuple(UUID(lake) for lake in found["lakes"]), tuple(found["slots"]), doubled)


def write(connection: DuckDBPyConnection, placing: Placing) -> None:
    """For the writer of the first shard, in a transaction."""
    text = json.dumps(asdict(placing), default=str)
    connection.execute(f"create or replace view lake.main.shards as select '{text}' as found")
