"""Every operation of the API, called by every kind of caller with what belongs to Ada.

The operations come from the API's own description, and those of SCIM, which describes itself, from its router: a new
one is called here without being listed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from fastapi.routing import APIRoute
from starlette.testclient import TestClient

import clock
from directory import Employee
from governance.ai_models import training_approvals
from governance.api import service_tokens
from governance.api.scim import routes as scim
from governance.api.service_tokens import Scope
from governance.intake.taking import Taking
from governance.leases import asking
from governance.lineage import openlineage
from governance.lineage.folding import fold_pending
from governance.lineage.storing import store
from governance.recording import heartbeats
from governance.schemas.recording import NewRecorderHeartbeat, SaidState
from lake.datasets.making import Selection, create
from tests.governance.conftest import Capture
from tests.governance.lineage import told
from tests.governance.working import carry_out
from tests.support import applications
from tests.support.people import Company

OURS = "words that Ada typed"
PERSON, MANAGER, OFFICER, ANYONE = "person", "manager", "officer", "anyone"
OPERATIONS = applications.operations()
NOT_OFFERED = 501
"""Of parts of SCIM, such as groups."""
DIRECTORY = {"security": [{"service": [Scope.DIRECTORY_WRITE]}]}
SCIM = [
    (method, route.path.replace("{rest:path}", "elsewhere"), DIRECTORY)
    for route in scim.router.routes
    if isinstance(route, APIRoute)
    for method in route.methods or ()
]


def in_order(operations: list[tuple[str, str, dict[str, Any]]]) -> list[tuple[str, str, dict[str, Any]]]:
    """What deletes or decides comes last."""
    return sorted(operations, key=lambda each: (each[0] in ("PUT", "PATCH", "DELETE"), each[0] == "POST"))


def needs(operation: dict[str, Any]) -> str:
    """Who may call it, as published: PERSON, MANAGER, OFFICER, ANYONE, or the scope of a service token."""
    if "security" not in operation:
        return ANYONE
    ((scheme, scopes),) = operation["security"][0].items()
    if scheme == "service":
        return str(scopes[0])
    if operation["tags"] == ["officer"]:
        return OFFICER
    return MANAGER if "manage people" in operation["description"] else PERSON


@dataclass(frozen=True)
class Caller:
    """`may` says what the caller may; `person` and `program` whose token it is, if it is known at all."""

    name: str
    token: str | None
    may: frozenset[str] = frozenset()
    person: bool = False
    program: bool = False

    def expected(self, needed: str) -> int | None:
        """401 or 403, or None where the caller gets past both."""
        if needed == ANYONE or needed in self.may:
            return None
        known = self.program if ":" in needed else self.person
        return 403 if known else 401


@pytest.fixture
def ada(person: Company) -> Employee:
    person("mia@example.com", role="manager")
    return person("ada@example.com", manager="mia@example.com")


@pytest.fixture
def of_ada(ada: Employee, person: Company, capture: Capture, api: Callable[[Employee], TestClient]) -> dict[str, str]:
    """The values of path parameters: each is something of Ada's, or that she is in."""
    capture(ada, 5, text=OURS)
    made = create("desktop", Selection())
    events = [
        told.event(
            "COMPLETE",
            "train",
            inputs=[told.dataset("openbook", "desktop", made.version)],
            outputs=[told.model("assistant", "1")],
        )
    ]
    store([openlineage.parse(event) for event in events], "training", 1)
    fold_pending()
    filed = api(ada).post("/v1/requests", json={"type": "export", "scope": {}})
    carry_out(filed.json()["id"])
    olga = person("olga@example.com", role="privacy_officer")
    hold = {"employee": ada.email, "everything": True, "case": "HR-1", "exception": "gdpr_17_3_e"}
    held = api(olga).post("/v1/holds", json={**hold, "review_on": "2099-01-31"})
    person("zed@example.com")
    person("zed@example.com", sub="another-zed")
    letter = api(olga).post("/v1/officer/letters", json={"employee": "zed@example.com"}).json()["letter"]
    noted = api(ada).post("/v1/requests", json={"type": "rectification", "note": "This is wrong."}).json()["id"]
    opening = {"reason": "decision", "hours": 1}
    asked = api(person("otto@example.com", role="privacy_officer")).post(
        f"/v1/officer/requests/{noted}/note/openings", json=opening
    )
    with pytest.MonkeyPatch.context() as setting:
        setting.setenv("OPENBOOK_TRAINING_LEASE_HOURS", "1")
        lease = asking.ask("all", made, None).lease
        setting.setenv("OPENBOOK_TRAINING_APPROVAL_HOURS", "1")
        with pytest.raises(training_approvals.NeedsApproval):
            training_approvals.require("trainer", made)
    taking = Taking("recorder", "a key of the recorder", 0)
    taking.take(f'{{"email": "{ada.email}", "time": "2026-03-02", "signal": "afk", "application": "Excel"}}'.encode())
    sent = taking.finish()
    heartbeats.report(ada, "all", NewRecorderHeartbeat(device="PC-1", state=SaidState.RECORDING))
    view = UUID(int=4)
    api(ada).put(f"/v1/me/views/{view}", json={"name": OURS, "page": "captured", "query": ""})
    return {
        "view": str(view),
        "capture_id": str(ada.subject),
        "export": api(olga).get("/v1/officer/training-exports").json()[0]["export"],
        "batch": str(sent),
        "device": "PC-1",
        "lease": str(lease),
        "letter": letter,
        "opening": asked.json()["opening"],
        "proposal": api(olga).get("/v1/officer/links").json()[0]["proposal"],
        "request_id": filed.json()["id"],
        "subject_request_id": filed.json()["id"],
        "dataset_version": str(made.dataset_version),
        "model_version": api(ada).get("/v1/me/models").json()[0]["model_version"],
        "hold": held.json()["hold"],
        "subject": str(ada.subject),
        "schema": "urn:ietf:params:scim:schemas:core:2.0:User",
        "name": "User",
        "index": "0",
        "number": "1",
        "notice": api(ada).get("/v1/me/notices").json()[0]["notice"],
    }


