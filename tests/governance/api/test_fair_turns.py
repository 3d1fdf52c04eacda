"""Callers of the API take turns: one who calls without a pause has two running calls, and the others are served."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.testclient import TestClient

from directory import Employee
from directory.access_tokens import verify_access_token
from governance.api import fair_turns, service_tokens
from governance.api.app import create_app
from governance.api.fair_turns import MOST_WAITING, PLACES, KnownTokens, Lane
from governance.db import worker_slots
from governance.ledger import log
from governance.lineage import openlineage
from governance.requests import filing
from tests.governance.conftest import Client, wait_until
from tests.support.people import Company

Answer = Future[httpx2.Response]


class Slow:
    """Replaces a part of the API: calls for which `blocks` is true wait in it until `go`."""

    def __init__(self, real: Callable[..., Any], blocks: Callable[..., bool]) -> None:
        self._real, self._blocks = real, blocks
        self.go = threading.Event()
        self.at_work = 0
        self.most = 0
        self._lock = threading.Lock()

    def __call__(self, *arguments: Any) -> Any:
        if self._blocks(*arguments):
            with self._lock:
                self.at_work += 1
                self.most = max(self.most, self.at_work)
            self.go.wait(60)
            with self._lock:
                self.at_work -= 1
        return self._real(*arguments)


@pytest.fixture
def calls() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(MOST_WAITING + 20) as pool:
        yield pool


def slow_lists(monkeypatch: pytest.MonkeyPatch, *of: Employee) -> Slow:
    subjects = {employee.subject for employee in of}
    slow = Slow(filing.page_of, lambda subject, _: subject in subjects)
    monkeypatch.setattr(filing, "page_of", slow)
    return slow


def get(calls: ThreadPoolExecutor, client: TestClient, path: str = "/v1/requests") -> Answer:
    return calls.submit(client.get, path)


def test_flood_by_one_person_does_not_delay_others(
    api: Client, person: Company, calls: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    greedy, ada = person("greedy@example.com"), person("ada@example.com")
    slow = slow_lists(monkeypatch, greedy)
    client = api(greedy)
    flood = [get(calls, client) for _ in range(16)]
    wait_until(lambda: slow.at_work == PLACES[Lane.PEOPLE].each)
    for path in ("/v1/requests", "/v1/me", "/v1/me/summary", "/v1/me/captures"):
        assert api(ada).get(path).status_code == 200
    assert api(ada).post("/v1/requests", json={"type": "erasure"}).status_code == 201
    assert not any(answer.done() for answer in flood)
    slow.go.set()
    assert {answer.result().status_code for answer in flood} == {200}
    assert slow.most == PLACES[Lane.PEOPLE].each


def test_second_token_gets_no_extra_turn(
    api: Client,
    person: Company,
    calls: ThreadPoolExecutor,
    monkeypatch: pytest.MonkeyPatch,
    token_for: Callable[..., str],
) -> None:
    greedy = person()
    slow = slow_lists(monkeypatch, greedy)
    client = api(greedy)
    flood = []
    for number in range(6):
        headers = {"Authorization": f"Bearer {token_for(greedy, jti=str(number))}"}
        flood.append(calls.submit(client.get, "/v1/requests", headers=headers))
    wait_until(lambda: slow.at_work == PLACES[Lane.PEOPLE].each)
    assert client.get("/healthz").status_code == 200
    slow.go.set()
    assert {answer.result().status_code for answer in flood} == {200}
    assert slow.most == PLACES[Lane.PEOPLE].each


def test_too_many_waiting_calls_of_one_caller_are_refused(
    api: Client, person: Company, calls: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fair_turns, "PATIENCE_SECONDS", 600.0)
    greedy, ada = person("greedy@example.com"), person("ada@example.com")
    slow = slow_lists(monkeypatch, greedy)
    client = api(greedy)
    taken = PLACES[Lane.PEOPLE].each
    flood = [get(calls, client) for _ in range(taken + MOST_WAITING + 1)]
    (refused,) = wait_until(lambda: [answer for answer in flood if answer.done()])
    assert (refused.result().status_code, int(refused.result().headers["Retry-After"]) > 0) == (429, True)
    assert refused.result().json()["type"].endswith(":too-many-requests")
    assert api(ada).get("/v1/requests").status_code == 200
    slow.go.set()
    answered = sorted(answer.result().status_code for answer in flood)
    assert answered == [200] * (taken + MOST_WAITING) + [429]


def test_timeout_names_the_cause(
    api: Client, person: Company, calls: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = [person(f"p{number}@example.com") for number in range(PLACES[Lane.PEOPLE].at_once)]
    slow = slow_lists(monkeypatch, *many)
    busy = [get(calls, api(many[0])) for _ in range(PLACES[Lane.PEOPLE].each)]
    wait_until(lambda: slow.at_work == len(busy))
    with monkeypatch.context() as short:
        short.setattr(fair_turns, "PATIENCE_SECONDS", 0.2)
        own = api(many[0]).get("/v1/me")
    assert (own.status_code, "Retry-After" in own.headers) == (429, True)
    busy += [get(calls, api(employee)) for employee in many[1 : 1 + PLACES[Lane.PEOPLE].at_once - len(busy)]]
    wait_until(lambda: slow.at_work == PLACES[Lane.PEOPLE].at_once)
    ada = api(person("ada@example.com"))
    with monkeypatch.context() as short:
        short.setattr(fair_turns, "PATIENCE_SECONDS", 0.2)
        others = ada.get("/v1/me")
    assert (others.status_code, "Retry-After" in others.headers) == (503, True)
    slow.go.set()
    assert {answer.result().status_code for answer in busy} == {200}


def test_waiting_callers_are_served_in_turn(
    api: Client, person: Company, calls: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A late caller with one call is served before the second call of early callers with many."""
    places = fair_turns.Places(1, 1, 1)
    monkeypatch.setitem(PLACES, Lane.PEOPLE, places)
    app = create_app()
    greedy, ada = person("greedy@example.com"), person("ada@example.com")
    order: list[Employee] = []
    slow = slow_lists(monkeypatch, greedy)

    def client(employee: Employee) -> TestClient:
        signed_in = TestClient(app)
        signed_in.headers.update(api(employee).headers)
        return signed_in

    def call(employee: Employee) -> None:
        assert client(employee).get("/v1/requests").status_code == 200
        order.append(employee)

    client(ada).get("/v1/me")  # from now on her token is known
    flood = [calls.submit(call, greedy)]
    wait_until(lambda: slow.at_work == 1)
    lane = _turns(app)
    flood += [calls.submit(call, greedy) for _ in range(4)]
    wait_until(lambda: sum(map(len, lane._waiting.values())) == 4)
    flood.append(calls.submit(call, ada))
    wait_until(lambda: sum(map(len, lane._waiting.values())) == 5)
    slow.go.set()
    for answer in flood:
        answer.result()
    assert order.index(ada) <= 3


