"""What can go wrong between you and the governance API.

    GovernanceError                  everything below: catch this to catch all
    ├── TransportError               no answer: the network, the server or its name
    │   └── TimedOut                 no answer in time
    ├── StatusError                  the API answered, and it said no
    │   ├── Invalid                  400, 422: it doesn't accept what was sent
    │   ├── Unauthorized             401: no token, or one that is no longer good
    │   ├── Forbidden                403: signed in, but not allowed
    │   ├── NotFound                 404: there is no such thing, or it isn't yours
    │   ├── Conflict                 409: not in the state that it is in now
    │   │   └── AlreadyOpen          the same request is open already; it carries which
    │   ├── Gone                     410: it was there and is deleted
    │   ├── TooManyRequests          429: later
    │   └── ServerError              5xx: its fault, not yours
    ├── UnexpectedAnswer             an answer that this client can't read
    ├── NotReady                     the export or receipt isn't there to be downloaded, or no more
    ├── StillOpen                    the request hadn't ended when the waiting did
    └── DamagedDownload              what arrived isn't what the API says the export is

A StatusError carries the fields of the API's problem document (RFC 9457). Printed, every error says what
happened and what to do next.
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
    `idempotency_key` and you get that very request."""

    advice = "Check the address and the network, and try again."


class TimedOut(TransportError):
    """No answer arrived in time."""

    advice = "The service may be busy: try again, or allow a longer timeout."


class StatusError(GovernanceError):
    """The API said no. The fields are those of RFC 9457; what the API left out is empty or None."""

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
        """Further members of the problem document, such as which field is at fault."""
        self.retry_after = retry_after
        """Seconds after which the API asks to be called again, if it says so."""


class Invalid(StatusError):
    """The API doesn't accept what was sent; `extensions` may say which field. Nothing was changed."""

    def __str__(self) -> str:
        faults = self.extensions.get("errors")
        if not isinstance(faults, list):
            return super().__str__()
        return "\n".join([super().__str__(), *(_fault_words(fault) for fault in faults)])


class Unauthorized(StatusError):
    """No token, or one that is no longer good."""

    advice = "Sign in again and use the new access token."


class Forbidden(StatusError):
    """Signed in, but not allowed to do this."""

    advice = "If you should be, ask the people who keep the company's directory."


class NotFound(StatusError):
    """There is no such thing, or it isn't yours: the API doesn't tell these apart."""


class Conflict(StatusError):
    """Not possible in the state that it is in now. Nothing was changed."""


class AlreadyOpen(Conflict):
    """You have filed the same request before, and it hasn't ended: `request_id`. Nothing was changed."""

    advice = "Follow that one, or withdraw it first."

    @property
    def request_id(self) -> UUID:
        return UUID(self.extensions["request"])


class Gone(StatusError):
    """It was there and is deleted, as announced."""

    advice = "File a new request to get it again."


class TooManyRequests(StatusError):
    """Too many calls in too short a time; `retry_after` says how long to wait."""

    advice = "Wait a little before calling again."


class ServerError(StatusError):
    """The service failed; it isn't your fault."""

    advice = "Try again later; tell the people who run the service if it stays."


class UnexpectedAnswer(GovernanceError):
    """An answer that this client can't read: another service, or another version of the API."""

    advice = "Check that the address is that of the governance API."


class NotReady(GovernanceError):
    """The file isn't there to be downloaded: not yet made, or deleted after its time."""


class StillOpen(GovernanceError):
    """The request hadn't ended when the waiting did. It goes on by itself."""


class DamagedDownload(GovernanceError):
    """What arrived isn't what the API says the export is. It was not kept."""

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
    """The class of error for a status code and the problem document that came with it."""
    if status == 409 and str(problem.get("type")).endswith(":already-open") and _is_uuid(problem.get("request")):
        return AlreadyOpen
    return _BY_STATUS.get(status, ServerError if status >= 500 else StatusError)
