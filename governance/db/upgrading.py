"""Migrations of the governance database.

Programs of an earlier version may be running while it is brought up to date, or be started later. They can go on if the
migration says so, by a module variable `goes_with`: whoever knows that revision may use the database after it. It may
say so only if it adds tables, indexes that aren't unique, or columns that can be null or have a default of the server,
and if it is right, too, what these programs leave to that default. Otherwise they refuse the database. Programs that
don't know 0051 refuse every later one.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, select, text, update

from governance.db.tables import MigrationsRow
from parts import PartUnavailable

FOLDER = Path(__file__).parent / "migrations"


def migrate(connection: Connection) -> None:
    """Bring the tables up to date, in the transaction of a connection that writes. Raises PartUnavailable for a
    database of a later version that this one can't use."""
    head = max(script.name[:4] for script in (FOLDER / "versions").glob("[0-9]*.py"))
    found = _revision(connection)
    if found > head and _noted(connection) > head:
        raise PartUnavailable(
            "The governance database was made by a later version of Open Book. Nothing was changed. Start that "
            "version, or restore a backup from before it."
        )
    if found < head:
        _upgrade(connection)


def _revision(connection: Connection) -> str:
    """Of the database; empty if there is nothing in it yet. Alembic would take as long as everything else to say so."""
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return connection.scalar(text("select version_num from alembic_version")) or ""


def _upgrade(connection: Connection) -> None:
    # These, and the migrations, take time to load, which most starts would spend for nothing.
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    scripts = ScriptDirectory.from_config(config)
    needed = max(getattr(each.module, "goes_with", each.revision) for each in scripts.walk_revisions())
    if _noted(connection) != needed:
        connection.execute(update(MigrationsRow).values(goes_with=needed))


def _noted(connection: Connection) -> str:
    """The oldest revision that a program must know."""
    return connection.scalars(select(MigrationsRow.goes_with)).one()
