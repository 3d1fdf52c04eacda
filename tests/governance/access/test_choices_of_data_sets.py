"""Choosing the records of datasets is listed before any is read, and one program can't bury the other entries."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

import clock
from lake.datasets.making import Selection, create
from lake.lineage.graph import collect_slices
from parts import PartUnavailable
from tests.governance.access.test_nobody_reads_unseen import entries, locked
from tests.governance.ai_models.test_datasets import made, pipeline
from tests.governance.conftest import Capture, Client
from tests.support.people import Company

__all__ = ["locked", "pipeline"]
REFUSED = [
    {"dataset": "spam", "purpose": "no such purpose"},
    {"dataset": "desktop-actions", "version": "1"},
    {"dataset": "spam", "where": {"without": ["nobody@example.com"]}},
    {"dataset": "spam", "where": {"applications": ["No such application"]}},
    {"dataset": "not\nprintable"},
]


@pytest.fixture
def days_later(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    now = clock.now()
    return lambda days: monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=days))


@pytest.mark.parametrize("body", REFUSED)
def test_a_refusal_that_reads_no_record_leaves_no_entry(
    pipeline: TestClient, api: Client, person: Company, capture: Capture, body: dict[str, object]
) -> None:
    ada = person("ada@example.com")
    capture(ada, 3)
    if "version" in body:
        create("desktop-actions", Selection(), version="1", purpose="model training")
    before = len(entries(api, ada))
    assert [pipeline.post("/v1/datasets", json=body).status_code for _ in range(3)] in ([409] * 3, [422] * 3)
    assert len(entries(api, ada)) == before


def test_a_program_adds_one_entry_a_day(
    pipeline: TestClient, api: Client, person: Company, capture: Capture, days_later: Callable[[int], None]
) -> None:
    ada = person("ada@example.com")
    capture(ada, 3)
    nothing = {"dataset": "spam", "where": {"signals": ["mouse_click"]}}
    for _ in range(3):
        made(pipeline)
        assert pipeline.post("/v1/datasets", json=nothing).status_code == 422
        assert len(entries(api, ada)) == 1, "collected in between, too"
    create("by-hand", Selection(), purpose="model training")
    assert len(entries(api, ada)) == 2, "another program has its own"
    days_later(1)
    made(pipeline)
    listed = entries(api, ada)
    assert len(listed) == 3
    assert {entry["purpose"] for entry in listed} == {
        "To choose the records of datasets, without reading their text; listed once a day for each program"
    }


def test_no_record_is_chosen_before_the_entry(
    api: Client,
    person: Company,
    capture: Capture,
    pipeline: TestClient,
    locked: Callable[[], AbstractContextManager[None]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ada = person("ada@example.com")
    capture(ada, 3)
    read: list[int] = []

    def counted(*args: object, **more: object) -> object:
        read.append(len(entries(api, ada)))
        return collect_slices(*args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr("lake.datasets.making.collect_slices", counted)
    with locked(), pytest.raises(PartUnavailable):
        create("by-hand", Selection(), purpose="model training")
    assert read == []
    create("by-hand", Selection(), purpose="model training")
    assert read == [1]
