"""When entries get into the tree: in batches of one size, at fixed times of the clock, so that neither the size of the
ledger nor the moment at which it grows says that anything happened.

    append      an entry waits, in the transaction of the event that it records (`EntryRow.leaf` is None)
    seal_due    at each tick of the clock (a multiple of `OPENBOOK_LEDGER_BATCH_SECONDS`) exactly
                `OPENBOOK_LEDGER_BATCH_SIZE` leaves are added: waiting entries, the oldest first, and random leaves that
                nobody can tell from those of salted entries. Which is where is random

Entries that are public may take half of a batch, whether or not others wait: otherwise the number of those that got in
would say how many others did. Of one person a batch takes two: otherwise whoever fills it could count from their
own entries how many others there are. Who waits when a batch is full is in a later one.

A tick that passed while no worker ran is not made up for: what is added after it is one batch, whatever waits and
however long nobody worked. A batch is sealed by one transaction, which also notes when; so a worker that is killed has
sealed it or not, and two workers don't seal one twice.

A public entry has the time at which its batch was sealed: the moment from which anyone can see it. The statement of any
other entry has the moment of the event, which only those who have the statement see.

With 0 seconds, each entry is added at once and alone.
"""

from __future__ import annotations

import hashlib
import json
import logging
import secrets
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from random import SystemRandom
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

import clock
import timekeeping
from governance.db.database import reading, writing
from governance.domain.moments import format_moment
from governance.ledger.tables import EntryRow, NodeRow, ScheduleRow
from lake.storage import merkle
from settings import settings
from verifier import canonical, commitment, leaf_hash

EVERY_SECONDS = 1.0
"""How often a worker looks whether a batch is due."""
HASH_BYTES = 32
MANY = 4
"""More batches of entries than this that wait are said in the log."""
logger = logging.getLogger("governance")
_random = SystemRandom()


def size(session: Session) -> int:
    """How many leaves the tree has."""
    last = session.scalar(select(func.max(NodeRow.position)).where(NodeRow.level == 0))
    return 0 if last is None else last + 1


def nodes(session: Session) -> merkle.Nodes:
    """The stored nodes, as this session sees them."""

    def node(level: int, position: int) -> bytes:
        return session.get_one(NodeRow, (level, position)).hash

    return node


def next_at() -> datetime:
    """The next tick: what waits now is in the ledger from then on, or from a later one if too much waits."""
    seconds = settings().ledger_batch_seconds
    if not seconds:
        return clock.now()
    return datetime.fromtimestamp((_tick(clock.now()) + 1) * seconds, UTC)


def seal_due() -> bool:
    """Seal the batch of the current tick, unless that was done; returns whether this did. Safe to repeat.

    Raises PartUnavailable.
    """
    with reading() as session:
        if not _is_due(session):
            return False
    with writing() as session:
        if not _is_due(session):  # another worker was faster
            return False
        if not settings().ledger_batch_seconds:
            seal_waiting(session)
            return True
        _seal(session, settings().ledger_batch_size)
        session.merge(ScheduleRow(number=1, sealed_at=clock.now_utc()))
        return True


def seal_waiting(session: Session) -> None:
    """Add all that wait, in their order and nothing else: without a schedule."""
    start, rows = size(session), session.scalars(_waiting()).all()
    for leaf, row in enumerate(rows, start):
        row.leaf, row.whose = leaf, None
    _add(session, start, [row.commitment for row in rows])


def _seal(session: Session, places: int) -> None:
    """Add a batch of this many leaves."""
    public = session.scalars(_waiting().where(EntryRow.public).limit(max(1, places // 2))).all()
    others = _others(session, places - len(public), share(places))
    start, at = size(session), format_moment(clock.now())
    leaves = [secrets.token_bytes(HASH_BYTES) for _ in range(places)]
    for place, row in _placed(public, others, places):
        if row.public and row.statement is not None:
            statement = {**json.loads(row.statement), "at": at}
            row.statement, row.commitment = canonical(statement).decode(), commitment(b"", statement)
        row.leaf, row.whose, leaves[place] = start + place, None, row.commitment
    _add(session, start, leaves)
    if (left := session.scalar(select(func.count()).where(EntryRow.leaf.is_(None))) or 0) > MANY * places:
        logger.warning(
            "%d entries wait for later batches: OPENBOOK_LEDGER_BATCH_SIZE is too small (docs/ledger.md).",
            left,
        )


def share(places: int) -> int:
    """How many entries of one person a batch takes: at least an acknowledgement and a receipt."""
    return max(2, places // 16)


def pseudonym(person: UUID) -> bytes:
    """What tells entries of one person from those of others while they wait."""
    return hashlib.sha256(b"whose entry waits\0" + person.bytes).digest()[:8]


def _others(session: Session, places: int, of_one: int) -> Sequence[EntryRow]:
    """Entries that are not public, the oldest first, and of each person at most so many."""
    mine = func.row_number().over(partition_by=EntryRow.whose, order_by=EntryRow.position)
    waiting = select(EntryRow.position, EntryRow.whose, mine.label("mine")).where(
        EntryRow.leaf.is_(None), ~EntryRow.public
    )
    each = waiting.subquery()
    chosen = select(each.c.position).where(or_(each.c.whose.is_(None), each.c.mine <= of_one))
    first = chosen.order_by(each.c.position).limit(places)
    return session.scalars(select(EntryRow).where(EntryRow.position.in_(first)).order_by(EntryRow.position)).all()


def _placed(public: Sequence[EntryRow], others: Sequence[EntryRow], places: int) -> Iterator[tuple[int, EntryRow]]:
    """A random place for each. Public entries stay in order, and so do those about one request: what is older in the
    ledger is older."""
    free = list(range(places))
    _random.shuffle(free)
    groups: defaultdict[object, list[EntryRow]] = defaultdict(list)
    for row in (*public, *others):
        groups["public" if row.public else row.request_id or row.position].append(row)
    for rows in groups.values():
        yield from zip(sorted(free.pop() for _ in rows), rows, strict=True)


def _add(session: Session, start: int, commitments: Sequence[bytes]) -> None:
    stored, added = nodes(session), dict[tuple[int, int], bytes]()

    def node(level: int, position: int) -> bytes:
        return added.get((level, position)) or stored(level, position)

    for index, committed in enumerate(commitments, start):
        for level, position, value in merkle.completed(index, leaf_hash(committed), node):
            added[level, position] = value
            session.add(NodeRow(level=level, position=position, hash=value))
    session.flush()


def _waiting() -> Select[EntryRow]:
    return select(EntryRow).where(EntryRow.leaf.is_(None)).order_by(EntryRow.position)


def _is_due(session: Session) -> bool:
    if not settings().ledger_batch_seconds:
        return session.scalar(_waiting().limit(1)) is not None
    last, now = session.scalar(select(ScheduleRow.sealed_at)), clock.now_utc()
    if last is None:
        return True
    put_back = last > now + timekeeping.TOLERANCE  # the clock was wrong then
    return put_back or _tick(now) > _tick(last)


def _tick(moment: datetime) -> int:
    return int(moment.replace(tzinfo=UTC).timestamp() // settings().ledger_batch_seconds)
