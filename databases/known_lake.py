"""Which lake the governance database says that this home has."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import home
from home import HomeUnavailable, KnownLake
from parts import PartUnavailable, using
from settings import settings


def known_lake() -> KnownLake:
    """Raises HomeUnavailable."""
    if not settings().database_url:
        return home.known_lake()
    row = _governance("select lake, snapshot from home")
    if row is None:
        raise HomeUnavailable("The governance database belongs to no known home. Nothing was changed.")
    return KnownLake(UUID(row.lake), int(row.snapshot))


def known_shard(lake: UUID) -> int:
    """The newest snapshot seen of a further shard; 0 if none was. Raises HomeUnavailable."""
    if not settings().database_url:
        return home.known_shard(lake)
    row = _governance("select snapshot from lake_shard where lake = :lake", lake=str(lake))
    return int(row.snapshot) if row else 0


def _governance(question: str, **values: str) -> Any:
    """A row of the governance database in PostgreSQL. Raises HomeUnavailable."""
    from sqlalchemy import text  # commands of the lake shouldn't wait for it otherwise

    from databases import postgresql

    try:
        with using(postgresql.NAME), postgresql.engine(postgresql.Schema.GOVERNANCE).connect() as connection:
            return connection.execute(text(question), values).first()
    except PartUnavailable as error:
        raise HomeUnavailable(str(error), str(error)) from error
