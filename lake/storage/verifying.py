"""Checks that every file of the lake exists and is intact: each is read completely and compared with the catalog.

For each data file and delete file of the newest snapshot it checks the size, all values, decrypted (which proves each
byte, because the encryption is authenticated), and their number. Each file is read in its own turn
(`lake.storage.reader_lock`), so that erasures can proceed in between. Results are kept in `verified.json`, in the
folder of the lake or in the bucket of the sealed files, with the file where the next step continues: `python -m lake
verify` and a backup read everything at once, workers a few files at a time.

For a damaged file it reports its name, the number and days of its rows, and the most people it can be about, never who.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import duckdb
import orjson
from duckdb import DuckDBPyConnection

import clock
from lake.statements import statement
from lake.storage import objects
from lake.storage.connection import lake_folder, reader, reading
from lake.storage.data_files import data_files
from lake.storage.durable import write_bytes
from lake.storage.objects import pictures, prefix
from lake.storage.opening import about_each
from lake.storage.shards import entering, placing
from lake.storage.unavailable import of_bucket
from parts import DiskFull, NotWritable, PartUnavailable, explained

FROM_THE_START = -1
OF_A_SHARD = 1 << 40
"""More than the number of any file."""
PICTURES = "pictures"
RESULTS = "verified.json"

Report = Callable[[str, int, int], None]
"""Current activity, how much of it is done, and how much there is: of files, or of bytes that are copied."""


@dataclass(frozen=True)
class Damage:
    """A file that can't be read. Days are UTC; None if its table has none."""

    file: str
    table: str
    what: str
    rows: int
    first_day: date | None
    last_day: date | None
    people: int
    """The most people it can be about."""

    def words(self) -> str:
        days = ""
        if self.first_day and self.last_day:
            days = f" from {self.first_day:%-d %B %Y} to {self.last_day:%-d %B %Y}"
        people = f", of {self.people:,} people at most" if self.people else ""
        return f"{self.file}: {self.what}; {self.rows:,} rows of {self.table}{days}{people}"


@dataclass(frozen=True)
class Verified:
    """The results so far."""

    damaged: tuple[Damage, ...] = ()
    after: int = FROM_THE_START
    """The number of the last file that was read."""
    finished_at: datetime | None = None
    """When the last complete pass ended (naive UTC)."""
    files: int = 0
    """Files read in this pass."""

    def summary(self) -> str:
        """One sentence about the damage; empty if there is none."""
        if not self.damaged:
            return ""
        rows = sum(one.rows for one in self.damaged)
        count = len(self.damaged)
        return (
            f"{count:,} {'file' if count == 1 else 'files'} of the lake with {rows:,} rows can't be read. `python -m "
            "lake verify` lists them; a backup may still have them (docs/backup.md)."
        )


@dataclass(frozen=True)
class _File:
    shard: int
    number: int
    """Files of the first shard come first."""
    table: str
    path: str
    rows: int
    size: int
    first_day: date | None
    last_day: date | None
    first_subject: UUID | None
    last_subject: UUID | None


def verify(report: Report = lambda *_: None) -> Verified:
    """Read every file now, and keep the result. Raises LakeUnavailable."""
    return _go_on(Verified(), None, report)


def verify_some(seconds: float) -> Verified:
    """Continue where the last step ended, for about `seconds`, and keep the result. Raises LakeUnavailable."""
    return _go_on(known(), time.monotonic() + seconds, lambda *_: None)


def known() -> Verified:
    """The results so far, without reading a file of the lake."""
    try:
        kept = orjson.loads(_read())
        damaged = tuple(
            Damage(**{**one, "first_day": _day(one["first_day"]), "last_day": _day(one["last_day"])})
            for one in kept.pop("damaged")
        )
        finished = kept.pop("finished_at")
        return Verified(damaged=damaged, finished_at=datetime.fromisoformat(finished) if finished else None, **kept)
    except (OSError, ValueError, TypeError, LookupError, PartUnavailable):
        return Verified()


