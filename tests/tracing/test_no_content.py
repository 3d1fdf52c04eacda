"""Whatever is sent to the API, and whatever fails in it, nothing of it gets into a trace.

Every route is called with planted words in its path, query, headers, cookie and body, by a person, a program and a
stranger, as it is and with an error in its middle that quotes them. The bodies that come to the receiver are searched
as bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from duckdb import DuckDBPyConnection
from opentelemetry import trace
from starlette.testclient import TestClient

import queries.loader
import trace_export
from governance.api import service_tokens
from governance.api.app import create_app
from governance.requests import filing
from tests.governance.api.edge.test_bodies import ROUTES
from tests.governance.conftest import Capture, Client
from tests.planted.secrets import Planted
from tests.support.people import Company
from tests.support.trace_receiver import Receiver, receiving

TRACE, SPAN = "5ec2e75ec2e75ec2e75ec2e75ec2e75e", "7a97ed7a97ed7a97"
TYPED = "planted-words-that-Ada-typed"
MAIL = "ada.planted@mail.example"
WORD = "planted-word-of-a-caller"
NAME = "Ada-Planted-Lovelace"


@pytest.fixture
def planted() -> Planted:
    words = {"typed": TYPED, "mail": MAIL, "word": WORD, "name": NAME}
    return Planted({}, {name: word.encode() for name, word in words.items()})


def hide_ids(planted: Planted, **ids: UUID | str) -> None:
    for name, value in ids.items():
        planted.secrets[name] = str(value).encode()
        planted.secrets[f"{name} as bytes"] = UUID(str(value)).bytes


def call_everything(client: TestClient, request: str) -> int:
    """How many calls were answered as if all was well."""
    headers = {
        "X-Planted": WORD,
        "User-Agent": WORD,
        "Referer": f"https://{WORD}.example/",
        "Cookie": f"a={WORD}",
        "Accept-Language": WORD,
        "Idempotency-Key": WORD,
        "traceparent": f"00-{TRACE}-{SPAN}-01",
        "tracestate": f"a={WORD}",
        "baggage": f"a={WORD}",
    }
    good = 0
    for method, path in sorted(ROUTES, key=lambda route: route[0] == "DELETE"):
        for part in (request, WORD, MAIL):
            filled = "/".join(part if piece.startswith("{") else piece for piece in path.split("/"))
            body = {"type": WORD, "note": TYPED, WORD: MAIL, "userName": MAIL, "scope": {"applications": [WORD]}}
            answer = client.request(
                method, f"{filled}?text={TYPED}&{WORD}={MAIL}", headers=headers, json=None if method == "GET" else body
            )
            good += answer.status_code < 300
    for method, path in (("GET", f"/{WORD}"), (WORD.upper(), "/v1/me"), ("OPTIONS", f"/v1/{MAIL}")):
        client.request(method, path, headers=headers)
    return good


def test_nothing_that_is_sent_or_stored_gets_into_traces(
    receiver: Receiver,
    planted: Planted,
    api: Client,
    unknown: TestClient,
    person: Company,
    token_for: Callable[..., str],
    capture: Capture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ada = person(MAIL, name=NAME)
    capture(ada, 3, text=TYPED, application=WORD)
    token, entry = service_tokens.make("pipeline")
    monkeypatch.setenv("OPENBOOK_SERVICE_TOKENS", entry)
    own = api(ada)
    planted.secrets |= {"token": own.headers["Authorization"].partition(".")[2].encode(), "service": token.encode()}
    with trace_export.of("api"):
        filed = own.post("/v1/requests", json={"type": "rectification", "note": TYPED})
        assert filed.status_code == 201, filed.text
        hide_ids(planted, subject=ada.subject, request=filed.json()["id"])
        assert call_everything(own, filed.json()["id"]) > 30
        call_everything(unknown, filed.json()["id"])
        unknown.headers["Authorization"] = f"Bearer {token}"
        call_everything(unknown, filed.json()["id"])
    assert_nothing_was_told(receiver, planted)
    routes = {each.facts.get("http.route") for each in receiver.spans}
    assert routes >= {path for _, path in ROUTES if path not in ("/healthz", "/readyz", "/metrics")}
    assert {each.facts["http.response.status_code"] for each in receiver.spans if "http.route" in each.facts} >= {
        200, 401, 403, 404, 422
    }  # fmt: skip


def test_what_the_environment_says_to_libraries_sends_nothing(
    home: Path, person: Company, token_for: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """FastAPI exports paths, queries and errors by itself if these are set."""
    with receiving() as elsewhere:
        monkeypatch.setenv("FASTAPI_OTEL_AUTO_CONFIGURE", "true")
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", elsewhere.url.removesuffix("/v1/traces"))
        with TestClient(create_app()) as client:
            headers = {"Authorization": f"Bearer {token_for(person())}"}
            assert client.get(f"/v1/me/captures?text={WORD}", headers=headers).status_code in (200, 422)
            provider = trace.get_tracer_provider()
            assert not hasattr(provider, "force_flush"), "nobody made one that exports"
        assert not elsewhere.begun.is_set()


def test_nothing_of_an_error_gets_into_traces(
    receiver: Receiver,
    planted: Planted,
    api: Client,
    person: Company,
    capture: Capture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ada = person(MAIL, name=NAME)
    capture(ada, 3, text=TYPED)
    hide_ids(planted, subject=ada.subject)

    def fails(*_: object, **__: object) -> None:
        raise RuntimeError(f"{TYPED} of {MAIL} in {ada.subject}")

    def wrong_question(cursor: DuckDBPyConnection, *_: object) -> DuckDBPyConnection:
        return cursor.execute(f"select error('{TYPED} {MAIL}'), '{WORD}'")

    own = api(ada)
    with trace_export.of("api"), monkeypatch.context() as broken:
        broken.setattr(filing, "put", fails)
        assert own.post("/v1/requests", json={"type": "rectification", "note": TYPED}).status_code == 500
        broken.setattr(queries.loader, "_answer", wrong_question)
        assert own.get("/v1/me/summary").status_code in (500, 503)
    assert_nothing_was_told(receiver, planted)
    failed = [each for each in receiver.spans if each.has_failed]
    assert {each.span.name for each in failed} >= {"POST /v1/requests", "GET /v1/me/summary", "question own/rollup"}


def assert_nothing_was_told(receiver: Receiver, planted: Planted) -> None:
    assert receiver.spans
    bodies = [(f"body {number}", body) for number, body in enumerate(receiver.bodies)]
    assert planted.found(bodies) == []
    assert not [where for where, body in bodies for number in (TRACE, SPAN) if bytes.fromhex(number) in body]
    assert all(WORD not in head and MAIL not in head for head in receiver.heads)
    for each in receiver.spans:
        assert not each.span.events
        assert not each.span.trace_state
        assert not each.span.status.message
