"""The place of the backups, which is a folder (`folder`) or a prefix of a bucket (`bucket`): which home it belongs to,
and which key parts it has.

A place belongs to one home, identified by the id in `journal/home` and in the home's `governance/home.id`. That file
exists once the home has had a place for backups: a new, empty home pointed at it by mistake must not overwrite what
the old one left.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar, Self

import home
from errors import OpenBookError
from governance.backup.files import OnChunk
from governance.db.database import governance_folder
from lake.storage.durable import write_bytes

FORMAT = 1
MANIFEST = "manifest.json"
OWNER = "journal/home"
NAMED_BY = "%Y-%m-%dT%H%M%S.%fZ"


class BackupError(OpenBookError):
    """A backup can't be made, read or restored; the message says why. Existing data is unchanged."""


class OutOfReach(BackupError):
    """The place of the backups is missing or can't be used just now."""


class OthersBackups(BackupError):
    """The place has the backups of another home."""


class NoSuchBackup(BackupError):
    """There is no such backup in this place."""


@dataclass(frozen=True)
class Manifest:
    """The contents of a backup. Paths are relative to the key part and to the data part."""

    name: str
    home: str
    made_at: datetime
    key_part_until: date
    master_key: str
    """Fingerprint of the master key; the key itself is in the key part only if it was a file."""
    keys: dict[str, str]
    """SHA-256 by path."""
    data: dict[str, tuple[int, str]]
    """Size and SHA-256 by path."""

    def to_json(self) -> bytes:
        content = {
            **self.__dict__,
            "format": FORMAT,
            "made_at": self.made_at.isoformat(),
            "key_part_until": self.key_part_until.isoformat(),
        }
        return json.dumps(content, indent=1, sort_keys=True).encode()

    @classmethod
    def from_json(cls, text: bytes) -> Self:
        """Raises ValueError, KeyError, TypeError."""
        content: dict[str, Any] = json.loads(text)
        if content.pop("format") != FORMAT:
            raise ValueError("another format")
        for path in map(PurePosixPath, (*content["keys"], *content["data"])):
            if path.is_absolute() or ".." in path.parts:
                raise ValueError("a path that leads out of the backup")
        return cls(
            **{
                **content,
                "made_at": datetime.fromisoformat(content["made_at"]),
                "key_part_until": date.fromisoformat(content["key_part_until"]),
                "data": {path: (size, digest) for path, (size, digest) in content["data"].items()},
            }
        )


