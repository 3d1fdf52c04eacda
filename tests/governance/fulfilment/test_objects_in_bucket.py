"""Sealed files in a bucket: an erasure leaves nothing there, and an outage delays it and is said to everybody."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from starlette.testclient import TestClient

from governance.fulfilment import export as exporting
from governance.fulfilment.erasure import EACH, TOGETHER
from governance.requests.progress import attempt, attempt_each, begin
from lake.storage.objects import Area, pictures, prefix, store
from tests.governance.conftest import Capture, Client
from tests.governance.intake.conftest import body_of, record, recorder_token
from tests.support.object_storage import TestBucket
from tests.support.people import Company
from tests.support.ports import free_port

__all__ = ["recorder_token"]


LINES = {"Content-Type": "application/x-ndjson"}


def erase(request_id: UUID) -> list[str]:
    """Carry out the steps of an erasure until one has to wait; why it has to."""
    for step in TOGETHER:
        if reason := attempt(step, [request_id]):
            return [reason]
    return [reason for reason in [attempt_each(EACH, request_id)] if reason]


def export_and_erasure(client: TestClient) -> tuple[UUID, UUID]:
    """Two requests: an export whose file is written, and an erasure that is filed."""
    export, erasure = (
        UUID(client.post("/v1/requests", json={"type": kind}).json()["id"]) for kind in ("export", "erasure")
    )
    begin(export)
    exporting.write(export)
    return export, erasure


def test_an_outage_delays_and_loses_nothing(
    bucket: TestBucket,
    api: Client,
    unknown: TestClient,
    person: Company,
    capture: Capture,
    recorder_token: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ada = person("ada@example.com")
    capture(ada, 3)
    client = api(ada)
    export, erasure = export_and_erasure(client)
    monkeypatch.setenv("OPENBOOK_INTAKE_SECONDS", "600")
    post = {"Authorization": f"Bearer {recorder_token}", "Idempotency-Key": str(uuid4()), **LINES}
    body = body_of([record(1, text="planted words")])
    assert unknown.post("/v1/captures", content=body, headers=post).status_code == 202
    store(Area.PICTURES).write(pictures.place(uuid4()), b"of a capture that is gone")
    areas = [key.partition("/")[0] for key in bucket.contents()]
    assert areas == ["exports", "identity", "landing", "pictures"]
    assert not [content for content in bucket.contents().values() if b"planted words" in content]
    with monkeypatch.context() as outage:
        outage.setenv("OPENBOOK_OBJECTS_ENDPOINT", f"http://localhost:{free_port()}")
        for answer in (
            client.get(f"/v1/requests/{export}/export"),
            unknown.post("/v1/captures", content=body, headers={**post, "Idempotency-Key": str(uuid4())}),
        ):
            assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
            assert "The object storage can't be reached" in answer.json()["detail"]
        begin(erasure)
        [reason] = erase(erasure)
        assert "The object storage can't be reached" in reason
        assert client.get(f"/v1/requests/{erasure}").json()["state"] == "in_progress"
    assert erase(erasure) == []
    assert client.get(f"/v1/requests/{erasure}").json()["state"] == "completed"
    assert bucket.keys() == ["identity"]


def test_an_erasure_waits_while_versions_are_kept(
    bucket: TestBucket, api: Client, person: Company, capture: Capture
) -> None:
    ada = person("ada@example.com")
    capture(ada, 3)
    client = api(ada)
    _, erasure = export_and_erasure(client)
    bucket.keep_versions()
    begin(erasure)
    prefix.connect.cache_clear()
    [reason] = erase(erasure)
    assert "keeps earlier versions" in reason
    assert client.get(f"/v1/requests/{erasure}").json()["state"] == "in_progress"
