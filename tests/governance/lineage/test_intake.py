"""What `/api/v1/lineage` accepts and refuses; nothing is stored partially."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from starlette.testclient import TestClient

from governance.api.routes.lineage import LARGEST_BODY
from governance.db.database import reading
from governance.lineage.tables import LineageEventRow, LineageItemRow
from tests.governance.conftest import Client
from tests.governance.lineage import told
from tests.support.people import Company

LINEAGE = "/api/v1/lineage"
JSON = {"Content-Type": "application/json"}


def stored() -> tuple[int, int]:
    """How many events there are, and how many datasets and models they name."""
    with reading() as session:
        events = session.scalar(select(func.count()).select_from(LineageEventRow))
        return events or 0, session.scalar(select(func.count()).select_from(LineageItemRow)) or 0


def changed(path: str, value: Any) -> dict[str, Any]:
    """A valid event except for one place."""
    event = told.event(
        "START", "fit", inputs=[told.dataset("s3://lake", "web", "1")], outputs=[told.model("assistant", "7")]
    )
    *way, last = path.split("/")
    place: Any = event
    for step in way:
        place = place[int(step) if isinstance(place, list) else step]
    if value is ...:
        del place[last]
    else:
        place[int(last) if isinstance(place, list) else last] = value
    return event


AT_FAULT: list[tuple[str, Any]] = [
    ("run", ...),
    ("run", []),
    ("run/runId", ...),
    ("run/runId", ""),
    ("run/runId", True),
    ("eventTime", ...),
    ("eventTime", "yesterday"),
    ("eventTime", "2026-11-02"),
    ("eventTime", "2026-02-30T09:00:00Z"),
    ("eventTime", "9999-12-31T23:59:59-23:59"),
    ("eventTime", "2999-01-01T00:00:00Z"),
    ("eventTime", 1795329797307),
]
"""An event must have these."""
LEFT_OUT: list[tuple[str, Any]] = [
    ("run/facets", "x"),
    ("run/facets/parent", {"run": {}}),
    ("run/facets/openBook_purpose", {"purpose": ""}),
    ("run/facets/openBook_deployment", {"place": "x", "ended": "yes"}),
    ("job", ...),
    ("job/name", ...),
    ("job/name", ""),
    ("job/namespace", 5),
    ("job/namespace", None),
    ("eventType", "DONE"),
    ("eventType", 1),
    ("inputs", {}),
    ("inputs", ["web"]),
    ("inputs/0/namespace", ...),
    ("inputs/0/name", "\t"),
    ("inputs/0/facets", []),
    ("inputs/0/facets/version", "1"),
    ("inputs/0/facets/version", {}),
    ("inputs/0/inputFacets", {"subset": {"inputCondition": "all"}}),
    ("inputs/0/facets/symlinks", {"identifiers": [{"namespace": "open-book"}]}),
    ("inputs/0/facets/datasetType", {"datasetType": None}),
    ("outputs/0/facets/lifecycleStateChange", {"lifecycleStateChange": "GONE"}),
    ("outputs/0/facets/ownership", {"owners": [{"name": 1}]}),
    ("outputs/0/facets/ownership", {"owners": [{"type": "MAINTAINER"}, {"name": "team:Desk"}]}),
    ("outputs/0/facets/lineage", {"inputs": [7]}),
    ("outputs/0/name", ""),
]
"""What can't be read: one part each."""
TAKEN: list[tuple[str, Any]] = [
    ("run/runId", "scheduled__2026-11-20T00:00:00+00:00"),
    ("run/runId", 7),
    ("job/name", "x" * 201),
    ("job/name", "a\0b"),
    ("job/name", "a\nb"),
    ("job/name", "a\u202eb"),
    ("eventTime", "2026-11-02T09:00:00"),
    ("eventTime", "2026-11-02T09:00"),
    ("eventTime", "2026-11-02T24:00:00Z"),
    ("eventTime", "2026-11-02T24:00:00.000+01:00"),
    ("eventTime", "2026-11-02T24:00"),
    ("inputs/0/facets/version", {"datasetVersion": 2**64}),
    ("eventTime", "2026-11-02T10:00:00+0100"),
    ("eventType", "complete"),
    ("inputs", [told.dataset("n", f"{number}") for number in range(1001)]),
    ("inputs/0/name", "x" * 201),
    ("inputs/0/facets/version", {"datasetVersion": 1}),
    ("inputs/0/facets/version", {"datasetVersion": "\x07"}),
    ("outputs/0/facets/ownership", {"owners": [{"name": "x"}] * 101}),
    ("outputs/0", told.dataset("n" * 150, "m" * 100, datasetType={"datasetType": "MODEL"})),
]
"""Odd, but nothing of it is left out."""


