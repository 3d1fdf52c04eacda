"""`/healthz`: whether the parts answer. For supervisors, without a token."""

from __future__ import annotations

from fastapi import APIRouter
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

import home
import timekeeping
from governance import answers, workers
from governance.database import reading
from governance.edge.admission import AdmittingRoute
from governance.openapi import errors
from governance.problem import Unavailable
from home import HomeUnavailable
from queries.connection import answering

router = APIRouter(route_class=AdmittingRoute, tags=["health"])


@router.get("/healthz", responses=errors(500, 503))
def healthz() -> answers.Health:
    """How the API, its database, the lake and the worker are."""
    try:
        with reading() as session:
            session.execute(select(1))
    except SQLAlchemyError as error:
        raise Unavailable("The governance database can't be read.") from error
    if missing := home.missing_parts():
        raise HomeUnavailable.missing(*missing)
    answering(lambda cursor: cursor.execute("select 1").fetchall())
    return answers.Health(
        status="ok",
        lake="ok",
        governance="ok",
        worker="running" if workers.any_running() else "absent",
        clock="doubted" if timekeeping.doubt() else "trusted",
    )
