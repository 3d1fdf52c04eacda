"""Giving a restored home its identity, the parts that no backup contains, and the signing key."""

from __future__ import annotations

import shutil
from pathlib import Path
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

import home
from governance.backup.checks import damage_of_releases
from governance.backup.files import copy
from governance.db import database, work_queue
from governance.ledger import signing
from governance.opendsr import signing as opendsr
from home import Home, KnownLake, Part
from lake.storage import identity, making
from lake.storage.durable import write_bytes

NO_KEY = (
    "The key that signs the ledger is in neither the backup nor the replaced home. Receipts wait until it is"
    " back in governance/signing.key, or until OPENBOOK_SIGNING_KEY provides another one (docs/ledger.md)."
)


def identify(of: str, replaced: Path | None) -> list[str]:
    """Give `$OPENBOOK_HOME` the id of the home that the backup belongs to (empty: a new id), and match the restored
    lake.

    `replaced` is the previous home, if it exists. Returns warnings. Raises LakeUnavailable.
    """
    found = making.adopt()
    identity.note(found)
    Part.EXPORTS.path.mkdir(mode=0o700)
    work_queue.create()
    if Part.OPENDSR_KEY.is_missing():
        opendsr.create_key()
    warnings = _without_damaged_releases()
    absent = {part for part in home.OPTIONAL if not part.is_there()}
    parts = {part for part in set(Part) - absent if not part.is_given_by_settings()}
    restored = Home(UUID(of) if of else uuid4(), frozenset(parts))
    with database.taking(restored, KnownLake(found.lake, found.snapshot)) as session:
        warnings += _keep_signing_key(session, replaced)
    write_bytes(home.identity_path(), restored.to_json())
    return warnings


def _without_damaged_releases() -> list[str]:
    """Releases of the backup that can't be read count as lost, and are reported as lost later."""
    damage = damage_of_releases() if Part.RELEASES.is_there() else None
    if damage is None:
        return []
    shutil.rmtree(Part.RELEASES.path.parent)
    return [f"The releases of the backup can't be read ({damage})."]


def _keep_signing_key(session: Session, replaced: Path | None) -> list[str]:
    """Install the key that last signed the governance state, from the replaced home or the backup. If neither has it,
    none is installed: a new key would sign as if it were the old one.
    """
    if Part.SIGNING_KEY.is_given_by_settings():
        return []
    known = signing.known_keys(session)
    theirs = replaced / Part.SIGNING_KEY.place if replaced else None
    if theirs and theirs.exists() and not (known and signing.is_newest(session)):
        copy(theirs, Part.SIGNING_KEY.path)
    if not known:
        if not signing.is_usable():
            Part.SIGNING_KEY.path.unlink(missing_ok=True)
        signing.note_earlier(session)
    if signing.is_newest(session):
        return []
    Part.SIGNING_KEY.path.unlink(missing_ok=True)
    return [NO_KEY]
