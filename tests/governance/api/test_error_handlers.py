from __future__ import annotations

from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

import errors
from errors import OpenBookError
from governance.api.error_handlers import handle_errors
from home import HomeUnavailable
from parts import DiskFull


class Specific(errors.NotFound, LookupError):
    pass


class ForOperators(OpenBookError):
    pass


def answer_to(error: Exception, method: str = "GET") -> Any:
    app = FastAPI()

    @app.api_route("/", methods=[method])
    def fail() -> None:
        raise error

    handle_errors(app)
    return TestClient(app).request(method, "/")


ANSWERS = [
    (errors.NotFound("None. Nothing was changed."), HTTPStatus.NOT_FOUND),
    (Specific("None. Nothing was changed."), HTTPStatus.NOT_FOUND),
    (errors.Conflict("Not now. Nothing was changed."), HTTPStatus.CONFLICT),
    (errors.Gone("It was deleted."), HTTPStatus.GONE),
    (errors.Forbidden("Not you. Nothing was changed."), HTTPStatus.FORBIDDEN),
    (errors.NotValid("Use a new key."), HTTPStatus.UNPROCESSABLE_ENTITY),
    (errors.TooMany("Wait.", 7), HTTPStatus.TOO_MANY_REQUESTS),
    (errors.Unavailable("Try again."), HTTPStatus.SERVICE_UNAVAILABLE),
]


@pytest.mark.parametrize(("error", "status"), ANSWERS, ids=lambda value: type(value).__name__)
def test_each_kind_is_answered_with_its_message(error: OpenBookError, status: HTTPStatus) -> None:
    answer = answer_to(error)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"] == str(error)
    assert "errors" not in answer.json()


@pytest.mark.parametrize(
    ("error", "seconds"), [(errors.TooMany("", 7), 7), (errors.Unavailable(), 5), (DiskFull(), 60)]
)
def test_an_error_says_when_to_try_again(error: OpenBookError, seconds: int) -> None:
    assert answer_to(error).headers["retry-after"] == str(seconds)


@pytest.mark.parametrize(("method", "place"), [("GET", "query"), ("PUT", "body"), ("POST", "body")])
def test_a_wrong_field_is_pointed_to_where_it_was_given(method: str, place: str) -> None:
    answer = answer_to(errors.NotValid("Nothing was planned.", "by", "must be a future date"), method)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert answer.json()["detail"] == "Nothing was planned."
    assert answer.json()["errors"] == [{"pointer": f"#/{place}/by", "detail": "must be a future date"}]


def test_a_body_that_is_wrong_as_a_whole_is_pointed_to() -> None:
    answer = answer_to(errors.NotValid("Nothing matches.", ""), "POST")
    assert answer.json()["errors"] == [{"pointer": "#/body", "detail": "Nothing matches."}]


def test_errors_for_operators_are_not_shown(tmp_path: Path) -> None:
    missing = HomeUnavailable(f"{tmp_path} is missing.")
    assert str(tmp_path) not in answer_to(missing).text
    answer = answer_to(ForOperators(f"{tmp_path} is damaged."))
    assert answer.status_code == HTTPStatus.INTERNAL_SERVER_ERROR
    assert str(tmp_path) not in answer.text
