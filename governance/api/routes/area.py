"""`/v1/area` and `/v1/programme`: what was published about groups of people, and nothing else.

The area comes from the token and the directory. A request can't name one, so no one can ask for another person's area.
"""

from __future__ import annotations

from fastapi import APIRouter

from errors import Forbidden
from governance.api.edge.admission import AdmittingRoute
from governance.api.viewer import Viewer
from governance.schemas import area as answers
from languages import mark
from queries import area as published

router = APIRouter(route_class=AdmittingRoute, tags=["published"])


@router.get("/area")
def my_area(viewer: Viewer) -> answers.Area:
    """What was published about your area, if you manage people."""
    people = published.people_below(viewer.subject)
    if not people:
        raise Forbidden(mark("This is for people who have reports in the directory. None of your own data is missing."))
    found = published.of_area(viewer.subject)
    return answers.Area.model_validate({**vars(found), "people": people})


@router.get("/programme")
def programme(_: Viewer) -> answers.Programme:
    """What was published about the whole company, for everyone in it."""
    return answers.Programme.model_validate(published.of_company())
