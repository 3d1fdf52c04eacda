"""Searches a home for remains of a person's captures of one application.

Every file is searched as it is on disk. The lake's files of captures and slices are also searched decrypted, with
every file key that the catalog ever had. Exports are also searched decrypted, with the key that their owner had when
the search was prepared.

Bytes are searched for a sample of the captures: the first and last by every column, which a catalog keeps, some in
between, and the longest texts. Decrypted rows are searched for all of them.
"""

from __future__ import annotations

import io
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow as pa
import pyarrow.compute as pc

from directory import Directory
from directory.keys import KeyRing, Oneself
from directory.sealing import Sealer
from governance.export import SealedReader
from governance.export.sealed_file import WrongKey
from lake.storage.connection import lake_folder, reader, reading
from lake.storage.objects import Area
from tests.lake.traces import Keys, needles

TELLING = 16
"""A text of this many characters doesn't occur by chance."""

SAMPLE = 4


class Remains:
    """Create it while the captures exist; each call of `places()` searches again."""

    def __init__(self, home: Path, email: str, application: str) -> None:
        self._home = home
        with Directory.open() as directory:
            self._subject = directory.by_email(email).subject
        self._application = application
        self._key = _content_key(self._subject)
        self._file_keys = Keys()
        self._remember_file_keys()
        captures = _captures(self._subject, application)
        self._wanted = needles(_sample(captures)) | self._words(captures.to_pylist())

    def places(self) -> dict[str, list[str]]:
        """Where remains are: `lake`, `exports` or `elsewhere`, each with its files; empty if nowhere."""
        self._remember_file_keys()
        others = [file for file in self._home.rglob("*") if file.is_file() and lake_folder() not in file.parents]
        found = {
            "lake": [file.name for file in lake_folder().rglob("*") if file.is_file() and self._is_in_lake(file)],
            "exports": [file.name for file in Area.EXPORTS.folder.glob("*.sealed") if self._is_in_export(file)],
            "elsewhere": [file.name for file in others if self._is_in_file(file)],
        }
        return {where: files for where, files in found.items() if files}

    def _is_in_file(self, file: Path) -> bool:
        with suppress(FileNotFoundError):  # a lock, or a draft: gone since the folder was listed
            return self._is_in(file.read_bytes())
        return False

    def _is_in_lake(self, file: Path) -> bool:
        if self._is_in_file(file):
            return True
        if file.suffix != ".parquet" or not {"captures", "capture_rollup"} & set(file.parts):
            return False
        mine = self._file_keys.read(file, "subject = ? and application = ?", [self._subject, self._application])
        return bool(mine.num_rows)

    def _remember_file_keys(self) -> None:
        with reader() as connection, reading():
            self._file_keys.remember(connection)

    def _is_in_export(self, file: Path) -> bool:
        try:
            with SealedReader(file.open("rb"), self._key, UUID(file.stem)) as export:
                archive = zipfile.ZipFile(io.BytesIO(b"".join(export.read())))
        except WrongKey:  # somebody else's export
            return False
        return any(self._is_in(archive.read(name)) for name in archive.namelist())

    def _is_in(self, content: bytes) -> bool:
        return any(needle in content for needle in self._wanted)

    def _words(self, captures: list[dict[str, Any]]) -> set[bytes]:
        sealer = Sealer(self._key)
        contents = [
            sealer.open(UUID(bytes=capture["capture_id"]), capture["sealed"])
            for capture in captures
            if capture["sealed"]
        ]
        texts = {content["text"] for content in contents if len(content.get("text", "")) >= TELLING}
        assert texts
        return {text.encode() for text in sorted(texts, key=len)[-SAMPLE:]}


def _captures(subject: UUID, application: str) -> pa.Table:
    with reader() as connection, reading():
        return connection.execute(
            "select * replace (unhex(replace(capture_id::varchar, '-', '')) as capture_id) from captures"
            " where subject = $subject and application = $application",
            {"subject": subject, "application": application},
        ).to_arrow_table()


def _sample(captures: pa.Table) -> pa.Table:
    """The first and last rows by each column, and some in between."""
    rows = captures.num_rows
    chosen = set(range(0, rows, max(1, rows // SAMPLE)))
    for column in ("capture_id", "captured_at", "sealed"):
        order = pc.sort_indices(captures[column]).to_pylist()[: rows - captures[column].null_count]
        chosen |= {order[0], order[-1]}
    return captures.take(sorted(chosen))


def _content_key(subject: UUID) -> bytes:
    ring = KeyRing()
    key = ring.content_key(subject, Oneself(subject))
    assert key is not None
    return key
