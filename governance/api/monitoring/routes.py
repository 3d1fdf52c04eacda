"""`/healthz`, `/readyz` and `/metrics`, for whoever runs and supervises Open Book.

Health runs on the event loop, so threads that wait for the lake or a database don't delay it.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from governance.api.authentication import service
from governance.api.edge.admission import AdmittingRoute
from governance.api.monitoring import health
from governance.api.openapi import SERVICE, errors
from governance.api.service_tokens import Scope, ServiceToken
from governance.schemas import Health
from governance.schemas.health import Ready
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


@router.get("/readyz", responses=errors(500, 503))
async def readyz() -> Ready:
    """Whether this process should be sent calls: 503 while a part that answers need can't be used, with the reason. A
    missing worker or a doubted clock doesn't count: calls are answered, and work waits.
    """
    if faults := await health.faults_of(health.NEEDED):
        raise PartUnavailable(" ".join(faults))
    return Ready(ready=True)


@router.get(
    "/metrics",
    response_class=PlainTextResponse,
    responses=errors(*SERVICE) | {200: {"description": "The Prometheus text format.", "content": {"text/plain": {}}}},
)
def metrics(request: Request, _: Annotated[ServiceToken, service(Scope.METRICS_READ)]) -> PlainTextResponse:
    """Figures for monitoring: this process's calls by route, waiting work, the lake's files. Counts and ages only: none
    is about one person.
    """
    return PlainTextResponse(generate_latest(request.app.state.figures.registry), media_type=CONTENT_TYPE_LATEST)
