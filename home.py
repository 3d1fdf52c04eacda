"""The home: the folder `$OPENBOOK_HOME` with all state of Open Book, and the parts it has.

`home.json` marks a folder as a home and lists the parts it must have. The first start (`python -m governance init`,
`make run`) writes it once, after all parts exist. Apart from a restore, nothing else creates a home or a part: if one
is missing, everything stops with `HomeUnavailable`, because an empty part in place of a missing one would be mistaken
for the truth.

    home.json      the id of the home, and its parts
    home.making    exists during a first start, or after an interrupted one: nothing uses the parts yet

Everything may import this module; it imports only the settings and `errors`.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, Self
from uuid import UUID

from errors import Unavailable
from settings import settings

FORMAT = 1
FOR_PEOPLE = (
    "A part of Open Book can't be used just now, so this can't be done. Nothing was changed. The people who run Open "
    "Book have to put it right; try again later."
)


class Part(Enum):
    """A part of a home: the path that shows that it exists, and its name for people."""

    CATALOG = "lake/catalog.sqlite", "the lake's catalog"
    DATA = "lake/data/identity", "the lake's data"
    DIRECTORY = "directory/directory.sqlite", "the directory"
    MASTER_KEY = "directory/master.key", "the master key"
    KEY_SERVICE = "directory/key-service.id", "the file that says which keys of the key service are ours"
    GOVERNANCE = "governance/governance.sqlite", "the governance database"
    SIGNING_KEY = "governance/signing.key", "the key that signs the ledger"
    OPENDSR_KEY = "governance/opendsr.key.pem", "the OpenDSR key"
    QUEUE = "governance/work.sqlite", "the queue of the workers"
    EXPORTS = "governance/exports", "the folder of exports"
    RELEASES = "releases/releases.duckdb", "the release database"

    def __init__(self, place: str, words: str) -> None:
        self.place = place
        self.words = words

    @property
    def path(self) -> Path:
        if self is Part.DATA and settings().lake_data.startswith("/"):
            return Path(settings().lake_data) / "identity"
        return folder() / self.place

    def is_there(self) -> bool:
        """Whether it exists; an empty file doesn't count."""
        try:
            return self.path.is_dir() or self.path.stat().st_size > 0
        except OSError:
            return False

    def is_given_by_settings(self) -> bool:
        """Whether a setting replaces the file. A database or bucket is there only if it can be reached, which whoever
        opens it finds out (`databases.postgresql`, `lake.storage.data_files`).
        """
        given = {
            Part.CATALOG: settings().lake_catalog,
            Part.DATA: lake_is_in_bucket(),
            Part.MASTER_KEY: settings().master_key,
            Part.SIGNING_KEY: settings().signing_key,
            Part.OPENDSR_KEY: settings().opendsr_key,
            Part.DIRECTORY: settings().database_url,
            Part.GOVERNANCE: settings().database_url,
            Part.QUEUE: settings().database_url,
        }
        return bool(given.get(self))

    def is_missing(self) -> bool:
        """Whether neither the home nor the settings have it."""
        return not (self.is_there() or self.is_given_by_settings())


OPTIONAL = frozenset({Part.KEY_SERVICE, Part.RELEASES})
"""What not every home has: a key service is chosen by the first start, and releases are made later."""


class HomeUnavailable(Unavailable):
    """The home or a part of it is missing or invalid. Nothing was made or changed.

    The message is for operators and names paths; `for_people` is for everyone else and names none.
    """

    def __init__(self, message: str, for_people: str = FOR_PEOPLE) -> None:
        super().__init__(message)
        self.for_people = for_people

    @classmethod
    def missing(cls, *parts: Part) -> Self:
        named = ", ".join(f"{part.words} ({part.path})" for part in parts)
        return cls(
            f"This home lacks {named}. Nothing was created or changed. Bring it back, or restore"
            " a backup (docs/backup.md).",
            missing_for_people(*(part.words for part in parts)),
        )


def missing_for_people(*what: str) -> str:
    return (
        f"A part of Open Book is missing just now: {', '.join(what)}. Nothing was changed. The people who run Open Book"
        " have to bring it back, or restore a backup; try again later."
    )


def damaged_for_people(what: str) -> str:
    """`what` begins a sentence."""
    return (
        f"{what} is damaged and can't be used. Nothing was changed. The people who run Open Book have to bring back one"
        " that is whole, or restore a backup; try again later."
    )


