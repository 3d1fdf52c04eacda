"""The place of the backups that the settings or a command name."""

from __future__ import annotations

from pathlib import Path

from governance.backup.places.bucket import Bucket
from governance.backup.places.folder import Folder
from governance.backup.places.place import BackupError, Place
from lake.storage.objects import prefix
from lake.storage.objects.prefix import Location
from setting_values import backup_place
from settings import settings


def configured() -> Place | None:
    """The place that `OPENBOOK_BACKUP_FOLDER` names."""
    return place_of(settings().backup_folder) if settings().backup_folder else None


def place_of(name: str) -> Place:
    """A folder, or the bucket and prefix of an `s3:` URL. Raises BackupError."""
    try:
        backup_place(name)
    except ValueError as error:
        raise BackupError(f"{name} can't have backups. {error}.") from None
    return Bucket(_location(name.rstrip("/"))) if "://" in name else Folder(Path(name).absolute())


def _location(url: str) -> Location:
    """The service and the credentials are those of the backups, if any setting says what they are, or else those of the
    sealed files.
    """
    now = settings()
    own = Location(url, now.backup_endpoint, now.backup_region, now.backup_key_id, now.backup_secret)
    of_objects = prefix.location()
    theirs = Location(url, of_objects.endpoint, of_objects.region, of_objects.key_id, of_objects.secret)
    return theirs if own == Location(url, "", "", "", "") else own
