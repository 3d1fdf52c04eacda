"""Searches for erased captures, in every byte under the lake's folder, its data and the database of its catalog.

Files are searched as stored, and Parquet files again decrypted, with every file key that the catalog ever held (`Keys`
remembers them, so that a dropped key does not hide a file that was kept). Search while no connection is open: reading
the catalog's bytes drops SQLite's locks on it in this process.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import psycopg
import pyarrow as pa
from duckdb import DuckDBPyConnection

from lake.storage.connection import catalog_path, data_folder, lake_folder
from settings import settings
from tests.support import object_storage

CATALOG = "the catalog"

CATALOGS = "select '__ducklake_metadata_' || database_name from duckdb_databases() where type = 'ducklake'"
FILE_KEYS = """
    select path, encryption_key from __ducklake_metadata_lake.ducklake_data_file
    union all
    select path, encryption_key from __ducklake_metadata_lake.ducklake_delete_file
"""


class Keys:
    """The file keys of the lake, collected over its changes."""

    def __init__(self) -> None:
        self._by_name: dict[str, str] = {}
        self._reading = duckdb.connect(config={"enable_external_file_cache": False})

    def remember(self, connection: DuckDBPyConnection) -> None:
        """Add the keys that the catalogs hold now which are attached."""
        for (catalog,) in connection.execute(CATALOGS).fetchall():
            rows = connection.execute(FILE_KEYS.replace("__ducklake_metadata_lake", catalog)).fetchall()
            self._by_name.update({Path(path).name: key for path, key in rows})

    def read(self, file: Path, where: str = "true", parameters: Sequence[object] = ()) -> pa.Table:
        """The decrypted rows of a data file for which `where` holds."""
        return self._reading.execute(
            f"from read_parquet(?, encryption_config = {{footer_key_value: from_base64(?)}}) where {where}",
            [str(file), self._by_name[file.name], *parameters],
        ).to_arrow_table()


def needles(rows: pa.Table) -> set[bytes]:
    """Traces of a capture: its id, its sealed content and its time, each as stored and as text."""
    found: set[bytes] = set()
    for row in rows.select(["capture_id", "sealed", "captured_at"]).to_pylist():
        identity = row["capture_id"].hex()
        words = [identity[:8], identity[8:12], identity[12:16], identity[16:20], identity[20:]]
        found |= {row["capture_id"], identity.encode(), "-".join(words).encode(), str(row["captured_at"]).encode()}
        if row["sealed"]:
            found |= {row["sealed"], row["sealed"].hex().encode(), row["sealed"].hex().upper().encode()}
    return found


def stored_files() -> Iterator[tuple[str, Path]]:
    """Every file with anything of the lake, also those of a bucket, and what to call it: its name, or `CATALOG`.

    In PostgreSQL everything under its data directory, after a checkpoint, but for the write-ahead log and the server's
    own log, which keep what was done for as long as whoever runs the database lets them.
    """
    for folder in {lake_folder(), data_folder()}:
        for file in folder.rglob("*"):
            if file.is_file():
                yield CATALOG if file == catalog_path() else file.name, file
    if settings().objects_url:
        with TemporaryDirectory() as copied:
            for file in object_storage.of_settings().files(Path(copied)):
                yield file.name, file
    if url := settings().lake_catalog:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("checkpoint")
            [place] = connection.execute("show data_directory").fetchone() or [""]
        for file in Path(place).rglob("*"):
            apart = {"pg_wal", "log"} & set(file.relative_to(place).parts)
            if file.is_file() and not apart:
                yield CATALOG, file


def places(wanted: set[bytes], keys: Keys) -> set[str]:
    """What the files that contain any of `wanted` are called."""
    found = set()
    for name, file in stored_files():
        contents = [file.read_bytes()]
        if file.suffix == ".parquet":
            contents.append(_cells(keys.read(file)))
        if any(needle in content for content in contents for needle in wanted):
            found.add(name)
    return found


def _cells(rows: pa.Table) -> bytes:
    cells = (cell for column in rows.columns for cell in column.to_pylist())
    return b"\n".join(cell if isinstance(cell, bytes) else str(cell).encode() for cell in cells)
