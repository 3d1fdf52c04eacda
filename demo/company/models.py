"""Tessel's models: trained on datasets with a manifest, without one, and on one nobody recorded; what was built from
them, where they are in use, and one training that read data without permission.

`record_models` records the state before anybody's first request; the rest happens in between (`requests.PAST`). Days
are counted back from today.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from duckdb import DuckDBPyConnection

import clock
from demo.company.policies import DESKTOP, policies
from directory import Employee
from governance.ai_models import datasets, plans
from governance.domain.plans import Plan
from lake.datasets import making
from lake.datasets.purposes import allows
from lake.lineage import violations
from lake.lineage.graph import (
    OURS,
    DatasetVersion,
    Deployment,
    ModelVersion,
    Relation,
    Run,
    collect_slices,
    find_or_add_dataset_version,
    record_dataset_version,
    record_deployment,
    record_inputs,
    record_model_version,
    record_outputs,
    record_parent,
    record_run,
)
from lake.lineage.model_graph import ModelGraph
from queries import lineage
from queries.connection import answering


@dataclass(frozen=True)
class _Dataset:
    name: str
    version: str
    purpose: str
    made: int
    since: int
    signals: tuple[str, ...]
    applications: tuple[str, ...] | None = None
    manifest: bool = True
    choosy: bool = False
    """Built without the people to leave out."""


@dataclass(frozen=True)
class _Model:
    name: str
    version: str
    purpose: str
    owner: str
    released: int
    trained_on: tuple[_Dataset | None, ...]
    retired: int | None = None
    made_from: tuple[tuple[str, str, Relation], ...] = ()
    """Parent models with their versions, and the relation."""
    used_at: tuple[tuple[str, int], ...] = ()
    """Places, and since how many days."""


ACTIONS = ("mouse_move", "mouse_click", "scroll", "keystroke", "dropdown", "form_edit", "navigation")
WORDS = ("message", "ticket")
ACT = "Train a model that works in office applications"
WRITE = "Train a model that drafts answers to customers and colleagues"
SEE = "Train a model that reads screens"
AUTOMATION, VENDOR = "Tessel Automation team", "Inkwell Language Services (vendor)"

ACTIONS_1 = _Dataset("desktop-actions", "1", ACT, 62, 90, ACTIONS, DESKTOP)
ACTIONS_2 = _Dataset("desktop-actions", "2", ACT, 33, 90, ACTIONS, DESKTOP)
ACTIONS_3 = _Dataset("desktop-actions", "3", ACT, 9, 60, ACTIONS, DESKTOP, choosy=True)
WORDS_1 = _Dataset("office-replies", "1", WRITE, 48, 90, WORDS)
WORDS_2 = _Dataset("office-replies", "2", WRITE, 19, 60, WORDS)
FRAMES = _Dataset("screen-frames", "1", SEE, 13, 30, ("screenshot",), manifest=False)
WORDS_3 = _Dataset("office-replies", "3", WRITE, 6, 60, WORDS)
DATASETS = (ACTIONS_1, ACTIONS_2, ACTIONS_3, WORDS_1, WORDS_2, FRAMES)

MODELS = (
    _Model("Sable", "1.0", "Desktop assistant", AUTOMATION, 57, (ACTIONS_1,), retired=20),
    _Model("Sable", "1.1", "Desktop assistant", AUTOMATION, 28, (ACTIONS_2,), used_at=(("Office assistant", 27),)),
    _Model(
        "Sable Claims", "1.0", "Claims assistant", AUTOMATION, 24, (None,),
        made_from=(("Sable", "1.1", Relation.FINE_TUNED),), used_at=(("Claims desk", 22),),
    ),
    _Model("Sable", "2.0", "Desktop assistant", AUTOMATION, 5, (ACTIONS_3,)),
    _Model(
        "Sable Pocket", "1.0", "Desktop assistant on phones", AUTOMATION, 3, (ACTIONS_3,),
        made_from=(("Sable", "1.1", Relation.DISTILLED),),
    ),
    _Model("Quill", "0.9", "Reply drafting", VENDOR, 44, (WORDS_1,), retired=14),
    _Model("Quill", "1.0", "Reply drafting", VENDOR, 14, (WORDS_1, WORDS_2), used_at=(("Zendesk replies", 13),)),
    _Model("Quill Mail", "1.0", "Reply drafting", VENDOR, 41, (WORDS_1,), used_at=(("Outlook drafts", 38),)),
    _Model("Lumen", "0.2", "Screen understanding", AUTOMATION, 35, (None,)),
    _Model("Lumen", "0.3", "Screen understanding", AUTOMATION, 8, (FRAMES,)),
)  # fmt: skip

RETRAINED = _Model("Quill Mail", "1.1", "Reply drafting", VENDOR, 4, (WORDS_3,))
UNPERMITTED = _Model("Quill", "1.1", "Reply drafting", VENDOR, 2, (WORDS_2,))
PLANNED_DAYS = 24
"""From the plan's date to the promised date."""