def test_unreadable_parts_are_left_out_and_said(pipeline: TestClient) -> None:
    for path, value in LEFT_OUT:
        answer = pipeline.post(LINEAGE, json=changed(path, value))
        assert answer.status_code == 201, (path, value, answer.text)
        taken = answer.json()
        assert taken["left_out"] == len(taken["parts_left_out"]) == 1, path
        assert taken["parts_left_out"][0]["pointer"].startswith(f"#/body/{path}"), path
        assert "could not be read" in taken["said"][-1]


def test_odd_names_times_and_ids_are_taken(pipeline: TestClient) -> None:
    for path, value in TAKEN:
        answer = pipeline.post(LINEAGE, json=changed(path, value))
        assert (answer.status_code, answer.json().get("left_out")) == (201, 0), (path, value, answer.text)


ODD_VALUES = ["NaN", "-Infinity", "1e999", "-1e9999", '"x \\ud800"', '"\\udc00"', "9" * 400]
ODD_PLACES = ["outputs/0/facets/ownership/owners/0/name", "job/name", "run/facets/openBook_purpose/purpose"]
"""Of each, nothing else is lost."""


@pytest.mark.parametrize("value", ODD_VALUES)
def test_odd_value_costs_only_its_own_part(pipeline: TestClient, value: str) -> None:
    event = changed("outputs/0/facets/ownership", {"owners": [{"name": "team:Desk"}]})
    event["run"]["facets"]["openBook_purpose"] = {"purpose": "training", "rows": "odd"}
    event["inputs"][0]["facets"]["stats"] = {"rows": "odd", "max": ["odd"]}
    body = json.dumps(event).replace('"odd"', value)
    answer = pipeline.post(LINEAGE, content=body, headers=JSON)
    assert (answer.status_code, answer.json()["left_out"]) == (201, 0), "nothing here reads it"
    for place in ODD_PLACES:
        *path, last = place.split("/")
        odd = json.loads(json.dumps(event))
        holder = odd
        for step in path:
            holder = holder[int(step) if step.isdigit() else step]
        holder[last] = "odd"
        answer = pipeline.post(LINEAGE, content=json.dumps(odd).replace('"odd"', value), headers=JSON)
        taken = answer.json()
        assert (answer.status_code, taken["left_out"]) == (201, 1), (place, answer.text)
        assert place.startswith(taken["parts_left_out"][0]["pointer"].removeprefix("#/body/")[:8])
        assert "1 dataset that it reads and 1 model that" in taken["said"][0]
        assert "could not be read" in taken["said"][-1]


@pytest.mark.parametrize("value", ODD_VALUES)
def test_unreadable_name_of_an_input_counts_as_unknown(pipeline: TestClient, value: str) -> None:
    event = changed("inputs/0/name", "odd")
    answer = pipeline.post(LINEAGE, content=json.dumps(event).replace('"odd"', value), headers=JSON)
    assert (answer.status_code, answer.json()["left_out"]) == (201, 1)
    with reading() as session:
        names = session.scalars(select(LineageItemRow.name)).all()
    assert "a dataset whose name could not be read" in names


def test_only_the_first_parts_left_out_are_listed(pipeline: TestClient) -> None:
    answer = pipeline.post(LINEAGE, json=changed("outputs", [told.dataset("n", "")] * 1500)).json()
    assert (answer["left_out"], len(answer["parts_left_out"])) == (1500, 20)


