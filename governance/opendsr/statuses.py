"""Our states as OpenDSR statuses. What OpenDSR has no field for goes into `extensions`, under our domain.

received, verifying      pending
in_progress              in_progress
extended                 unchanged, with another `expected_completion_time`
failed                   in_progress   state, error
completed                completed
partially_completed      completed     state, withheld[]
denied                   cancelled     state, reason, words, appeal
withdrawn                cancelled     state
"""

from __future__ import annotations

from typing import Any

from governance.db.tables import RequestRow
from governance.domain.lifecycle import State, Type
from governance.opendsr.messages import RequestStatus, Status
from governance.opendsr.partners import Controller
from governance.opendsr.signing import own_domain, own_url
from governance.requests.controller_tables import ControllerRequestRow
from law import reasons

STATUSES: dict[State, RequestStatus | None] = {
    State.RECEIVED: "pending",
    State.VERIFYING: "pending",
    State.IN_PROGRESS: "in_progress",
    State.FAILED: "in_progress",
    State.EXTENDED: None,
    State.COMPLETED: "completed",
    State.PARTIALLY_COMPLETED: "completed",
    State.DENIED: "cancelled",
    State.WITHDRAWN: "cancelled",
}
"""None: unchanged."""


def status_of(controller: Controller, row: ControllerRequestRow) -> Status:
    """The status of the request, for the controller that sent it."""
    request = row.request
    extension = _extension(request)
    return Status(
        controller_id=controller.controller_id,
        expected_completion_time=request.due_at,
        subject_request_id=str(row.subject_request_id),
        request_status=STATUSES[State(request.state)] or "pending",
        results_url=f"{own_url()}/requests/{row.subject_request_id}/results" if _has_results(request) else None,
        extensions={own_domain(): extension} if extension else None,
    )


def _has_results(request: RequestRow) -> bool:
    return request.type == Type.EXPORT and request.export is not None and request.export.deleted_at is None


def _extension(request: RequestRow) -> dict[str, Any]:
    match State(request.state):
        case State.FAILED:
            return {"state": State.FAILED, "error": request.failure}
        case State.PARTIALLY_COMPLETED:
            return {"state": State.PARTIALLY_COMPLETED, "withheld": (request.outcome or {}).get("withheld_by", [])}
        case State.DENIED:
            return _denial(request)
        case State.WITHDRAWN:
            return {"state": State.WITHDRAWN}
        case State.COMPLETED if _has_results(request) and request.export is not None:
            return {"results_sha256": request.export.sha256, "results_size": request.export.size}
    return {}


def _denial(request: RequestRow) -> dict[str, Any]:
    denied = [decision for decision in request.decisions if decision.decision == reasons.Decision.DENY]
    reason = reasons.Reason(denied[-1].reason) if denied and denied[-1].reason else None
    return {
        "state": State.DENIED,
        "reason": reason,
        "words": reasons.words_of(reason) if reason else None,
        "appeal": reasons.appeal(request.regime),
    }
