"""What is left of somebody's captures of one application, anywhere under a home.

The lake's files are searched as `tests/lake/traces.py` does; every other file as it lies on the disk, and
exports once more opened, with the key that their owner had when the search was prepared.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow as pa

from directory import Directory
from directory.keys import KeyRing
from directory.sealing import Sealer
from governance.database import exports_folder
from governance.export import SealedReader
from lake.connection import lake_folder, reader
from tests.lake.traces import Keys, needles, places

TELLING = 16
"""Characters of a text that are enough for it not to be anywhere by chance."""


class Remains:
    """Made while the captures are there; `places()` looks again whenever it is called."""

    def __init__(self, home: Path, email: str, application: str) -> None:
        self._home = home
        with Directory.open() as directory:
            subject = directory.by_email(email).subject
        self._key = _content_key(subject)
        self._file_keys = Keys()
        captures = _captures(subject, application)
        self._wanted = needles(captures) | self._words(captures.to_pylist())

    def places(self) -> dict[str, list[str]]:
        """Where anything of it is: `lake`, `exports` or `elsewhere`, each with its files; empty: nowhere."""
        others = [file for file in self._home.rglob("*") if file.is_file() and lake_folder() not in file.parents]
        found = {
            "lake": sorted(places(self._wanted, self._file_keys)),
            "exports": [file.name for file in exports_folder().glob("*.sealed") if self._is_in_export(file)],
            "elsewhere": [file.name for file in others if self._is_in(file.read_bytes())],
        }
        return {where: files for where, files in found.items() if files}

    def _is_in_export(self, file: Path) -> bool:
        with SealedReader(file, self._key, UUID(file.stem)) as export:
            archive = zipfile.ZipFile(io.BytesIO(b"".join(export.read())))
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
        words = {content["text"].encode() for content in contents if len(content.get("text", "")) >= TELLING}
        assert words
        return words


def _captures(subject: UUID, application: str) -> pa.Table:
    with reader() as connection:
        return connection.execute(
            "select * replace (unhex(replace(capture_id::varchar, '-', '')) as capture_id) from captures"
            " where subject = $subject and application = $application",
            {"subject": subject, "application": application},
        ).to_arrow_table()


def _content_key(subject: UUID) -> bytes:
    ring = KeyRing()
    try:
        key = ring.content_key(subject)
    finally:
        ring.close()
    assert key is not None
    return key