def test_invalid_event_is_refused_with_pointer(pipeline: TestClient) -> None:
    for path, value in AT_FAULT:
        answer = pipeline.post(LINEAGE, json=changed(path, value))
        assert answer.status_code == 422, (path, value, answer.text)
        assert answer.headers["Content-Type"] == "application/problem+json"
        problem = answer.json()
        assert problem["detail"].endswith("Nothing was saved.")
        assert problem["errors"][0]["pointer"].startswith(f"#/body/{path.partition('/')[0]}"), path
    assert stored() == (0, 0)


UNREADABLE: list[tuple[bytes, dict[str, str], int]] = [
    (b"", {}, 400),
    (b"{", {}, 400),
    (b"nothing", {}, 400),
    (b'{"a": NaN}', {}, 422),
    (b'"\\ud800"', {}, 422),
    (b"[NaN]", {}, 422),
    (b'{"eventTime": Infinity}', {}, 422),
    (b'{"a": NaNs}', {}, 400),
    (b"\xff\xfe{}", {}, 400),
    (b"[" * 100_000, {}, 400),
    (b'{"a":' * 5_000 + b"1" + b"}" * 5_000, {}, 400),
    (b"[]", {}, 422),
    (b"null", {}, 422),
    (b"7", {}, 422),
    (b"{}", {}, 422),
    (b" " * (LARGEST_BODY + 1), {}, 413),
    (gzip.compress(b" " * (2 * LARGEST_BODY)), {"Content-Encoding": "gzip"}, 413),
    (b"[" * 900 + b"]" * 900 + b"}", {}, 400),
    (b'{"job": "\\\\ud800 \\ud83d\\ude00 \\udc00"}', {}, 422),
    (gzip.compress(b"{}")[:-9], {"Content-Encoding": "gzip"}, 400),
    (b"{}", {"Content-Encoding": "gzip"}, 400),
    (b"{}", {"Content-Encoding": "br"}, 415),
    (b"{}", {"Content-Type": "text/plain"}, 415),
]


def test_unreadable_body_is_refused(pipeline: TestClient) -> None:
    for body, headers, status in UNREADABLE:
        for path in (LINEAGE, f"{LINEAGE}/batch"):
            answer = pipeline.post(path, content=body, headers=JSON | headers)
            expected = 201 if (body, path) == (b"[]", f"{LINEAGE}/batch") else status
            assert answer.status_code == expected, (body[:20], path)
            assert answer.json().get("status", 201) == expected
    assert stored() == (0, 0)


def test_event_with_a_large_plan_is_taken(pipeline: TestClient) -> None:
    plan = [{"class": "AttributeReference", "name": "a", "num-children": 0}] * 150_000
    event = told.event(
        "START", "fit", inputs=[told.dataset("s3://lake", "web")], run_facets={"spark.logicalPlan": plan}
    )
    body = json.dumps(event).encode()
    assert len(body) > 9_000_000
    zipped = gzip.compress(body)
    for content, headers in ((body, JSON), (zipped, JSON | {"Content-Encoding": "gzip"})):
        answer = pipeline.post(LINEAGE, content=content, headers=headers)
        assert (answer.status_code, answer.json()["left_out"]) == (201, 0)
    assert stored() == (1, 1)


def test_repeated_event_changes_nothing(pipeline: TestClient) -> None:
    event = told.event("START", "fit", inputs=[told.dataset("s3://lake", "web"), told.dataset("s3://lake", "mail")])
    assert pipeline.post(LINEAGE, json=event).json()["new"] == 1
    event["inputs"].reverse()
    event["producer"] = "https://other.example"
    event["inputs"][0]["facets"]["schema"] = {"fields": [{"name": "secret"}]}
    event["eventTime"] = "2026-11-02T10:00:00.000+01:00"
    again = pipeline.post(
        LINEAGE, content=gzip.compress(json.dumps(event).encode()), headers=JSON | {"Content-Encoding": "GZIP"}
    )
    assert again.status_code == 201
    assert again.json() == {
        "events": 1,
        "new": 0,
        "said": ["The run was saved, with 2 datasets that it reads and 0 models that it creates."],
        "left_out": 0,
        "parts_left_out": [],
    }
    assert stored() == (1, 2)


