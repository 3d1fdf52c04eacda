"""The journal: what must never come back, kept outside the machine in `PLACE/journal/`.

    home                the home that the journal belongs to
    00000001.json, …    rules of the lake (tombstones, holds, objections, restrictions) and what people decided about
                        their recording (pauses, consents, withdrawals), each file with what was new; append-only
    governance.sqlite   the newest governance state: requests, ledger, receipts. Replaced as a whole

It contains ids, scopes, times and hashes, but no content, names or keys. A tombstone is in the journal before its
erasure is reported as done, so an older backup can't bring the captures back, even if the machine is lost.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Collection
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import String, cast, func, select

import clock
from databases import postgresql
from directory import choices
from directory.choices import read_choices
from directory.models import open_engine
from governance.backup.files import sql
from governance.backup.places.place import BackupError, OutOfReach, Place
from governance.copies import state
from governance.db import database
from governance.db.database import governance_folder, lock
from home import Part
from lake.rules import rules as lake_rules
from lake.rules.rules import Row, Rules, read_rules
from lake.storage.catalogs import catalog
from lake.storage.connection import reader, reading
from lake.storage.duplicate import NotCopied, duplicate

STATE = "governance.sqlite"
OF_STATE = f"journal/{STATE}"
KEYS = lake_rules.KEYS | choices.KEYS
"""The tables of the lake and of the directory, and the column that identifies a row in each."""


@dataclass
class Journal:
    """The contents of a journal's files: the newest row of each rule, by table and key."""

    rules: dict[str, dict[str, Row]] = field(default_factory=lambda: {table: {} for table in KEYS})

    def add(self, rules: Rules) -> None:
        """Merge newer rules."""
        for table, rows in rules.items():
            self.rules[table].update({row[KEYS[table]]: row for row in rows})

    def news(self, rules: Rules) -> Rules:
        """The given rules that are not in the journal in their current form."""
        new = {
            table: [row for row in rows if self.rules[table].get(row[KEYS[table]]) != row]
            for table, rows in rules.items()
        }
        return {table: rows for table, rows in new.items() if rows}

    def merged(self) -> Rules:
        return {table: list(rows.values()) for table, rows in self.rules.items()}

    def has_burial(self, request_id: UUID) -> bool:
        return str(request_id) in self.rules["tombstones"]


@dataclass
class _Kept:
    """What this process knows about a journal, to avoid reading it again."""

    journal: Journal
    files: list[str]
    stamp: tuple[int, ...]
    """Of the lake and the directory."""


_lock = threading.Lock()
_known: dict[tuple[str, Path], _Kept] = {}


def read(place: Place) -> Journal:
    """The whole journal. Raises BackupError, OSError."""
    journal = Journal()
    names = place.entries()
    for number, name in enumerate(names, start=1):
        if name != _name(number):
            raise BackupError(
                f"{place.address}/journal/{_name(number)} of the journal is missing. Nothing was changed."
            )
    for name, content in zip(names, place.read_all([f"journal/{name}" for name in names]), strict=True):
        try:
            journal.add(json.loads(content)["rules"])
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BackupError(
                f"{place.address}/journal/{name} of the journal is damaged. Nothing was changed."
            ) from error
    return journal


def keep(place: Place, burials: Collection[UUID] = ()) -> None:
    """Bring the journal in line with the lake and the directory; cheap if nothing has changed.

    `burials`: all that matters is that the tombstones of these requests are in the journal afterwards, if they are in
    the lake. Raises OutOfReach, OthersFolder, BackupError, LakeUnavailable.
    """
    place.open()
    where = (place.address, governance_folder())
    with _lock, lock("journal"):
        try:
            known = _known.get(where)
            files = place.entries(known.files if known else ())
            if known is None or known.files != files:
                known = _known[where] = _Kept(read(place), files, ())
            if burials and all(map(known.journal.has_burial, burials)):
                return
            stamp = catalog().state() + stamp_of(Part.DIRECTORY.path)
            if not burials and known.stamp == stamp:
                return
            if news := known.journal.news(_rules()):
                known.files.append(_append(place, known.files, news))
                known.journal.add(news)
            known.stamp = stamp
        except (OSError, OutOfReach) as error:
            _known.pop(where, None)
            if isinstance(error, OutOfReach):
                raise
            raise OutOfReach(f"{place.words} is not writable ({error.strerror}).") from error


def mirror(place: Place) -> None:
    """Copy the newest governance state to the journal. Raises OutOfReach, OthersFolder."""
    place.open()
    with lock("journal"):
        try:
            draft = place.preparing(OF_STATE)
            if postgresql.is_used():
                draft.unlink(missing_ok=True)
                state.to_files(draft)
            else:
                duplicate([(governance_folder() / STATE, draft)])
            place.keep(OF_STATE)
        except NotCopied as error:
            raise OutOfReach(f"The journal in {place.address} can't be updated. {error}") from error
        except OSError as error:
            raise OutOfReach(f"{place.words} is not writable ({error.strerror}).") from error


def length_of(path: Path) -> int:
    """The length of a governance state's history; -1 if it is damaged."""
    with closing(sqlite3.connect(path)) as database_of:
        if database_of.execute("pragma integrity_check").fetchone() != ("ok",):
            return -1
        return int(database_of.execute(sql("measure_history")).fetchone()[0])


def _rules() -> Rules:
    with reading(), closing(reader()) as connection:
        rules = read_rules(connection)
    return rules | read_choices(open_engine(Part.DIRECTORY.path))


def _name(number: int) -> str:
    return f"{number:08}.json"


def _append(place: Place, names: list[str], rules: Rules) -> str:
    name = _name(int(names[-1].partition(".")[0]) + 1 if names else 1)
    entry: dict[str, Any] = {"at": clock.now_utc().isoformat(), "rules": rules}
    place.write(f"journal/{name}", json.dumps(entry, sort_keys=True).encode())
    return name


def stamp_of(file: Path) -> tuple[int, ...]:
    """Changes whenever this database does. In PostgreSQL, any change of the server counts."""
    if postgresql.is_used():
        newest = select(cast(func.pg_snapshot_xmax(func.pg_current_snapshot()), String))
        with database.reading() as session:
            return (int(session.scalars(newest).one()),)
    found = [each.stat() for each in (file, file.with_name(file.name + "-wal")) if each.exists()]
    return tuple(number for each in found for number in (each.st_mtime_ns, each.st_size))
