"""When the roots of manifests were told: by the times of their ledger entries, not by what the manifests claim. Told
means in the ledger: an entry that waits for its batch tells nobody anything."""

from __future__ import annotations

import json
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

import clock
from governance.domain.moments import parse_moment
from governance.ledger.tables import DatasetRow, EntryRow


def told_roots(session: Session) -> dict[UUID, datetime]:
    """By dataset version, when its root was first in the ledger (naive UTC). One that is missing was not told yet."""
    about = or_(EntryRow.position == DatasetRow.listed, EntryRow.position == DatasetRow.position)
    found: dict[UUID, datetime] = {}
    for key, root, text in session.execute(
        select(DatasetRow.dataset_version, DatasetRow.root, EntryRow.statement)
        .join(EntryRow, about)
        .where(EntryRow.leaf.is_not(None))
    ):
        statement = json.loads(text) if text is not None else {}
        if statement and root in (None, statement.get("root")):
            at = clock.naive(parse_moment(statement["at"]))
            found[key] = min(at, found.get(key, at))
    return found
