"""The statement of a receipt: the request, what happened to it store by store, and what the person can do about it.

Everything comes from the request's own record. What was not recorded is stated as not recorded, because a gap that
looks like a zero would be a claim. It contains no captured content, no names, and no words that a person typed: of a
rectification's note it has a salted hash, as the acknowledgement.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from databases import postgresql
from directory.keys import service as key_service
from governance.db.tables import RequestRow
from governance.domain.lifecycle import State, Type
from governance.domain.moments import format_moment
from governance.receipts.acknowledging import NOTE
from languages import mark
from law.reasons import Reason, appeal, words_of
from law.regimes import regime

NOT_RECORDED = mark("not recorded")
METHODS = {
    "captures": mark(
        "Hidden and kept from coming back by a tombstone; the rows deleted; the encrypted files with them "
        "rewritten without them, the old files deleted; the catalog's history expired and the catalog rebuilt; then "
        "searched again."
    ),
    "daily counts": mark("Lowered or deleted in the same step as the records, so they are not counted separately."),
    "export files": mark("Deleted with their drafts."),
    "content key": mark(
        "Overwritten: without it, a sealed copy that may exist can't be opened. Backups may have copies of "
        "it for a time."
    ),
    "content key in PostgreSQL": mark(
        "Deleted from the database: without it, a sealed copy that may exist can't be opened. "
        "The database server may keep traces of it in its files and its log, and backups may have copies of it, for a "
        "time."
    ),
    "content key in a key service": mark(
        "Deleted, and so was the key in your employer's key service that opens it: without that, neither copies of the "
        "content key nor sealed copies that may exist can be opened. Copies that your employer makes of the key "
        "service itself may have it for a time; Open Book can't see them."
    ),
}
NOT_DESTROYED = mark(
    "Not destroyed by this request: an erasure of everything does that, once nothing of yours is left and if there "
    "is a key."
)
FAILS = mark("Failed work is retried until it succeeds; a receipt is issued only after that.")
OVER = {
    State.DENIED: mark("Work on it had begun; no part of it stays in force."),
    State.WITHDRAWN: mark(
        "It was in force until you ended it and no longer is. The previous receipt says what it covered."
    ),
}
MASKED = mark(
    "Your name is masked in the stored records of others that mention you. In records that a legal hold keeps as they "
    "are, it is masked once the hold ends. In records that are stored from now on, it is masked within minutes. Copies "
    "that colleagues or training programs had before, and earlier backups until their time is over, may still have it."
)
LIFTED = mark("It is erased automatically when the hold is lifted; you then get another receipt.")
CHECK = mark(
    "Run the verifier of the ledger (one file, /v1/ledger/verifier) on this receipt, with the key (/v1/ledger/key), "
    "obtained from someone other than the server that gave you the receipt, such as your works council."
)


def describe(row: RequestRow, number: int, kept_until: datetime, note_sha256: str | None) -> dict[str, Any]:
    """The statement for the receipt of an ended request; text, whole numbers, lists and mappings. `note_sha256`: as
    acknowledged."""
    outcome = row.outcome or {}
    statement = {
        "request": row.id,
        "number": number,
        "subject": row.subject,
        "type": row.type,
        "regime": row.regime,
        "state": row.state,
        "scope": row.scope,
        **({} if note_sha256 is None else {NOTE: note_sha256}),
        "received_at": row.received_at,
        "due_at": row.due_at,
        "first_due_at": row.first_due_at,
        "due_on": row.due_on,
        "first_due_on": row.first_due_on,
        "zone": row.zone,
        "completed_at": row.completed_at,
        "history": [{"at": event.at, "state": event.state, "words": event.note} for event in row.history],
        "decision": _decision(row),
        "appeal": appeal(row.regime),
        "previewed": row.previewed or NOT_RECORDED,
        "differences": outcome.get("differences", NOT_RECORDED),
        **_done(row, outcome),
        "record": {"kept_until": kept_until.date(), "words": _kept(row.regime, kept_until)},
        "verify": CHECK,
    }
    return {name: plain(value) for name, value in statement.items()}


def _done(row: RequestRow, outcome: dict[str, Any]) -> dict[str, Any]:
    """What was done, by type of request."""
    state = State(row.state)
    if state in OVER:
        return {"done": OVER[state] if outcome else mark("Nothing was done.")}
    elsewhere = {
        "models": _models(outcome),
        **({"models_left_out": left_out} if (left_out := outcome.get("models_left_out")) else {}),
        "processors": outcome.get("processors", NOT_RECORDED),
    }
    if row.type == Type.ERASURE:
        return {
            "stores": _stores(outcome),
            "found_afterwards": outcome.get("found_afterwards", NOT_RECORDED),
            "failures": FAILS,
            "withheld": [_withheld(held) for held in outcome.get("withheld_by", [])],
            "backups": outcome.get("backups", NOT_RECORDED),
            "stays": outcome.get("stays", NOT_RECORDED),
            **elsewhere,
        }
    if row.type == Type.EXPORT:
        return {"exported": outcome.get("exported", NOT_RECORDED), "file": _file(row)}
    if row.type == Type.MASKING:
        return {"done": MASKED}
    return {"covered": outcome.get("covered", NOT_RECORDED), **elsewhere}


def _models(outcome: dict[str, Any]) -> Any:
    """Their words, without what these were made of."""
    found = outcome.get("models")
    if found is None:
        return NOT_RECORDED
    return [{name: value for name, value in entry.items() if name != "said"} for entry in found]


def _stores(outcome: dict[str, Any]) -> list[dict[str, Any]]:
    matched, erased, withheld = (outcome.get(count, NOT_RECORDED) for count in ("matched", "erased", "withheld"))
    counted = all(isinstance(count, int) for count in (matched, erased, withheld))
    exports = outcome.get("exports_deleted", NOT_RECORDED)
    destroyed = outcome.get("content_key_destroyed")
    return [
        {
            "store": "captures",
            "matched": matched,
            "erased": erased,
            "withheld": withheld,
            "failed": matched - erased - withheld if counted else NOT_RECORDED,
            "method": METHODS["captures"],
        },
        {"store": "daily counts", "method": METHODS["daily counts"]},
        {
            "store": "export files",
            "matched": exports,
            "erased": exports,
            "withheld": 0,
            "failed": 0,
            "method": METHODS["export files"],
        },
        {
            "store": "content key",
            "erased": NOT_RECORDED if destroyed is None else int(destroyed),
            "method": METHODS[_kept_key()] if destroyed else NOT_DESTROYED,
        },
    ]


def _kept_key() -> str:
    if key_service.is_chosen():
        return "content key in a key service"
    return "content key in PostgreSQL" if postgresql.is_used() else "content key"


def _withheld(held: dict[str, Any]) -> dict[str, Any]:
    fields = ("hold", "case", "exception", "reason", "review_on", "events")
    return {**{field: held.get(field, NOT_RECORDED) for field in fields}, "then": LIFTED}


def _file(row: RequestRow) -> Any:
    if row.export is None:
        return NOT_RECORDED
    return {"size": row.export.size, "sha256": row.export.sha256, "deleted_after": row.export.expires_at}


def _decision(row: RequestRow) -> dict[str, Any]:
    if not row.decisions:
        return {"role": "nobody", "words": mark("No decision was needed: it was carried out as you filed it.")}
    last = row.decisions[-1]
    reason = Reason(last.reason) if last.reason else None
    return {
        "decision": last.decision,
        "reason": reason,
        "role": last.role,
        "at": last.at,
        "words": words_of(reason),
    }


def _kept(key: str, kept_until: datetime) -> str:
    return (
        f"This receipt is kept until {kept_until:%-d %B %Y}, because it shows what was done, and "
        f"{regime(key).record_duty}. Then its words, its signature and the random "
        "number that ties it to the ledger are destroyed. Save a copy if you want to keep it longer."
    )


def plain(value: Any) -> Any:
    """The value in a form that can be signed; times in RFC 3339."""
    if isinstance(value, dict):
        return {str(name): plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    if isinstance(value, datetime):
        return format_moment(value.replace(tzinfo=UTC) if value.tzinfo is None else value)
    if isinstance(value, date):
        return value.isoformat()
    return value if value is None or isinstance(value, int) else str(value)
