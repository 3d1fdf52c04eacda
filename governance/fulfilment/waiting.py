"""Erasures that wait for a day, because their owner wants to be able to change their mind.

keep_out   a rule keeps the records out of new datasets, and no program is given them for training: the tombstone of an
           erasure can't be taken back, this rule can
start      the day is over: from now on the request is carried out like any other

Nothing is hidden or deleted before, and the last days of the records are as before. The legal deadline counts from the
filing. A request that was withdrawn meanwhile has ended for good: no worker takes it, and its rule ends
(`governance.fulfilment.standing.end_pending_rules`).
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from duckdb import DuckDBPyConnection
from sqlalchemy import Select, or_, select

import clock
from governance.db.database import reading, writing
from governance.db.tables import EventRow, RequestRow
from governance.domain.lifecycle import OPEN
from governance.leases import writing as leases
from governance.ledger import trusted_time
from governance.requests.filing import WAIT, note
from governance.requests.progress import Postponed, work_of
from lake.rules import standing
from lake.rules.standing import Rule
from lake.storage.connection import writer
from languages import mark

KEPT_OUT = mark("From now on none of this goes into a new dataset, and none of it is handed out for training.")
KEPT_OUT_NOTES = (KEPT_OUT, KEPT_OUT.replace("dataset", "data set"))
"""As it is written, and as it was spelled before."""
OVER = mark("The day is over: it starts now.")


def keep_out() -> None:
    """Put the rules of waiting erasures into force; safe to repeat. Raises LakeUnavailable."""
    with reading() as session:
        pending = session.scalars(_waiting().where(~RequestRow.history.any(EventRow.note.in_(KEPT_OUT_NOTES)))).all()
    for request_id in pending:
        with writing() as session:
            row = session.get_one(RequestRow, request_id)
            if not row.waits:
                continue
            row.rule_stands = True
        with writer() as connection:
            with reading() as session:
                row = session.get_one(RequestRow, request_id)
                waits, work = row.waits, work_of(row)
            if waits:
                standing.start_rule(connection, work.subject, work.scope, work.id, Rule.WAITING)
        try:
            leases.end_changed()
        except Postponed:
            continue
        with writing() as session:
            row = session.get_one(RequestRow, request_id)
            if row.waits and all(step.note not in KEPT_OUT_NOTES for step in row.history):
                note(row, KEPT_OUT)


def start() -> None:
    """Let erasures start whose day is over, if the clock can be trusted."""
    now = clock.now_utc()
    with reading() as session:
        over_or_too_late = or_(RequestRow.starts_at <= now, RequestRow.starts_at > now + WAIT)
        found = session.scalars(_waiting().where(over_or_too_late)).all()
    if not found or not trusted_time.allows("erasures that waited for a day"):
        return
    for request_id in found:
        with writing() as session:
            row = session.get_one(RequestRow, request_id)
            if not row.waits or row.starts_at is None:
                continue
            if row.starts_at > now:  # the clock was ahead when it was filed
                row.starts_at = now + WAIT
            else:
                row.waits = False
                note(row, OVER)


def end_rules(connection: DuckDBPyConnection, ids: Sequence[UUID]) -> None:
    """End the rules of erasures that are carried out: their tombstones are in force."""
    with reading() as session:
        standing_now = session.scalars(
            select(RequestRow.id).where(RequestRow.id.in_(ids), RequestRow.rule_stands)
        ).all()
    for request_id in standing_now:
        standing.end_rule(connection, request_id)
    if standing_now:
        with writing() as session:
            for request_id in standing_now:
                session.get_one(RequestRow, request_id).rule_stands = False


def _waiting() -> Select[UUID]:
    return select(RequestRow.id).where(RequestRow.waits, RequestRow.state.in_(OPEN))
