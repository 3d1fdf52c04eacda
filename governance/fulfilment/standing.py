"""Carrying out requests that stay in force until their owner ends them: objections, restrictions, rectifications,
maskings.

settle   the rule takes effect in the lake; what it covers, and its effect on each model, is recorded
keep_out what programs have to train on for some hours, and has any of it, is deleted; of a masking: the name is masked
         in what is stored (`governance.fulfilment.masking`)
finish   completed: the request is in force; how that differs from the preview is recorded

A rectification creates no rule in the lake: its note is stored with the request and shown with the captures in its
scope (`governance.requests.notes`). When the request is withdrawn, or denied after its rule took effect, a worker ends
the rule (`end_pending_rules`). A flag is set on the request before its rule takes effect, and cleared after the rule
has ended, so a crash in between is repaired. Whether the rule may still take effect is checked while writing to the
lake, where the two are serialised.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

import queries
from governance.ai_models import plans, states
from governance.db.database import reading, writing
from governance.db.tables import RequestRow
from governance.domain.lifecycle import State, Type
from governance.fulfilment import masking
from governance.leases import writing as leases
from governance.receipts.statement import MASKED
from governance.requests import notes, preview
from governance.requests.progress import Step, add, end, read_work
from lake import masking as name_masks
from lake.rules import standing
from lake.rules.standing import Rule
from lake.storage.connection import writer
from languages import mark

RULES = {Type.OBJECTION: Rule.OBJECTION, Type.RESTRICTION: Rule.RESTRICTION}

WORDS = {
    Type.OBJECTION: mark("From now on none of this is used for training, nor is anything captured later."),
    Type.RESTRICTION: mark(
        "From now on this is kept but not used: it goes into no dataset for training, and is not "
        "deleted when its time is up."
    ),
    Type.RECTIFICATION: mark("From now on your note is shown with these records."),
    Type.MASKING: MASKED,
}
NOTE_GONE = (
    "There is nothing left that your note could be shown with: an erasure deleted everything, including the key of the "
    "note."
)


def settle(request_id: UUID) -> None:
    work = read_work(request_id)
    kind = Type(work.type)
    if kind in RULES or kind == Type.MASKING:
        with writing() as session:
            row = session.get_one(RequestRow, request_id)
            if row.state != State.IN_PROGRESS:
                return
            row.rule_stands = True
        with writer() as connection:
            with reading() as session:
                if session.get_one(RequestRow, request_id).state != State.IN_PROGRESS:
                    return
            if kind == Type.MASKING:
                name_masks.start(connection, work.subject, work.id)
                return
            standing.start_rule(connection, work.subject, work.scope, work.id, RULES[kind])
    with queries.for_request(work.subject, request_id).at_once() as own:
        outcome: dict[str, Any] = {"covered": own.count(work.scope)}
        if kind in RULES:
            affected = own.datasets_affected(work.scope)
            outcome |= states.outcome(
                own.model_graph(), affected.listed, plans.plans(), affected.until, affected.before
            )
    with writing() as session:
        add(session.get_one(RequestRow, request_id), **outcome)


def keep_out(request_id: UUID) -> None:
    """Raises Postponed, PartUnavailable."""
    kind = Type(read_work(request_id).type)
    if kind in RULES:
        leases.end_changed()
    elif kind == Type.MASKING:
        masking.mask_due()


def finish(request_id: UUID) -> None:
    reader = queries.for_request(read_work(request_id).subject, request_id).subject.reader
    with writing() as session:
        row = session.get_one(RequestRow, request_id)
        if row.state == State.IN_PROGRESS:
            if row.previewed is not None and row.type != Type.MASKING:
                add(row, differences=preview.differences(row.previewed, row.outcome or {}))
            gone = row.sealed_note is not None and notes.open_note(row, reader) is None
            end(row, State.COMPLETED, NOTE_GONE if gone else WORDS[Type(row.type)])


STEPS: tuple[Step, ...] = (settle, keep_out, finish)


def end_pending_rules() -> None:
    """End the rules of withdrawn or denied requests; safe to repeat."""
    over = select(RequestRow.id).where(RequestRow.rule_stands, RequestRow.state.in_((State.WITHDRAWN, State.DENIED)))
    with reading() as session:
        left = session.scalars(over).all()
    for request_id in left:
        with writer() as connection:
            standing.end_rule(connection, request_id)
            name_masks.end(connection, request_id)
        with writing() as session:
            session.get_one(RequestRow, request_id).rule_stands = False
