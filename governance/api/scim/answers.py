"""Answers in SCIM's own format, errors among them (RFC 7644, 3.12)."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.responses import Response

from governance.api.edge.admission import AdmittingRoute
from governance.api.error_handlers import problem_of

if TYPE_CHECKING:
    from scim2_models import Error

MEDIA_TYPE = "application/scim+json"


def answer(message: str, status: int = HTTPStatus.OK, headers: dict[str, str] | None = None) -> Response:
    return Response(message, status, headers, media_type=MEDIA_TYPE)


class ScimRoute(AdmittingRoute):
    """A route whose errors are SCIM's."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handled(request: Request) -> Response:
            try:
                return await handle(request)
            except Exception as error:
                if (failed := _answer_to(request, error)) is None:
                    raise
                return failed

        return handled


def _answer_to(request: Request, error: Exception) -> Response | None:
    """None: it is unexpected."""
    from scim2_models import Error, SCIMException  # see `governance.api.scim.routes`

    from directory.scim.people import Taken

    if isinstance(error, SCIMException):
        return _of(error.to_error())
    if isinstance(error, ValidationError) and not isinstance(error, RequestValidationError):
        return _of(Error.from_validation_errors(error)[0])
    problem = problem_of(request, error)
    if problem is None:
        return None
    status = HTTPStatus.BAD_REQUEST if problem.status == HTTPStatus.UNPROCESSABLE_ENTITY else problem.status
    kind = "uniqueness" if isinstance(error, Taken) else None
    if isinstance(error, RequestValidationError):
        kind = "invalidSyntax"
    return _of(Error(status=int(status), scim_type=kind, detail=problem.detail), problem.headers)


def _of(error: Error, headers: dict[str, str] | None = None) -> Response:
    if error.detail:  # it may quote half a character
        error.detail = error.detail.encode("utf-8", "replace").decode()
    return answer(error.model_dump_json(), error.status or HTTPStatus.BAD_REQUEST, headers)
