"""Every error says what happened, and carries what the API said."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from api_client import errors
from api_client.errors import GovernanceError, Invalid, ServerError, StatusError, UnexpectedAnswer
from tests.api_client.fake_api import ME, FakeApi, client_of, problem, request_json


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, errors.Invalid),
        (401, errors.Unauthorized),
        (403, errors.Forbidden),
        (404, errors.NotFound),
        (409, errors.Conflict),
        (410, errors.Gone),
        (418, errors.StatusError),
        (422, errors.Invalid),
        (429, errors.TooManyRequests),
        (500, errors.ServerError),
        (503, errors.ServerError),
    ],
)
def test_each_status_has_its_error(status: int, kind: type[StatusError]) -> None:
    client, _ = client_of(FakeApi(problem(status, detail="The reason.")))
    with pytest.raises(StatusError, match=r"The reason\.") as caught:
        client.me()
    assert type(caught.value) is kind


def test_the_problem_documents_fields_are_kept() -> None:
    answer = problem(
        422,
        title="Not accepted",
        detail="A field is wrong.",
        type="/problems/invalid",
        instance="/v1/requests",
        errors=[{"pointer": "#/body/scope/signals/0", "detail": "is not a signal"}],
    )
    client, _ = client_of(FakeApi(answer))
    with pytest.raises(Invalid) as caught:
        client.file_request("export")
    error = caught.value
    assert (error.status, error.title, error.detail) == (422, "Not accepted", "A field is wrong.")
    assert (error.type, error.instance) == ("/problems/invalid", "/v1/requests")
    assert error.extensions == {"errors": [{"pointer": "#/body/scope/signals/0", "detail": "is not a signal"}]}
    assert str(error) == "422 Not accepted: A field is wrong.\n- #/body/scope/signals/0: is not a signal"


@pytest.mark.parametrize("body", [b"<html>Bad gateway</html>", b"", b'["no", "object"]', b'{"title": 7}'])
def test_error_without_problem_document_is_reported(body: bytes) -> None:
    client, _ = client_of(FakeApi(httpx.Response(500, content=body)))
    with pytest.raises(ServerError, match="500 Internal Server Error"):
        client.me()


@pytest.mark.parametrize(
    ("answer", "place"),
    [
        (b"<html>a sign-in page</html>", "not JSON"),
        (b'"text"', "str for Me, not dict"),
        (b'{"name": "Ada"}', "lacks department"),
        (b'{"name": 7}', r"int for Me\.name, not str"),
        (b'{"subject": "someone"}', r"'someone' for Me\.subject, which is not a UUID"),
    ],
)
def test_unexpected_answer_names_the_place(answer: bytes, place: str) -> None:
    client, _ = client_of(FakeApi(httpx.Response(200, content=answer)))
    with pytest.raises(UnexpectedAnswer, match=place):
        client.me()


@pytest.mark.parametrize(
    "change", [{"received_at": "yesterday"}, {"history": [{"at": 5}]}, {"history": {}}, {"export": {"size": True}}]
)
def test_nested_type_error_is_reported(change: dict[str, Any]) -> None:
    client, _ = client_of(FakeApi(httpx.Response(200, json=request_json(**change))))
    with pytest.raises(UnexpectedAnswer, match=r"Request\."):
        client.request("6d3d1c8e-8a0d-4a8e-9a7e-0f5a4c1b2d3e")


def test_unknown_fields_are_ignored() -> None:
    client, _ = client_of(FakeApi(httpx.Response(200, json={**ME, "pronouns": "she"})))
    assert client.me().email == "ada@example.com"


def test_documented_error_tree_is_correct() -> None:
    drawn: dict[str, int] = {}
    for line in (errors.__doc__ or "").splitlines():
        if match := re.match(r"    ([│├└─ ]*)([A-Z]\w+) ", line):
            drawn[match[2]] = len(match[1]) // 4
    real = {
        name: len(kind.__mro__) - len(GovernanceError.__mro__)
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, GovernanceError)
    }
    assert drawn == real
