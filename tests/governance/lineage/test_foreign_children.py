"""What a service says of another service's run, by naming it as a parent, proves nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

import clock
from directory import Employee
from governance.api import service_tokens
from governance.api.service_tokens import Scope
from governance.lineage.folding import fold_pending
from tests.governance.conftest import Capture, Client
from tests.governance.lineage import told
from tests.support.people import Company

LINEAGE = "/api/v1/lineage"
CHROME = {"applications": ["Chrome"]}


@pytest.fixture
def ada(person: Company, capture: Capture) -> Employee:
    ada, bob = person("ada@example.com"), person("bob@example.com")
    capture(ada, 5, application="Excel")
    capture(bob, 5, application="Chrome")
    return ada


@pytest.fixture
def services(unknown: TestClient, monkeypatch: pytest.MonkeyPatch) -> dict[str, TestClient]:
    """`owner` and `other`, each with a token and a namespace of its own."""
    made = {name: service_tokens.make(name, list(Scope), [name, "model", "open-book"]) for name in ("owner", "other")}
    monkeypatch.setenv("OPENBOOK_SERVICE_TOKENS", ",".join(line for _, line in made.values()))
    clients = {name: TestClient(unknown.app) for name in made}
    for name, client in clients.items():
        client.headers["Authorization"] = f"Bearer {made[name][0]}"
    return clients


def run(service: str, name: str, **parts: Any) -> dict[str, Any]:
    event = told.event("COMPLETE", name, **parts)
    return event | {"job": {"namespace": service, "name": "train", "facets": {}}}


@pytest.fixture
def make_dataset(services: dict[str, TestClient], monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[str, Any]], None]:
    """Makes it before any of the events."""

    def make(where: dict[str, Any]) -> None:
        with monkeypatch.context() as earlier:
            earlier.setattr(clock, "now", lambda: told.BEFORE)
            answer = services["owner"].post("/v1/datasets", json={"dataset": "d", "version": "1", "where": where})
        assert answer.status_code == 201, answer.text

    return make


def child_of(name: str) -> dict[str, Any]:
    parent = {"run": {"runId": str(told.run_key(name))}, "job": {"namespace": "owner", "name": "train"}}
    return {"parent": parent}


def shown(api: Client, ada: Employee) -> dict[str, Any]:
    fold_pending()
    [model] = api(ada).get("/v1/me/models").json()
    return {name: model[name] for name in ("evidence", "state")}


@pytest.mark.parametrize("application", ["Chrome", "Excel"])
@pytest.mark.parametrize("first", ["parent", "child"])
@pytest.mark.parametrize("child", ["owner", "other"])
def test_a_foreign_child_run_proves_neither_presence_nor_absence(
    api: Client,
    ada: Employee,
    services: dict[str, TestClient],
    make_dataset: Callable[[dict[str, Any]], None],
    application: str,
    first: str,
    child: str,
) -> None:
    make_dataset({"applications": [application]})
    inputs = [told.dataset("open-book", "d", "1")]
    events = {
        "parent": ("owner", run("owner", "big", outputs=[told.model("sable", "1")])),
        "child": (child, run(child, "small", inputs=inputs, run_facets=child_of("big"))),
    }
    for name in sorted(events, key=lambda name: name != first):
        service, event = events[name]
        assert services[service].post(LINEAGE, json=event).status_code == 201
    evidence = shown(api, ada)["evidence"]
    assert evidence == {"owner": {"Chrome": "none", "Excel": "proven"}[application], "other": "possible"}[child]


def test_a_foreign_child_adds_doubt_to_what_own_children_read(
    api: Client, ada: Employee, services: dict[str, TestClient], make_dataset: Callable[[dict[str, Any]], None]
) -> None:
    make_dataset(CHROME)
    inputs = [told.dataset("open-book", "d", "1")]
    services["owner"].post(LINEAGE, json=run("owner", "big", outputs=[told.model("sable", "1")]))
    services["owner"].post(LINEAGE, json=run("owner", "mine", inputs=inputs, run_facets=child_of("big")))
    assert shown(api, ada)["evidence"] == "none"
    foreign = [told.dataset("s3://lake", "web", "1")]
    services["other"].post(LINEAGE, json=run("other", "theirs", inputs=foreign, run_facets=child_of("big")))
    assert shown(api, ada)["evidence"] == "possible"
