"""Sealed files that are beside the databases, and the one place that keeps and deletes them.

    pictures    of captures (`lake.storage.objects.pictures`)
    exports     which wait for their owner (`governance.export`)
    landing     records that wait to be stored (`governance.intake.landing`)
    training    records for programs that train, as long as a lease lasts (`governance.leases`); they alone are readable

They are in folders of this machine, or under one prefix of a bucket of S3-compatible storage (`OPENBOOK_OBJECTS_URL`):

                  folder                                  bucket
    a draft       a file with the ending `.draft`         a file without a name, which ends with its process
    is kept       synchronised, then renamed              uploaded; a large one in pieces, its first piece last
    is held       by a lock of the file (flock)           by a lock of the home or of PostgreSQL (`databases.locks`)
    is deleted    unlinked, and the folder synchronised   deleted; a bucket that keeps versions is refused

All else in a store is sealed before it gets there, and its name doesn't say whose it is. Whoever reads something that
isn't there gets FileNotFoundError; a bucket that can't be reached, or isn't this home's, is PartUnavailable instead, so
that an outage is never mistaken for a deletion.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import BinaryIO

from home import Part
from lake.storage.objects.bucket import Bucket
from lake.storage.objects.folder import Folder
from lake.storage.objects.kinds import Draft, Store, Stored
from settings import settings


class Area(Enum):
    PICTURES = "pictures"
    EXPORTS = "exports"
    LANDING = "landing"
    TRAINING = "training"

    @property
    def folder(self) -> Path:
        """Where its files are, or would be."""
        if self is Area.PICTURES:
            return Path(Part.DATA.path).with_name("pictures")
        return Path(Part.EXPORTS.path).with_name(str(self.value))

    @property
    def address(self) -> str:
        """Where its files are, for other programs: a folder or an `s3:` URL."""
        url = settings().objects_url
        return f"{url.rstrip('/')}/{self.value}" if url else str(self.folder)


def in_bucket() -> bool:
    return bool(settings().objects_url)


def store(area: Area) -> Store:
    """What keeps the files of an area."""
    return Bucket(area.value, area.folder) if in_bucket() else Folder(area.folder)


@dataclass(frozen=True)
class File:
    """One that is written as a draft: where it is, or will be."""

    store: Store
    name: str

    def draft(self) -> Draft:
        """Raises OSError, PartUnavailable."""
        return self.store.draft(self.name)

    def open(self) -> BinaryIO:
        """Raises FileNotFoundError, PartUnavailable."""
        return self.store.open(self.name)

    def exists(self) -> bool:
        """Raises PartUnavailable."""
        with suppress(FileNotFoundError), self.open():
            return True
        return False

    def delete(self) -> None:
        """Delete it and its drafts; safe to repeat. Raises PartUnavailable."""
        self.store.delete_file(self.name)


def at(path: Path) -> File:
    """A file of any folder."""
    return File(Folder(path.parent), path.name)


__all__ = ["Area", "Bucket", "Draft", "File", "Folder", "Store", "Stored", "at", "in_bucket", "store"]
