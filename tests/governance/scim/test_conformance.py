"""The SCIM server against scim2-tester, which finds its way by what the server announces."""

from __future__ import annotations

import pytest
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import Status, check_server
from starlette.testclient import TestClient

from directory.scim import leaving
from tests.support.people import Company


def test_each_check_of_the_tester_passes(scim: TestClient, person: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leaving, "MOST", 100)  # it deletes everybody whom it has made
    for number in range(40):
        person.add(f"p{number}@example.com")
    person("last@example.com")
    results = check_server(SyncSCIMClient(scim))
    failed = [
        (result.title, result.resource_type, result.reason)
        for result in results
        if result.status not in (Status.SUCCESS, Status.SKIPPED)
    ]
    assert not failed, "\n".join(map(str, failed))
    assert sum(result.status == Status.SUCCESS for result in results) > 20