def test_flood_by_a_service_does_not_delay_others(
    api: Client, person: Company, calls: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, line = service_tokens.make("pipeline")
    monkeypatch.setenv("OPENBOOK_SERVICE_TOKENS", line)
    ada = person()
    client = api(ada)
    slow = Slow(openlineage.parse, lambda *_: True)
    monkeypatch.setattr(openlineage, "parse", slow)
    headers = {"Authorization": f"Bearer {token}"}
    flood = [calls.submit(client.post, "/api/v1/lineage", json={}, headers=headers) for _ in range(16)]
    wait_until(lambda: slow.at_work == PLACES[Lane.PROGRAMS].each)
    assert client.get("/v1/me/summary").status_code == 200
    assert client.post("/v1/requests", json={"type": "export"}).status_code == 201
    slow.go.set()
    assert {answer.result().status_code for answer in flood} == {422}
    assert slow.most == PLACES[Lane.PROGRAMS].each


@pytest.mark.parametrize("token", [None, "made up"])
def test_flood_by_a_stranger_does_not_delay_others(
    api: Client,
    unknown: TestClient,
    person: Company,
    calls: ThreadPoolExecutor,
    monkeypatch: pytest.MonkeyPatch,
    token: str | None,
) -> None:
    ada = person()
    client = api(ada)
    assert client.get("/v1/me").status_code == 200
    slow = Slow(log.checkpoint, lambda *_: True)
    monkeypatch.setattr(log, "checkpoint", slow)
    stranger = TestClient(unknown.app)
    flood = []
    for number in range(16):
        headers = {"Authorization": f"Bearer {token} {number}"} if token else {}
        flood.append(calls.submit(stranger.get, "/v1/ledger/checkpoint", headers=headers))
    wait_until(lambda: slow.at_work == PLACES[Lane.STRANGERS].each)
    assert client.get("/v1/me/summary").status_code == 200
    assert client.get("/healthz").status_code == 200
    slow.go.set()
    assert {answer.result().status_code for answer in flood} == {200}
    assert slow.most == PLACES[Lane.STRANGERS].each


def test_slow_health_check_does_not_delay_others(
    api: Client, person: Company, calls: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = api(person())
    slow = Slow(worker_slots.any_running, lambda: True)
    monkeypatch.setattr(worker_slots, "any_running", slow)
    flood = [get(calls, client, "/healthz") for _ in range(8)]
    wait_until(lambda: slow.at_work == PLACES[Lane.HEALTH].each)
    assert client.get("/v1/me").status_code == 200
    slow.go.set()
    assert {answer.result().status_code for answer in flood} == {200}


def test_token_cache_expires_and_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fair_turns, "MOST_KNOWN", 3)
    known = KnownTokens()
    for number in range(5):
        known.remember(f"token {number}", Lane.PEOPLE, str(number))
    assert [known.caller_of(f"token {number}") for number in range(5)] == [
        None,
        None,
        (Lane.PEOPLE, "2"),
        (Lane.PEOPLE, "3"),
        (Lane.PEOPLE, "4"),
    ]
    monkeypatch.setattr(fair_turns, "KNOWN_SECONDS", -1.0)
    known.remember("token 4", Lane.PEOPLE, "4")
    assert known.caller_of("token 4") is None


def _turns(app: Any) -> fair_turns.Turns:
    """The people's lane of an application that has answered."""
    part = app.middleware_stack
    while not isinstance(part, fair_turns.FairTurns):
        part = getattr(part, "_app", None) or part.app
    return part._lanes[Lane.PEOPLE]


def test_garbage_tokens_keep_no_new_valid_token_waiting(
    api: Client,
    person: Company,
    calls: ThreadPoolExecutor,
    monkeypatch: pytest.MonkeyPatch,
    token_for: Callable[..., str],
) -> None:
    ada, bob = person("ada@example.com"), person("bob@example.com")
    assert api(bob).get("/v1/me").status_code == 200, "the issuer's keys are known from here on"
    garbage = jwt.encode({"alg": "RS256", "kid": "nobody's"}, {"sub": "x"}, RSAKey.generate_key(2048))
    slow = Slow(verify_access_token, lambda token: token == garbage)
    monkeypatch.setattr("governance.api.authentication.verify_access_token", slow)
    headers = {"Authorization": f"Bearer {garbage}"}
    stranger = TestClient(api(bob).app)
    flood = [calls.submit(stranger.get, "/v1/me", headers=headers) for _ in range(MOST_WAITING + 1)]
    wait_until(lambda: slow.at_work == PLACES[Lane.STRANGERS].each)
    for number in range(20):
        client = TestClient(api(bob).app)
        client.headers["Authorization"] = f"Bearer {token_for(ada, jti=str(number))}"
        assert client.get("/v1/me").status_code == 200
    slow.go.set()
    assert {call.result().status_code for call in flood} <= {401, 429}


def test_a_known_token_is_remembered_once_not_at_each_call(
    api: Client, person: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    remembered: list[str] = []
    real = KnownTokens.remember

    def remember(known: KnownTokens, token: str, lane: Lane, caller: str) -> None:
        remembered.append(token)
        real(known, token, lane, caller)

    monkeypatch.setattr(KnownTokens, "remember", remember)
    client = api(person())
    assert [client.get("/v1/me").status_code for _ in range(3)] == [200, 200, 200]
    assert len(remembered) == 1
