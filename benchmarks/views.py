"""The overview and the captured view of one person, against DuckDB on a Parquet file of theirs alone, and against other
databases that hold everybody's rows."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from unittest.mock import patch
from uuid import UUID, uuid4

import duckdb
import pyarrow.parquet

import queries
import queries.connection
from benchmarks.company import DAYS, FIRST_DAY, Company
from benchmarks.peers import Other
from benchmarks.peers.clickhouse import ClickHouse
from benchmarks.peers.delta import Delta
from benchmarks.peers.postgresql import PostgreSQL
from benchmarks.timing import Result, compare
from directory import Directory
from lake.rules.scope import Scope
from lake.storage.connection import reader, reading
from queries import Size
from queries.export import captures_batches
from queries.search import Filters, Query
from tests.support.issuer import serving_issuer

TIMES = 15
SEARCH_PAGE = 20
SEARCHES = {
    "search: a common word, first page": "quarterly",
    "search: a word that is nowhere, all records": "zebrafink",
}
ROWS_AT_ONCE = 200_000
PAGE = 100  # as in CAPTURED
LAST_WEEKS = Scope(from_at=FIRST_DAY + timedelta(days=DAYS - 30), until_at=FIRST_DAY + timedelta(days=DAYS))
ROWS = """
    select * replace (
        capture_id::varchar as capture_id, subject::varchar as subject, session::varchar as session,
        batch::varchar as batch, redactions::varchar as redactions
    )
    from captures {where} order by subject, captured_at
"""

OVERVIEW = (
    "select count(*), min(captured_at), max(captured_at), count(distinct application), count(distinct signal),"
    " count(redactions), max(retained_until) from own",
    "select captured_at::date as day, signal, application, count(*), count(redactions) from own group by all",
)
CAPTURED = (
    "select * from own where captured_at >= $from_at and captured_at < $until_at order by captured_at, capture_id"
    " limit 100",
    "select date_trunc('hour', captured_at) as hour, signal, application, count(*) from own"
    " where captured_at >= $from_at and captured_at < $until_at group by all",
)


class Floor:
    """DuckDB on plain Parquet of one person alone: what the rows themselves cost."""

    name = "DuckDB on plain Parquet of this person alone"

    def __init__(self, file: Path) -> None:
        self._connection = duckdb.connect()
        self._connection.execute(f"create view own as from '{file}'")

    def overview(self, _: UUID) -> None:
        for question in OVERVIEW:
            self._connection.execute(question).df()

    def captured(self, _: UUID, from_at: datetime, until_at: datetime) -> None:
        for question in CAPTURED:
            self._connection.execute(question, {"from_at": from_at, "until_at": until_at}).df()

    def close(self) -> None:
        self._connection.close()


def measure(company: Company, folder: Path) -> list[Result]:
    subject = company.subjects[0]
    write_rows(folder / "own.parquet", subject)
    write_rows(folder / "everybody.parquet")
    results = []
    with ExitStack() as open_peers:
        peers: list[Other] = [Floor(folder / "own.parquet")]
        open_peers.callback(peers[0].close)
        for make in (lambda: ClickHouse(folder / "clickhouse"), PostgreSQL, lambda: Delta(folder / "delta")):
            peer = make()
            open_peers.callback(peer.close)
            peer.load(folder / "everybody.parquet")
            peers.append(peer)
        results += of_person(subject, company.events, peers)
        results.append(_just_opened(subject, company.events, peers[0]))
    results += _searches(subject, company)
    return results


def of_person(subject: UUID, events: int, peers: Sequence[Other], when: str = "") -> list[Result]:
    """Both views against each peer. `when` is for the names, such as `, just loaded`."""
    overview, captured = ours(subject)
    from_at, until_at = LAST_WEEKS.from_at, LAST_WEEKS.until_at
    assert from_at is not None
    assert until_at is not None
    results = []
    for peer in peers:
        theirs = {
            f"overview of one person{when}": (overview, partial(peer.overview, subject)),
            f"captured view of one person{when}": (captured, partial(peer.captured, subject, from_at, until_at)),
        }
        for name, (mine, other) in theirs.items():
            results.append(_compared(name, peer, events, mine, other))
    return results


def _compared(name: str, peer: Other, events: int, mine: Callable[[], None], other: Callable[[], None]) -> Result:
    return compare(name, peer.name, events, lambda _: mine(), lambda _: other(), times=TIMES)


def ours(subject: UUID) -> tuple[Callable[[], None], Callable[[], None]]:
    """The questions of the two pages, asked by the person who is signed in."""
    with Directory.open() as directory:
        name = directory.by_subject(subject).email
    with serving_issuer() as issuer, patch.dict(os.environ, OPENBOOK_ISSUER=issuer.url):
        own = queries.sign_in(issuer.token_for(name))

    def overview() -> None:
        with own.at_once() as asked:
            asked.summary()
            asked.captures_per_day()

    def captured() -> None:
        with own.at_once() as asked:
            asked.records(LAST_WEEKS, limit=PAGE)
            asked.captures_per(LAST_WEEKS, Size.HOUR)

    return overview, captured


def write_rows(file: Path, subject: UUID | None = None) -> None:
    """The rows of one person, or of everybody, as plain Parquet; ids as text, which every database reads."""
    lake = reader()
    with reading():
        rows = ROWS.format(where="where subject = $subject" if subject else "")
        found = lake.execute(rows, {"subject": subject} if subject else {}).to_arrow_reader(ROWS_AT_ONCE)
        with pyarrow.parquet.ParquetWriter(file, found.schema) as written:
            for part in found:
                written.write_batch(part)
    lake.close()


def _searches(subject: UUID, company: Company) -> list[Result]:
    """The first page of a common word, and a word that is nowhere, against decrypting the same records only."""
    own = queries.for_request(subject, uuid4())

    def find(words: str) -> None:
        own.search(Query.of(words), Filters(), limit=SEARCH_PAGE, seconds=float("inf"))

    def decrypt() -> None:
        for _ in captures_batches(own, Scope()):
            pass

    return [
        compare(
            name, "decrypting all records of this person, as for an export", company.events_each,
            partial(_ignoring_turn, partial(find, words)), partial(_ignoring_turn, decrypt), times=5,
        )
        for name, words in SEARCHES.items()
    ]  # fmt: skip


def _ignoring_turn(task: Callable[[], None], _: int) -> None:
    task()


def _just_opened(subject: UUID, events: int, floor: Other) -> Result:
    """The first question of a process that has just opened the lake."""
    overview, _ = ours(subject)
    return compare(
        "overview of one person, lake just opened", floor.name, events,
        lambda _: overview(), lambda _: floor.overview(subject),
        times=5, prepare=lambda _: queries.connection.close(),
    )  # fmt: skip
