"""The API's description of itself, and whether the API conforms to it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import SearchStrategy
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.testclient import TestClient

from governance.api import service_tokens
from governance.api.service_tokens import Scope
from lake.datasets.making import Selection, create
from lake.rules.policies import apply_policies
from lake.storage.connection import writer
from tests.governance.conftest import POLICY, Capture, Client
from tests.support import applications
from tests.support.people import Company

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
DOCUMENT = applications.published()
OPERATIONS = [
    (method, path, operation)
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
]


OPENDSR = [operation for operation in OPERATIONS if operation[1].startswith("/opendsr/")]
EVENTS = [operation for operation in OPERATIONS if operation[1] == "/caep/events"]


@schemathesis.serializer("application/secevent+jwt", "application/x-ndjson")
def as_text(_: Any, value: Any) -> bytes:
    """Schemathesis doesn't know how to send these types."""
    return str(value).encode("utf-8", "replace")


@pytest.mark.parametrize(("_method", "_path", "operation"), EVENTS)
def test_security_events_declare_errors_in_their_format(_method: str, _path: str, operation: dict[str, Any]) -> None:
    errors = {status: answer for status, answer in operation["responses"].items() if int(status) >= 400}
    assert errors.keys() == {"400", "408", "413", "429", "500", "503"}
    schema = {"$ref": "#/components/schemas/EventError"}
    assert errors.pop("400")["content"] == {"application/json": {"schema": schema}}
    assert all(list(answer["content"]) == ["application/problem+json"] for answer in errors.values())
    assert "security" not in operation


@pytest.mark.parametrize(("method", "path", "operation"), OPENDSR)
def test_opendsr_declares_errors_in_its_own_format(method: str, path: str, operation: dict[str, Any]) -> None:
    errors = {status: answer for status, answer in operation["responses"].items() if int(status) >= 400}
    assert errors.keys() == ({"400", "403"} if "parameters" in operation else set()) | {"429", "500", "503"}
    for status in errors.keys() - {"429", "500"}:
        schema = {"$ref": "#/components/schemas/ErrorAnswer"}
        assert errors[status]["content"] == {"application/json": {"schema": schema}}
    assert "security" not in operation


CHOSEN = {"/v1/me/views/{view}"}
"""The caller chooses the id, so there is none that isn't theirs."""


@pytest.mark.parametrize(
    ("method", "path", "operation"), [operation for operation in OPERATIONS if operation not in OPENDSR + EVENTS]
)
def test_every_error_is_declared_as_a_problem(method: str, path: str, operation: dict[str, Any]) -> None:
    errors = {status: answer for status, answer in operation["responses"].items() if int(status) >= 400}
    for status, answer in errors.items():
        assert list(answer["content"]) == ["application/problem+json"], status
        assert answer["content"]["application/problem+json"]["schema"] == {"$ref": "#/components/schemas/Problem"}
        assert answer["description"]
    if path.startswith("/v1/ledger/") or path.endswith("/leaves"):
        assert {"500", "503"} <= errors.keys()
        assert "security" not in operation
    elif operation["tags"] == ["pipelines"]:
        assert {"401", "403", "429", "500", "503"} <= errors.keys()
        ((scope,),) = (declared["service"] for declared in operation["security"])
        assert scope in set(Scope)
    elif path.startswith("/v1/"):
        assert {"401", "403", "500", "503"} <= errors.keys()
        assert operation["security"] == [{"bearer": []}]
    if "{" in path and path not in CHOSEN:
        assert errors.keys() >= {"404"}
    if "parameters" in operation or "requestBody" in operation:
        assert errors.keys() >= {"422"}


def test_openapi_is_public_and_documents_sign_in(unknown: TestClient) -> None:
    document = unknown.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    assert "HTTPValidationError" not in document["components"]["schemas"]


