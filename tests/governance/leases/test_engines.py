"""Engines that read files read a lease as it is, and count what the manifest lists."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pyarrow.dataset as ds
from starlette.testclient import TestClient

from directory import Employee
from settings import settings
from tests.governance.conftest import ROOT
from tests.governance.leases.conftest import ready, version
from tests.support import object_storage

TOLD_QUIETLY = {"RUST_LOG": "off"}


def spark(location: str) -> dict[str, int]:
    """The records of each person, as Spark counts them."""
    now = settings()
    storage = {
        "AWS_ENDPOINT": now.objects_endpoint,
        "AWS_REGION": now.objects_region,
        "AWS_ACCESS_KEY_ID": now.objects_key_id,
        "AWS_SECRET_ACCESS_KEY": now.objects_secret,
        "AWS_ALLOW_HTTP": "true",
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.governance.leases.read_with_spark", location],
        cwd=ROOT,
        env={**os.environ, **TOLD_QUIETLY, **{name: value for name, value in storage.items() if value}},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


@object_storage.BOTH
def test_spark_counts_what_the_manifest_lists(
    objects_in: str, program: TestClient, ada: Employee, bob: Employee
) -> None:
    made = program.get(f"/v1/datasets/{version(program)}").json()
    lease = ready(program, made["dataset_version"])
    counted = spark(lease["location"])
    assert sorted(counted.values()) == [4, 5]
    assert (sum(counted.values()), len(counted)) == (made["captures"], made["people"])
    if objects_in == "folders":
        assert ds.dataset(lease["location"]).count_rows() == made["captures"]
        files = str(Path(lease["location"]) / "*.parquet")
        assert duckdb.execute("select count(*) from read_parquet(?)", [files]).fetchall() == [(made["captures"],)]
