"""The caller is authenticated before a body is read; its size and arrival time are limited."""

from __future__ import annotations

import gzip
import itertools
import json
import zlib
from collections.abc import Callable, Iterator

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from governance.api import service_tokens
from governance.api.app import create_app
from governance.api.edge import bodies
from governance.api.edge.admission import AdmittingRoute
from governance.api.edge.bodies import DEFAULT, LARGER, LINEAGE, Limit
from tests.governance.api.edge.conftest import CHUNK, Call
from tests.governance.conftest import Client
from tests.support import applications
from tests.support.people import Company

JSON = {"Content-Type": "application/json"}
PARAMETERS = {"index": "0"}
SOME_ID = "00000000-0000-4000-8000-000000000001"


def routes(app: FastAPI) -> Iterator[tuple[str, APIRoute]]:
    """Every existing route, documented or not, with its full path."""
    for router in app.routes:
        if isinstance(router, APIRoute):
            yield router.path, router
        elif hasattr(router, "effective_route_contexts"):
            for context in router.effective_route_contexts():
                yield context.path, context.original_route


ROUTES = [
    (method, path)
    for path, route in routes(create_app())
    for method in sorted(route.methods or ())
    if method != "OPTIONS"
]
OPEN_TO_ALL = {"/v1/ledger/cosignatures", "/back-channel-logout", "/caep/events", "/letter-sign-in"}
"""Accept a body from anyone: a witness's signature, a logout token or security event, which its sender signed, and the
code of a letter."""

UNREAD = {"/no-more-mail"}
"""Signed by its address, and the body is never read."""


def filled(path: str) -> str:
    parts = [PARAMETERS.get(part[1:-1], SOME_ID) if part.startswith("{") else part for part in path.split("/")]
    return "/".join(parts)


def problem(body: bytes) -> str:
    return str(json.loads(body)["type"]).rpartition(":")[2]


def test_route_listing_is_complete() -> None:
    document = applications.published()["paths"]
    assert {(method.upper(), path) for path, found in document.items() for method in found} <= set(ROUTES)
    assert ("HEAD", "/v1/requests/{request_id}/export") in ROUTES


def test_every_route_authenticates_first() -> None:
    assert {path for path, route in routes(create_app()) if not isinstance(route, AdmittingRoute)} == set()


@pytest.mark.parametrize(("method", "path"), ROUTES)
@pytest.mark.parametrize("length", [None, 600_000_000])
def test_endless_body_of_a_stranger_is_not_read(call: Call, method: str, path: str, length: int | None) -> None:
    headers = JSON | ({} if length is None else {"Content-Length": str(length)})
    answer = call(method, filled(path), itertools.repeat(CHUNK), headers)
    if path in OPEN_TO_ALL:
        assert (answer.status, problem(answer.body)) == (413, "too-large")
        assert answer.taken <= (DEFAULT.size + len(CHUNK) if length is None else 0)
        return
    needs_nobody = (method in ("GET", "HEAD") or path in UNREAD) and answer.status in (200, 404, 422, 503)
    assert answer.status in (401, 403) or needs_nobody
    assert answer.taken <= 2 * len(CHUNK)
    assert answer.headers["connection"] == "close", "what is left of the body is not waited for"


def test_invalid_token_is_refused_before_the_body_is_read(call: Call, issuer: object) -> None:
    for method, path in ROUTES:
        if path.startswith("/v1/") and method in ("POST", "PUT") and path not in OPEN_TO_ALL:
            headers = JSON | {"Authorization": "Bearer a.b.c"}
            answer = call(method, filled(path), itertools.repeat(CHUNK), headers)
            assert (answer.status, answer.taken) == (401, 0), path


