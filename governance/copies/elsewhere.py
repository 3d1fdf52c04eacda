"""A home is prepared with all its parts in files; this puts them where the settings say: into PostgreSQL and a bucket.

    1  the database, the schema of the catalog, the prefix and the folder of data have to be empty
    2  the prefix gets its identity, then data files and pictures are put, the catalog is copied, and last the state
    3  every file of the lake is read there and compared with the catalog, and the files here are deleted

Nothing but the home.json that is written at the end makes it a home. What an interrupted run left can be cleared away
(`clear_away`), which its caller knows: nothing else was there before.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from uuid import UUID

import home
from databases import postgresql
from governance.copies import state
from governance.copies.errors import NotMoved
from governance.db import work_queue
from home import Home, Part
from lake.copies import catalogs, files
from lake.releases import database as published
from lake.statements import statement
from lake.storage import connection as lake
from lake.storage import identity, making, objects, verifying
from lake.storage.catalogs import catalog
from lake.storage.data_files import data_files
from lake.storage.durable import DRAFT, overwrite, write_bytes
from lake.storage.identity import Identity
from lake.storage.objects import prefix
from lake.storage.shards import FIRST, entering, folder_of
from lake.storage.verifying import Report
from settings import settings


def require_empty() -> None:
    """Raises PartUnavailable, HomeUnavailable, NotMoved unless there is room for a home where the settings say."""
    lake.require_settings()
    if postgresql.is_used():
        postgresql.require_empty()
    if settings().lake_catalog and catalog().exists():
        raise NotMoved(
            f"The schema {settings().lake_schema} of OPENBOOK_LAKE_CATALOG already has a lake. Nothing was changed."
            " Name an empty one."
        )
    if settings().lake_data:
        data_files().require_empty()
    if objects.in_bucket():
        try:
            prefix.require_empty()
        except prefix.OtherHome:
            raise NotMoved(
                "The prefix OPENBOOK_OBJECTS_URL is not empty. Nothing was changed. Name one that is."
            ) from None


def put(of: Home, found: Identity, captures: int, report: Report) -> None:
    """Put the parts of this home there; its files are as they would be without the settings. `found` is its lake, which
    has so many captures. Raises PartUnavailable, HomeUnavailable, NotMoved, OSError.
    """
    place = home.folder()
    if objects.in_bucket():
        prefix.begin(of.id)
    moved = _put_files(place / "lake/data", report)
    if settings().lake_catalog:
        moved += _put_catalogs(place, found)
    if postgresql.is_used():
        governance, people = (place / part.place for part in (Part.GOVERNANCE, Part.DIRECTORY))
        state.copy(of, governance, people)
        work_queue.create()
        moved += [governance, people, place / Part.QUEUE.place]
    if settings().lake_data:
        moved.append(place / "lake/data/identity")
    for file in moved:
        for each in (*file.parent.glob(f"{file.name}-*"), file):
            with suppress(FileNotFoundError):
                if each.suffix != ".parquet":
                    overwrite(each)  # it may have keys
                each.unlink()
    given = {part for part in Part if part.is_given_by_settings()}
    write_bytes(home.identity_path(), Home(of.id, of.parts - given).to_json())
    published.share()
    _require_whole(captures, report)


def _put_catalogs(place: Path, found: Identity) -> list[Path]:
    """Those of all shards; returns the files."""
    files = []
    for shard in (FIRST, *lake.shards_in_folders()):
        files.append(lake.catalog_path(shard))
        noted = place / "lake/data" / folder_of(shard) / "identity"
        with entering(shard):
            catalogs.from_file(files[-1])
            identity.note(found if shard == FIRST else identity.read_from(noted))
    return files


def clear_away(of: UUID) -> None:
    """Remove what an interrupted `put` of this home left. Raises PartUnavailable."""
    if postgresql.is_used():
        postgresql.drop(of)
    if objects.in_bucket():
        prefix.clear_away(of)
    making.clear_away()


def _put_files(data: Path, report: Report) -> list[Path]:
    """Those of the lake that are elsewhere."""
    if settings().lake_data:
        data_files().begin()
    all_of_them = [path for path in sorted(data.rglob("*")) if path.is_file() and not path.name.endswith(DRAFT)]
    names = {path.relative_to(data).as_posix(): path for path in all_of_them if path.name != "identity"}
    wanted = {name: path for name, path in names.items() if settings().lake_data or files.is_in_bucket(name)}
    for number, (name, path) in enumerate(wanted.items()):
        report("Putting files", number, len(wanted))
        files.put(name, path)
    return list(wanted.values())


def _require_whole(captures: int, report: Report) -> None:
    damaged = verifying.verify(report).damaged
    with lake.reader_once() as connection:
        [(found,)] = connection.execute(statement("count_all_captures")).fetchall()
    if damaged or found != captures:
        words = "\n".join(each.words() for each in damaged)
        raise NotMoved(f"What was put where the settings say is not the same as here ({found:,} records).\n{words}")
