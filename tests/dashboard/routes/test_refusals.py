"""Every refusal of the dashboard's own routes leads to a page that there is, and is kept by nobody."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
from starlette.routing import Route
from starlette.testclient import TestClient

from dashboard.routes.export_download import download_export
from dashboard.routes.membership_download import download_leaves, download_proof
from dashboard.routes.receipt_download import download_acknowledgement, download_receipt, show_receipt
from dashboard.routes.register_download import download_access_log, download_register
from dashboard.routes.signing_in_again import sign_in_again
from directory import Employee
from tests.dashboard.conftest import MAIN
from tests.dashboard.serving.test_headers import serving, sign_in

KEY = str(uuid4())
ROUTES = {
    f"/export/{KEY}": download_export,
    f"/sign-in-again/{KEY}": sign_in_again,
    f"/acknowledgement/{KEY}": download_acknowledgement,
    f"/receipt/{KEY}": download_receipt,
    f"/receipt/{KEY}/page": show_receipt,
    f"/membership/{KEY}": download_proof,
    f"/membership/{KEY}/leaves": download_leaves,
    "/register": download_register,
    "/access-log": download_access_log,
}
PAGES = {view.stem for view in (MAIN.parent / "views").glob("*.py")}
WITHOUT_THE_API = {f"/sign-in-again/{KEY}"}


@pytest.fixture
def routes(monkeypatch: pytest.MonkeyPatch, home: object) -> Iterator[TestClient]:
    served = [Route(path.replace(KEY, f"{{{name(path)}:uuid}}"), route) for path, route in ROUTES.items()]
    with serving(monkeypatch, *served) as client:
        yield client


def name(path: str) -> str:
    return "dataset_version" if path.startswith("/membership") else "request_id"


def is_right(routes: TestClient, path: str, status: int, **headers: str) -> None:
    answer = routes.get(path, headers=headers, follow_redirects=False)
    assert (answer.status_code, answer.headers["cache-control"]) == (status, "no-store"), path
    for address in re.findall(r'href="([^"]*)"', answer.text):
        assert address.strip("/") in PAGES, path


def test_refusals_lead_to_a_page_and_are_not_kept(
    routes: TestClient,
    person: Callable[..., Employee],
    api: str,
    token_for: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ada = person("ada@example.com")
    for path in ROUTES:
        is_right(routes, path, 401)
        is_right(routes, path, 403, **{"Sec-Fetch-Site": "cross-site"})
    sign_in(routes, token_for(ada))
    for path in ROUTES.keys() - WITHOUT_THE_API:
        is_right(routes, path, 404)
    monkeypatch.setenv("OPENBOOK_API_URL", "http://localhost:1")
    for path in ROUTES.keys() - WITHOUT_THE_API:
        is_right(routes, path, 503)
