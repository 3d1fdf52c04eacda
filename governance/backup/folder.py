"""The folder of the backups: which home it belongs to, and which key parts it has.

A folder belongs to one home, identified by the id in `journal/home` and in the home's `governance/home.id`. That file
exists once the home has had a backup folder: a new, empty home pointed at the folder by mistake must not overwrite what
the old one left. A key part that is being written or destroyed has a name ending in `.draft`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path, PurePosixPath
from typing import Any, Self

import home
from errors import OpenBookError
from governance.backup.files import destroy
from governance.db.database import governance_folder
from lake.storage.durable import DRAFT, sync_folder, write_bytes
from settings import settings

FORMAT = 1
MANIFEST = "manifest.json"
NAMED_BY = "%Y-%m-%dT%H%M%S.%fZ"


class BackupError(OpenBookError):
    """A backup can't be made, read or restored; the message says why. Existing data is unchanged."""


class OutOfReach(BackupError):
    """The backup folder is missing or not writable just now."""


class OthersFolder(BackupError):
    """The folder contains the backups of another home."""


class NoSuchBackup(BackupError):
    """There is no such backup in the folder."""


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


@dataclass(frozen=True)
class Folder:
    """A folder of backups."""

    path: Path

    @property
    def data(self) -> Path:
        return self.path / "data"

    @property
    def keys(self) -> Path:
        return self.path / "keys"

    @property
    def journal(self) -> Path:
        return self.path / "journal"

    def key_part(self, name: str) -> Path:
        return self.keys / name

    def draft(self, name: str) -> Path:
        return self.keys / (name + DRAFT)

    def names(self) -> list[str]:
        """The backups whose key part exists, oldest first."""
        if not self.keys.is_dir():
            return []
        return sorted(path.name for path in self.keys.iterdir() if path.is_dir() and _is_one(path.name))

    def drafts(self) -> Iterator[str]:
        """Key parts that are being written or destroyed, or whose writing or destruction was interrupted."""
        if self.keys.is_dir():
            names = (path.name.removesuffix(DRAFT) for path in self.keys.glob(f"*{DRAFT}"))
            yield from sorted(name for name in names if _is_one(name))

    def manifest(self, name: str) -> Manifest:
        """Raises NoSuchBackup, BackupError."""
        path = self.key_part(name) / MANIFEST
        if Path(name).name != name or not path.is_file():
            there = ", ".join(self.names()) or "none"
            raise NoSuchBackup(f"{self.path} has no backup {name}. Backups with their key part: {there}.")
        try:
            return Manifest.from_json(path.read_bytes())
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BackupError(f"{path} is damaged, or has a version that this program doesn't know.") from error

    def owner(self) -> str | None:
        """The id of the home that these backups belong to; None for a folder without one. Raises OSError."""
        path = self.journal / "home"
        return path.read_text(encoding="utf-8").strip() if path.exists() else None

    def open(self, *, begin: bool = False) -> None:
        """Make sure that this folder belongs to this home. `begin`: it may be new, and is created.

        Raises OutOfReach, OthersFolder.
        """
        home.require()
        own = home_id()
        try:
            if begin:
                self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            elif not self.path.is_dir():
                raise OutOfReach(f"The backup folder {self.path} does not exist.")
            owner = self.owner()
            if owner is None and (begin or own is None):
                own = own or _make_home_id()
                for part in (self.data, self.keys, self.journal):
                    part.mkdir(mode=0o700, exist_ok=True)
                write_bytes(self.journal / "home", own.encode())
                sync_folder(self.path)
                return
        except OSError as error:
            raise OutOfReach(f"The backup folder {self.path} can't be used ({error.strerror}).") from error
        if owner is None:
            raise OutOfReach(f"The backup folder {self.path} is empty. Is its disk attached?")
        if owner != own:
            raise OthersFolder(
                f"{self.path} contains the backups of another home. To continue from them, run `python -m governance"
                " restore`; for the backups of this home, choose an empty folder. Nothing was changed."
            )

    def destroy_key_part(self, name: str) -> None:
        """Destroy a key part, or the rest of it. Raises OSError."""
        destroy(self.key_part(name))
        destroy(self.draft(name))


def configured() -> Folder | None:
    """The folder that `OPENBOOK_BACKUP_FOLDER` names."""
    return Folder(Path(settings().backup_folder).absolute()) if settings().backup_folder else None


def new_name(made_at: datetime) -> str:
    """Names sort by time."""
    return made_at.strftime(NAMED_BY)


def made_at_of(name: str) -> datetime | None:
    """When a backup was started; None if the name is not a backup's."""
    try:
        return datetime.strptime(name, NAMED_BY)  # noqa: DTZ007 (naive UTC)
    except ValueError:
        return None


def _is_one(name: str) -> bool:
    return not name.endswith(DRAFT) and made_at_of(name) is not None


def home_id() -> str | None:
    """The id of this home, if it has had a backup folder."""
    path = governance_folder() / "home.id"
    return path.read_text(encoding="utf-8").strip() if path.exists() else None


def _make_home_id() -> str:
    own = str(home.read().id)
    write_bytes(governance_folder() / "home.id", own.encode())
    return own
