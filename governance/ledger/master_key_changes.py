"""Replaces the master key while everything keeps running; `directory.keys.rewrapping` has the steps.

The new key comes from `OPENBOOK_MASTER_KEY`, beside the old one in `OPENBOOK_MASTER_KEY_PREVIOUS`; a key in the home is
made and exchanged here. The ledger records that the key changed, publicly: no key, no fingerprint, no number of people.
"""

from __future__ import annotations

import os
import secrets
from contextlib import suppress

from filelock import Timeout
from sqlalchemy import Engine

import home
from directory.keys import check_master_key, holders, rewrapping
from directory.keys.master import PREVIOUS, VARIABLE, next_path, read_master_keys
from directory.models import open_engine
from directory.secret_file import KEY_BYTES
from errors import Conflict
from governance.db.database import lock, writing
from governance.ledger import log
from governance.ledger.key_changes import BackupRunning
from home import Part
from lake.storage.durable import sync_folder, write_bytes
from settings import settings

KIND = "master_key_change"


class NoNewKey(Conflict):
    """The settings have no other key than the one in use."""

    def __init__(self) -> None:
        super().__init__(
            f"{VARIABLE} already wraps every content key. Nothing was changed. To replace it, set {VARIABLE} to a new"
            f" key and {PREVIOUS} to the present one, restart every process, one after the other, and run this again"
            " (docs/settings.md)."
        )


def replace() -> bool:
    """Wrap every content key with a new master key. False: it was done before, and nothing had to be.

    Raises NoNewKey, KeyUnknownToProcesses, BackupRunning, WrongMasterKey, HomeUnavailable, PartUnavailable: then the
    previous key is in use, or the next call continues.
    """
    try:
        with lock("backup", timeout=0):
            return complete_under_lock() or _replace()
    except Timeout:
        raise BackupRunning from None


def complete() -> None:
    """Complete a change that was interrupted, unless there is none or someone is at it. Raises as `replace`."""
    with suppress(Timeout):
        if _is_begun():
            with lock("backup", timeout=0):
                complete_under_lock()


def complete_under_lock() -> bool:
    """`complete`, for who has the lock `backup`; whether there was something to do."""
    if not _is_begun():
        return False
    engine = _directory()
    if not rewrapping.noted(engine):
        rewrapping.rewrap(engine, read_master_keys())
    _finish(engine)
    return True


def _replace() -> bool:
    engine = _directory()
    if settings().master_key:
        keys = read_master_keys()
        if rewrapping.is_done(engine, keys):
            if not settings().master_key_previous:
                raise NoNewKey
            return False
        with holders.all_know(keys):
            rewrapping.rewrap(engine, keys)
    else:
        check_master_key()
        write_bytes(next_path(), secrets.token_bytes(KEY_BYTES))
        rewrapping.rewrap(engine, read_master_keys())
    _finish(engine)
    return True


def _finish(engine: Engine) -> None:
    changes = rewrapping.noted(engine)
    with writing() as session:
        recorded = {statement["change"] for statement in log.statements_of_kind(session, KIND)}
        for change in changes:
            if str(change) not in recorded:
                log.append(session, KIND, {"change": str(change)})
    if not settings().master_key:
        _take_into_use()
    rewrapping.forget(engine, changes)


def _take_into_use() -> None:
    """Put the new key in the place of the old one, which is overwritten."""
    if not next_path().exists():
        return
    with Part.MASTER_KEY.path.open("rb+") as old:
        next_path().replace(Part.MASTER_KEY.path)
        sync_folder(Part.MASTER_KEY.path.parent)
        old.write(bytes(KEY_BYTES))
        old.flush()
        os.fsync(old.fileno())


def _is_begun() -> bool:
    if not settings().master_key and next_path().exists():
        return True
    return bool(rewrapping.noted(_directory()))


def _directory() -> Engine:
    home.require(Part.DIRECTORY)
    return open_engine(Part.DIRECTORY.path)
