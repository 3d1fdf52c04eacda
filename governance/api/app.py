"""The governance API as an ASGI application: `governance.api.app:create_app()`."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI
from fastapi.telemetry import TelemetryConfig
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware

from governance.api import service_tokens
from governance.api.authentication import caller_at_once, caller_of
from governance.api.bounded_waits import BoundedWaits
from governance.api.edge.middleware import Edge
from governance.api.error_handlers import handle_errors
from governance.api.fair_turns import FairTurns
from governance.api.letters import routes as letters
from governance.api.monitoring import routes as monitoring
from governance.api.monitoring.requests import CallFigures, Counted
from governance.api.monitoring.traces import Traced
from governance.api.notifying import routes as notifying
from governance.api.openapi import SIGNED_IN, describe, errors
from governance.api.recording import routes as recording
from governance.api.routes import (
    access_reports,
    area,
    captures,
    datasets,
    exports,
    holds,
    ledger,
    lineage,
    links,
    me,
    officer,
    opendsr,
    receipts,
    requests,
    security_text,
)
from governance.api.saved_views import routes as saved_views
from governance.api.scim import routes as scim
from governance.api.sign_outs import back_channel, session_revoked
from governance.api.speaking import Speaking
from governance.backup.homes import refuse_while_restoring
from governance.db import database, work_queue
from governance.ledger import signing
from home import HomeUnavailable
from parts import PartUnavailable

logger = logging.getLogger("governance")

DESCRIPTION = """\
What was captured about you, which models used it, and whether it is retained; requests for export or \
erasure. You see only your own data: anyone else's is answered as if it did not exist.\
"""


SMALLEST = 2048
"""Bytes of an answer from which on it is compressed, for callers that accept that."""
LEVEL = 5
AS_THEY_ARE = (*DEFAULT_EXCLUDED_CONTENT_TYPES, "application/vnd.apache.parquet")
"""Types of answers that are compressed already."""


UNTRACED: TelemetryConfig = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}
"""FastAPI's own telemetry would export paths, queries and messages of errors wherever the environment says."""


def create_app() -> FastAPI:
    """Create an application; it reads its settings when it starts."""
    app = FastAPI(
        title="Open Book governance API",
        version="1",
        description=DESCRIPTION,
        docs_url=None,  # the pages load scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,  # a redirect would go to whatever `Host` says
        lifespan=_lifespan,
        telemetry=UNTRACED,
    )
    people = APIRouter(prefix="/v1", responses=errors(*SIGNED_IN))
    for routes in (me, requests, exports, receipts, officer, links, holds, area):
        people.include_router(routes.router)
    people.include_router(recording.router)
    people.include_router(notifying.router)
    people.include_router(saved_views.router)
    people.include_router(letters.officer_router)
    app.include_router(people)
    app.include_router(letters.router)
    app.include_router(notifying.link)
    app.include_router(ledger.router, prefix="/v1")
    app.include_router(monitoring.router)
    app.include_router(security_text.router)
    app.include_router(back_channel.router)
    app.include_router(session_revoked.router)
    app.include_router(opendsr.router)
    app.include_router(lineage.router)
    app.include_router(captures.router)
    app.include_router(datasets.router)
    app.include_router(access_reports.router)
    app.include_router(recording.recorders)
    app.include_router(scim.router)
    handle_errors(app)
    app.add_middleware(GZipMiddleware, minimum_size=SMALLEST, compresslevel=LEVEL, exclude_content_types=AS_THEY_ARE)
    app.add_middleware(FairTurns, at_once=caller_at_once, who=caller_of)
    app.state.figures = CallFigures()
    app.add_middleware(Counted)
    app.add_middleware(Traced)
    app.add_middleware(Edge)
    app.add_middleware(Speaking)
    app.add_middleware(BoundedWaits)
    describe(app)
    return app


@asynccontextmanager
async def _lifespan(_: FastAPI) -> AsyncIterator[None]:
    refuse_while_restoring()
    _begin()
    for warning in service_tokens.warnings():
        logger.warning("%s", warning)
    refuse_while_restoring()  # a restore that started meanwhile missed the open database, or this sees the restore
    yield
    work_queue.close()
    database.close()


def _begin() -> None:
    """Migrate the tables before the first request; if a part is missing, log it and answer 503."""
    try:
        with database.writing() as session:
            signing.note_in_force(session)
    except PartUnavailable as error:
        logger.error("%s Until then, requests that need it are answered with 503.", error)
    except HomeUnavailable as error:
        logger.error("%s", error)