def test_one_of_a_thing_is_said_as_one(pipeline: TestClient) -> None:
    event = told.event("START", "fit", inputs=[told.dataset("s3://lake", "web")], outputs=[{"namespace": 7}])
    assert pipeline.post(LINEAGE, json=event).json()["said"] == [
        "The run was saved, with 1 dataset that it reads and 0 models that it creates.",
        "1 part could not be read and was left out; what a run may have read there counts as unknown.",
    ]


def test_event_without_effect_is_not_stored(pipeline: TestClient) -> None:
    job = {name: part for name, part in told.event(None, "fit").items() if name != "run"}
    alone = {"eventTime": job["eventTime"], "dataset": told.dataset("s3://lake", "web", "1")}
    for body in (job, alone):
        answer = pipeline.post(LINEAGE, json=body)
        assert (answer.status_code, answer.json()["new"]) == (201, 0)
    assert stored() == (0, 0)
    for minute in range(9):
        assert pipeline.post(LINEAGE, json=told.event("RUNNING", "stream", minute)).status_code == 201
    assert stored() == (1, 0), "a sign of life says the same each time"


def test_batch_is_atomic(pipeline: TestClient) -> None:
    good, bad = told.event("START", "fit"), told.event("START", "fit") | {"eventTime": "soon"}
    answer = pipeline.post(f"{LINEAGE}/batch", json=[good, bad])
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "#/body/1/eventTime"
    assert stored() == (0, 0)
    assert pipeline.post(f"{LINEAGE}/batch", json=[good] * 501).status_code == 422
    answer = pipeline.post(f"{LINEAGE}/batch", json=[good, told.event("COMPLETE", "fit", 1), good])
    assert (answer.status_code, answer.json()["new"]) == (201, 2)


def test_only_pipelines_may_report(unknown: TestClient, api: Client, person: Company, pipeline: TestClient) -> None:
    ada = person(role="privacy_officer")
    for client in (unknown, api(ada)):
        answer = client.post(LINEAGE, content=b"x" * (LARGEST_BODY + 1), headers=JSON)
        assert answer.status_code == 401, "said before anything of the body is looked at"
    assert pipeline.get("/v1/me").status_code == 401
    assert stored() == (0, 0)


names = st.text(max_size=230)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | names,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=8,
)
PLACES = [
    "eventType", "eventTime", "run", "run/runId", "run/facets", "job", "job/name", "job/facets", "inputs", "inputs/0",
    "inputs/0/name", "inputs/0/facets", "inputs/0/facets/version", "inputs/0/inputFacets", "outputs",
    "outputs/0/facets",
]  # fmt: skip


def test_any_value_is_accepted_or_refused_cleanly(pipeline: TestClient) -> None:
    @settings(max_examples=100, database=None, suppress_health_check=list(HealthCheck))
    @given(place=st.sampled_from(PLACES), value=anything, subset=anything)
    def conforms(place: str, value: Any, subset: Any) -> None:
        event = changed(place, value)
        if isinstance(event["inputs"], list) and event["inputs"] and isinstance(event["inputs"][0], dict):
            event["inputs"][0].setdefault(
                "inputFacets", {"subset": {"inputCondition": {"type": "binary", "left": subset}}}
            )
        before = stored()
        answer = pipeline.post(LINEAGE, content=json.dumps(event).encode("utf-8", "surrogatepass"), headers=JSON)
        assert answer.status_code in (201, 400, 422), answer.text
        if answer.status_code != 201:
            assert answer.json()["detail"]
            assert stored() == before

    conforms()
    with reading() as session:
        left = session.scalar(select(func.count()).select_from(LineageEventRow).where(LineageEventRow.waiting))
        assert left == 0, "what was taken could be folded, too"
