"""`/v1/me/views`: views of the dashboard that the caller saved."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response

from governance.api.authentication import Person
from governance.api.edge.admission import AdmittingRoute
from governance.api.openapi import errors
from governance.saved_views import keeping
from governance.saved_views.answers import SavedView, ViewToSave

router = APIRouter(route_class=AdmittingRoute, prefix="/me/views", tags=["me"])


@router.get("")
def views(person: Person) -> list[SavedView]:
    """The views that you saved, by name; at most 50. They are shown to nobody else."""
    return keeping.views_of(person.subject)


@router.put("/{view}", responses=errors(409, 422))
def save_view(view: UUID, wanted: ViewToSave, person: Person) -> SavedView:
    """Save a view under an id of your choice (a random UUID), or change the one that has it."""
    return keeping.save(person.subject, view, wanted)


@router.delete("/{view}", status_code=204, responses=errors(422))
def delete_view(view: UUID, person: Person) -> Response:
    """Delete one of your views; it may be gone already."""
    keeping.remove(person.subject.key, view)
    return Response(status_code=204)
