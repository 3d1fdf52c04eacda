"""The route for receipts calls the API as the person; the verifier is for everybody."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
from starlette.routing import Route
from starlette.testclient import TestClient

import verifier
from api_client import GovernanceClient
from dashboard.routes.receipt_download import (
    download_acknowledgement,
    download_receipt,
    download_verifier,
    show_receipt,
)
from directory import Employee
from tests.dashboard.conftest import Capture
from tests.dashboard.requests.test_answered_requests import work_on
from tests.dashboard.serving.test_headers import serving, sign_in


@pytest.fixture
def routes(monkeypatch: pytest.MonkeyPatch, home: object) -> Iterator[TestClient]:
    with serving(
        monkeypatch,
        Route("/acknowledgement/{request_id:uuid}", download_acknowledgement),
        Route("/receipt/{request_id:uuid}", download_receipt),
        Route("/receipt/{request_id:uuid}/page", show_receipt),
        Route("/verifier.py", download_verifier),
    ) as client:
        yield client


def test_a_receipt_is_private_and_verifies(
    routes: TestClient, person: Callable[..., Employee], capture: Capture, api: str, token_for: Callable[..., str]
) -> None:
    ada, bob = person("ada@example.com"), person("bob@example.com")
    capture(ada, 3)
    with GovernanceClient(api, token_for(ada)) as client:
        filed = client.file_request("erasure")
    address = f"/receipt/{filed.id}"
    assert routes.get(address).status_code == 401
    sign_in(routes, token_for(ada))
    assert routes.get(address).status_code == 409, "it is issued when the request ends"
    work_on(ada, filed.id)

    saved = routes.get(f"{address}?number=1")
    assert saved.headers["content-disposition"] == f'attachment; filename="open-book-receipt-{filed.id}.json"'
    assert saved.headers["cache-control"] == "no-store"
    assert verifier.verify(saved.content).proven
    assert json.loads(saved.content)["statement"]["request"] == str(filed.id)
    page = routes.get(f"{address}/page")
    assert page.headers["content-type"].startswith("text/html")
    assert str(filed.id) in page.text
    assert routes.get(f"{address}?number=7").status_code == 404
    assert routes.get(f"{address}?number=one").content == saved.content
    assert routes.get(address, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403

    sign_in(routes, token_for(bob))
    assert routes.get(address).status_code == 404
    assert routes.get(f"{address}/page").status_code == 404


def test_without_the_api_it_says_so(
    routes: TestClient, token_for: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENBOOK_API_URL", "http://localhost:1")
    sign_in(routes, token_for("ada"))
    answer = routes.get(f"/receipt/{uuid4()}")
    assert answer.status_code == 503
    assert "Nothing was lost" in answer.text


def test_the_verifier_is_for_everybody(routes: TestClient) -> None:
    answer = routes.get("/verifier.py")
    assert answer.status_code == 200
    assert "def verify(" in answer.text


def test_proof_of_filing_is_private_and_verifies(
    routes: TestClient, person: Callable[..., Employee], api: str, token_for: Callable[..., str]
) -> None:
    ada, bob = person("ada@example.com"), person("bob@example.com")
    with GovernanceClient(api, token_for(ada)) as client:
        filed = client.file_request("objection")
    address = f"/acknowledgement/{filed.id}"
    assert routes.get(address).status_code == 401
    sign_in(routes, token_for(ada))
    saved = routes.get(address)
    assert saved.headers["content-disposition"] == f'attachment; filename="open-book-acknowledgement-{filed.id}.json"'
    assert saved.headers["cache-control"] == "no-store"
    assert verifier.verify(saved.content).proven
    assert json.loads(saved.content)["statement"]["request"] == str(filed.id)
    assert routes.get(address, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    sign_in(routes, token_for(bob))
    theirs = routes.get(address)
    assert theirs.status_code == 404
    assert theirs.text == routes.get(f"/acknowledgement/{uuid4()}").text
