"""`/healthz`: whether the parts answer. For supervisors, without a token.

It runs on the event loop, so threads that wait for the lake or a database don't delay it.
"""

from __future__ import annotations

from fastapi import APIRouter

from governance.api import health
from governance.api.edge.admission import AdmittingRoute
from governance.api.openapi import errors
from governance.schemas import Health
from parts import PartUnavailable

router = APIRouter(route_class=AdmittingRoute, tags=["health"])


@router.get("/healthz", responses=errors(500, 503))
async def healthz() -> Health:
    """The health of the API, its databases, the lake, the keys and the worker; answered within seconds, whatever else
    is running. 503 if a part can't be used: its detail says which, and what to do.
    """
    found = await health.look()
    if found.status == "unavailable":
        raise PartUnavailable(" ".join(found.problems))
    return found
