"""What Tessel trained: three models, from datasets with a manifest, without one, and from one nobody wrote down.

Days are counted back from today.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from duckdb import DuckDBPyConnection

from demo.company.policies import DESKTOP
from lake.lineage import (
    DatasetVersion,
    ModelVersion,
    Run,
    collect_slices,
    record_dataset_version,
    record_inputs,
    record_model_version,
    record_outputs,
    record_run,
)


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
    """Made without those who are to be left out."""


@dataclass(frozen=True)
class _Model:
    name: str
    version: str
    purpose: str
    owner: str
    released: int
    trained_on: tuple[_Dataset | None, ...]
    retired: int | None = None


ACTIONS = ("mouse_move", "mouse_click", "scroll", "keystroke", "dropdown", "form_edit", "navigation")
WORDS = ("message", "ticket")
ACT, WRITE, SEE = "Work in office applications", "Draft answers", "Read screens"
AUTOMATION, VENDOR = "Tessel Automation team", "Inkwell Language Services (vendor)"

ACTIONS_1 = _Dataset("desktop-actions", "1", ACT, 62, 90, ACTIONS, DESKTOP)
ACTIONS_2 = _Dataset("desktop-actions", "2", ACT, 33, 90, ACTIONS, DESKTOP)
ACTIONS_3 = _Dataset("desktop-actions", "3", ACT, 9, 60, ACTIONS, DESKTOP, choosy=True)
WORDS_1 = _Dataset("office-replies", "1", WRITE, 48, 90, WORDS)
WORDS_2 = _Dataset("office-replies", "2", WRITE, 19, 60, WORDS)
FRAMES = _Dataset("screen-frames", "1", SEE, 13, 30, ("screenshot",), manifest=False)
DATASETS = (ACTIONS_1, ACTIONS_2, ACTIONS_3, WORDS_1, WORDS_2, FRAMES)

MODELS = (
    _Model("Sable", "1.0", "Desktop assistant", AUTOMATION, 57, (ACTIONS_1,), retired=20),
    _Model("Sable", "1.1", "Desktop assistant", AUTOMATION, 28, (ACTIONS_2,)),
    _Model("Sable", "2.0", "Desktop assistant", AUTOMATION, 5, (ACTIONS_3,)),
    _Model("Quill", "0.9", "Reply drafting", VENDOR, 44, (WORDS_1,), retired=14),
    _Model("Quill", "1.0", "Reply drafting", VENDOR, 14, (WORDS_1, WORDS_2)),
    _Model("Lumen", "0.2", "Screen understanding", AUTOMATION, 35, (None,)),
    _Model("Lumen", "0.3", "Screen understanding", AUTOMATION, 8, (FRAMES,)),
)


def record_models(connection: DuckDBPyConnection, today: date, left_out: Sequence[UUID]) -> None:
    """Record datasets, runs and models; the newest desktop dataset has nothing of those who are left out."""
    versions = {each: _record_dataset(connection, each, today, left_out) for each in DATASETS}
    for each in MODELS:
        retired_at = None if each.retired is None else _morning(today, each.retired)
        released_at = _morning(today, each.released)
        model = ModelVersion(each.name, each.version, each.purpose, each.owner, released_at, retired_at)
        key = record_model_version(connection, model)
        for read in each.trained_on:
            ended_at = _morning(today, each.released + 1)
            run = record_run(connection, Run(f"train {each.name}", started_at=ended_at, ended_at=ended_at))
            record_inputs(connection, run, [(versions[read].dataset_version, None)] if read else [])
            record_outputs(connection, run, [key])


def _record_dataset(
    connection: DuckDBPyConnection, each: _Dataset, today: date, left_out: Sequence[UUID]
) -> DatasetVersion:
    version = DatasetVersion(each.name, each.version, each.purpose, _morning(today, each.made))
    first_day, last_day = today - timedelta(days=each.since), today - timedelta(days=each.made + 1)
    without = left_out if each.choosy else ()
    manifest = (
        collect_slices(connection, first_day, last_day, each.signals, each.applications, without, today=last_day)
        if each.manifest
        else None
    )
    record_dataset_version(connection, version, manifest)
    return version


def _morning(today: date, days_ago: int) -> datetime:
    return datetime.combine(today - timedelta(days=days_ago), time(9, 30))
