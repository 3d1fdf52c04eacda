"""Errors as problem details (RFC 9457): what happened, in words, and what to do next.

Problem
    BadRequest       400  the body can't be read
    Unauthorized     401  no token, or not one that we accept
    StepUp           401  signed in, but not recently or strongly enough for this
    Forbidden        403  signed in, but not authorised here
    NotFound         404  it doesn't exist, or belongs to someone else: the same answer
    TooSlow          408  the request did not arrive in time
    Conflict         409  not possible in the current state
      AlreadyOpen    409  the same request is already open; `request` says which
    Gone             410  it existed and was deleted
    TooLarge         413  the body is too large
    UnsupportedMediaType  415  the body's type is not supported
    RangeNotSatisfiable  416  the file does not have this range
    Misdirected      421  requested with a host name that is not ours
    Unprocessable    422  the request is not valid
    TooManyRequests  429  too many calls or open requests for one caller
    HeadTooLarge     431  address and headers are too large
    Unexpected       500  our fault; find it in the log by its reference
    Unavailable      503  a required part can't be reached just now

Code below the API raises the kinds in `errors`; `governance.api.error_handlers` answers with these.
"""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from pydantic import BaseModel, Field
from starlette.responses import Response

from languages import mark
from languages.saying import say, shown

TITLES = {
    HTTPStatus.BAD_REQUEST: mark("Bad Request"),
    HTTPStatus.UNAUTHORIZED: mark("Unauthorized"),
    HTTPStatus.FORBIDDEN: mark("Forbidden"),
    HTTPStatus.NOT_FOUND: mark("Not Found"),
    HTTPStatus.METHOD_NOT_ALLOWED: mark("Method Not Allowed"),
    HTTPStatus.REQUEST_TIMEOUT: mark("Request Timeout"),
    HTTPStatus.CONFLICT: mark("Conflict"),
    HTTPStatus.GONE: mark("Gone"),
    HTTPStatus.UNPROCESSABLE_ENTITY: mark("Unprocessable Entity"),
    HTTPStatus.TOO_MANY_REQUESTS: mark("Too Many Requests"),
    HTTPStatus.INTERNAL_SERVER_ERROR: mark("Internal Server Error"),
    HTTPStatus.SERVICE_UNAVAILABLE: mark("Service Unavailable"),
}
"""Of the problems that people may see; the others have their English name."""

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = 5


class Fault(BaseModel):
    """One fault in a request."""

    pointer: str = Field(description="Where: `#/body/scope/from`, `#/query/limit`.")
    detail: str


class ProblemAnswer(BaseModel):
    """An error (RFC 9457)."""

    type: str = Field(description="`urn:problem-type:open-book:` and the kind of problem, for programs.")
    title: str
    status: int
    detail: str = Field(description="What happened and what to do next, for people.")
    errors: list[Fault] | None = Field(None, description="422: every fault.")
    reference: str | None = Field(None, description="500: how to find this error in the log.")
    request: UUID | None = Field(None, description="`already-open`: the request that is open.")


class Problem(Exception):
    """Raise one to answer with it."""

    status: HTTPStatus
    kind: str

    def __init__(self, detail: str, *, headers: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.headers = headers or {}
        self.errors: list[Fault] | None = None
        self.reference: str | None = None
        self.request: UUID | None = None

    def response(self) -> Response:
        answer = ProblemAnswer(
            type=f"urn:problem-type:open-book:{self.kind}",
            title=shown(TITLES.get(self.status, self.status.phrase)),
            status=self.status,
            detail=shown(self.detail),
            errors=self.errors and [Fault(pointer=each.pointer, detail=shown(each.detail)) for each in self.errors],
            reference=self.reference,
            request=self.request,
        )
        return Response(
            answer.model_dump_json(exclude_none=True), self.status, headers=self.headers, media_type=MEDIA_TYPE
        )


class BadRequest(Problem):
    status = HTTPStatus.BAD_REQUEST
    kind = "bad-request"


class TooLarge(Problem):
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    kind = "too-large"


class TooSlow(Problem):
    status = HTTPStatus.REQUEST_TIMEOUT
    kind = "too-slow"


class Misdirected(Problem):
    status = HTTPStatus.MISDIRECTED_REQUEST
    kind = "misdirected"


class HeadTooLarge(Problem):
    status = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
    kind = "head-too-large"


class UnsupportedMediaType(Problem):
    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    kind = "unsupported-media-type"


class Unauthorized(Problem):
    status = HTTPStatus.UNAUTHORIZED
    kind = "unauthorized"

    def __init__(self, detail: str, *, error: str | None = None) -> None:
        challenge = 'Bearer realm="open-book"' + (f', error="{error}"' if error else "")
        super().__init__(detail, headers={"WWW-Authenticate": challenge})
        self.of_a_token = error is not None
        """Whether a token was sent and refused."""


class StepUp(Problem):
    """The challenge of RFC 9470."""

    status = HTTPStatus.UNAUTHORIZED
    kind = "step-up"

    def __init__(self, detail: str, *, minutes: int, acr_values: tuple[str, ...]) -> None:
        challenge = 'Bearer realm="open-book", error="insufficient_user_authentication"'
        challenge += f', max_age="{minutes * 60}"' if minutes else ""
        challenge += f', acr_values="{" ".join(acr_values)}"' if acr_values else ""
        super().__init__(detail, headers={"WWW-Authenticate": challenge})


class Forbidden(Problem):
    status = HTTPStatus.FORBIDDEN
    kind = "forbidden"


class NotFound(Problem):
    status = HTTPStatus.NOT_FOUND
    kind = "not-found"


class Conflict(Problem):
    status = HTTPStatus.CONFLICT
    kind = "conflict"


class AlreadyOpen(Conflict):
    kind = "already-open"

    def __init__(self, detail: str, request: UUID) -> None:
        super().__init__(detail, headers={"Location": f"/v1/requests/{request}"})
        self.request = request


class Gone(Problem):
    status = HTTPStatus.GONE
    kind = "gone"


class RangeNotSatisfiable(Problem):
    status = HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE
    kind = "range-not-satisfiable"


class Unprocessable(Problem):
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    kind = "unprocessable"

    def __init__(self, detail: str, errors: list[Fault] | None = None) -> None:
        super().__init__(detail)
        self.errors = errors


class TooManyRequests(Problem):
    status = HTTPStatus.TOO_MANY_REQUESTS
    kind = "too-many-requests"

    def __init__(self, detail: str, retry_after: int) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after)})


class Unexpected(Problem):
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    kind = "unexpected"

    def __init__(self, reference: str) -> None:
        super().__init__(
            say(
                "Something went wrong on our side. Try again. If it keeps happening, give the people who run Open Book "
                "this reference: {reference}.",
                reference=reference,
            )
        )
        self.reference = reference


class Unavailable(Problem):
    status = HTTPStatus.SERVICE_UNAVAILABLE
    kind = "unavailable"

    def __init__(self, detail: str, *, retry_after: int = RETRY_SECONDS) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after)})


class OfTheFramework(Problem):
    """An error that the framework found: no such path, no such method."""

    def __init__(self, status: int, detail: str, headers: dict[str, str] | None) -> None:
        super().__init__(detail, headers=headers)
        self.status = HTTPStatus(status)
        self.kind = self.status.phrase.lower().replace(" ", "-")
