"""A run that reads an older dataset after an objection may have read what mentions the person: said, not counted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from lake.datasets.making import Selection, create
from tests.governance.conftest import Client
from tests.governance.indirect.test_authors_stay_unseen import AFTER, World, nothing, world
from tests.governance.indirect.test_indirect import ask
from tests.governance.lineage import told
from tests.governance.lineage.conftest import pipeline, token
from tests.lake.times import at
from tests.support.people import Company

__all__ = ["at", "pipeline", "token", "world"]

HOUR = timedelta(hours=1)


def read(pipeline: TestClient, run: str, hours: float, version: str) -> None:
    event = told.event("START", run, 0, inputs=[told.dataset("open-book", "chat", version)])
    answer = pipeline.post("/api/v1/lineage", json={**event, "eventTime": f"{(AFTER + hours * HOUR).isoformat()}Z"})
    assert answer.status_code == 201, answer.text


def mine(world: World) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = world.api(world.ada).get("/v1/me/violations").json()
    return found


def keeps(world: World) -> None:
    pass


def erases_a_part(world: World) -> None:
    ask(world.bobs(), "erasure", **{"from": "2026-01-05T08:00:00Z", "until": "2026-01-05T08:03:00Z"})


@pytest.mark.parametrize("decides", [keeps, erases_a_part], ids=lambda decides: decides.__name__)
def test_an_older_data_set_may_have_them(
    world: World, person: Company, api: Client, pipeline: TestClient, decides: Callable[[World], None]
) -> None:
    nothing(world)
    create("chat", Selection(applications=("Slack",)), version="1", purpose="assist")
    decides(world)
    world.at(AFTER + 2 * HOUR)
    objection = ask(world.api(world.ada), "objection", applications=["Slack"])["id"]
    world.at(AFTER + 3 * HOUR)
    create("chat", Selection(applications=("Slack",)), version="2", purpose="assist")
    world.at(AFTER + 6 * HOUR)
    read(pipeline, "before", 1, "1")
    for run, version in (("after", "1"), ("after", "1"), ("without", "2")):
        read(pipeline, run, 4, version)
    [one] = mine(world)
    assert (one["kind"], one["version"], one["events"], one["request"]) == ("indirect", "1", None, objection)
    assert "may have records of others in which you are mentioned" in one["words"]
    assert "It isn't known whether it has them." in one["words"]
    assert not any(word in str(one) for word in ("bob", "Bob", str(world.bob.subject)))
    seen = [each for each in world.bobs().get("/v1/me/violations").json() if each["kind"] == "indirect"]
    assert seen == []
    listed = api(person("olga@example.com", role="privacy_officer")).get("/v1/officer/violations").json()
    [of_all] = [each for each in listed if each["kind"] == "indirect"]
    assert (of_all["people"], of_all["events"], of_all["run"]) == (1, None, str(told.run_key("after")))
    assert str(world.ada.subject) not in str(of_all)


def test_a_late_start_takes_it_back(world: World, pipeline: TestClient) -> None:
    nothing(world)
    create("chat", Selection(applications=("Slack",)), version="1", purpose="assist")
    world.at(AFTER + 2 * HOUR)
    ask(world.api(world.ada), "restriction")
    world.at(AFTER + 6 * HOUR)
    read(pipeline, "fit", 4, "1")
    assert [one["kind"] for one in mine(world)] == ["indirect"]
    read(pipeline, "fit", 1, "1")
    assert mine(world) == []
