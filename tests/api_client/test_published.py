"""The client's models of published figures match the API's."""

from __future__ import annotations

import dataclasses
import typing

import httpx
import pytest

from api_client import models
from api_client.errors import Forbidden
from governance.schemas import area as answers
from governance.schemas.base import Answer
from tests.api_client.fake_api import FakeApi, client_of, problem

TABLE = {
    "release": "6d3d1c8e-8a0d-4a8e-9a7e-0f5a4c1b2d3e",
    "as_of": "2026-07-01",
    "name": "retention",
    "one": False,
    "people": 300,
    "shares": [{"band": "within", "share": None, "low": 0, "high": 1}],
}
AREA = {
    "people": 300, "told_at": None, "policies": [], "models": [], "releases": [], "tables": [TABLE], "sizes": [],
}  # fmt: skip


@pytest.mark.parametrize(
    ("model", "answer"),
    [
        (models.Area, answers.Area),
        (models.Programme, answers.Programme),
        (models.Release, answers.Release),
        (models.ReleasedTable, answers.ReleasedTable),
        (models.Share, answers.Share),
        (models.TableSize, answers.TableSize),
        (models.PolicyInForce, answers.PolicyInForce),
        (models.KnownModel, answers.KnownModel),
        (models.AttackResult, answers.AttackResult),
    ],
    ids=lambda kind: kind.__name__,
)
def test_client_models_match_published_answers(model: type, answer: type[Answer]) -> None:
    assert {field.name for field in dataclasses.fields(model)} == set(answer.model_fields)
    for name, hint in typing.get_type_hints(model).items():
        may_be_null = type(None) in typing.get_args(answer.model_fields[name].annotation)
        assert (type(None) in typing.get_args(hint)) == may_be_null, name


def test_a_share_may_be_a_whole_number() -> None:
    area = client_of(FakeApi(httpx.Response(200, json=AREA)))[0].area()
    assert area.tables[0].shares == (models.Share("within", None, 0.0, 1.0),)


def test_non_manager_is_refused() -> None:
    with pytest.raises(Forbidden):
        client_of(FakeApi(problem(403, detail="This is for managers.")))[0].area()