def _go_on(before: Verified, until: float | None, report: Report) -> Verified:
    connection = reader()
    try:
        with reading():
            everything = _files(connection)
        left = [file for file in everything if file.number > before.after]
        present = {file.path for file in everything}
        damaged = {one.file: one for one in before.damaged if one.file in present or one.table == PICTURES}
        after, read, finished_at = before.after, before.files, before.finished_at
        for done, file in enumerate(left):
            report("Reading files", done, len(left))
            if done and until is not None and time.monotonic() > until:
                break
            damage = _damage(connection, file)
            damaged.pop(file.path, None)
            if damage is not None:
                damaged[file.path] = damage
            after, read = file.number, read + 1
        else:
            after, finished_at = FROM_THE_START, clock.now_utc()
            damaged = {name: one for name, one in damaged.items() if one.table != PICTURES} | _missing_pictures(
                connection
            )
        found = Verified(tuple(damaged.values()), after, finished_at, 0 if after == FROM_THE_START and until else read)
    finally:
        connection.close()
    _write(orjson.dumps(found))
    return found


def _missing_pictures(connection: DuckDBPyConnection) -> dict[str, Damage]:
    with reading():
        there = pictures.ids()
        found = connection.execute(statement("captures_with_pictures")).fetchall()
    return {
        f"{capture_id.hex}{pictures.ENDING}": Damage(
            f"{capture_id.hex}{pictures.ENDING}", PICTURES, "it is missing", 1, day, day, 1
        )
        for capture_id, day in found
        if capture_id.hex not in there
    }


def _files(connection: DuckDBPyConnection) -> list[_File]:
    """Every file of the newest snapshot, in the order in which they are read."""
    questions = about_each("files_to_verify", placing.read(connection))
    connection.execute("begin")
    try:
        return [
            _File(shard, shard * OF_A_SHARD + number, *row)
            for shard, question in enumerate(questions)
            for number, *row in connection.execute(question, {"after": FROM_THE_START}).fetchall()
        ]
    finally:
        connection.execute("rollback")


def _damage(connection: DuckDBPyConnection, file: _File) -> Damage | None:
    """The damage of a file; None if it is intact or has left the lake meanwhile."""
    with reading():
        question = about_each("key_of_file", placing.read(connection))[file.shard]
        key = connection.execute(question, {"path": file.path}).fetchone()
        if key is None:
            return None
        with entering(file.shard):
            what = _fault(connection, file, key[0])
        if what is None:
            return None
        return Damage(file.path, file.table, what, file.rows, file.first_day, file.last_day, _people(connection, file))


def _fault(connection: DuckDBPyConnection, file: _File, key: str) -> str | None:
    files = data_files()
    try:
        size = files.size(file.table, file.path)
    except FileNotFoundError:
        files.require_ours()
        return "it is missing"
    except OSError as error:
        return f"it can't be opened ({error.strerror})"
    if size != file.size:
        return f"it has {size:,} bytes instead of {file.size:,}"
    place = f"{files.place.rstrip('/')}/main/{file.table}/{file.path}"
    try:
        parameters: dict[str, Any] = {"file": place, "key": base64.b64decode(key)}
        [(rows, _)] = connection.execute(statement("read_whole_file"), parameters).fetchall()
    except duckdb.Error as error:
        if isinstance(error, duckdb.OutOfMemoryException) or isinstance(explained(error), DiskFull | NotWritable):
            raise
        if (found := of_bucket(error)) is not None:
            raise found from None
        return "its content was altered"
    return None if rows == file.rows else f"it has {rows:,} rows instead of {file.rows:,}"


def _people(connection: DuckDBPyConnection, file: _File) -> int:
    """The most people a file can be about; 0 if it contains no personal data."""
    if file.first_subject is None:
        return 0
    if file.first_subject == file.last_subject:
        return 1
    between = {"first": file.first_subject, "last": file.last_subject}
    try:
        [(people,)] = connection.execute(statement("people_between"), between).fetchall()
    except duckdb.Error:  # the rollup is damaged, too
        return file.rows
    return min(int(people), file.rows)


def _read() -> bytes:
    """Raises FileNotFoundError, PartUnavailable: whether the bucket answers isn't waited for."""
    return prefix.answering_at_once().get(RESULTS) if objects.in_bucket() else _path().read_bytes()


def _write(found: bytes) -> None:
    """Raises OSError, PartUnavailable."""
    if objects.in_bucket():
        prefix.connected().put(RESULTS, found)
    else:
        write_bytes(_path(), found)


def _path() -> Path:
    return lake_folder() / RESULTS


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
