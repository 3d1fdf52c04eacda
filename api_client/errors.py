"""What can go wrong between you and the governance API.

    GovernanceError                  everything below: catch this to catch all
    ├── TransportError               no answer: the network, the server or its name
    │   └── TimedOut                 no answer in time
    ├── StatusError                  the API answered with an error
    │   ├── Invalid                  400, 422: the request was not accepted
    │   ├── Unauthorized             401: no token, or one that is no longer valid
    │   │   └── SignInNotRecent      a valid one, but this step needs a more recent or stronger sign-in
    │   ├── Forbidden                403: signed in, but not allowed
    │   ├── NotFound                 404: it doesn't exist, or it isn't yours
    │   ├── Conflict                 409: not possible in the current state
    │   │   └── AlreadyOpen          the same request is already open; the error has its id
    │   ├── Gone                     410: it existed and was deleted
    │   ├── TooManyRequests          429: call again later
    │   └── ServerError              5xx: the service's fault, not yours
    ├── UnexpectedAnswer             an answer that this client can't read
    ├── NotReady                     the export or receipt is not available yet, or no longer
    ├── StillOpen                    the request had not ended when the wait timed out
    └── DamagedDownload              the download doesn't match the API's description of the export

A StatusError has the fields of the API's problem document (RFC 9457). When printed, every error says what happened and
what to do next.
"""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID


class GovernanceError(Exception):
    """Anything that went wrong with a call; `advice` says what to do next."""

    advice: ClassVar[str] = ""

    def __str__(self) -> str:
        return " ".join(part for part in (super().__str__(), self.advice) if part)


class TransportError(GovernanceError):
    """No answer arrived. A request that was being filed may have been received: file it again with the same
    `idempotency_key` to get that same request.
    """

    advice = "Check the address and the network, and try again."


class TimedOut(TransportError):
    """No answer arrived in time."""

    advice = "The service may be busy: try again, or allow a longer timeout."


class StatusError(GovernanceError):
    """The API answered with an error. The fields are those of RFC 9457; missing ones are empty or None."""

    def __init__(
        self,
        status: int,
        title: str,
        *,
        detail: str = "",
        type: str = "about:blank",  # noqa: A002 (the field's name in RFC 9457)
        instance: str | None = None,
        extensions: dict[str, Any] | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(f"{status} {title}." if not detail else f"{status} {title}: {detail}")
        self.status = status
        self.title = title
        self.detail = detail
        self.type = type
        self.instance = instance
        self.extensions = extensions or {}
        """Additional members of the problem document, such as the faulty field."""
        self.retry_after = retry_after
        """Seconds after which to call again, if the API says so."""


class Invalid(StatusError):
    """The API doesn't accept the request; `extensions` may say which field is wrong. Nothing was changed."""

    def __str__(self) -> str:
        faults = self.extensions.get("errors")
        if not isinstance(faults, list):
            return super().__str__()
        return "\n".join([super().__str__(), *(_fault_words(fault) for fault in faults)])


class Unauthorized(StatusError):
    """No token, or one that is no longer valid."""

    advice = "Sign in again and use the new access token."


class SignInNotRecent(Unauthorized):
    """The token is valid, but this step needs a more recent or stronger sign-in (RFC 9470). Nothing was changed."""

    advice = "Send the person to the identity provider again, and repeat the call with the new access token."


class Forbidden(StatusError):
    """Signed in, but not allowed to do this."""

    advice = "If you should be, ask the people who maintain the company's directory."


class NotFound(StatusError):
    """It doesn't exist, or it isn't yours: the API doesn't distinguish these."""


class Conflict(StatusError):
    """Not possible in the current state. Nothing was changed."""


class AlreadyOpen(Conflict):
    """You have already filed the same request, and it is still open: `request_id`. Nothing was changed."""

    advice = "Follow that one, or withdraw it first."

    @property
    def request_id(self) -> UUID:
        return UUID(self.extensions["request"])


class Gone(StatusError):
    """It existed and was deleted, as announced."""

    advice = "File a new request to get a new one."


class TooManyRequests(StatusError):
    """Too many calls in too short a time; `retry_after` says how long to wait."""

    advice = "Wait a little before calling again."


class ServerError(StatusError):
    """The service failed; it isn't your fault."""

    advice = "Try again later; if it keeps happening, tell the people who run the service."


class UnexpectedAnswer(GovernanceError):
    """An answer that this client can't read: another service, or another version of the API."""

    advice = "Check that the address is that of the governance API."


class NotReady(GovernanceError):
    """The file is not available: not created yet, or deleted after its time."""


class StillOpen(GovernanceError):
    """The request had not ended when the wait timed out. It continues automatically."""


class DamagedDownload(GovernanceError):
    """The download doesn't match the API's description of the export. It was deleted."""

    advice = "Download it again."


def _is_uuid(value: Any) -> bool:
    try:
        return bool(UUID(value))
    except (AttributeError, TypeError, ValueError):
        return False


def _fault_words(fault: Any) -> str:
    """`- #/body/scope/from: is not a time that exists`."""
    return f"- {fault.get('pointer')}: {fault.get('detail')}" if isinstance(fault, dict) else f"- {fault}"


_BY_STATUS: dict[int, type[StatusError]] = {
    400: Invalid,
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    410: Gone,
    422: Invalid,
    429: TooManyRequests,
}


def status_error(status: int, problem: dict[str, Any]) -> type[StatusError]:
    """The error class for a status code and its problem document."""
    if status == 409 and str(problem.get("type")).endswith(":already-open") and _is_uuid(problem.get("request")):
        return AlreadyOpen
    if status == 401 and str(problem.get("type")).endswith(":step-up"):
        return SignInNotRecent
    return _BY_STATUS.get(status, ServerError if status >= 500 else StatusError)
