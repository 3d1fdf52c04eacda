"""What a service token may do: its scopes, its namespaces and its last day, at every route for programs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from starlette.testclient import TestClient

import clock
from governance.api import service_tokens
from governance.api.service_tokens import Scope
from governance.lineage.folding import fold_pending
from tests.governance.lineage import told
from tests.governance.lineage.conftest import asked
from tests.support import applications

LINEAGE = "/api/v1/lineage"
Program = Callable[..., TestClient]


@pytest.fixture
def program(unknown: TestClient, monkeypatch: pytest.MonkeyPatch) -> Program:
    """`program(name, scopes, namespaces, until)`: a client with its own token; all tokens are known."""
    lines: list[str] = []

    def client(
        name: str = "training",
        scopes: tuple[Scope, ...] = (Scope.LINEAGE_WRITE,),
        namespaces: tuple[str, ...] = ("airflow", "model"),
        until: date | None = None,
    ) -> TestClient:
        token, line = service_tokens.make(name, scopes, namespaces, until)
        lines.append(line)
        monkeypatch.setenv("OPENBOOK_SERVICE_TOKENS", ",".join(lines))
        made = TestClient(unknown.app)
        made.headers["Authorization"] = f"Bearer {token}"
        return made

    return client


def routes() -> Iterator[tuple[str, str, set[str]]]:
    """Method, path and scopes of every route that takes a service token."""
    for path, operations in applications.published()["paths"].items():
        for method, operation in operations.items():
            for scheme in operation.get("security", ()):
                if "service" in scheme:
                    yield method, path, set(scheme["service"])


def called(client: TestClient, method: str, path: str) -> Any:
    address = path.replace("{dataset_version}", str(uuid4())).replace("{batch}", str(uuid4()))
    return client.request(method, address, json={"dataset": "desktop"} if method == "post" else None)


def test_every_route_for_programs_names_its_scope(program: Program) -> None:
    found = list(routes())
    assert {path for _, path, _ in found} >= {LINEAGE, f"{LINEAGE}/batch", "/v1/datasets"}
    for method, path, scopes in found:
        (scope,) = scopes
        others = program("others", tuple(set(Scope) - {Scope(scope)}), ("*",))
        answer = called(others, method, path)
        assert (answer.status_code, scope in answer.json()["detail"]) == (403, True), path
        allowed = program("allowed", (Scope(scope),), ("*",))
        assert called(allowed, method, path).status_code not in (401, 403), path
        ended = program("ended", tuple(Scope), ("*",), clock.today())
        assert called(ended, method, path).status_code not in (401, 403), path


def test_routes_of_pipelines_all_take_a_service_token() -> None:
    """So does the one for monitoring, which is tagged with health."""
    taking = {(method, path) for method, path, _ in routes()}
    tagged = {
        (method, path)
        for path, operations in applications.published()["paths"].items()
        for method, operation in operations.items()
        if operation.get("tags") == ["pipelines"]
    }
    assert taking == tagged | {("get", "/metrics")}


def test_expired_token_is_refused_with_a_reason(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    client = program(until=clock.today() + timedelta(days=10))
    assert client.post(LINEAGE, json=told.event("START", "a")).status_code == 201
    assert "expires on" in service_tokens.warnings()[0]
    assert "service token" in " ".join(client.get("/healthz").json()["problems"])
    monkeypatch.setattr(clock, "today", lambda: date.today() + timedelta(days=11))  # noqa: DTZ011
    answer = client.post(LINEAGE, json=told.event("COMPLETE", "a"))
    assert answer.status_code == 401
    assert "expired on" in answer.json()["detail"]
    assert "is refused" in service_tokens.warnings()[0]


def test_old_token_format_only_reports_lineage(unknown: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    token, line = service_tokens.make("training")
    monkeypatch.setenv("OPENBOOK_SERVICE_TOKENS", line.partition("?")[0])
    client = TestClient(unknown.app)
    client.headers["Authorization"] = f"Bearer {token}"
    made = told.event("COMPLETE", "a", outputs=[told.model("sable", "1")])
    assert client.post(LINEAGE, json=made).status_code == 201
    assert client.post(LINEAGE, json=retiring("sable")).status_code == 403
    assert client.post(LINEAGE, json=deploying("sable")).status_code == 403
    assert client.post("/v1/datasets", json={"dataset": "desktop"}).status_code == 403
    assert client.get(f"/v1/datasets/{uuid4()}/parquet").status_code == 403
    assert "Create a new one" in service_tokens.warnings()[0]
    assert "service token" in " ".join(client.get("/healthz").json()["problems"])


def retiring(name: str, namespace: str = "model") -> dict[str, Any]:
    drop = told.dataset(namespace, name, "1", lifecycleStateChange={"lifecycleStateChange": "DROP"})
    return told.event("COMPLETE", "retire", outputs=[{**drop, "facets": {**drop["facets"], **MODEL}}])


def deploying(name: str) -> dict[str, Any]:
    facet = {"openBook_deployment": {"place": "desk"}}
    return told.event("COMPLETE", "deploy", inputs=[told.model(name, "1")], run_facets=facet)


MODEL = {"datasetType": {"datasetType": "MODEL"}}


def test_models_are_retired_by_their_owners_only(program: Program) -> None:
    every = tuple(Scope)
    owner = program("owner", every, ("airflow", "model/sable", "team"))
    other = program("other", every, ("airflow", "model/amber", "rival"))
    made = told.event("COMPLETE", "made", outputs=[told.model("sable", "1"), told.dataset("team", "x", "1", **MODEL)])
    assert owner.post(LINEAGE, json=made).status_code == 201
    for event in (retiring("sable"), deploying("sable"), retiring("x", "team"), retiring("team/x")):
        answer = other.post(LINEAGE, json=event)
        assert answer.status_code == 403
        assert "may not report on the model" in answer.json()["detail"]
    fold_pending()
    assert asked("select count(*) from model_versions where retired_at is not null") == [(0,)]
    assert owner.post(LINEAGE, json=retiring("sable")).status_code == 201
    assert owner.post(LINEAGE, json=retiring("x", "team")).status_code == 201
    fold_pending()
    assert asked("select count(*) from model_versions where retired_at is not null") == [(2,)]


@pytest.mark.parametrize("what", ["job", "written dataset", "run of another job", "job event", "dataset event"])
def test_foreign_namespaces_are_refused(program: Program, what: str) -> None:
    program("other", (Scope.LINEAGE_WRITE,), ("kestrel", "airflow")).post(LINEAGE, json=told.event("START", "theirs"))
    mine = program("mine", (Scope.LINEAGE_WRITE,), ("spark", "model"))
    job = {"namespace": "spark", "name": "fit", "facets": told.purpose("training")}
    events = {
        "job": told.event("COMPLETE", "mine", outputs=[told.model("sable", "1")]),
        "written dataset": {**told.event("COMPLETE", "mine", outputs=[told.dataset("kestrel", "web")]), "job": job},
        "run of another job": {**told.event("COMPLETE", "theirs", inputs=[told.dataset("x", "y")]), "job": job},
        "job event": {
            "eventTime": told.MINUTE.format(2),
            "job": {**job, "namespace": "airflow"},
        },
        "dataset event": {
            "eventTime": told.MINUTE.format(2),
            "dataset": told.dataset("kestrel", "web", **told.purpose("games")),
        },
    }
    answer = mine.post(LINEAGE, json=events[what])
    assert (answer.status_code, "Nothing was saved" in answer.json()["detail"]) == (403, True)
    reading = {**told.event("COMPLETE", "reads", inputs=[told.dataset("kestrel", "web")]), "job": job}
    assert mine.post(LINEAGE, json=reading).status_code == 201


def test_foreign_datasets_are_neither_created_nor_read(program: Program) -> None:
    client = program("typing", tuple(Scope), ("open-book/typing-*",))
    assert client.post("/v1/datasets", json={"dataset": "desktop"}).status_code == 403
    assert client.post("/v1/datasets", json={"dataset": "typing-1"}).status_code != 403
