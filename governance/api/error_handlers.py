"""Turns exceptions into problem details; nothing that a person typed or that was captured is logged."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from itertools import islice
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

import errors
from directory.access_tokens import InvalidToken
from directory.sign_outs.revocations import NoticeRefused
from directory.tokens.step_up import SignInNotRecent
from governance.api import audit
from governance.api.edge.bodies import BodyRefused
from governance.export.byte_range import Unsatisfiable
from governance.logs import log_unexpected
from governance.requests.filing import AlreadyOpen
from governance.schemas import problem
from governance.schemas.problem import Fault, Problem
from home import HomeUnavailable
from languages import mark
from parts import explained
from settings import settings

logger = logging.getLogger("governance")

MOST_FAULTS = 20


def handle_errors(app: FastAPI) -> None:
    """Answer every error of `app` with a problem."""
    for kind, to_problem in PROBLEMS.items():
        app.add_exception_handler(kind, _handler(to_problem))
    app.add_middleware(UnexpectedErrors)


def _handler(to_problem: Callable[[Request, Any], Problem]) -> Callable[[Request, Exception], Response]:
    def handle(request: Request, error: Exception) -> Response:
        answer = to_problem(request, error)
        audit.refused(request, error, answer)
        return answer.response()

    return handle


def _unavailable(error: errors.Unavailable) -> problem.Unavailable:
    return problem.Unavailable(str(error), retry_after=error.retry_after)


def _not_valid(request: Request, error: errors.NotValid) -> problem.Unprocessable:
    if error.field is None:
        return problem.Unprocessable(str(error))
    place = "#/query" if request.method == "GET" else "#/body"
    pointer = f"{place}/{error.field}" if error.field else place
    return problem.Unprocessable(str(error), [Fault(pointer=pointer, detail=error.fault)])


def _of_step_up(error: SignInNotRecent) -> problem.StepUp:
    wanted = settings()
    return problem.StepUp(str(error), minutes=wanted.step_up_minutes, acr_values=wanted.step_up_acrs)


def _out_of_range(error: Unsatisfiable) -> problem.RangeNotSatisfiable:
    return problem.RangeNotSatisfiable(str(error), headers={"Content-Range": f"bytes */{error.size}"})


def _of_home(error: HomeUnavailable) -> Problem:
    logger.error("%s", error)
    return problem.Unavailable(error.for_people, retry_after=error.retry_after)


def _of_the_framework(error: HTTPException) -> Problem:
    if error.status_code == HTTPStatus.BAD_REQUEST and "parsing the body" in error.detail:
        return problem.BadRequest(
            mark("The body is not JSON that can be read: UTF-8, and not nested deeply. Nothing was changed.")
        )
    return problem.OfTheFramework(error.status_code, f"{error.detail}.", dict(error.headers or {}))


def _of_validation(error: RequestValidationError) -> Problem:
    faults = faults_of(error.errors(), "#")
    return problem.Unprocessable(mark("The request is not valid; see `errors`. Nothing was changed."), faults)


def faults_of(found: Iterable[Mapping[str, Any]], pointer: str) -> list[Fault]:
    """Pydantic's errors, with pointers below a place; only the first ones of many."""
    return [
        Fault(
            pointer=pointer + "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in fault["loc"]),
            detail=str(fault["msg"]).removeprefix("Value error, "),
        )
        for fault in islice(found, MOST_FAULTS)
    ]


PROBLEMS: dict[type[Exception], Callable[[Request, Any], Problem]] = {
    Problem: lambda _, error: error,
    errors.NotFound: lambda _, error: problem.NotFound(str(error)),
    errors.Conflict: lambda _, error: problem.Conflict(str(error)),
    AlreadyOpen: lambda _, error: problem.AlreadyOpen(str(error), error.request_id),
    errors.Gone: lambda _, error: problem.Gone(str(error)),
    errors.Forbidden: lambda _, error: problem.Forbidden(str(error)),
    errors.NotValid: _not_valid,
    Unsatisfiable: lambda _, error: _out_of_range(error),
    errors.TooMany: lambda _, error: problem.TooManyRequests(str(error), error.retry_after),
    errors.Unavailable: lambda _, error: _unavailable(error),
    HomeUnavailable: lambda _, error: _of_home(error),
    InvalidToken: lambda _, error: problem.Unauthorized(str(error), error="invalid_token"),
    SignInNotRecent: lambda _, error: _of_step_up(error),
    NoticeRefused: lambda _, error: problem.BadRequest(str(error)),
    BodyRefused: lambda _, error: error.problem,
    RequestValidationError: lambda _, error: _of_validation(error),
    HTTPException: lambda _, error: _of_the_framework(error),
}
"""Which problem answers which kind of error; the most specific kind counts. Every other error is unexpected."""


def problem_of(request: Request, error: Exception) -> Problem | None:
    """Which problem answers an error; None: it is unexpected."""
    known = (PROBLEMS[kind] for kind in type(error).__mro__ if kind in PROBLEMS)
    to_problem = next(known, None)
    return None if to_problem is None else to_problem(request, error)


class UnexpectedErrors:
    """An unexpected error is answered with its diagnosis of a part (`parts`), if any. It is logged by place and type,
    never with its message, because messages quote values. It is not re-raised, because the server would log it in full.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def watching(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watching)
        except Exception as error:
            reference = log_unexpected(error)
            known = explained(error)
            answer = problem.Unexpected(reference) if known is None else _unavailable(known)
            # An answer that has begun is cut off; the missing end tells the client.
            if scope["type"] == "http" and not started:
                await answer.response()(scope, receive, send)
