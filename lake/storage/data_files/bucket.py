"""Data files in a bucket of S3-compatible storage, which DuckDB reads and writes itself (httpfs).

    PREFIX/lake/identity                the lake, and its newest snapshot
    PREFIX/lake/main/TABLE/…parquet     the data files, encrypted by DuckLake
    PREFIX/shards/NUMBER/…              the same of each further shard

A file is put by one call, or if it is larger than `PART` in parts. The writer deletes what no snapshot has, ends the
uploads of writers that were killed, asks the bucket whether it keeps versions, and lists what is there once more. Only
then are erased rows called gone.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

import duckdb
from duckdb import DuckDBPyConnection

from lake.statements import statement
from lake.storage.catalogs import catalog
from lake.storage.objects import prefix, upkeep
from lake.storage.shards import FIRST, folder_of
from lake.storage.unavailable import LakeUnavailable
from parts import PartUnavailable
from settings import Settings

AREA = "lake"
PART_BYTES, MOST_PARTS = 16_000_000, 10_000
"""A part of a large file; each file that is written holds so much memory."""
INCOMPLETE = (
    "OPENBOOK_LAKE_DATA=bucket needs {missing}, which this process lacks. Nothing was changed. See "
    "docs/several-machines.md; to keep the lake's files in a folder, leave OPENBOOK_LAKE_DATA empty or name one."
)
STILL_THERE = "The object storage still lists files that were deleted. Nothing is called deleted; it is tried again."


@dataclass(frozen=True)
class BucketData:
    url: str
    endpoint: str
    region: str
    key_id: str
    secret: str = field(repr=False)
    area: str = AREA

    @classmethod
    def of(cls, now: Settings, shard: int = FIRST) -> BucketData:
        """Raises LakeUnavailable."""
        needed = {
            "OPENBOOK_LAKE_CATALOG (a PostgreSQL database)": now.lake_catalog,
            "OPENBOOK_OBJECTS_URL": now.objects_url,
            "OPENBOOK_OBJECTS_REGION": now.objects_region or now.objects_endpoint,
            "OPENBOOK_OBJECTS_KEY_ID": now.objects_key_id,  # DuckDB knows no roles of machines
            "OPENBOOK_OBJECTS_SECRET": now.objects_secret,
        }
        if missing := [name for name, value in needed.items() if not value]:
            raise LakeUnavailable(INCOMPLETE.format(missing=", ".join(missing)))
        region = now.objects_region or "us-east-1"
        area = AREA if shard == FIRST else str(folder_of(shard))
        url = now.objects_url.rstrip("/")
        return cls(url, now.objects_endpoint, region, now.objects_key_id, now.objects_secret, area)

    @property
    def place(self) -> str:
        return f"{self.url}/{self.area}/"

    @property
    def _identity(self) -> str:
        return f"{self.area}/identity"

    def open_for(self, connection: DuckDBPyConnection) -> None:
        """The secret is of this connection alone, for this prefix, and is never kept in a file."""
        server = urlsplit(self.endpoint or f"https://s3.{self.region}.amazonaws.com")
        given = {
            "scope": self.place,
            "key_id": self.key_id,
            "secret": self.secret,
            "region": self.region,
            "endpoint": f"{server.netloc}{server.path.rstrip('/')}",
            "url_style": "path",
            "use_ssl": str(server.scheme == "https").lower(),
        }
        options = ", ".join(f"{name} '{_escaped(value)}'" for name, value in given.items())
        try:
            if connection.execute("select current_setting('secret_directory')").fetchone() != (os.devnull,):
                connection.execute(f"set secret_directory = '{os.devnull}'")  # none of the account's own
            name = "lake_data_" + self.area.replace("/", "_")
            connection.execute(f"create or replace temporary secret {name} (type s3, provider config, {options})")
            connection.execute(f"set http_timeout = {prefix.CALL_SECONDS}")
            connection.execute(f"set s3_uploader_max_parts_per_file = {MOST_PARTS}")
            connection.execute(f"set s3_uploader_max_filesize = '{PART_BYTES * MOST_PARTS // 10**9}GB'")
        except duckdb.Error:  # its words quote the statement
            raise LakeUnavailable("The lake can't be opened: DuckDB doesn't take the settings of the bucket.") from None

    def begin(self) -> None:
        """The whole prefix was empty (`prefix.begin`)."""
        with _as_lake():
            prefix.connected()
            upkeep.require_no_versions(prefix.location())

    def require_empty(self) -> None:
        """Nothing: the whole prefix has to be empty (`prefix.require_empty`)."""

    def clear_away(self) -> None:
        """Nothing: it goes with the prefix (`prefix.clear_away`)."""

    def identity(self) -> bytes:
        with _as_lake():
            return prefix.connected().get(self._identity)

    def note(self, content: bytes) -> None:
        with _as_lake():
            prefix.connected().put(self._identity, content)

    def size(self, table: str, path: str) -> int:
        with _as_lake():
            return prefix.connected().size(f"{self.area}/main/{table}/{path}")

    def files(self) -> dict[str, int]:
        with _as_lake():
            found = prefix.connected().sizes(self.area)
        return {key.removeprefix(f"{self.area}/"): size for key, size in found.items() if key != self._identity}

    def chunks(self, path: str) -> Iterator[bytes]:
        with _as_lake():
            yield from prefix.connected().chunks(f"{self.area}/{path}")

    def put(self, path: str, source: Path) -> None:
        with _as_lake():
            prefix.connected().put_file(f"{self.area}/{path}", source)

    def delete_orphans(self, connection: DuckDBPyConnection) -> None:
        with _as_lake():
            orphans = self._orphans(connection)
            catalog().require_turn()  # so no other writer made one of them while they were listed
            prefix.connected().delete(orphans)
            upkeep.end_uploads(prefix.location(), self.area)
            upkeep.require_no_versions(prefix.location())
            if self._orphans(connection):
                raise LakeUnavailable(STILL_THERE)

    def require_ours(self) -> None:
        with _as_lake():
            prefix.require_reachable()

    def _orphans(self, connection: DuckDBPyConnection) -> list[str]:
        named = {PurePosixPath(path).name for path, *_ in connection.execute(statement("named_files")).fetchall()}
        listed = prefix.connected().listed(self.area)
        return [key for key in listed if key != self._identity and PurePosixPath(key).name not in named]


@contextmanager
def _as_lake() -> Iterator[None]:
    """The bucket's errors as the lake's."""
    try:
        yield
    except LakeUnavailable:
        raise
    except PartUnavailable as error:
        found = LakeUnavailable(str(error))
        found.retry_after = error.retry_after
        raise found from None


def _escaped(value: str) -> str:
    return value.replace("'", "''")