@dataclass(frozen=True)
class Home:
    """The content of `home.json`."""

    id: UUID
    parts: frozenset[Part]

    def to_json(self) -> bytes:
        places = sorted(part.place for part in self.parts)
        return json.dumps({"format": FORMAT, "home": str(self.id), "parts": places}, indent=1).encode()

    @classmethod
    def from_json(cls, text: bytes) -> Self:
        """Raises ValueError, KeyError, TypeError."""
        content = json.loads(text)
        if content["format"] != FORMAT:
            raise ValueError("another format")
        by_place = {part.place: part for part in Part}
        return cls(UUID(content["home"]), frozenset(by_place[place] for place in content["parts"]))


@dataclass(frozen=True)
class KnownLake:
    """The lake recorded in the governance database: its id, and the newest snapshot seen of it."""

    id: UUID
    snapshot: int


def folder() -> Path:
    return settings().home


def lake_is_in_bucket() -> bool:
    """Whether the lake's data files are in a bucket (`lake.storage.data_files`)."""
    return settings().lake_data == "bucket"


def missing_to_share() -> list[str]:
    """The settings that are still needed for a home on several machines: the variables, by name."""
    now = settings()
    elsewhere = {
        "OPENBOOK_DATABASE_URL": now.database_url,
        "OPENBOOK_LAKE_CATALOG": now.lake_catalog,
        "OPENBOOK_LAKE_DATA": now.lake_data,
        "OPENBOOK_OBJECTS_URL": now.objects_url,
        "OPENBOOK_MASTER_KEY": now.master_key,
        "OPENBOOK_SIGNING_KEY": now.signing_key,
        "OPENBOOK_OPENDSR_KEY": now.opendsr_key,
    }
    return [name for name, value in elsewhere.items() if not value]


def identity_path() -> Path:
    return folder() / "home.json"


def making_path() -> Path:
    return folder() / "home.making"


def read() -> Home:
    """This home, even if parts of it are missing. Raises HomeUnavailable."""
    try:
        return Home.from_json(identity_path().read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        raise _no_home() from None
    except OSError as error:
        raise HomeUnavailable(
            f"{identity_path()} can't be read ({error.strerror}). Nothing was changed.",
            "The file home.json, which says which parts Open Book has, can't be read. Nothing was changed. The people "
            "who run Open Book have to look at the disk; try again later.",
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise HomeUnavailable(
            f"{identity_path()} is damaged, or from a version that this program doesn't know. Nothing was changed."
            " Restore a backup (docs/backup.md).",
            damaged_for_people("The file home.json, which says which parts Open Book has,"),
        ) from error


def require(*parts: Part) -> Home:
    """This home, if these parts of it exist. Raises HomeUnavailable."""
    found = read()
    if missing := [part for part in parts if part.is_missing()]:
        raise HomeUnavailable.missing(*missing)
    return found


def missing_parts() -> list[Part]:
    """The parts that this home must have and that are missing. Raises HomeUnavailable if there is no home."""
    needed = read().parts
    return [part for part in Part if part in needed and part.is_missing()]


def known_lake() -> KnownLake:
    """The lake recorded in the governance database, where that is a file; else see `databases.known_lake`. Raises
    HomeUnavailable.
    """
    row = _governance("select lake, snapshot from home")
    if row is None:
        raise HomeUnavailable(f"{Part.GOVERNANCE.path} belongs to no known home. Nothing was changed.")
    return KnownLake(UUID(row[0]), int(row[1]))


def known_shard(lake: UUID) -> int:
    """The newest snapshot seen of a further shard, as `known_lake` has it of the first; 0 if none was."""
    row = _governance("select snapshot from lake_shard where lake = ?", str(lake))
    return int(row[0]) if row else 0


def _governance(question: str, *values: str) -> Any:
    """A row of the governance database, where that is a file. Raises HomeUnavailable."""
    require(Part.GOVERNANCE)
    place = f"{Part.GOVERNANCE.path.as_uri()}?mode=ro"
    try:
        with closing(sqlite3.connect(place, uri=True, timeout=10.0)) as connection:
            return connection.execute(question, values).fetchone()
    except sqlite3.Error as error:
        raise HomeUnavailable(
            f"{Part.GOVERNANCE.path} can't be read ({error}). Nothing was changed.",
            damaged_for_people("The governance database"),
        ) from error


def _no_home() -> HomeUnavailable:
    if making_path().exists():
        return HomeUnavailable(
            f"The first start of the home at {folder()} was interrupted. Run `python -m governance init` again.",
            "The first start of Open Book was interrupted. The people who run it have to repeat it; try again later.",
        )
    return HomeUnavailable(
        f"There is no Open Book home at {folder()}. `python -m governance init` makes one. If there was one before,"
        " don't: bring it back, or restore a backup (docs/backup.md).",
        missing_for_people("the home, the folder of everything that it keeps"),
    )
