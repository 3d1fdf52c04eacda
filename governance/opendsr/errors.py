"""Errors of the OpenDSR routes, in OpenDSR's format.

OpenDSRError
    NotAccepted   403  the sender can't be verified; the request was not read
    BadRequest    400  it can't be read, names no one we know, or is not possible in the current state
    BodyNotTaken  400  more than 256 KiB, or it did not arrive in time
    NotReady      503  a part of ours, or our list of partners, is not available just now
"""

from __future__ import annotations

import logging
from http import HTTPStatus

from starlette.responses import Response

from governance.opendsr.messages import Error, ErrorAnswer, ErrorDetail
from governance.opendsr.signing import UnusableKey, sign
from governance.schemas.problem import Problem

logger = logging.getLogger("governance")


class OpenDSRError(Problem):
    """Raise one to answer with it."""

    kind = "opendsr"
    reason = "invalid"

    def __init__(self, detail: str, *faults: ErrorDetail) -> None:
        super().__init__(detail)
        self.faults = list(faults) or [ErrorDetail(domain="opendsr", reason=self.reason, message=detail)]

    def body(self) -> bytes:
        error = Error(code=self.status, message=self.detail, errors=self.faults)
        return ErrorAnswer(error=error).model_dump_json().encode()

    def response(self) -> Response:
        return Response(self.body(), self.status, media_type="application/json")


class NotAccepted(OpenDSRError):
    status = HTTPStatus.FORBIDDEN
    reason = "not_verified"


class BadRequest(OpenDSRError):
    """Signed, because a processor that says it knows no one by that identity must be believed."""

    status = HTTPStatus.BAD_REQUEST

    def response(self) -> Response:
        try:
            return signed(self.body(), self.status, "application/json")
        except UnusableKey as error:
            return unusable(error).response()


class BodyNotTaken(OpenDSRError):
    """An error of the edge about a body, in OpenDSR's format."""

    status = HTTPStatus.BAD_REQUEST

    def __init__(self, problem: Problem) -> None:
        self.reason = problem.kind.replace("-", "_")
        super().__init__(problem.detail)


class NotReady(OpenDSRError):
    status = HTTPStatus.SERVICE_UNAVAILABLE
    reason = "unavailable"


def signed(body: bytes, status: int, media_type: str) -> Response:
    """An answer with our signature. Raises UnusableKey."""
    return Response(body, status, headers=sign(body), media_type=media_type)


def unusable(error: Exception) -> NotReady:
    """Our list of partners or our key can't be used: the log says why, the answer only says that."""
    logger.error("%s", error)
    return NotReady("We are not ready for OpenDSR just now; our log says why. Try again later.")
