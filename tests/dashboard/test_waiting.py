"""The screens while the governance API accepts connections but doesn't answer."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from starlette.routing import Route

from dashboard.routes.export_download import download_export
from dashboard.routes.membership_download import download_proof
from dashboard.routes.receipt_download import download_receipt
from dashboard.sign_in import own_route
from directory import Employee
from tests.dashboard.conftest import Capture, OpenApp, words
from tests.dashboard.serving.test_headers import serving, sign_in


@pytest.fixture
def hanging_api(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with socket.socket() as listening:
        listening.bind(("localhost", 0))
        listening.listen(64)
        monkeypatch.setenv("OPENBOOK_API_URL", f"http://localhost:{listening.getsockname()[1]}")
        monkeypatch.setattr(own_route, "API_SECONDS", 0.2)
        yield


@pytest.mark.parametrize("page", ["requests", "access", "officer"])
def test_a_page_says_that_requests_cannot_be_reached(
    open_app: OpenApp, person: Callable[..., Employee], capture: Capture, hanging_api: None, page: str
) -> None:
    ada = person(role="privacy_officer")
    capture(ada, 3)
    app = open_app(ada, page=page)
    assert "Requests can't be reached right now" in words(app)
    assert not app.exception


@pytest.mark.parametrize("path", ["export", "receipt", "membership"])
def test_a_download_says_that_it_cannot_be_reached(
    home: Path, monkeypatch: pytest.MonkeyPatch, token_for: Callable[..., str], hanging_api: None, path: str
) -> None:
    routes = (
        Route("/export/{request_id:uuid}", download_export),
        Route("/receipt/{request_id:uuid}", download_receipt),
        Route("/membership/{dataset_version:uuid}", download_proof),
    )
    with serving(monkeypatch, *routes) as browser:
        sign_in(browser, token_for("ada"))
        answer = browser.get(f"/{path}/{uuid4()}")
    assert (answer.status_code, "can't be reached right now" in answer.text) == (503, True)
