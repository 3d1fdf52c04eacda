"""What someone with the data files and one key part can read: everything that the part has a key for."""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from uuid import UUID

import duckdb
from cryptography.hazmat.primitives.keywrap import aes_key_unwrap

from directory.sealing import Sealer, Unreadable
from lake.copies import catalogs

NAMES_OF_CATALOGS = {catalogs.name_of(shard) for shard in range(16)}
FILE_KEYS = """
    select path, encryption_key from ducklake_data_file
    union all
    select path, encryption_key from ducklake_delete_file
"""


def readable(data: Path, key_part: Path) -> str:
    """All cells of all data files that the catalogs of a key part have the key to, and all content that its
    directory has the key to, as one text.

    Every file in `data` is tried with every key: what a catalog says of a file is not believed.
    """
    keys: set[str] = set()
    for file in key_part.glob("catalog*.sqlite"):
        with closing(sqlite3.connect(file)) as catalog:
            keys |= {key for _, key in catalog.execute(FILE_KEYS)}
    with duckdb.connect() as connection:
        found = [_rows(connection, file, key) for file in data.rglob("*.parquet") for key in keys]
    rows = [row for of_file in found for row in of_file]
    return "\n".join([*(str(cell) for row in rows for cell in row.values()), *_opened(key_part, rows)])


def _rows(connection: duckdb.DuckDBPyConnection, file: Path, key: str) -> list[dict[str, object]]:
    with suppress(duckdb.Error):
        answer = connection.execute(
            "from read_parquet(?, encryption_config = {footer_key_value: from_base64(?)})", [str(file), key]
        )
        columns = [column for column, *_ in answer.description or ()]
        return [dict(zip(columns, row, strict=True)) for row in answer.fetchall()]
    return []


def _opened(key_part: Path, rows: list[dict[str, object]]) -> list[str]:
    master_key = (key_part / "directory.master.key").read_bytes()
    with closing(sqlite3.connect(key_part / "directory.sqlite")) as directory:
        wrapped = {UUID(subject): key for subject, key in directory.execute("select subject, wrapped from content_key")}
    opened: list[str] = []
    for row in rows:
        sealed, subject, capture = row.get("sealed"), row.get("subject"), row.get("capture_id")
        if isinstance(sealed, bytes) and isinstance(subject, UUID) and isinstance(capture, UUID) and subject in wrapped:
            with suppress(Unreadable):
                opened += Sealer(aes_key_unwrap(master_key, wrapped[subject])).open(capture, sealed).values()
    return opened


def bytes_found(folder: Path, wanted: set[bytes]) -> set[str]:
    """The files, by their path in the folder, in which any of `wanted` lies as it is. Look while no connection to
    a database is open: reading its bytes drops SQLite's locks on it."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix() for path in files if any(word in path.read_bytes() for word in wanted)}