def test_body_limit_applies_to_known_callers(call: Call, person: Company, token_for: Callable[..., str]) -> None:
    headers = JSON | {"Authorization": f"Bearer {token_for(person())}"}
    for announced in ({}, {"Content-Length": "600000000"}):
        answer = call("POST", "/v1/requests", itertools.repeat(CHUNK), headers | announced)
        assert (answer.status, problem(answer.body)) == (413, "too-large")
        assert answer.headers["content-type"] == "application/problem+json"
        assert "larger than 64 KiB" in json.loads(answer.body)["detail"]
        assert answer.taken <= DEFAULT.size + len(CHUNK)


@pytest.fixture
def pipeline(home: object, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    token, line = service_tokens.make("pipeline")
    monkeypatch.setenv("OPENBOOK_SERVICE_TOKENS", line)
    return JSON | {"Authorization": f"Bearer {token}"}


def test_larger_limits_are_enforced(call: Call, pipeline: dict[str, str]) -> None:
    assert set(LARGER) <= {path for _, path in ROUTES}
    for path in ("/api/v1/lineage", "/api/v1/lineage/batch"):
        answer = call("POST", path, itertools.repeat(CHUNK), pipeline)
        assert answer.status == 413
        assert LINEAGE.size < answer.taken <= LINEAGE.size + len(CHUNK)


def test_compressed_body_is_limited_by_decompressed_size(call: Call, pipeline: dict[str, str]) -> None:
    packing = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(packing.compress(b" " * LINEAGE.size) for _ in range(20)) + packing.flush()
    parts = [bomb[start : start + 1024] for start in range(0, len(bomb), 1024)]
    answer = call("POST", "/api/v1/lineage", parts, pipeline | {"Content-Encoding": "gzip"})
    assert answer.status == 413
    assert answer.taken < len(bomb) / 10


def test_missing_body_times_out(
    call: Call, person: Company, token_for: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "DEFAULT", Limit(DEFAULT.size, 0.2))
    headers = JSON | {"Authorization": f"Bearer {token_for(person())}"}
    for begun in ([], [b"{"]):
        answer = call("POST", "/v1/requests", begun, headers)
        assert (answer.status, problem(answer.body)) == (408, "too-slow")
        assert answer.headers["connection"] == "close"


NOT_READABLE = [
    b"[" * 60_000,
    b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    b'{"type":' + b"9" * 60_000 + b"}",
    b'{"type":1e' + b"9" * 60_000 + b"}",
    b"[]," * 20_000,
    b"\xff" * 1000,
]


def test_malicious_json_is_a_bad_request(api: Client, person: Company) -> None:
    client = api(person())
    for body in NOT_READABLE:
        answer = client.post("/v1/requests", content=body, headers=JSON)
        assert answer.status_code in (400, 422), body[:20]


@pytest.mark.parametrize(
    ("headers", "body", "status", "words"),
    [
        ({"Content-Type": "text/plain"}, b"{}", 415, "application/json"),
        ({"Content-Type": "application/xml"}, b"<a/>", 415, "application/json"),
        ({}, b"{}", 415, "application/json"),
        ({**JSON, "Content-Encoding": "gzip"}, gzip.compress(b"{}", mtime=0), 415, "uncompressed"),
        ({**JSON, "Content-Encoding": "br"}, b"{}", 415, "uncompressed"),
        (JSON, b"[" * 50_000, 400, "not JSON"),
        (JSON, b'{"type": "\xff"}', 400, "not JSON"),
        (JSON, b'{"type":"erasure","scope":{"applications":["Excel"]},"scope":{}}', 400, "'scope' twice"),
        (JSON, b'{"type":"erasure","scope":{"applications":["Excel"],"applications":[]}}', 400, "'applications' twice"),
    ],
)
@pytest.mark.parametrize("path", ["/v1/requests", "/v1/requests/preview"])
def test_a_body_that_is_not_plain_json_is_refused_in_words(
    api: Client, person: Company, path: str, headers: dict[str, str], body: bytes, status: int, words: str
) -> None:
    client = api(person())
    answer = client.post(path, content=body, headers=headers)
    assert (answer.status_code, words in answer.json()["detail"]) == (status, True), answer.text
    assert client.get("/v1/requests").json() == []
