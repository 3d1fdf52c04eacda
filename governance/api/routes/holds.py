"""`/v1/holds`: legal holds, for privacy officers."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response

from governance import schemas
from governance.api.authentication import Officer
from governance.api.edge.admission import AdmittingRoute
from governance.api.openapi import errors
from governance.requests import holds
from governance.schemas.paging import PAGED, Page

router = APIRouter(route_class=AdmittingRoute, prefix="/holds", tags=["officer"])


@router.get("", responses=PAGED | errors(422))
def list_holds(officer: Officer, page: Page) -> list[schemas.OfficerHold]:
    """The legal holds: those in force, then lifted ones; newest first within each group. The people held see this view
    in their access log.
    """
    return holds.all_for(officer, page)


@router.post("", status_code=201, responses=errors(422))
def place_hold(new: schemas.NewHold, officer: Officer, response: Response) -> schemas.OfficerHold:
    """Keep records of an employee from being removed, for a case and under a specific exception. The hold is in force
    when you get the answer. The employee sees it.
    """
    placed = holds.place(officer, new)
    response.headers["Location"] = f"/v1/holds/{placed.hold}"
    return placed


@router.delete("/{hold}", responses=errors(404, 422))
def lift_hold(hold: UUID, officer: Officer) -> schemas.OfficerHold:
    """Lift a hold. Erasures that it withheld continue automatically; lifting it again changes nothing."""
    return holds.lift(officer, hold)
