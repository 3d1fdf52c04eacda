"""Masking somebody's name in records of others that mention them, because they asked for it and an officer agreed.

start       the rule is in force: from now on the name is masked, also in records that are stored later
mask_some   some records are looked through, in one transaction: what has the name is replaced by a row of the same id
            whose text doesn't have it, and a mark at the record says for whom it was looked through
end         from now on no more is masked; what is masked stays so

Which records mention the person is known from the archives (`lake.rules.indirect`), never by looking for the name in
everybody's text. What a legal hold keeps is masked once it is lifted. The text as it was stays in old snapshots and
files until `lake.storage.maintenance.purge`, as everything that is deleted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from itertools import groupby
from typing import Any
from uuid import UUID, uuid4

import pyarrow as pa
from duckdb import DuckDBPyConnection

import clock
from directory import Directory
from directory.keys import Job, KeyRing, Why
from directory.sealing import Sealer, Unreadable
from lake.masking.names import Name
from lake.safeguards import ON_REQUEST
from lake.statements import statement
from lake.storage import maintenance
from lake.storage.connection import parts, transaction
from lake.storage.store import ARROW_SCHEMA

AT_ONCE = 2000
"""Records that are looked through in one transaction."""
INCOMING = pa.schema([ARROW_SCHEMA.field(name) for name in ("subject", "capture_id", "redactions", "sealed")])


def start(connection: DuckDBPyConnection, subject: UUID, request_id: UUID) -> None:
    """Put it into force; a second call for the same request changes nothing."""
    [(known,)] = connection.execute(statement("knows_name_mask"), {"request": request_id}).fetchall()
    if known:
        return
    for part, _ in parts(connection):
        with transaction(part):
            part.execute(statement("look_through_again"), {"subject": subject})
    with transaction(connection):
        connection.execute(
            statement("start_name_mask"),
            {"rule": uuid4(), "subject": subject, "request": request_id, "now": clock.now_utc()},
        )


def end(connection: DuckDBPyConnection, request_id: UUID) -> None:
    """End it; a second call changes nothing."""
    with transaction(connection):
        connection.execute(statement("end_name_mask"), {"request": request_id, "now": clock.now_utc()})


def names_in_force(cursor: DuckDBPyConnection) -> dict[UUID, Name]:
    """The names to mask, by person; without people whom the directory doesn't know. Works on a reader."""
    wanted = {subject for (subject,) in cursor.execute(statement("names_in_force")).fetchall()}
    if not wanted:
        return {}
    with Directory.open() as directory:
        return {each.subject: Name(each) for each in directory.everyone() if each.subject in wanted}


def due(cursor: DuckDBPyConnection, subjects: Collection[UUID]) -> int:
    """How many records are still to be looked through for these people's names. Works on a reader."""
    if not subjects:
        return 0
    [(number,)] = cursor.execute(statement("count_names_due"), {"named": list(subjects)}).fetchall()
    return int(number)


def mask_some(connection: DuckDBPyConnection, names: Mapping[UUID, Name]) -> int:
    """Look through at most `AT_ONCE` records of each shard; returns how many. A call after the last one finds nothing.

    Before they are opened, their owners' access logs say so, and not for whom. Raises PartUnavailable.
    """
    return sum(_mask_some(part, names) for part, _ in parts(connection))


def _mask_some(connection: DuckDBPyConnection, names: Mapping[UUID, Name]) -> int:
    with transaction(connection):
        connection.execute(statement("choose_names_due"), {"named": list(names), "most": AT_ONCE})
        rows = connection.execute(statement("read_names_due")).fetchall()
        if rows:
            masked = _masked(rows, names)
            if masked:
                _replace(connection, masked)
            connection.execute(statement("note_looked_through"))
        connection.execute("drop table temp.names_due")
    return len(rows)


def _masked(rows: list[tuple[Any, ...]], names: Mapping[UUID, Name]) -> list[dict[str, Any]]:
    """The new text of each record that has a name, sealed. `rows`: those of a record stand together."""
    records = {(subject, capture) for _, subject, capture, *_ in rows}
    counts = Counter(subject for subject, _ in records)
    ring, job = KeyRing(), Job(uuid4(), "worker", Why.MASKING, "records")
    ring.record(job, counts)
    sealers = {subject: Sealer(key) for subject in counts if (key := ring.content_key(subject, job)) is not None}
    changed = []
    for (subject, capture), named in groupby(rows, key=lambda row: row[1:3]):
        several = list(named)
        redactions, sealed = several[0][3:]
        if sealed is None or subject not in sealers:
            continue
        try:
            content = sealers[subject].open(capture, sealed)
        except Unreadable:
            continue
        found = 0
        for person, *_ in several:
            content, number = names[person].masked(content)
            found += number
        if found:
            kinds = Counter(redactions or {})
            kinds[ON_REQUEST] += found
            changed.append(
                {
                    "subject": subject.bytes,
                    "capture_id": capture.bytes,
                    "redactions": sorted(kinds.items()),
                    "sealed": sealers[subject].seal(capture, content),
                }
            )
    return changed


def _replace(connection: DuckDBPyConnection, masked: list[dict[str, Any]]) -> None:
    maintenance.mark_purge_due()
    connection.register("incoming_masked", pa.Table.from_pylist(masked, schema=INCOMING))
    try:
        connection.execute(statement("choose_masked"))
    finally:
        connection.unregister("incoming_masked")
    for step in ("no_people_leaving", "leaving_masked", "leaving_slices", "delete_leaving", "append_masked"):
        connection.execute(statement(step))
    maintenance.renew_slices(connection)
    for table in ("masked", "people_leaving", "leaving", "leaving_slices"):
        connection.execute(f"drop table temp.{table}")