@pytest.fixture
def callers(
    of_ada: dict[str, str], person: Company, token_for: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> list[Caller]:
    """Everybody but Ada."""
    lines: list[str] = []

    def program(name: str, scopes: tuple[Scope, ...], last: date) -> str:
        token, line = service_tokens.make(name, scopes, ("*",), clock.today())
        lines.append(line.replace(f"until={clock.today()}", f"until={last}"))
        monkeypatch.setenv("OPENBOOK_SERVICE_TOKENS", ",".join(lines))
        return token

    employee, officer = frozenset({PERSON}), frozenset({PERSON, OFFICER})
    today, yesterday = clock.today(), clock.today() - timedelta(days=1)
    return [
        Caller("nobody", None),
        Caller("a garbled token", "abc"),
        Caller("an expired token", token_for(person("kim@example.com"), exp=1)),
        Caller("a token for another service", token_for(person("kim@example.com"), aud="payroll")),
        Caller("somebody outside the company", token_for("stranger"), person=True),
        Caller("a colleague", token_for(person("bo@example.com")), employee, person=True),
        Caller("Ada's manager", token_for("mia"), employee | {MANAGER}, person=True),
        Caller(
            "a privacy officer", token_for(person("olga@example.com", role="privacy_officer")), officer, person=True
        ),
        Caller("a program without scopes", program("none", (), today), program=True),
        Caller("a program with each scope", program("all", tuple(Scope), today), frozenset(Scope), program=True),
        Caller("a program whose token has ended", program("ended", tuple(Scope), yesterday)),
    ]


BODIES: dict[str, dict[str, Any]] = {
    "/v1/requests/{request_id}/note-sharing": {"shared": True},
    "/v1/me/captures/search": {"words": OURS},
}
"""Where an empty body would be refused before anything else."""


def called(api: TestClient, caller: Caller, method: str, path: str, values: dict[str, str]) -> Any:
    headers = {"Authorization": f"Bearer {caller.token}"} if caller.token else {}
    body = BODIES.get(path, {}) if method in ("POST", "PUT", "PATCH") else None
    return api.request(method, path.format(**values), json=body, headers=headers)


def test_callers_get_only_what_is_theirs_and_nothing_of_adas(
    unknown: TestClient, callers: list[Caller], of_ada: dict[str, str], ada: Employee, api: Callable[..., TestClient]
) -> None:
    assert OURS in api(ada).get("/v1/me/captures").text
    wrong, leaks = [], []
    for caller in callers:
        for method, path, operation in in_order(OPERATIONS) + in_order(SCIM):
            needed = needs(operation)
            answer = called(unknown, caller, method, path, of_ada)
            expected = caller.expected(needed)
            passed = answer.status_code not in (401, 403) or path.startswith("/opendsr/")
            failed = answer.status_code >= 500 and answer.status_code != NOT_OFFERED
            if failed or not (passed if expected is None else answer.status_code == expected):
                wrong.append((caller.name, method, path, answer.status_code, expected))
            names_ada = OURS in answer.text or str(ada.subject) in answer.text
            if names_ada and needed != Scope.CAPTURES_READ and operation is not DIRECTORY:
                leaks.append((caller.name, method, path))
    assert (wrong, leaks) == ([], [])


def of_one_person(operations: list[tuple[str, str, dict[str, Any]]]) -> Iterator[tuple[str, str]]:
    """Operations of people about one request, which is Ada's."""
    for method, path, operation in operations:
        if needs(operation) == PERSON and "{request_id}" in path:
            yield method, path


def test_what_is_adas_exists_for_nobody_else(
    unknown: TestClient, callers: list[Caller], of_ada: dict[str, str]
) -> None:
    people = [caller for caller in callers if PERSON in caller.may]
    about = list(of_one_person(OPERATIONS))
    assert len(people) >= 3
    assert len(about) >= 6
    answers = {
        (caller.name, method, path): called(unknown, caller, method, path, of_ada)
        for caller in people
        for method, path in about
    }
    assert {answer.status_code for answer in answers.values()} == {404}
    other = dict(of_ada, request_id=str(UUID(int=7)))
    for caller in people:
        for method, path in about:
            elsewhere = called(unknown, caller, method, path, other)
            assert elsewhere.json()["detail"] == answers[caller.name, method, path].json()["detail"], path
