"""Other databases with the same rows: what they take for the same questions.

Each holds every person's rows, as the lake does, sorted or indexed by person and time. None of them seals content,
encrypts files, keeps tombstones or checks whose rows are asked for.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Protocol
from uuid import UUID

TOTALS = (
    "select count(*), min(captured_at), max(captured_at), count(distinct application), count(distinct signal),"
    " count(redactions), max(retained_until) from captures where subject = {subject}"
)
DAYS = (
    "select cast(captured_at as date) as day, signal, application, count(*), count(redactions) from captures"
    " where subject = {subject} group by 1, 2, 3"
)
RECORDS = (
    "select * from captures where subject = {subject} and captured_at >= {from_at} and captured_at < {until_at}"
    " order by captured_at, capture_id limit 100"
)
HOURS = (
    "select date_trunc('hour', captured_at) as hour, signal, application, count(*) from captures"
    " where subject = {subject} and captured_at >= {from_at} and captured_at < {until_at} group by 1, 2, 3"
)


class Other(Protocol):
    """What answers the questions of both views. `name` is for the table of results."""

    name: str

    def overview(self, subject: UUID) -> None:
        """The totals and the days of one person, as rows in this process."""

    def captured(self, subject: UUID, from_at: datetime, until_at: datetime) -> None:
        """A page of 100 records of one person and their hours in that time, as rows in this process."""

    def close(self) -> None: ...


class Peer(Other, Protocol):
    """A database that holds the rows of one Parquet file."""

    def load(self, rows: Path) -> None:
        """Replace all rows, and let it merge, index or cluster them as it would by itself over time."""
