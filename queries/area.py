"""Released data: the only questions asked for a manager, and about many people at once.

They run on the release database alone, over a connection that has no other (`lake.releases.database`). A manager's area
comes from the directory: everyone below them. Nothing here has access to a capture, a key or a token.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from duckdb import DuckDBPyConnection

import tracing
from directory.people import Directory
from lake.releases.database import NoReleases, reader
from lake.releases.hierarchy import COMPANY, area_key, areas
from lake.releases.periods import next_from


@dataclass(frozen=True)
class Release:
    """One release. `epsilon` is its own cost, `year_epsilon` includes the releases of the 365 days before."""

    release: UUID
    period: str
    as_of: date
    published_at: datetime
    people: int
    epsilon: float
    year_epsilon: float
    allowed_epsilon: float
    delta: float
    digest: str


@dataclass(frozen=True)
class Share:
    """A share of an area's people, from 0 to 1; None if only the range (`low` to `high`) was published."""

    band: str
    share: float | None
    low: float
    high: float


@dataclass(frozen=True)
class Table:
    """One table of an area in one release. `one`: each person is in exactly one band."""

    release: UUID
    as_of: date
    name: str
    one: bool
    people: int
    shares: list[Share]


@dataclass(frozen=True)
class Size:
    """The size from which an area has numbers, or ranges, in a table."""

    name: str
    numbers_from: int
    ranges_from: int
    company_only: bool


@dataclass(frozen=True)
class Attack:
    """The result of one attack on made-up companies. `design`: ours, or naive, the control that it must break."""

    attack: str
    design: str
    companies: int
    broken: int
    people: int
    epsilon_claimed: float | None
    epsilon_found: float | None
    words: str


@dataclass(frozen=True)
class Lost:
    """A release that only the ledger remembers. `kind`: published; assumed, after a restore of what may be older; or
    stated: no release, but an operator's statement at a restore that nothing was published since the backup."""

    release: UUID
    period: str
    published_at: datetime
    year_epsilon: float
    kind: str


@dataclass(frozen=True)
class Published:
    """Everything published about one area, or the company; newest first."""

    releases: list[Release] = field(default_factory=list)
    lost: list[Lost] = field(default_factory=list)
    next_from: date | None = None
    """The first day on which the next release is possible, if a release was lost."""
    tables: list[Table] = field(default_factory=list)
    sizes: list[Size] = field(default_factory=list)
    attacks: list[Attack] = field(default_factory=list)
    told_at: datetime | None = None
    policies: list[dict[str, Any]] = field(default_factory=list)
    """Those in force when they were published."""
    models: list[dict[str, Any]] = field(default_factory=list)


@cache
def sql(name: str) -> str:
    """The text of `queries/released/NAME.sql`."""
    return (Path(__file__).parent / "released" / f"{name}.sql").read_text(encoding="utf-8")


def people_below(manager: UUID) -> int:
    """The number of people in a manager's area, from the directory now; 0 for people who manage no one."""
    with Directory.open() as directory:
        people = directory.managers()
    return len(areas(people).get(area_key(manager), ())) if manager in people else 0


def of_area(manager: UUID) -> Published:
    """What was published about a manager's area: empty if it is too small, or new."""
    return _published(area_key(manager))


def of_company() -> Published:
    """What was published about the whole company."""
    return _published(COMPANY)


def _published(node: UUID) -> Published:
    try:
        with reader() as connection:
            known = [Release(**row) for row in _asked(connection, "releases")]
            lost = [Lost(**row) for row in _asked(connection, "lost")]
            return Published(
                releases=known,
                lost=lost,
                next_from=_next_from(known, [one for one in lost if one.period]),
                tables=_tables(connection, node),
                sizes=[Size(**row) for row in _asked(connection, "sizes")],
                attacks=[Attack(**row) for row in _asked(connection, "attacks")],
                **_state(connection),
            )
    except NoReleases:
        return Published()


def _next_from(known: list[Release], lost: list[Lost]) -> date | None:
    if not lost:
        return None  # none was lost, or an operator only stated that
    newest = max([*(one.period for one in known), *(one.period for one in lost)])
    return next_from(newest, [one.published_at for one in lost])


def _tables(connection: DuckDBPyConnection, node: UUID) -> list[Table]:
    shares: dict[tuple[UUID, str], list[Share]] = defaultdict(list)
    for row in _asked(connection, "shares", {"node": node}):
        shares[row.pop("release"), row.pop("name")].append(Share(**row))
    return [
        Table(**row, shares=shares[row["release"], row["name"]]) for row in _asked(connection, "tables", {"node": node})
    ]


def _state(connection: DuckDBPyConnection) -> Mapping[str, Any]:
    rows = _asked(connection, "state")
    return {name: json.loads(value) if name != "told_at" else value for row in rows for name, value in row.items()}


def _asked(connection: DuckDBPyConnection, name: str, parameters: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    with tracing.question(f"released/{name}"):
        return _rows(connection.execute(sql(name), parameters or {}))


def _rows(answer: DuckDBPyConnection) -> list[dict[str, Any]]:
    columns = [column for column, *_ in answer.description or ()]
    return [dict(zip(columns, row, strict=True)) for row in answer.fetchall()]
