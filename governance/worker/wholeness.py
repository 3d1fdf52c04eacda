"""Whether the home is complete: all its parts exist and belong together. Workers only work if it is."""

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
from lake.storage.opening import name_of
from lake.storage.shards import entering, placing
from parts import PartUnavailable, explained
from queries.connection import answering

logger = logging.getLogger("governance")

_told = ""
"""The missing part that this process last logged."""


def is_whole() -> bool:
    """Whether the home is complete; logs once what is missing, and once that it is back. Records the lake's newest
    snapshot.
    """
    global _told
    reason = _reason()
    if reason and reason != _told:
        logger.error("%s Workers wait until that is fixed.", reason)
    if _told and not reason:
        logger.info("The home is complete again.")
    _told = reason
    return not reason


def require_whole() -> None:
    """Raises HomeUnavailable and PartUnavailable."""
    if missing := home.missing_parts():
        raise HomeUnavailable.missing(*missing)
    first, *further = lake_as_seen()
    database.note_lake(first.snapshot, {shard.lake: shard.snapshot for shard in further})
    with writing() as session:
        signing.note_in_force(session)
    signing.signer()


def lake_as_seen() -> list[Identity]:
    """Each shard of the lake according to its catalog. Raises LakeUnavailable unless it is the one of this home."""
    expected = []
    for shard in answering(placing.read).shards:
        with entering(shard):
            expected.append(identity.noted())
    found = answering(lambda cursor: [identity.of_catalog(cursor, name_of(shard)) for shard in range(len(expected))])
    for shard, noted in enumerate(expected):
        with entering(shard):
            identity.compare(noted, found[shard])
    return found


def _reason() -> str:
    try:
        require_whole()
    except (HomeUnavailable, PartUnavailable) as error:
        return str(error)
    except Exception as error:  # a part that disappears at this moment; a waiting worker survives it
        known = explained(error)
        return str(known) if known else f"The home can't be checked: {kind_and_place(error)}."
    return ""
