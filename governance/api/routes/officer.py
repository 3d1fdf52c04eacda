"""For privacy officers: listing requests and deciding them. Shows no captured content."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from governance import schemas
from governance.ai_models import officer_models, training_approvals, violations
from governance.api.authentication import Officer
from governance.api.edge.admission import AdmittingRoute
from governance.api.monitoring import health
from governance.api.openapi import errors
from governance.db import work_queue
from governance.leases import asking
from governance.requests import decisions, note_openings
from governance.schemas.datasets import OfficersLease, Reason
from governance.schemas.paging import PAGED, Page
from law.reasons import Decision

router = APIRouter(route_class=AdmittingRoute, tags=["officer"])


@router.get("/officer/requests", responses=PAGED | errors(422))
def list_everybodys_requests(
    officer: Officer,
    page: Page,
    open_only: Annotated[bool, Query(alias="open", description="Only open requests.")] = True,
) -> list[schemas.OfficerRequest]:
    """Everyone's requests, the one due first at the top. The people concerned see this view in their access log."""
    return decisions.requests_for(officer, page, open_only=open_only)


@router.get("/officer/health")
async def show_health(_: Officer) -> schemas.Health:
    """The health of the parts of Open Book, as at `/healthz`, but always 200."""
    return await health.look()


@router.get("/officer/violations", responses=PAGED | errors(422))
def list_everybodys_violations(_: Officer, page: Page) -> list[schemas.OfficerViolation]:
    """Runs that used data without permission, newest first: how many people are affected, not who."""
    return violations.of_all(page)


@router.get("/officer/models", responses=PAGED | errors(422))
def list_all_models(officer: Officer, page: Page) -> list[schemas.OfficerModel]:
    """Every model version: how many people's withdrawn records it has, and what is planned."""
    return officer_models.page_of(officer, page)


@router.put("/officer/models/{model_version}/plan", responses=errors(404, 422))
def plan_model(model_version: UUID, new: schemas.NewPlan, officer: Officer) -> schemas.OfficerModel:
    """Plan what happens to a model version, with the date that people are promised. The ledger records the plan."""
    return officer_models.plan(officer, model_version, new)


@router.get("/officer/requests/{request_id}/note", responses=errors(404, 409, 422))
def read_note(request_id: UUID, officer: Officer) -> schemas.SharedNote:
    """A note that waits for a decision, if the person lets the officer read it. They see in their access log that it
    was read.
    """
    return decisions.read_note(officer, request_id)


@router.post("/officer/requests/{request_id}/note/openings", status_code=201, responses=errors(404, 409, 422))
def ask_for_note(request_id: UUID, new: schemas.NewNoteOpening, officer: Officer) -> schemas.NoteOpening:
    """Ask to read a note whose writer didn't allow it. Another privacy officer has to approve. Its writer sees both."""
    return note_openings.ask(officer, request_id, new.reason, new.hours)


@router.post("/officer/note-openings/{opening}/approval", responses=errors(404, 409, 422))
def approve_note(opening: UUID, officer: Officer) -> schemas.NoteOpening:
    """Let the officer who asked, and yourself, read the note for the hours that were asked for. It ends by itself."""
    return note_openings.approve(officer, opening)


@router.post("/requests/{request_id}/decision", responses=errors(404, 409, 422))
def decide_request(request_id: UUID, new: schemas.NewDecision, officer: Officer) -> schemas.OfficerRequest:
    """Approve a request that waits for approval, deny one, or extend its deadline once. Reasons are codes."""
    decided = decisions.decide(officer, request_id, new.decision, new.reason)
    if new.decision == Decision.APPROVE:
        work_queue.enqueue(decided.id, decided.type)
    return decided


@router.get("/officer/training-exports", responses=PAGED | errors(422))
def list_training_exports(_: Officer, page: Page) -> list[schemas.TrainingExport]:
    """Which programs asked for the records of which dataset versions, the latest first, and what is approved. Empty
    unless OPENBOOK_TRAINING_APPROVAL_HOURS is set.
    """
    return training_approvals.page_of(page)


@router.put("/officer/training-exports/{export}/approval", responses=errors(404, 409, 422))
def approve_training(export: UUID, officer: Officer) -> schemas.TrainingExport:
    """Let the program read the records of this dataset version; ends by itself. The ledger records it, publicly."""
    return training_approvals.approve(officer, export)


@router.get("/officer/leases", responses=PAGED | errors(422))
def list_leases(_: Officer, page: Page) -> list[OfficersLease]:
    """The leases of programs: which dataset version each may read as files, and until when. Those that ended in the
    last 30 days come after the others.
    """
    return asking.page_of(page)


@router.delete("/officer/leases/{lease}", responses=errors(404, 422, 503))
def end_lease(lease: UUID, _: Officer) -> OfficersLease:
    """End a lease now: its files are deleted. Copies that its program made are not."""
    return asking.end(lease, Reason.OFFICER)


@router.delete("/officer/training-exports/{export}/approval", responses=errors(404, 422))
def end_training(export: UUID, _: Officer) -> schemas.TrainingExport:
    """End an approval now. An export that is running is not stopped."""
    return training_approvals.end(export)
