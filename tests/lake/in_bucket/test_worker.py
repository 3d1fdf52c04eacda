"""A worker goes on after an outage of the bucket: each request ends once, and nothing is called done before."""

from __future__ import annotations

import time
from collections.abc import Callable
from multiprocessing.process import BaseProcess

from lake.storage import maintenance
from lake.storage.connection import writer
from lake.storage.verifying import verify
from tests.governance.conftest import (
    Capture,
    Client,
    api,
    capture,
    closed_databases,
    unknown,
    wait_until,
    work,
)
from tests.lake.rows import count, rollup_differences
from tests.support.line import Line
from tests.support.object_storage import TestBucket
from tests.support.people import Company

__all__ = ["api", "capture", "closed_databases", "unknown", "work"]

CUT_SECONDS = 10
"""Some rounds of the worker."""


def test_requests_wait_for_the_bucket_and_end_once(
    line: Line,
    bucket: TestBucket,
    api: Client,
    person: Company,
    capture: Capture,
    work: Callable[[], BaseProcess],
) -> None:
    ada, bob = person("ada@example.com"), person("bob@example.com")
    for who in (ada, bob):
        capture(who, 5)
    work()
    first = api(ada).post("/v1/requests", json={"type": "objection"}).json()["id"]
    wait_until(lambda: api(ada).get(f"/v1/requests/{first}").json()["completed_at"], 120)
    line.cut()
    asked = {}
    for who, kind in ((ada, "erasure"), (bob, "export")):
        filed = api(who).post("/v1/requests", json={"type": kind})
        assert filed.status_code == 201, filed.text
        asked[who] = filed.json()["id"]

    def requests() -> list[dict[str, object]]:
        return [dict(api(who).get(f"/v1/requests/{number}").json()) for who, number in asked.items()]

    until = time.monotonic() + CUT_SECONDS
    while time.monotonic() < until:
        assert {request["completed_at"] for request in requests()} == {None}
        assert all("can't be reached" in str(request["failure"] or "can't be reached") for request in requests())
        time.sleep(1)
    line.mend()
    wait_until(lambda: all(request["completed_at"] for request in requests()), 240)
    assert [request["state"] for request in requests()] == ["completed", "completed"]
    assert [len(request["receipts"]) for request in requests()] == [1, 1]  # type: ignore[arg-type]
    with writer() as connection:
        assert [count(connection, who.subject) for who in (ada, bob)] == [0, 5]
        assert rollup_differences(connection) == []
        maintenance.purge(connection)
        named = connection.execute("select path from __ducklake_metadata_lake.ducklake_data_file").fetchall()
    keys = bucket.keys()
    assert len([key for key in keys if key.endswith(".parquet")]) == len(named)
    assert len([key for key in keys if key.startswith("exports/")]) == 1
    assert verify().damaged == ()
