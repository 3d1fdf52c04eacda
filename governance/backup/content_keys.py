"""The content keys of a restored home: wrapped with the master key of now, whichever wrapped them in the backup.

The key that the backup was made under comes from its key part, from the home that is replaced, or from the settings
(`OPENBOOK_MASTER_KEY` or `OPENBOOK_MASTER_KEY_PREVIOUS`). The key of now is that of the settings, or else of the
replaced home; a home that has neither keeps the key of the backup.

If the home has a key service, the same one has to be there. A key that was destroyed in it is gone for every backup.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from directory.keys import KeyRing, rewrapping, service
from directory.keys.master import MasterKeys, fingerprint, read_master_keys
from directory.models import open_engine
from directory.secret_file import KEY_BYTES
from governance.backup.places.place import BackupError, Manifest
from governance.copies.places import at
from governance.db.database import reading
from governance.domain.moments import parse_moment
from governance.ledger import log, master_key_changes
from home import HomeUnavailable, Part
from lake.storage.durable import overwrite, write_bytes
from parts import PartUnavailable
from settings import settings

REPLACED_SINCE = (
    "The master key was replaced after this backup was made, and this home has the earlier one again. Run `python -m "
    "governance rotate-keys master`."
)


def known_keys(staging: Path, replaced: Path | None) -> MasterKeys:
    """All master keys that are known, the one of now first. Raises HomeUnavailable if there is none."""
    found = [keys for place in (replaced, staging) if place is not None and (keys := _keys_at(place)) is not None]
    of_key_part = staging / Part.MASTER_KEY.place
    if of_key_part.exists() and len(key := of_key_part.read_bytes()) == KEY_BYTES:
        found.append(MasterKeys((key,)))
    if not found:
        raise HomeUnavailable.missing(Part.MASTER_KEY)
    return MasterKeys(tuple(dict.fromkeys(key for keys in found for key in keys.keys)))


def require_key_of_backup(staging: Path, replaced: Path | None, manifest: Manifest) -> None:
    """Raises BackupError if the master key that the backup was made under isn't known, if that of now is unusable, or
    if the key service is."""
    _require_key_service(staging)
    if settings().master_key:
        try:
            read_master_keys()
        except HomeUnavailable as error:
            raise BackupError(f"{error} Nothing was restored.") from error
    with suppress(HomeUnavailable):
        if manifest.master_key in map(fingerprint, known_keys(staging, replaced).keys):
            return
    raise BackupError(
        "This backup was made under another master key: set OPENBOOK_MASTER_KEY_PREVIOUS to that one, beside the"
        " present OPENBOOK_MASTER_KEY, which the restored home will have. If there is none, set OPENBOOK_MASTER_KEY to"
        " that one. Nothing was restored."
    )


def _require_key_service(staging: Path) -> None:
    """Raises BackupError if the backup is of a home with a key service, and it can't be used now."""
    with at(staging):
        if not Part.KEY_SERVICE.is_there():
            return
        try:
            service.key_service().check()
        except (HomeUnavailable, PartUnavailable) as error:
            raise BackupError(
                f"{error} A restore needs it, because it has the keys of people. Nothing was restored."
            ) from error


def drop_lost(staging: Path) -> list[str]:
    """Of the prepared home; returns warnings. Raises PartUnavailable, HomeUnavailable."""
    with at(staging):
        lost = KeyRing().drop_lost()
    if not lost:
        return []
    people = "a person" if lost == 1 else f"{lost:,} people"
    return [
        f"The key service doesn't have the key of {people} any more: it was destroyed after this backup was made. What"
        " it sealed stays unreadable, and what is captured from now on gets a new key."
    ]


def wrap(staging: Path, replaced: Path | None, manifest: Manifest) -> list[str]:
    """Wrap the content keys of the prepared home; returns warnings. Raises PartUnavailable."""
    known = known_keys(staging, replaced)
    is_of_backup = fingerprint(known.wanted) == manifest.master_key
    with at(staging):
        if not is_of_backup:
            rewrapping.wrap_with(open_engine(Part.DIRECTORY.path), known)
        _leave_only(known.wanted)
        return [REPLACED_SINCE] if is_of_backup and _was_replaced_after(manifest) else []


def _keys_at(place: Path) -> MasterKeys | None:
    with at(place), suppress(HomeUnavailable):
        return read_master_keys()
    return None


def _leave_only(wanted: bytes) -> None:
    """Of master keys in this home."""
    path = Part.MASTER_KEY.path
    if settings().master_key:
        if path.exists() and path.read_bytes() != wanted:
            overwrite(path)
            path.unlink()
    elif not path.exists() or path.read_bytes() != wanted:
        write_bytes(path, wanted)


def _was_replaced_after(manifest: Manifest) -> bool:
    with reading() as session:
        changes = log.statements_of_kind(session, master_key_changes.KIND)
    return any(parse_moment(change["at"]) > parse_moment(manifest.made_at) for change in changes)
