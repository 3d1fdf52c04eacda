"""The proof of a person's access log, as a file: entries, the leaf that they lead to, and its place in the ledger."""

from __future__ import annotations

from bisect import bisect_left
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.keys import EVERYBODY
from errors import NotFound
from governance.access_proofs.chains import Chain, extended, fields, leaf_of, salt_of, statement
from governance.access_proofs.recording import newest
from governance.access_proofs.tables import AnchorRow, ChainRow
from governance.db.database import reading
from governance.db.tables import AccessRow
from governance.ledger import batches, log
from lake.storage import merkle
from languages import mark
from languages.saying import say

FORMAT = "open-book/access-log/v1"
MOST_ENTRIES = 2000
"""Of each chain, the newest; those before them are summed up by the head of their chain."""


class NotAnchored(NotFound, LookupError):
    """There is no anchor yet, or it is older than the person's entry in the directory."""


def proof(subject: UUID) -> dict[str, Any]:
    """The person's log as of the newest anchor. `intact`: whether the entries that are stored now lead to the leaf that
    was anchored; if not, entries were removed or changed. Raises NotAnchored.
    """
    with reading() as session:
        anchor = newest(session)
        if anchor is None or log.index_of(session, anchor.position) is None:
            raise NotAnchored(
                say(
                    "The newest access log is not in the ledger yet. A worker makes it once a day, and the next batch "
                    "of entries, at {time} UTC, has it. Ask again then.",
                    time=f"{batches.next_at():%H:%M}",
                )
            )
        own, everybody = _chain(session, subject), _chain(session, EVERYBODY)
        said = statement(subject, anchor.day, own, everybody)
        hashes = [anchor.leaves[start : start + 32] for start in range(0, len(anchor.leaves), 32)]
        leaf = leaf_of(anchor.secret, subject, said)
        place = bisect_left(hashes, leaf)
        there = place < len(hashes) and hashes[place] == leaf
        own_entries, everybodys = _told(session, subject, anchor), _told(session, EVERYBODY, anchor)
        leads_there = own_entries["chain"] == own and everybodys["chain"] == everybody
        if not there and leads_there and not own.entries:
            raise NotAnchored(mark("You were added after the newest anchor. The next one is made after midnight UTC."))
        path = merkle.inclusion(place, len(hashes), merkle.in_memory(hashes)) if there else []
        proven = log.proven_entry(session, anchor.position, *log.known_sizes(session, subject))
        assert proven is not None, "public entries are never destroyed"
        return {
            "format": FORMAT,
            "intact": there and leads_there,
            "leaf": said,
            "salt": salt_of(anchor.secret, subject).hex(),
            "index": place,
            "inclusion": [value.hex() for value in path],
            "own": own_entries["document"],
            "everybody": everybodys["document"],
            "statement": proven[0],
            "ledger": proven[1],
        }


def _chain(session: Session, subject: UUID) -> Chain:
    row = session.get(ChainRow, subject)
    return Chain() if row is None else Chain(row.entries, row.head)


def _told(session: Session, subject: UUID, anchor: AnchorRow) -> dict[str, Any]:
    """The entries in a chain, and the chain that they form."""
    rows = select(AccessRow).where(AccessRow.subject == subject, AccessRow.anchor <= anchor.number)
    ordered = session.scalars(rows.order_by(AccessRow.anchor, AccessRow.id).execution_options(yield_per=1000))
    before, kept = Chain(), list[dict[str, Any]]()
    for row in ordered:
        kept.append(fields(row))
        if len(kept) == 2 * MOST_ENTRIES:
            before = extended(before, kept[:MOST_ENTRIES])
            del kept[:MOST_ENTRIES]
    older = max(0, len(kept) - MOST_ENTRIES)
    before = extended(before, kept[:older])
    return {
        "chain": extended(before, kept[older:]),
        "document": {"before": before.document(), "entries": kept[older:]},
    }
