"""What is looked at before a backup: whether a restore could use it as what it seems."""

from __future__ import annotations

from collections.abc import Callable

from directory.keys import WrongMasterKey, check_master_key
from governance.backup.places.place import BackupError, Place
from governance.ledger import signing
from governance.opendsr import signing as opendsr
from home import HomeUnavailable, Part
from lake.releases import database as releases
from lake.storage import verifying
from parts import Damaged


def require_usable_keys() -> None:
    """A backup with a key that can't be used could not be restored as what it seems. One that is missing is no reason:
    a restore says so, and goes on. Raises BackupError."""
    try:
        check_master_key()
        if Part.SIGNING_KEY.is_there() and not Part.SIGNING_KEY.is_given_by_settings():
            signing.signer()
        if Part.OPENDSR_KEY.is_there() and not Part.OPENDSR_KEY.is_given_by_settings():
            opendsr.check_key()
    except (HomeUnavailable, WrongMasterKey) as error:
        raise BackupError(
            f"{error} No backup was made, because one with this key could not be restored; the earlier ones are there."
        ) from error


def require_no_master_key(place: Place) -> None:
    """A key file of the home is in the key part, where whoever can read a bucket would have the key to all of it.
    Raises BackupError."""
    if place.is_bucket and Part.MASTER_KEY.is_there():
        raise BackupError(
            f"The master key is in a file, {Part.MASTER_KEY.path}, so the bucket would have it beside everything that"
            " it opens. No backup was made. Set OPENBOOK_MASTER_KEY to it instead, delete the file, and keep a copy"
            " elsewhere (docs/settings.md)."
        )


def damage_found(report: Callable[[str, int, int], None], *, allowed: bool) -> list[str]:
    """Read every file of the lake and the releases; what is damaged, in words. Raises BackupError unless that is
    allowed."""
    damages = [damage.words() for damage in verifying.verify(report).damaged]
    if (of_releases := damage_of_releases()) is not None:
        damages.append(of_releases)
    if damages and not allowed:
        raise BackupError(
            "\n".join(damages)
            + "\nThis is damaged or missing, so no backup was made. Earlier backups are unchanged and may have intact"
            " copies (docs/backup.md). With --damaged the backup is made anyway: damaged files of the lake are damaged"
            " in it too, and a release database that can't be read is left out."
        )
    return damages


def damage_of_releases() -> str | None:
    """What is wrong with the release database, if it is damaged or missing; in words."""
    try:
        releases.verify()
    except (Damaged, HomeUnavailable) as error:
        return str(error)
    return None
