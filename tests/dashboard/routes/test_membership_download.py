"""The route for membership proofs calls the API as the person."""

from __future__ import annotations

import json
from collections.abc import Callable
from uuid import uuid4

import pytest
from starlette.routing import Route

import verifier
from api_client import GovernanceClient
from dashboard.routes.membership_download import download_leaves, download_proof
from directory import Employee
from tests.dashboard.conftest import Capture
from tests.dashboard.recorded import record_model
from tests.dashboard.serving.test_headers import serving, sign_in


def test_a_proof_is_private_and_verifies_against_all_leaves(
    monkeypatch: pytest.MonkeyPatch,
    person: Callable[..., Employee],
    capture: Capture,
    api: str,
    token_for: Callable[..., str],
) -> None:
    ada, bob = person("ada@example.com"), person("bob@example.com")
    capture(ada, 12)
    record_model(ada, 12, "Quill")
    with GovernanceClient(api, token_for(ada)) as client:
        dataset = client.models()[0].trained_on[0].dataset_version
    with serving(
        monkeypatch,
        Route("/membership/{dataset_version:uuid}", download_proof),
        Route("/membership/{dataset_version:uuid}/leaves", download_leaves),
    ) as routes:
        assert routes.get(f"/membership/{dataset}").status_code == 401
        assert routes.get(f"/membership/{dataset}", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
        said = {}
        for who in (ada, bob):
            sign_in(routes, token_for(who))
            proof = routes.get(f"/membership/{dataset}")
            assert proof.headers["content-disposition"] == f'attachment; filename="open-book-proof-{dataset}.json"'
            assert proof.headers["cache-control"] == "no-store"
            leaves = json.loads(routes.get(f"/membership/{dataset}/leaves").content)
            said[who.email] = " ".join(verifier.verify(proof.content, verifier.Trust(leaves=leaves)).proven)
        assert "12 records" in said["ada@example.com"]
        assert "12 records" not in said["bob@example.com"]
        missing = routes.get(f"/membership/{uuid4()}")
        assert (missing.status_code, "Go to Models" in missing.text) == (404, True)
