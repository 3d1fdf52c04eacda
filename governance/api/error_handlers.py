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

from directory.access_tokens import IdentityProviderUnavailable, InvalidToken, UnknownPerson
from governance.api.edge.bodies import BodyRefused
from governance.domain.lifecycle import NotAllowed
from governance.domain.oneself import AboutOneself
from governance.logs import log_unexpected
from governance.schemas.problem import (
    BadRequest,
    Conflict,
    Fault,
    Forbidden,
    OfTheFramework,
    Problem,
    Unauthorized,
    Unavailable,
    Unexpected,
    Unprocessable,
)
from home import HomeUnavailable
from parts import PartUnavailable, explained

logger = logging.getLogger("governance")

MOST_FAULTS = 20


def handle_errors(app: FastAPI) -> None:
    """Answer every error of `app` with a problem."""
    handlers: dict[type[Exception], Callable[[Any], Problem]] = {
        Problem: lambda error: error,
        InvalidToken: lambda error: Unauthorized(f"{error} Sign in again.", error="invalid_token"),
        UnknownPerson: lambda error: Forbidden(f"{error} Ask your HR department to add you."),
        IdentityProviderUnavailable: lambda error: Unavailable(f"{error} Try again in a moment."),
        PartUnavailable: unavailable,
        HomeUnavailable: _of_home,
        BodyRefused: lambda error: error.problem,
        NotAllowed: lambda error: Conflict(str(error)),
        AboutOneself: lambda error: Forbidden(str(error)),
        RequestValidationError: _of_validation,
        HTTPException: _of_the_framework,
    }
    for kind, to_problem in handlers.items():
        app.add_exception_handler(kind, _handler(to_problem))
    app.add_middleware(UnexpectedErrors)


def unavailable(error: PartUnavailable) -> Unavailable:
    return Unavailable(str(error), retry_after=error.retry_after)


def _handler(to_problem: Callable[[Any], Problem]) -> Callable[[Request, Exception], Response]:
    def handle(_: Request, error: Exception) -> Response:
        return to_problem(error).response()

    return handle


def _of_home(error: HomeUnavailable) -> Problem:
    logger.error("%s", error)
    return Unavailable(error.for_people)


def _of_the_framework(error: HTTPException) -> Problem:
    if error.status_code == HTTPStatus.BAD_REQUEST and "parsing the body" in error.detail:
        return BadRequest("The body is not JSON that can be read: UTF-8, and not nested deeply. Nothing was changed.")
    return OfTheFramework(error.status_code, f"{error.detail}.", dict(error.headers or {}))


def _of_validation(error: RequestValidationError) -> Problem:
    faults = faults_of(error.errors(), "#")
    return Unprocessable("The request is not valid; see `errors`. Nothing was changed.", faults)


def faults_of(found: Iterable[Mapping[str, Any]], pointer: str) -> list[Fault]:
    """Pydantic's errors, with pointers below a place; only the first ones of many."""
    return [
        Fault(
            pointer=pointer + "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in fault["loc"]),
            detail=str(fault["msg"]).removeprefix("Value error, "),
        )
        for fault in islice(found, MOST_FAULTS)
    ]


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
            problem = Unexpected(reference) if known is None else unavailable(known)
            # An answer that has begun is cut off; the missing end tells the client.
            if scope["type"] == "http" and not started:
                await problem.response()(scope, receive, send)
