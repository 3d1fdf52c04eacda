"""Random run graphs with everything that producers get wrong: late, repeated and reordered events, missing STARTs and
COMPLETEs, failed makers, several makers, parents named once, twice or as roots, nested MLflow runs, logged models.
"""

from __future__ import annotations

from random import Random
from typing import Any
from uuid import UUID, uuid5

from tests.governance.lineage.oracle import WORLD

NAMES = UUID("0f1d4f5f-4a0e-4f4c-8a51-0f6a4b0c7e11")


def openlineage(random: Random, prefix: str) -> list[dict[str, Any]]:
    """The events of 1 to 6 runs, in any order, some twice."""
    runs = [str(uuid5(NAMES, f"{prefix} {number}")) for number in range(random.randint(1, 6))]
    events = []
    for number, run in enumerate(runs):
        parent = _parent(random, runs, number)
        made = [_model(random, prefix)] if number == 0 or random.random() < 0.4 else []
        states = random.choices(
            [["START", "COMPLETE"], ["COMPLETE"], ["START", "RUNNING", "COMPLETE"], ["START", "FAIL"], ["RUNNING"],
             ["START"], ["START", "FAIL", "COMPLETE"], ["COMPLETE", "COMPLETE"], ["START", "ABORT"]],
            [6, 4, 3, 1, 0.5, 0.5, 0.5, 1, 0.5],
        )[0]  # fmt: skip
        minute = random.randint(0, 40)
        own: list[dict[str, Any]] = []
        for state in states:
            facets = {"facets": parent if random.random() < 0.8 else {}}
            own.append(
                {
                    "eventTime": f"2026-11-02T09:{minute:02}:00Z", "producer": "x", "schemaURL": "x",
                    "eventType": state, "run": {"runId": run, **facets},
                    "job": {"namespace": "a", "name": f"{prefix} job{number}"}, "inputs": [], "outputs": [],
                }
            )  # fmt: skip
            minute = min(59, minute + random.randint(0, 6))
        careful = random.random() < 0.6
        for _ in range(random.choices([0, 1, 2], [1, 6, 2])[0]):
            random.choice(own)["inputs"].append(_dataset(random, careful))
        if random.random() < 0.2:
            random.choice(own)["inputs"].append(_model_input(random, prefix))
        for output in made:
            for event in random.sample(own, random.randint(1, len(own))):
                event["outputs"].append(output)
        events += own
    events += random.choices(events, k=random.randint(0, 2))
    events += [
        beat | {"eventTime": f"2026-11-02T09:{random.randint(0, 59):02}:00Z"}
        for beat in events
        if beat["eventType"] == "RUNNING"
        for _ in range(random.choice([0, 1, 1, 2]))
    ]
    random.shuffle(events)
    return events


def _parent(random: Random, runs: list[str], number: int) -> dict[str, Any]:
    if len(runs) == 1 or random.random() < (0.75 if number == 0 else 0.35):
        return {}
    parent = random.choice([run for run in runs if run != runs[number]][:2])
    facet: dict[str, Any] = {"run": {"runId": parent}, "job": {"namespace": "a", "name": "j"}}
    if random.random() < 0.2:
        facet["root"] = {"run": {"runId": random.choice(runs)}, "job": {"namespace": "a", "name": "j"}}
    return {random.choice(["parent", "parent", "parent", "parentRun"]): facet}


