"""Whether the home is whole: all its parts are there, and they belong together. Workers work only where it is."""

from __future__ import annotations

import logging

import home
from governance.db import database
from governance.db.database import writing
from governance.ledger import signing
from governance.logs import kind_and_place
from home import HomeUnavailable
from lake.storage import identity
from lake.storage.identity import Identity
from parts import PartUnavailable, explained
from queries.connection import answering

logger = logging.getLogger("governance")

_told = ""
"""What the log of this process says is missing."""


def is_whole() -> bool:
    """Whether it is; the log says once what is missing, and once that it is back. Notes what is seen of the lake."""
    global _told
    reason = _reason()
    if reason and reason != _told:
        logger.error("%s Workers wait until that is put right.", reason)
    if _told and not reason:
        logger.info("The home is whole again.")
    _told = reason
    return not reason


def require_whole() -> None:
    """Raises HomeUnavailable, LakeUnavailable, and ValueError for a signing key in the settings that can't be used."""
    if missing := home.missing_parts():
        raise HomeUnavailable.missing(*missing)
    database.note_lake(lake_as_seen().snapshot)
    with writing() as session:
        signing.note_in_force(session)
    signing.signer()


def lake_as_seen() -> Identity:
    """The lake as its catalog has it now. Raises LakeUnavailable unless it is the one of this home."""
    expected = identity.noted()
    catalog = answering(identity.of_catalog)
    identity.compare(expected, catalog)
    return catalog


def _reason() -> str:
    try:
        require_whole()
    except (HomeUnavailable, PartUnavailable, ValueError) as error:
        return str(error)
    except Exception as error:  # a part that goes at this very moment; a worker that waits outlives it
        known = explained(error)
        return str(known) if known else f"The home can't be looked at: {kind_and_place(error)}."
    return ""
