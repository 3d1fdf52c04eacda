"""What people decided about their recording, as plain rows: kept where a restore of an older directory finds it.

The rows are JSON-compatible, by the columns of their tables. No row has content or a name. Merged into another state of
the directory, they count as the newer ones, except that what either state knows as withdrawn or ended stays so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from directory.models import EmployeeRow, change_of, session_of
from directory.tables import Base
from directory.tables.consents import ConsentRow
from directory.tables.pauses import PauseHoursRow, PauseRow

Row = dict[str, Any]
Rows = dict[str, list[Row]]
"""Rows by table."""

_TABLES: dict[str, type[Base]] = {"pause": PauseRow, "pause_hours": PauseHoursRow, "consent": ConsentRow}
KEYS = {"pause": "pause", "pause_hours": "hours", "consent": "consent"}
"""The tables, and the column that identifies a row in each."""


def read_choices(engine: Engine) -> Rows:
    """All of everybody."""
    with session_of(engine) as session:
        return {table: _rows(session, row) for table, row in _TABLES.items()}


def merge_choices(engine: Engine, choices: Mapping[str, Sequence[Row]]) -> None:
    """Add or update the given rows of people whom this directory knows, all or nothing. Safe to repeat."""
    with change_of(engine) as session:
        known = set(session.scalars(select(EmployeeRow.subject)))
        for table, of_table in _TABLES.items():
            for kept in choices.get(table, ()):
                values = {column: _read(column, value, of_table) for column, value in kept.items()}
                if values["subject"] in known:
                    _merge(session, of_table, values[KEYS[table]], values)


def _merge(session: Session, of_table: type[Base], key: UUID, values: Row) -> None:
    row = session.get(of_table, key)
    if row is None:
        session.add(of_table(**values))
        return
    for column, value in values.items():
        if column not in ("withdrawn_at", "until") or value is not None:
            setattr(row, column, value)


def _rows(session: Session, of_table: type[Base]) -> list[Row]:
    columns = of_table.__table__.columns
    found = session.execute(select(*columns)).mappings()
    return [{column: _plain(value) for column, value in row.items()} for row in found]


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    return value.isoformat() if isinstance(value, datetime) else value


def _read(column: str, value: Any, of_table: type[Base]) -> Any:
    kind = of_table.__table__.columns[column].type.python_type
    if not isinstance(value, str) or kind is str:
        return value
    return UUID(value) if kind is UUID else datetime.fromisoformat(value)