class Place(ABC):
    """A folder, or a prefix of a bucket. Files have their path in it as a name, such as `journal/home`.

    Every call raises OSError if it is a folder that can't be used, and OutOfReach if it is a bucket.
    """

    is_bucket: ClassVar[bool]

    @property
    @abstractmethod
    def address(self) -> str:
        """As the settings name it."""

    @property
    @abstractmethod
    def words(self) -> str:
        """What it is, for the beginning of a sentence."""

    @property
    @abstractmethod
    def missing(self) -> str:
        """What is said of one in which nothing is of this home, after its words."""

    @abstractmethod
    def require(self, *, begin: bool) -> None:
        """Raises OutOfReach if it is not there. `begin`: it may be new, and is created."""

    @abstractmethod
    def take(self, own: str) -> None:
        """It belongs to the home with this id from now on, and to no other yet."""

    @abstractmethod
    def read(self, name: str) -> bytes:
        """A small file. Raises FileNotFoundError."""

    @abstractmethod
    def write(self, name: str, content: bytes) -> None:
        """A small file that is new, as a whole or not at all."""

    @abstractmethod
    def sizes(self, area: str) -> dict[str, int]:
        """The bytes of everything in it that begins with `area/`, by the rest of its name."""

    @abstractmethod
    def put(self, name: str, source: Path, on_chunk: OnChunk | None = None) -> str:
        """Copy a file to this name durably, as a whole or not at all; returns its SHA-256 in hex. `on_chunk` gets the
        size of each chunk. Raises FileNotFoundError.
        """

    @abstractmethod
    def put_pieces(self, name: str, pieces: Iterable[bytes]) -> str:
        """The same of a file that comes in pieces. What they raise leaves nothing."""

    @abstractmethod
    def fetch(self, name: str, target: Path, on_chunk: OnChunk | None = None) -> str:
        """Copy a file from it, and return its SHA-256 in hex. Raises FileNotFoundError."""

    @abstractmethod
    def digest(self, name: str, on_chunk: OnChunk | None = None) -> str:
        """The SHA-256 of a file, in hex."""

    @abstractmethod
    def written_at(self, name: str) -> datetime | None:
        """When a file was written last; None if there is none."""

    @abstractmethod
    def delete(self, names: Iterable[str]) -> None:
        """Delete files; those that are gone are ignored."""

    @abstractmethod
    def preparing(self, name: str) -> Path:
        """Where a file is prepared on this machine, until it is kept."""

    @abstractmethod
    def keep(self, name: str) -> None:
        """Put what was prepared under its name, in place of an earlier one."""

    @abstractmethod
    def entries(self, known: Sequence[str] = ()) -> list[str]:
        """The numbered files of the journal in their order. Those that are `known` need not be looked for again."""

    @abstractmethod
    def read_all(self, names: Sequence[str]) -> Iterable[bytes]:
        """Small files, in this order. Raises FileNotFoundError."""

    @abstractmethod
    def draft(self, name: str) -> Path:
        """The folder on this machine in which the key part of a backup is prepared; it may be missing."""

    @abstractmethod
    def complete(self, name: str, manifest: bytes) -> None:
        """The key part that was prepared is there from now on, with this manifest."""

    @abstractmethod
    def names(self) -> list[str]:
        """The backups whose key part exists, oldest first."""

    @abstractmethod
    def drafts(self) -> list[str]:
        """Key parts that are being written or destroyed, or whose writing or destruction was interrupted."""

    @abstractmethod
    def destroy_key_part(self, name: str) -> None:
        """Destroy a key part, or the rest of it. Safe to repeat."""

    @abstractmethod
    def destroy_draft(self, name: str) -> None:
        """Destroy one of the drafts. Nobody may be writing it."""

    @abstractmethod
    def end_unfinished(self) -> None:
        """Delete files that were never written to the end. Nobody may be making a backup."""

    def manifest(self, name: str) -> Manifest:
        """Raises NoSuchBackup, BackupError."""
        try:
            if made_at_of(name) is None:
                raise FileNotFoundError(name)
            content = self.read(f"keys/{name}/{MANIFEST}")
        except FileNotFoundError:
            there = ", ".join(self.names()) or "none"
            raise NoSuchBackup(f"{self.address} has no backup {name}. Backups with their key part: {there}.") from None
        try:
            return Manifest.from_json(content)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BackupError(
                f"{self.address}/keys/{name}/{MANIFEST} is damaged, or has a version that this program doesn't know."
            ) from error

    def owner(self) -> str | None:
        """The id of the home that these backups belong to; None for a place without one."""
        with suppress(FileNotFoundError):
            return self.read(OWNER).decode().strip()
        return None

    def open(self, *, begin: bool = False) -> None:
        """Make sure that this place belongs to this home. `begin`: it may be new, and is created.

        Raises OutOfReach, OthersBackups.
        """
        home.require()
        own = home_id()
        try:
            self.require(begin=begin)
            owner = self.owner()
            if owner is None and (begin or own is None):
                self.take(own or _note_home())
                return
            if own is None and owner == str(home.read().id):  # another machine has begun it
                own = _note_home()
        except OSError as error:
            raise OutOfReach(f"{self.words} can't be used ({error.strerror}).") from error
        if owner is None:
            raise OutOfReach(f"{self.words} {self.missing}")
        if owner != own:
            raise OthersBackups(
                f"{self.address} contains the backups of another home. To continue from them, run `python -m governance"
                " restore`; for the backups of this home, choose an empty folder or prefix. Nothing was changed."
            )


def new_name(made_at: datetime) -> str:
    """Names sort by time."""
    return made_at.strftime(NAMED_BY)


def made_at_of(name: str) -> datetime | None:
    """When a backup was started; None if the name is not a backup's."""
    try:
        return datetime.strptime(name, NAMED_BY)  # noqa: DTZ007 (naive UTC)
    except ValueError:
        return None


def home_id() -> str | None:
    """The id of this home, if it has had a place for backups."""
    path = governance_folder() / "home.id"
    return path.read_text(encoding="utf-8").strip() if path.exists() else None


def _note_home() -> str:
    own = str(home.read().id)
    write_bytes(governance_folder() / "home.id", own.encode())
    return own