def _dataset(random: Random, careful: bool) -> dict[str, Any]:
    """Often one that can be recognised."""
    (name, version), (key, root, _) = random.choice(list(WORLD.items()))
    good = ["named", "key", "root", "symlink", "odd"]
    shape = random.choice(good if careful else ["bare", "wrong", "twice", "part", "own", "unreadable", "torn"])
    facets: dict[str, Any] = {"version": {"datasetVersion": version}}
    links = [{"namespace": "open-book", "name": name, "type": "TABLE"}]
    match shape:
        case "named":
            return {"namespace": "open-book", "name": name, "facets": facets}
        case "key" | "root":
            facets = {"version": {"datasetVersion": key if shape == "key" else root[: random.choice([64, 36])]}}
            return {"namespace": "s3://lake", "name": "x", "facets": facets}
        case "symlink":
            return {"namespace": "s3://lake", "name": "view", "facets": {**facets, "symlinks": {"identifiers": links}}}
        case "twice":
            links.append({"namespace": "open-book", "name": random.choice(["actions", "notes"]), "type": "TABLE"})
            return {"namespace": "s3://lake", "name": "view", "facets": {**facets, "symlinks": {"identifiers": links}}}
        case "odd":
            odd = {"version": {"datasetVersion": int(version) if version.isdigit() else f"{version}\t"}}
            return {"namespace": " Open-Book", "name": f"{name.upper()}\n", "facets": odd}
        case "unreadable":
            return random.choice([{"namespace": "open-book", "facets": facets}, {"namespace": "s3://lake", "name": ""}])
        case "torn":
            torn = {"symlinks": {"identifiers": [{"namespace": "open-book"}, *links]}}
            return {"namespace": "s3://lake", "name": "view", "facets": {**facets, **torn}}
        case "bare":
            return {"namespace": "open-book", "name": name, "facets": {}}
        case "part":
            condition = {"inputCondition": {"type": "location", "locations": ["a"]}}
            return {"namespace": "open-book", "name": name, "facets": facets, "inputFacets": {"subset": condition}}
        case "wrong":
            return {"namespace": "open-book", "name": name, "facets": {"version": {"datasetVersion": "99"}}}
    return {"namespace": "s3://lake", "name": "web", "facets": facets if random.random() < 0.5 else {}}


def _model(random: Random, prefix: str) -> dict[str, Any]:
    name = f"{prefix} {random.choice(['m', 'm', 'base'])}"
    version = random.choice(["1", "1", "2", None])
    facets: dict[str, Any] = {"version": {"datasetVersion": version}} if version else {}
    if random.random() < 0.08:
        other = f"{prefix} {random.choice(['m', 'base'])}"
        facets |= {
            "datasetType": {"datasetType": "MODEL"},
            "symlinks": {"identifiers": [{"namespace": "model", "name": other, "type": "MODEL"}]},
        }
        return {"namespace": "s3://m", "name": name, "facets": facets}
    return {"namespace": "model", "name": name, "facets": facets}


def _model_input(random: Random, prefix: str) -> dict[str, Any]:
    relation = random.choice(["fine_tuned", "fine_tuned", "distilled", None])
    facets = {"inputFacets": {"openBook_parent": {"relation": relation}}} if relation else {}
    return _model(random, prefix) | facets


def mlflow(random: Random, prefix: str) -> list[dict[str, Any]]:
    """1 to 4 runs, some nested, and the model versions that were registered from them."""
    keys = [uuid5(NAMES, f"{prefix} mlflow {number}").hex for number in range(random.randint(1, 4))]
    records: list[dict[str, Any]] = []
    for number, key in enumerate(keys):
        start = 1_793_610_000_000 + random.randint(0, 50) * 60_000
        others = [other for other in keys if other != key]
        nested = bool(others) and random.random() < 0.4
        status = random.choices(["FINISHED", "FAILED", "RUNNING"], [8, 1, 1])[0]
        records.append({
            "info": {
                "run_id": key, "start_time": start, "end_time": start + 9000, "status": status, "experiment_id": "1",
            },
            "data": {"tags": [{"key": "mlflow.parentRunId", "value": random.choice(others)}] if nested else []},
            "inputs": {
                "dataset_inputs": [_logged(random) for _ in range(random.choices([0, 1, 2], [1, 6, 2])[0])],
                "model_inputs": [{"model_id": f"m-{prefix}"}] if random.random() < 0.1 else [],
            },
        })  # fmt: skip
        if number == 0 or random.random() < 0.4:
            records.append({
                "name": f"{prefix} registered", "version": str(random.randint(1, 2)), "run_id": key,
                "creation_timestamp": start + 9000, "model_id": None, "source": "models:/None",
            })  # fmt: skip
    return records


def _logged(random: Random) -> dict[str, Any]:
    key, root, _ = random.choice(list(WORLD.values()))
    context = random.choice([None, "training", "training", "validation", "test"])
    tags = [{"key": "mlflow.data.context", "value": context}] if context else []
    if random.random() < 0.85:
        tags.append({"key": "open-book.dataset_version", "value": random.choice([key, root])})
    return {"dataset": {"name": "actions", "digest": "deadbeef", "source": "{}"}, "tags": tags}