def test_api_docs_list_every_path() -> None:
    pages = [(Path(__file__).parents[3] / "docs" / name).read_text() for name in ("api.md", "opendsr.md")]
    told = set(re.findall(r"`(GET|POST|PUT|DELETE) (/[^`?]*)`", "".join(pages)))
    assert told == {
        (method.upper(), re.sub(r"\{(subject_)?request_id\}", "{id}", path)) for method, path, _ in OPERATIONS
    }


def test_unknown_paths_and_methods_are_problems(unknown: TestClient) -> None:
    for method, path, status in (("GET", "/v2", 404), ("PUT", "/v1/me", 405)):
        answer = unknown.request(method, path)
        assert answer.status_code == answer.json()["status"] == status
        assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.timeout(900)
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=lambda mode: mode.value)
def test_api_conforms_to_its_schema(
    api: Client,
    token_for: Callable[..., str],
    person: Company,
    capture: Capture,
    mode: GenerationMode,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ada = person()
    token, line = service_tokens.make("pipeline", list(Scope))
    monkeypatch.setenv("OPENBOOK_SERVICE_TOKENS", line)
    capture(ada, 20)
    client = api(ada)
    officer = {"Authorization": f"Bearer {token_for(person('olga@example.com', role='privacy_officer'))}"}
    mine = client.post("/v1/requests", json={"type": "export"}).json()["id"]
    with writer() as lake:
        apply_policies(lake, [POLICY])
    version = str(create("actions", Selection()).dataset_version)
    document = schemathesis.openapi.from_asgi("/openapi.json", client.app)
    operations = [result.ok() for result in document.get_all_operations() if isinstance(result, Ok)]
    assert len(operations) == len(OPERATIONS)
    for operation in operations:
        tags = operation.definition.raw["tags"]
        headers = officer if "officer" in tags else dict(client.headers)
        if "pipelines" in tags:
            headers = {"Authorization": f"Bearer {token}"}
        refuses = not operation.path.startswith("/opendsr/")  # which read any text, and judge it themselves
        if mode is GenerationMode.POSITIVE or (refuses and (any(operation.iter_parameters()) or operation.body)):
            _try(operation.as_strategy(mode), headers, examples=4 if operation.path == "/v1/datasets" else 8)
        if "{request_id}" in operation.path and mode is GenerationMode.POSITIVE:
            _try(operation.as_strategy(mode, path_parameters={"request_id": mine}), headers)
        if "{dataset_version}" in operation.path and mode is GenerationMode.POSITIVE:
            _try(operation.as_strategy(mode, path_parameters={"dataset_version": version}), headers, examples=3)


def role(name: str, person: Company, token_for: Callable[..., str], programs: str) -> str | None:
    """The token of such a caller."""
    match name:
        case "nobody":
            return None
        case "program":
            return programs
        case _:
            return token_for(person(f"{name}@example.com", role=name))


@pytest.mark.parametrize("name", ["nobody", "employee", "manager", "privacy_officer", "program"])
def test_every_operation_answers_every_role_as_declared(
    name: str,
    api: Client,
    token_for: Callable[..., str],
    person: Company,
    capture: Capture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    token, line = service_tokens.make("pipeline", list(Scope))
    monkeypatch.setenv("OPENBOOK_SERVICE_TOKENS", line)
    ada = person("ada@example.com")
    capture(ada, 5)
    shown = role(name, person, token_for, token)
    headers = {"Authorization": f"Bearer {shown}"} if shown else {}
    document = schemathesis.openapi.from_asgi("/openapi.json", api(ada).app)
    for operation in [result.ok() for result in document.get_all_operations() if isinstance(result, Ok)]:
        _try(operation.as_strategy(GenerationMode.POSITIVE), headers, examples=4)


def _try(cases: SearchStrategy[Any], headers: dict[str, str], examples: int = 8) -> None:
    """Always the same examples; three times as many with `--hypothesis-profile=thorough`."""

    @seed(1)
    @settings(
        max_examples=examples * settings().max_examples // 100,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases)
    def conforms(case: schemathesis.Case[Any]) -> None:
        case.call_and_validate(headers=headers, checks=CHECKS, timeout=300)

    conforms()
