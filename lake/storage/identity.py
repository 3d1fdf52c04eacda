"""The identity of the lake: data, catalog and governance database must agree before anything is read or changed.

The id of a lake is the one that DuckLake gave the table of captures when the lake was created. It is in the catalog,
beside the data (`identity`) and in the governance database (`databases.known_lake`). The latter two also record the
newest snapshot they have seen. A catalog that is behind it is an older copy: it doesn't know the files written since
and still lists what was erased since. If they disagree, the lake is unavailable and none of its files is deleted.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from duckdb import DuckDBPyConnection

import home
from databases.known_lake import known_lake, known_shard
from home import HomeUnavailable, KnownLake, Part
from lake.statements import about
from lake.storage.catalogs import catalog
from lake.storage.data_files import data_files
from lake.storage.shards import FIRST, entered, placing
from lake.storage.unavailable import LakeUnavailable

logger = logging.getLogger("lake")

KEPT = "Nothing was changed or deleted, and requests wait."
BRING_BACK = "The people who run Open Book must bring it back or restore a backup."


@dataclass(frozen=True)
class Identity:
    """A lake and its snapshot."""

    lake: UUID
    snapshot: int


def require_files() -> None:
    """Raises LakeUnavailable unless this home has a catalog and data."""
    try:
        home.read()
    except HomeUnavailable as error:
        raise refused("its home is missing") from error
    try:
        home.require(Part.CATALOG, Part.DATA)
    except HomeUnavailable as error:
        named = {Part.CATALOG: "its catalog is missing", Part.DATA: "its data is missing"}
        what = [words for part, words in named.items() if not part.is_there()]
        raise refused(" and ".join(what)) from error
    if entered() != FIRST and not catalog().exists():
        raise refused("the catalog of a shard is missing")


def require_match(connection: DuckDBPyConnection, database: str = "lake", first: str = "common") -> None:
    """Raises LakeUnavailable unless the attached catalog, the data and the governance database agree; for a further
    shard (`lake.storage.shards`), also the first one, which says which lakes belong to it. `database`: what the shard
    is called in the connection; `first`: what the first one is called there, if this isn't it."""
    expected = noted()
    if entered() != FIRST and expected.lake not in placing.read(connection, first).lakes[entered() - 1 : entered()]:
        raise refused("the data of a shard belongs to another home")
    compare(expected, of_catalog(connection, database))


def noted() -> Identity:
    """The lake recorded beside the data and in the governance database, and the newest snapshot they have seen. Read
    it before the catalog, which moves on. Raises LakeUnavailable if the two name different lakes."""
    require_files()
    data = of_data()
    try:
        known = known_lake() if entered() == FIRST else KnownLake(data.lake, known_shard(data.lake))
    except HomeUnavailable as error:
        raise refused("it can't be compared with the governance database") from error
    if data.lake != known.id:
        raise refused("its data belongs to another home")
    return Identity(data.lake, max(data.snapshot, known.snapshot))


def compare(expected: Identity, found: Identity) -> None:
    """Raises LakeUnavailable unless the catalog belongs to that lake and is not older."""
    whose = "its catalog" if entered() == FIRST else f"the catalog of shard {entered()}"
    if found.lake != expected.lake:
        raise refused(f"{whose} does not belong to its data")
    if found.snapshot < expected.snapshot:
        raise refused(f"{whose} is an older copy (snapshot {found.snapshot}; {expected.snapshot} was seen before)")


def of_catalog(connection: DuckDBPyConnection, database: str = "lake") -> Identity:
    """Raises LakeUnavailable if the catalog has no tables."""
    row = connection.execute(about(database, "lake_identity")).fetchone()
    if row is None:
        raise refused("its catalog is empty")
    return Identity(UUID(row[0]), int(row[1]))


def of_data() -> Identity:
    """The identity recorded beside the data. Raises LakeUnavailable."""
    try:
        return _parsed(data_files().identity())
    except OSError as error:
        raise refused("its data is missing") from error
    except (ValueError, KeyError, TypeError) as error:
        raise refused("the identity file beside its data can't be read") from error


def read_from(file: Path) -> Identity:
    """The same, from a file. Raises OSError, ValueError, KeyError, TypeError."""
    return _parsed(file.read_bytes())


def _parsed(noted: bytes) -> Identity:
    content = json.loads(noted)
    return Identity(UUID(content["lake"]), int(content["snapshot"]))


def note(identity: Identity) -> None:
    """Record beside the data which lake it is, and its newest snapshot. Raises OSError, LakeUnavailable."""
    data_files().note(json.dumps({"lake": str(identity.lake), "snapshot": identity.snapshot}).encode())


def note_newest(connection: DuckDBPyConnection) -> None:
    """Record the writer's newest snapshot. A failure is only logged: the data is already committed."""
    try:
        now = of_catalog(connection)
        before = of_data()
        if before.lake == now.lake and before.snapshot != now.snapshot:
            note(now)
    except Exception as error:
        logger.warning("the newest snapshot could not be recorded (%s)", type(error).__name__)


def refused(reason: str) -> LakeUnavailable:
    """The error to raise, with the reason."""
    return LakeUnavailable(f"The lake is not available: {reason}. {KEPT} {BRING_BACK}")
