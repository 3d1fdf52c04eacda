"""Divides the lake into shards, and moves people between them while it is in use.

Slots are moved some at a time, with the writers of both shards blocked:

    1. their rows in the new shard don't count (`Placing.doubled`), and what an interrupted move left is deleted
    2. they are copied, in one transaction
    3. the new shard has the slots, and their rows in the old one don't count
    4. they are deleted there, and purged once everybody is moved, or by the next erasure

Steps 1 and 3 wait for questions that are being answered, so that none sees a person in two shards or in none. It is
safe to interrupt: what is moved stays moved, and a second call goes on.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace

from duckdb import DuckDBPyConnection

from lake.statements import statement
from lake.storage import connection as lake
from lake.storage import maintenance, making
from lake.storage.catalogs import catalog
from lake.storage.opening import attach_others, name_of, of_slots
from lake.storage.shards import FIRST, SLOTS, TABLES, Doubled, Placing, entering, folder_of, placing
from lake.storage.unavailable import LakeBusy

MOST_SHARDS = 16
AT_ONCE = 1_000_000
"""About how many captures are moved at once; writers of both shards wait meanwhile."""

Report = Callable[[str, int, int], None]
"""Current activity, how many captures are moved, and how many have to be."""
Writers = dict[int, DuckDBPyConnection]


@dataclass(frozen=True)
class _Move:
    """Slots that are moved together, with about so many captures."""

    slots: tuple[int, ...]
    at: int
    to: int
    captures: int


def spread(shards: int, report: Report = lambda *_: None) -> int:
    """Divide the lake into so many shards, from 1 to `MOST_SHARDS`, with about as many people in each; returns how many
    captures were moved. Shards that are no longer needed stay, empty. Raises LakeUnavailable, LakeBusy,
    ReadersInTheWay.
    """
    with _alone():
        moves = _moves(_made(shards), shards)
        total, moved = sum(move.captures for move in moves), 0
        for move in moves:
            report("Moving", moved, total)
            _move(move)
            moved += move.captures
        report("Deleting what was moved", moved, total)
        with lake.writer() as connection:
            maintenance.purge_where_due(connection)
    return moved


def to_move(shards: int) -> int:
    """How many captures `spread` would move now."""
    with lake.reader_once() as connection:
        now = placing.read(connection)
    return sum(move.captures for move in _moves(now, shards))


@contextmanager
def _alone() -> Iterator[None]:
    with closing(catalog(FIRST).lock("moving")) as lock:
        if not lock.take(shared=False):
            raise LakeBusy("The lake is being divided already. Nothing was changed. Wait until that has ended.")
        yield


def _made(shards: int) -> Placing:
    """With so many shards at least, new ones empty, and without what an interrupted move left."""
    with lake.writer(shard=FIRST) as first:
        now = placing.read(first)
        for shard in range(len(now.shards), shards):
            with entering(shard):
                catalog().clear_away()
                shutil.rmtree(lake.lake_folder() / folder_of(shard), ignore_errors=True)
                made = making.create().lake
            now = _place(first, replace(now, lakes=(*now.lakes, made)))
        if now.doubled is not None:
            with ExitStack() as writers:
                now = _without_doubled(_writers(first, {now.doubled.shard}, writers), now, now.doubled)
    return now


def _moves(now: Placing, shards: int) -> list[_Move]:
    """Which slots are moved together."""
    with lake.reader_once() as connection:
        captures: dict[int, int] = dict(connection.execute(statement("captures_by_slot")).fetchall())
    found: list[_Move] = []
    for slot in sorted(range(SLOTS), key=lambda slot: (now.slots[slot], slot % shards)):
        at, to, some = now.slots[slot], slot % shards, captures.get(slot, 0)
        last = found[-1] if found else None
        if at == to:
            continue
        if last and (last.at, last.to) == (at, to) and last.captures + some <= AT_ONCE:
            found[-1] = _Move((*last.slots, slot), at, to, last.captures + some)
        else:
            found.append(_Move((slot,), at, to, some))
    return found


def _move(move: _Move) -> None:
    with lake.writer(shard=FIRST) as first, ExitStack() as writers:
        by = _writers(first, {move.at, move.to}, writers)
        now = _place(first, replace(placing.read(first), doubled=Doubled(move.slots, move.to)))
        _copy(by[move.to], move)
        slots = tuple(move.to if slot in move.slots else shard for slot, shard in enumerate(now.slots))
        old = Doubled(move.slots, move.at)
        _without_doubled(by, _place(first, replace(now, slots=slots, doubled=old)), old)


def _writers(first: DuckDBPyConnection, shards: set[int], writers: ExitStack) -> Writers:
    """In the order in which everybody takes several."""
    by = {FIRST: first}
    for shard in sorted(shards - {FIRST}):
        by[shard] = writers.enter_context(lake.writer(shard=shard))
    return by


def _place(first: DuckDBPyConnection, now: Placing) -> Placing:
    with entering(FIRST), maintenance.exclusively(), lake.transaction(first):
        placing.write(first, now)
    return now


def _copy(connection: DuckDBPyConnection, move: _Move) -> None:
    with entering(move.to):
        attach_others(connection, [move.at])
        source = name_of(move.at)
    with lake.transaction(connection):
        for table in TABLES:
            rows = f"select * from {source}.main.{table} where {of_slots(table, move.slots, source)}"  # noqa: S608
            connection.execute(f"insert into lake.main.{table} by name {rows}")


def _without_doubled(by: Writers, now: Placing, doubled: Doubled) -> Placing:
    connection = by[doubled.shard]
    with entering(doubled.shard), lake.transaction(connection):
        maintenance.mark_purge_due()
        for table in reversed(TABLES):  # captures last: they say whose the rows about others are
            connection.execute(f"delete from lake.main.{table} where {of_slots(table, doubled.slots, 'lake')}")  # noqa: S608
    return _place(by[FIRST], replace(now, doubled=None))
