"""What an erasure of everything leaves in the lake's records about a person, once no capture of theirs is left.

    dataset_slices   one row per dataset version (and per rule that withdrew the captures first): how many captures it
                     listed. Day, signal, application, times and digest are gone; if their time was up before, it has
                     when the last run began that read them until then: a time of models. The row stays because
                     without it the manifest would seem not to list the person, which would be false of every model
                     trained on it
    dataset_leaves   unchanged: the hash of the person's leaf, without which nobody could prove anything about it
    removals         one total per request, and one for what retention removed
    batches          one total of the records that were refused, by reason; none if none was
    refused          one total for each reason, of the records that were refused, each counted once

Everything else that the lake still knows is counted by `remaining`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from duckdb import DuckDBPyConnection

from lake.statements import statement
from lake.storage import maintenance

ERASED_DAY = date(1, 1, 1)
"""The day of a slice whose contents were erased; no capture has it."""
ERASED_WORD = "erased"
"""What stands in place of its kind and application."""


@dataclass(frozen=True)
class Remaining:
    """How many rows about a person are in the lake."""

    datasets: int
    """Dataset versions that list the person with days, kinds, applications and counts."""
    condensed: int
    """Dataset versions that list only how many captures there were."""
    batches: int
    refused: int
    """Records that were refused before they were stored."""
    kept_out: int
    """Refused records, each once, with day, kind, reason and the sealed name of the application."""
    kept_out_condensed: int
    """Refused records of which only the reason is left."""
    removals: int
    tombstones: int
    rules: int
    holds: int
    violations: int
    mentions: int
    """Of them in records of others, by role."""
    mentions_of_others: int
    """1: there are any in the lake, perhaps in records that were theirs; nothing says in whose."""


def condense_manifests(connection: DuckDBPyConnection, subjects: Collection[UUID]) -> None:
    """Reduce what manifests say about subjects without captures; call it in a transaction, with the table `asked`,
    before `condense`. A second call changes nothing.
    """
    of = {"subjects": list(subjects)}
    connection.execute(statement("choose_condensed"), of)
    if _any(connection, "condensed"):
        maintenance.mark_purge_due()
        connection.execute(statement("delete_condensed"), of)
        connection.execute(statement("append_condensed"))
    connection.execute("drop table temp.condensed")


def condense(connection: DuckDBPyConnection, subjects: Collection[UUID]) -> None:
    """Reduce what else is recorded about subjects of a shard without captures; call it in a transaction. A second call
    changes nothing.
    """
    of = {"subjects": list(subjects)}
    connection.execute(statement("choose_totals"), of)
    connection.execute(statement("choose_refusals"), of)
    connection.execute(statement("choose_refused"), of)
    chosen = ("totals", "refusals", "refused_totals")
    if any(_any(connection, table) for table in chosen):
        maintenance.mark_purge_due()
        connection.execute(statement("delete_totalled"))
        connection.execute(statement("append_totals"))
        connection.execute(statement("forget_batches"))
        connection.execute(statement("append_refusals"))
        connection.execute(statement("delete_refused"))
        connection.execute(statement("delete_refused_names"), of)
        connection.execute(statement("append_refused_totals"))
    for table in chosen:
        connection.execute(f"drop table temp.{table}")


def _any(connection: DuckDBPyConnection, table: str) -> bool:
    return connection.execute(f"select 1 from temp.{table} limit 1").fetchone() is not None  # noqa: S608 (ours)


def remaining(connection: DuckDBPyConnection, subjects: Collection[UUID]) -> dict[UUID, Remaining]:
    """What the lake knows about people besides captures. Works on a reader."""
    rows = connection.execute(statement("remaining"), {"subjects": list(subjects)}).fetchall()
    return {subject: Remaining(*counts) for subject, *counts in rows}
