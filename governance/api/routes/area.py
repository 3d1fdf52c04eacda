"""`/v1/area` and `/v1/programme`: what was published about many people, and nothing else.

Whose area it is comes from the token and the directory; nothing in the question names one, so nobody else's can be
asked for.
"""

from __future__ import annotations

from fastapi import APIRouter

from governance.api.edge.admission import AdmittingRoute
from governance.api.viewer import Viewer
from governance.schemas import area as answers
from governance.schemas.problem import Forbidden
from queries import area as published

router = APIRouter(route_class=AdmittingRoute, tags=["published"])


@router.get("/area")
def my_area(viewer: Viewer) -> answers.Area:
    """What was published about your area, for those who manage people."""
    people = published.people_below(viewer.subject)
    if not people:
        raise Forbidden("This is for people whom the directory has others reporting to. Nothing of yours is missing.")
    found = published.of_area(viewer.subject)
    return answers.Area.model_validate({**vars(found), "people": people})


@router.get("/programme")
def programme(_: Viewer) -> answers.Programme:
    """What was published about the whole company, for everybody in it."""
    return answers.Programme.model_validate(published.of_company())
