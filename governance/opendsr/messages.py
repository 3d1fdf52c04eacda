"""The messages of OpenDSR 2.0, field by field. Times are RFC 3339; identities are never logged or stored."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, WithJsonSchema

from governance.domain.moments import Moment
from governance.domain.scopes import RequestScope

API_VERSION = "2.0"

RequestType = Literal["access", "portability", "erasure"]
RequestStatus = Literal["pending", "in_progress", "completed", "cancelled"]


def _lowercase_v4(text: str) -> str:
    try:
        value = UUID(text)
    except ValueError as error:
        raise ValueError("must be a UUID of version 4 in lower case") from error
    if value.version != 4 or str(value) != text:
        raise ValueError("must be a UUID of version 4 in lower case")
    return text


SubjectRequestId = Annotated[
    str,
    AfterValidator(_lowercase_v4),
    WithJsonSchema({"type": "string", "format": "uuid", "pattern": "^[0-9a-f-]{36}$"}),
]


class Message(BaseModel):
    model_config = ConfigDict(frozen=True)


class IdentityType(Message):
    """A kind of identity by which we know people."""

    identity_type: str
    identity_format: str


class Discovery(Message):
    """What we support."""

    api_version: str
    supported_identities: list[IdentityType]
    supported_subject_request_types: list[RequestType]
    processor_certificate: str = Field(description="Where our signing certificate is (PEM).")


class Identity(Message):
    """An identity of a person."""

    identity_type: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    identity_value: Annotated[str, StringConstraints(min_length=1, max_length=1000)]
    identity_format: Literal["raw", "sha1", "md5", "sha256"]


class Extension(Message):
    """Data for one Open Book only, under its domain."""

    scope: RequestScope | None = Field(None, description="Only these records; absent: all of them.")
    salt: str | None = Field(None, max_length=100, description="Makes the signed answer unguessable.")


class SubjectRequest(Message):
    """A controller's request for a person. Unknown fields are ignored."""

    regulation: Literal["gdpr", "ccpa"]
    subject_request_id: SubjectRequestId
    subject_request_type: RequestType
    submitted_time: Moment
    subject_identities: list[Identity] = Field(min_length=1, max_length=20)
    api_version: Annotated[str, StringConstraints(pattern=r"^2(\.\d{1,3}){0,2}$")] | None = None
    status_callback_urls: list[Annotated[str, StringConstraints(max_length=2000)]] = Field([], max_length=5)
    extensions: dict[str, Any] = Field({}, description="By the domain of the processor that each is for.")


class Received(Message):
    """A request is on disk and will be processed."""

    controller_id: str
    expected_completion_time: Moment
    received_time: Moment
    encoded_request: str = Field(description="The body as received, in base64. Not to be stored.")
    subject_request_id: str


class Status(Message):
    """The status of a request."""

    controller_id: str
    expected_completion_time: Moment
    subject_request_id: str
    request_status: RequestStatus
    api_version: str = API_VERSION
    results_url: str | None = Field(None, description="For a completed access: the ZIP, for the requester.")
    extensions: dict[str, dict[str, Any]] | None = Field(
        None, description="What OpenDSR has no field for, under our domain: `state`, `reason`, `withheld`, …"
    )


class Callback(Status):
    """A status, sent as a notification."""

    status_callback_url: str


class Cancelled(Message):
    """A request was withdrawn."""

    controller_id: str
    subject_request_id: str
    received_time: Moment
    api_version: str = API_VERSION


class ErrorDetail(Message):
    domain: str = Field(description="The faulty part.")
    reason: str = Field(description="For programs.")
    message: str


class Error(Message):
    code: int
    message: str
    errors: list[ErrorDetail]


class ErrorAnswer(Message):
    """An error, in OpenDSR's format."""

    error: Error
