"""A request as its owner sees it, from its row."""

from __future__ import annotations

from typing import Any

import clock
from directory.keys import Reader
from governance import receipts, schemas
from governance.db.tables import DecisionRow, ExportRow, RequestRow
from governance.domain.lifecycle import State, Type
from governance.domain.scopes import RequestScope
from governance.requests import notes
from languages import mark
from languages.saying import say
from law import reasons

NEWEST = 50
"""How many history entries and receipts are returned with a request."""

LOST = mark(
    "The file was lost: our system was restored from a backup, and backups contain no exports. Request a new one."
)
"""In the history of an export whose file a restore left behind."""


def answer(row: RequestRow, reader: Reader) -> schemas.Request:
    """Everything there is to know about a request; for its owner, because their note is opened."""
    outcome = schemas.Outcome.model_validate(row.outcome) if row.outcome is not None else None
    return schemas.Request(**_fields(row, reader), outcome=outcome)


def listed(row: RequestRow, reader: Reader) -> schemas.ListedRequest:
    """The same without the outcome, which may be long."""
    return schemas.ListedRequest(**_fields(row, reader))


def _fields(row: RequestRow, reader: Reader) -> dict[str, Any]:
    kind, state = Type(row.type), State(row.state)
    return {
        "id": row.id,
        "type": kind,
        "state": state,
        "scope": RequestScope.model_validate(row.scope),
        "note": notes.open_note(row, reader),
        "note_shared": row.note_shared,
        "regime": row.regime,
        "received_at": row.received_at,
        "due_at": row.due_at,
        "first_due_at": row.first_due_at,
        "due_on": row.due_on,
        "first_due_on": row.first_due_on,
        "zone": row.zone,
        "extended": extended(row),
        "starts_at": row.starts_at,
        "completed_at": row.completed_at,
        "standing": state == State.COMPLETED if kind.standing else None,
        "decision": _decision(row.decisions[-1], row.regime) if row.decisions else None,
        "previewed": schemas.Previewed.model_validate(row.previewed) if row.previewed is not None else None,
        "failure": row.failure,
        "history": [schemas.Event.model_validate(event) for event in row.history[-NEWEST:]],
        "export": _export(row, row.export) if row.export else None,
        "receipts": [
            schemas.Receipt(number=each.number, issued_at=each.issued_at, in_ledger_from=from_then_on)
            for each, from_then_on in receipts.issued(row)[-NEWEST:]
        ],
    }


def extended(row: RequestRow) -> bool:
    return row.due_at != row.first_due_at


def _decision(row: DecisionRow, regime: str) -> schemas.Decision:
    decision = reasons.Decision(row.decision)
    reason = reasons.Reason(row.reason) if row.reason is not None else None
    return schemas.Decision(
        decision=decision,
        reason=reason,
        words=reasons.words_of(reason),
        at=row.at,
        role=row.role,
        appeal=reasons.appeal(regime, say) if decision == reasons.Decision.DENY else None,
    )


def _export(request: RequestRow, row: ExportRow) -> schemas.Export:
    removed = _removed(request, row)
    return schemas.Export(
        size=row.size,
        sha256=row.sha256,
        written_at=row.written_at,
        expires_at=row.expires_at,
        available=removed is None,
        removed_because=removed,
        removed_at=row.deleted_at or row.expires_at if removed else None,
    )


def _removed(request: RequestRow, row: ExportRow) -> schemas.Removed | None:
    """Why there is no file any more. Before its time, only an erasure or a restore removes it."""
    if row.deleted_at is None:
        return None if clock.now_utc() < row.expires_at else "time"
    if row.deleted_at >= row.expires_at:
        return "time"
    return "restore" if any(event.note == LOST for event in request.history) else "erasure"
