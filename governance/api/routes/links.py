"""`/v1/officer/links`: known people for whom the HR system has another `sub`, for privacy officers."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response

from governance import schemas
from governance.api.authentication import Officer
from governance.api.edge.admission import AdmittingRoute
from governance.api.openapi import errors
from governance.requests import links
from governance.schemas.paging import PAGED, Page

router = APIRouter(route_class=AdmittingRoute, prefix="/officer/links", tags=["officer"])


@router.get("", responses=PAGED | errors(422))
def list_links(officer: Officer, page: Page) -> list[schemas.OfficerLink]:
    """People whose address has another `sub` in the HR system's file, the oldest first: the same person, or another
    one? Until that is decided, the new `sub` can't sign in. The people concerned see this view in their access log.
    """
    return links.all_for(officer, page)


@router.post("/decisions", responses=errors(422))
def decide_links(new: schemas.NewLinkDecisions, officer: Officer) -> schemas.LinkDecisions:
    """The same decision about several proposals, each on its own, as below. `left_open` says which were not decided,
    and why; those are unchanged.
    """
    return links.decide_all(officer, new.proposals, new.decision)


@router.post("/{proposal}/decision", status_code=204, responses=errors(404, 409, 422))
def decide_link(proposal: UUID, new: schemas.NewLinkDecision, officer: Officer) -> Response:
    """Decide that it is the `same` person, who then signs in with the new `sub` and keeps their data, or an `other`
    one, who starts without any data. The ledger records the decision.
    """
    links.decide(officer, proposal, new.decision)
    return Response(status_code=204)
