"""One snapshot of the lake for one person: an export is written from it, so that its parts agree."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import tzinfo

import pandas as pd
import pyarrow as pa
from duckdb import DuckDBPyConnection

from directory.access_tokens import Subject
from lake.rules.scope import Scope
from law.exceptions import LegalException
from queries import connection, export, indirect, models, refused, retention, slices
from queries import lineage as consumed
from queries.loader import ask, frame
from queries.person import Own
from queries.records import scope_parameters


@dataclass(frozen=True)
class Withheld:
    """Captures that a tombstone hides."""

    held: int
    """A legal hold keeps them from being erased."""
    to_be_erased: int

    @property
    def total(self) -> int:
        return self.held + self.to_be_erased


class Snapshot:
    """A person's questions, all answered from one snapshot. Open one with `of`.

    Any of them may raise LakeUnavailable if files were deleted under it: then discard the results; a new one sees
    the newest snapshot.
    """

    def __init__(self, cursor: DuckDBPyConnection, subject: Subject) -> None:
        """Use `Snapshot.of`."""
        self._cursor = cursor
        self._subject = subject

    @classmethod
    @contextmanager
    def of(cls, own: Own) -> Iterator[Snapshot]:
        """The person's snapshot of now, until the block ends. Raises LakeUnavailable."""
        with connection.snapshot(own.subject.key) as cursor:
            yield cls(cursor, own.subject)

    def number(self) -> int:
        """DuckLake's number of this snapshot."""
        return connection.snapshot_number(self._cursor)

    def catalogued(self, scope: Scope) -> int:
        """How many captures the rollup lists, including those that a tombstone hides."""
        row = ask(self._cursor, self._subject, "catalogued", **scope_parameters(scope)).fetchone()
        assert row is not None
        return int(row[0])

    def withheld(self, scope: Scope) -> Withheld:
        """How many of them a tombstone hides."""
        table = slices.pieces(self._cursor, self._subject, scope)
        hidden = table.filter(table["hidden"])
        held = slices.total(hidden.filter(hidden["held"]))
        return Withheld(held, slices.total(hidden) - held)

    def days(self, scope: Scope, zone: tzinfo) -> int:
        """On how many days of the zone there are captures that no tombstone hides."""
        kept = slices.visible_of(slices.pieces(self._cursor, self._subject, scope, zone=zone))
        return len(kept["start"].unique())

    def captures(self, scope: Scope) -> Iterator[pa.RecordBatch]:
        """See `export.captures_batches`. Read to the end before the next question."""
        return export.captures_of(self._cursor, self._subject, scope)

    def record_counts(self) -> dict[str, int]:
        """How many records of each kind the catalogue has for the person, including hidden captures: captures,
        batches, refused, indirect, dataset_slices, model_uses, removals, holds, violations. Each is counted
        separately."""
        counts = frame(self._cursor, self._subject, "record_counts")
        uses = consumed.graph(self._cursor).uses
        return {**{str(name): int(counts[name][0]) for name in counts}, "model_uses": uses}

    def dataset_slices(self) -> Iterator[pa.RecordBatch]:
        """RecordBatch[dataset_version: uuid, dataset, dataset_release, purpose, created_at, day, signal,
        application, events]: the person's slices in dataset versions. Read to the end before the next question."""
        answer = ask(self._cursor, self._subject, "dataset_slices")
        yield from answer.to_arrow_reader(export.BATCH_ROWS)

    def batches(self) -> pd.DataFrame:
        """DataFrame[batch: UUID, source, ingested_at, read, stored, redacted, outside_policy, past_retention,
        already_known, erased_before, quarantined, kept_out], earliest ingestion first. Without
        `ingested_at`: the total of refused records that an erasure of everything left."""
        return frame(self._cursor, self._subject, "batches")

    def refused(self) -> list[refused.Refused]:
        """See `Own.refused`."""
        return refused.sealed(self._cursor, self._subject).opened(self._subject)

    def indirect(self) -> tuple[list[indirect.Indirect], int]:
        """See `Own.indirect`; and how many more an erasure hides."""
        return indirect.indirect(self._cursor, self._subject), indirect.hidden(self._cursor, self._subject)

    def lifted_holds(self) -> pd.DataFrame:
        """DataFrame[hold: UUID, case, exception, signals, applications, from_at, until_at, placed_at, lifted_at];
        `exception` is the article."""
        table = frame(self._cursor, self._subject, "lifted_holds")
        table["exception"] = [LegalException(code).article for code in table["exception"]]
        return table

    def models(self) -> pd.DataFrame:
        """See `models.models`."""
        return models.models(self._cursor, self._subject)

    def lineage_and_withdrawn(self) -> tuple[consumed.Lineage, consumed.Withdrawn]:
        return consumed.lineage(self._cursor, self._subject), consumed.withdrawn(self._cursor, self._subject)

    def retention(self) -> pd.DataFrame:
        """See `retention.retention`."""
        return retention.retention(self._cursor, self._subject)

    def removals(self) -> pd.DataFrame:
        """See `retention.removals`."""
        return retention.removals(self._cursor, self._subject)

    def holds(self) -> pd.DataFrame:
        """See `retention.holds`."""
        return retention.holds(self._cursor, self._subject)

    def violations(self) -> pd.DataFrame:
        """See `lineage.violations`."""
        return consumed.violations(self._cursor, self._subject)

    def policies(self) -> pd.DataFrame:
        """See `retention.policies`."""
        return retention.policies(self._cursor, self._subject)