def record_models(connection: DuckDBPyConnection, today: date, left_out: Sequence[UUID]) -> None:
    """Records datasets, runs and models; the newest desktop dataset excludes the people to leave out."""
    for dataset in DATASETS:
        _record_dataset(connection, dataset, today, left_out)
    for model in MODELS:
        _record_model(connection, model, today)


def record_dataset_without_withdrawn(connection: DuckDBPyConnection, today: date) -> None:
    """A dataset created after people had captures excluded from training."""
    _record_dataset(connection, WORDS_3, today, ())


def tell_the_ledger() -> None:
    """Records in the ledger, at the clock's time, the manifests of what was made until then, as a worker does."""
    for made in answering(making.manifests):
        if made.created_at <= clock.now_utc():
            datasets.record_in_ledger(made)


def retrain(connection: DuckDBPyConnection, today: date) -> None:
    """A model trained on the dataset without those captures."""
    _record_model(connection, RETRAINED, today)


def train_without_permission(connection: DuckDBPyConnection, today: date) -> None:
    """A model trained on a dataset that still has them, despite the requests."""
    violations.find(connection, _record_model(connection, UNPERMITTED, today), clock.now_utc())


def plan(officer: Employee) -> None:
    """The privacy officer's plans for the models that contain such captures."""
    planned = datetime.combine(clock.today() + timedelta(days=PLANNED_DAYS), time())
    for key in _keys("Quill", "1.0"):
        plans.make(officer, key, Plan.RETRAIN, planned.date())


def _record_model(connection: DuckDBPyConnection, each: _Model, today: date) -> list[UUID]:
    """Records the model version with its run, if it has one, and returns that."""
    retired_at = None if each.retired is None else _morning(today, each.retired)
    released_at = _morning(today, each.released)
    model = ModelVersion(each.name, each.version, each.purpose, each.owner, released_at, retired_at)
    key = record_model_version(connection, model)
    runs = []
    if each.trained_on:
        ended_at = _morning(today, each.released + 1)
        run = record_run(connection, Run(f"train {each.name}", started_at=ended_at, ended_at=ended_at))
        read = [dataset for dataset in each.trained_on if dataset]
        record_inputs(connection, run, [(_dataset_key(connection, dataset, today), None) for dataset in read])
        record_outputs(connection, run, [key])
        runs.append(run)
    graph = ModelGraph.read(connection) if each.made_from else ModelGraph()
    for name, version, relation in each.made_from:
        (parent,) = (known.id for known in graph.models.values() if (known.model, known.version) == (name, version))
        record_parent(connection, key, parent, relation)
    for place, since in each.used_at:
        record_deployment(connection, Deployment(key, place, _morning(today, since)))
    return runs


def _dataset_key(connection: DuckDBPyConnection, each: _Dataset, today: date) -> UUID:
    made_at = _morning(today, each.made)
    return find_or_add_dataset_version(connection, OURS, each.name, each.version, OURS, made_at)


def _keys(name: str, version: str) -> list[UUID]:
    known = answering(lineage.graph).models.values()
    return [each.id for each in known if (each.model, each.version) == (name, version)]


def _record_dataset(connection: DuckDBPyConnection, each: _Dataset, today: date, left_out: Sequence[UUID]) -> None:
    version = DatasetVersion(each.name, each.version, each.purpose, _morning(today, each.made))
    first_day, last_day = today - timedelta(days=each.since), today - timedelta(days=each.made + 1)
    without = left_out if each.choosy else ()
    allowing = [policy.policy for policy in policies(today) if allows(policy.purpose, each.purpose)]
    manifest = (
        collect_slices(
            connection,
            first_day,
            last_day,
            each.signals,
            each.applications,
            without,
            policies=allowing,
            today=last_day,
        )
        if each.manifest
        else None
    )
    record_dataset_version(connection, version, manifest)


def _morning(today: date, days_ago: int) -> datetime:
    return datetime.combine(today - timedelta(days=days_ago), time(9, 30))
