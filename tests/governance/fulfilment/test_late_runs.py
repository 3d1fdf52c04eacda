"""A version that nobody had read when somebody had everything erased: it still lists them, for runs reported later."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from starlette.testclient import TestClient

from lake.lineage.graph import ModelVersion
from lake.storage.connection import transaction, writer
from tests.governance.conftest import Client
from tests.governance.fulfilment.test_what_stays import BEGIN, Lake, erase
from tests.support.lineage import train
from tests.support.people import Company


def test_late_run_of_an_unread_version_is_no_absence(
    home: Path, api: Client, unknown: TestClient, person: Company
) -> None:
    """It may have used a copy that was handed out before."""
    ada = person()
    lake = Lake(ada, person("eve@example.com"))
    leaves = unknown.get(f"/v1/datasets/{lake.unread}/leaves").json()
    client = api(ada)
    erase(client)
    assert unknown.get(f"/v1/datasets/{lake.unread}/leaves").json() == leaves, "its root is in the ledger"
    late = ModelVersion("late", "1", None, None, released_at=BEGIN + timedelta(days=2))
    with writer() as connection, transaction(connection):
        train(connection, late, [lake.unread], BEGIN + timedelta(days=2))
    [use] = [each for each in client.get("/v1/me/models").json() if each["model"] == "late"]
    assert (use["evidence"], use["captures"], use["first_day"]) == ("proven", 8, None)
