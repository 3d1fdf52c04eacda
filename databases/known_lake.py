"""Which lake the governance database says that this home has."""

from __future__ import annotations

from uuid import UUID

import home
from home import HomeUnavailable, KnownLake
from parts import PartUnavailable, using
from settings import settings


def known_lake() -> KnownLake:
    """Raises HomeUnavailable."""
    if not settings().database_url:
        return home.known_lake()
    from sqlalchemy import text  # commands of the lake shouldn't wait for it otherwise

    from databases import postgresql

    try:
        with using(postgresql.NAME), postgresql.engine(postgresql.Schema.GOVERNANCE).connect() as connection:
            row = connection.execute(text("select lake, snapshot from home")).first()
    except PartUnavailable as error:
        raise HomeUnavailable(str(error), str(error)) from error
    if row is None:
        raise HomeUnavailable("The governance database belongs to no known home. Nothing was changed.")
    return KnownLake(UUID(row.lake), int(row.snapshot))
