"""No answer uses `Host`, and none may be cached or sniffed for another type."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from governance.api.edge.protocol import HEAD_BYTES
from tests.governance.api.edge.test_bodies import ROUTES, filled
from tests.governance.conftest import Client
from tests.support.people import Company

SCIM = "/scim/v2/"


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_no_address_redirects(unknown: TestClient, method: str, path: str) -> None:
    answer = unknown.request(method, f"{filled(path)}/", headers={"Host": "evil"}, follow_redirects=False)
    assert "location" not in answer.headers
    assert "evil" not in answer.text
    if path.startswith(SCIM):
        assert answer.status_code in (401, 404, 405), "it asks for a token before it says what exists"
        return
    assert answer.status_code == 404
    if method != "HEAD":
        assert answer.json()["type"] == "urn:problem-type:open-book:not-found"


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "evil.example:81", "[::1", "a.b:x", "a..b"])
def test_foreign_host_names_are_refused(unknown: TestClient, host: str) -> None:
    answer = unknown.get("/healthz", headers={"Host": host})
    assert answer.status_code == 421
    assert answer.json()["type"] == "urn:problem-type:open-book:misdirected"
    assert "evil" not in answer.text


@pytest.mark.parametrize(
    "host",
    ["localhost", "localhost:1", "api", "127.0.0.1:1", "10.1.2.3", "[::1]:1", "book.corp.example:443", "API.Example"],
)
def test_own_host_names_and_addresses_are_accepted(
    unknown: TestClient, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = "api.example" if host == "API.Example" else "book.corp.example"
    monkeypatch.setenv("OPENBOOK_API_URL", f"https://{ours}/api")
    assert unknown.get("/healthz", headers={"Host": host}).status_code == 200


def test_answers_forbid_caching_and_sniffing(api: Client, unknown: TestClient, person: Company) -> None:
    for answer in (api(person()).get("/v1/me"), unknown.get("/v1/me"), unknown.get("/none"), unknown.get("/healthz")):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert "access-control-allow-origin" not in answer.headers


def test_endless_head_is_refused(unknown: TestClient) -> None:
    for answer in (
        unknown.get("/healthz", headers={"X-Long": "x" * HEAD_BYTES}),
        unknown.get("/healthz", params={"x": "x" * HEAD_BYTES}),
        unknown.get("/healthz", headers=[("X", "y")] * HEAD_BYTES),
    ):
        assert answer.status_code == 431
        assert answer.json()["type"] == "urn:problem-type:open-book:head-too-large"
