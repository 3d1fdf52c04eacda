"""Statements that the two databases spell alike and SQLAlchemy doesn't."""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.sqlite import Insert

from databases.postgresql import is_used


def insert(table: type[Any]) -> Insert:
    """An INSERT that can have ON CONFLICT; name the arguments of its methods, whose order differs."""
    return cast(Insert, postgresql.insert(table)) if is_used() else sqlite.insert(table)
