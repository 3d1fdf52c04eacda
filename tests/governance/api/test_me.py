from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from lake.lineage.graph import ModelVersion
from lake.storage.connection import catalog_path, writer
from tests.governance.conftest import START, Capture, Client
from tests.support import lineage
from tests.support.people import Company


def test_answers_are_empty_before_the_first_capture(api: Client, person: Company) -> None:
    client = api(person())
    assert client.get("/v1/me/summary").json()["captures"] == 0
    assert client.get("/v1/me/captures").json() == {"captures": [], "next": None}
    assert client.get("/v1/me/models").json() == []
    assert client.get("/v1/me/retention").json() == {"upcoming": [], "removals": [], "holds": []}
    preview = client.post("/v1/requests/preview", json={"type": "erasure"}).json()
    assert preview == {
        "events": 0, "by": [], "days": [], "withheld": [], "models": [], "copies_removed": [],
    }  # fmt: skip


def test_the_summary_counts_only_the_persons_own(api: Client, person: Company, capture: Capture) -> None:
    ada, bob = person("ada@example.com"), person("bob@example.com")
    capture(ada, 5)
    capture(ada, 2, application="Chrome", start=START + timedelta(days=1))
    capture(bob, 11)
    summary = api(ada).get("/v1/me/summary").json()
    assert (summary["captures"], summary["days"], summary["applications"], summary["signals"]) == (7, 2, 2, 1)
    assert summary["first_at"] == "2026-03-02T09:00:00Z"
    assert api(bob).get("/v1/me/summary").json()["captures"] == 11


def test_captures_are_paginated_with_content(api: Client, person: Company, capture: Capture) -> None:
    ada, bob = person("ada@example.com"), person("bob@example.com")
    capture(ada, 5, text="hello")
    capture(bob, 5, text="not yours")
    client, texts, cursor = api(ada), [], None
    for _ in range(3):
        page = client.get("/v1/me/captures", params={"limit": 2, **({"cursor": cursor} if cursor else {})}).json()
        texts += [row["content"]["text"] for row in page["captures"]]
        cursor = page["next"]
    assert texts == [f"hello {n}" for n in range(5)]
    assert cursor is None


def test_captures_are_filtered(api: Client, person: Company, capture: Capture) -> None:
    ada = person()
    capture(ada, 4, application="Excel")
    capture(ada, 3, application="Chrome", signal="mouse_move")

    def count(**params: object) -> int:
        return len(api(ada).get("/v1/me/captures", params=params).json()["captures"])  # type: ignore[arg-type]

    assert count(application="Chrome") == 3
    assert count(application=["Chrome", "Excel"]) == 7
    assert count(signal="keystroke") == 4
    assert count(signal=["keystroke", "mouse_move"], application="Excel") == 4
    assert count(until="2026-03-02T09:02:00Z") == 4
    assert count(**{"from": "2026-03-02T10:02:00+01:00", "until": "2026-03-02T09:03:00Z"}) == 2


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("signal=telepathy", "#/query/signal/0"),
        ("limit=0", "#/query/limit"),
        ("limit=1001", "#/query/limit"),
        ("cursor=x", "#/query/cursor"),
        ("cursor=AAAAAAAAAAA", "#/query/cursor"),
        ("from=2026-03-02", "#/query/from"),
        ("from=2026-03-02T00:00:00", "#/query/from"),
        ("from=2026-03-02T00:00:00Z&until=2026-03-01T00:00:00Z", "#/query/from"),
    ],
)
def test_invalid_filter_is_explained(api: Client, person: Company, capture: Capture, query: str, pointer: str) -> None:
    ada = person()
    capture(ada)
    answer = api(ada).get(f"/v1/me/captures?{query}")
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]
    assert all(fault["detail"] for fault in answer.json()["errors"])


def test_retention_lists_deletions_and_holds(
    api: Client, person: Company, capture: Capture, hold: Callable[..., UUID]
) -> None:
    ada = person()
    capture(ada, 4, application="Excel")
    capture(ada, 3, application="Chrome")
    key = hold(ada, ["Chrome"])
    retention = api(ada).get("/v1/me/retention").json()
    states = {row["application"]: (row["state"], row["events"]) for row in retention["upcoming"]}
    assert states == {"Excel": ("retained", 4), "Chrome": ("held", 3)}
    assert [(row["hold"], row["exception"], row["events"]) for row in retention["holds"]] == [
        (str(key), "GDPR 17(3)(b)", 3)
    ]
    assert retention["removals"] == []


def test_models_have_evidence_and_previews_list_affected_ones(api: Client, person: Company, capture: Capture) -> None:
    ada = person()
    capture(ada, 4)
    model = ModelVersion("Assistant", "1.0", "assistance", "Team AI", START)
    with writer() as connection:
        slices = [(ada.subject, START.date(), "keystroke", "Excel", 4)]
        used, _ = [lineage.dataset(connection, "desktop", name, START, slices) for name in ("v1", "v2")]
        lineage.train(connection, model, [used], START)
    client = api(ada)
    models = client.get("/v1/me/models").json()
    (own,) = models
    assert (own["model"], own["evidence"], own["captures"], own["state"]) == (
        "Assistant", "proven", 4, "retained_in_weights",
    )  # fmt: skip
    assert [(read["version"], read["evidence"], read["captures"]) for read in own["trained_on"]] == [
        ("v1", "proven", 4)
    ]
    graph = client.get("/v1/me/lineage").json()
    assert sorted(node["name"] for node in graph["nodes"]) == [
        "Assistant 1.0", "desktop v1", "desktop v2", "training", "your records",
    ]  # fmt: skip
    names = {node["id"]: node["name"] for node in graph["nodes"]}
    assert {(names[edge["source"]], edge["relation"], names[edge["target"]]) for edge in graph["edges"]} == {
        ("your records", "listed", "desktop v1"), ("your records", "listed", "desktop v2"),
        ("desktop v1", "read", "training"), ("training", "made", "Assistant 1.0"),
    }  # fmt: skip
    assert (models[0]["retired_at"], models[0]["released_at"]) == (None, "2026-03-02T09:00:00Z")
    preview = client.post("/v1/requests/preview", json={"type": "erasure"}).json()
    affected = sorted((row["version"], row["model"], row["model_version"], row["events"]) for row in preview["models"])
    assert affected == [("v1", "Assistant", "1.0", 4), ("v2", None, None, 4)]


def test_unreadable_lake_is_reported_as_unavailable(api: Client, person: Company, capture: Capture) -> None:
    ada = person()
    capture(ada)
    catalog_path().write_bytes(b"not a database" * 100)
    answer = api(ada).get("/v1/me/summary")
    assert answer.status_code == 503
    assert answer.json()["type"] == "urn:problem-type:open-book:unavailable"
    assert api(ada).get("/v1/me").status_code == 200


def test_answers_are_never_cached(api: Client, person: Company) -> None:
    answer = api(person()).get("/v1/me")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
