"""OpenLineage events as a pipeline sends them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

MINUTE = "2026-11-02T09:{:02}:00Z"
BEFORE = datetime(2026, 11, 2, 7, tzinfo=UTC)
"""Before the events: what a run reads was made before it began."""
NAMES = UUID("6f0f5c40-52c5-4c7b-9f1d-0c4f5a3b7a11")


def run_key(name: str) -> UUID:
    return uuid5(NAMES, name)


def event(
    state: str | None,
    run: str,
    minute: int = 0,
    *,
    inputs: list[dict[str, Any]] | None = None,
    outputs: list[dict[str, Any]] | None = None,
    run_facets: dict[str, Any] | None = None,
    job_facets: dict[str, Any] | None = None,
    job: str = "train",
) -> dict[str, Any]:
    body = {
        "eventTime": MINUTE.format(minute),
        "producer": "https://pipelines.example",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "run": {"runId": str(run_key(run)), "facets": run_facets or {}},
        "job": {"namespace": "airflow", "name": job, "facets": job_facets or {}},
        "inputs": inputs or [],
        "outputs": outputs or [],
    }
    return body if state is None else body | {"eventType": state}


def dataset(namespace: str, name: str, version: str | None = None, **facets: dict[str, Any]) -> dict[str, Any]:
    told = facets if version is None else {"version": {"datasetVersion": version}, **facets}
    return {"namespace": namespace, "name": name, "facets": told}


def model(name: str, version: str | None = None, **facets: dict[str, Any]) -> dict[str, Any]:
    return dataset("model", name, version, **facets)


def purpose(words: str) -> dict[str, Any]:
    return {"openBook_purpose": {"purpose": words}}
