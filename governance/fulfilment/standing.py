"""Carrying out what stands until its owner ends it: objections, restrictions, rectifications.

settle   the rule comes into force in the lake; what it covers, and what it means for each model, is written down
finish   completed: from now on it stands

A rectification leaves no rule in the lake: its note stands with the request, and is shown with the captures of its
scope (`governance.requests.notes`). When the request is withdrawn, or denied after its rule stood, a worker ends the
rule (`end_left`). A flag is set on the request before its rule comes into force, and taken away after the rule has
ended, so a crash in between is made up for. Whether the rule may still come into force is looked at while writing to
the lake, where the two take turns.
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
from governance.requests import notes
from governance.requests.progress import Step, add, end, read_work
from lake.rules import standing
from lake.rules.standing import Rule
from lake.storage.connection import writer

RULES = {Type.OBJECTION: Rule.OBJECTION, Type.RESTRICTION: Rule.RESTRICTION}

WORDS = {
    Type.OBJECTION: "From now on none of this goes into a data set for training; what is captured later neither.",
    Type.RESTRICTION: "From now on this is kept and not used: it goes into no data set for training, and is not "
    "removed when its time is over.",
    Type.RECTIFICATION: "From now on your note stands with these captures.",
}
NOTE_GONE = (
    "Nothing of yours was left for your note to stand with: an erasure took everything, and the key of the note with "
    "it."
)


def settle(request_id: UUID) -> None:
    work = read_work(request_id)
    kind = Type(work.type)
    if kind in RULES:
        with writing() as session:
            row = session.get_one(RequestRow, request_id)
            if row.state != State.IN_PROGRESS:
                return
            row.rule_stands = True
        with writer() as connection:
            with reading() as session:
                if session.get_one(RequestRow, request_id).state != State.IN_PROGRESS:
                    return
            standing.start_rule(connection, work.subject, work.scope, work.id, RULES[kind])
    own = queries.for_request(work.subject)
    outcome: dict[str, Any] = {"covered": own.count(work.scope)}
    if kind in RULES:
        listed = own.datasets_affected(work.scope)
        outcome |= states.outcome(own.model_graph(), listed, plans.plans())
    with writing() as session:
        add(session.get_one(RequestRow, request_id), **outcome)


def finish(request_id: UUID) -> None:
    with writing() as session:
        row = session.get_one(RequestRow, request_id)
        if row.state == State.IN_PROGRESS:
            gone = row.sealed_note is not None and notes.open_note(row) is None
            end(row, State.COMPLETED, NOTE_GONE if gone else WORDS[Type(row.type)])


STEPS: tuple[Step, ...] = (settle, finish)


def end_left() -> None:
    """End the rules of requests that were withdrawn or denied; safe to repeat."""
    over = select(RequestRow.id).where(RequestRow.rule_stands, RequestRow.state.in_((State.WITHDRAWN, State.DENIED)))
    with reading() as session:
        left = session.scalars(over).all()
    for request_id in left:
        with writer() as connection:
            standing.end_rule(connection, request_id)
        with writing() as session:
            session.get_one(RequestRow, request_id).rule_stands = False
