"""Violations: a run read data that it was not allowed to read.

withdrawn   a dataset version whose manifest lists slices that a person had erased, objected to or restricted before
            the run began; one for each person and request
purpose     a dataset version that was declared for one purpose, by a job that declared another; one for each person
            whom the manifest lists, or a single one without a person if there is no manifest

A violation is recorded once and stays, even if its rule or the dataset is deleted later. Only one thing removes it: a
late event which shows that the run began before the person withdrew.

Purposes are compared as words, ignoring case and punctuation; the words for training a model count as one purpose.
What follows a colon is a part of what is before it: a run for `model training` may read a dataset for `model training:
answers to customers`, and the other way round, but not a dataset for another part of it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from duckdb import DuckDBPyConnection

from lake.statements import statement

TRAINING = {
    "training", "train", "model training", "training of models", "training a model", "ai training", "ml training",
    "ai model training", "machine learning training", "model development", "retraining", "model retraining",
    "pre training", "pretraining", "fine tuning", "finetuning", "model fine tuning", "distillation",
    "model distillation",
}  # fmt: skip


def is_training(purpose: str) -> bool:
    """Whether a declared purpose means training a model."""
    return _words(purpose) in TRAINING


def same_purpose(one: str, other: str) -> bool:
    """Whether two declarations mean the same purpose."""
    return _words(one) == _words(other) or (is_training(one) and is_training(other))


def agrees(of_run: str, of_dataset: str) -> bool:
    """Whether a run that declares the purpose `of_run` may read a dataset declared for `of_dataset`."""
    return (
        same_purpose(of_run, of_dataset)
        or same_purpose(of_run.partition(":")[0], of_dataset)
        or same_purpose(of_run, of_dataset.partition(":")[0])
    )


def find(connection: DuckDBPyConnection, runs: Sequence[UUID], now: datetime) -> None:
    """Record the violations of runs, as they are recorded now. Write within `lake.storage.connection.transaction`."""
    parameters = {"runs": list(runs), "now": now}
    connection.execute(statement("undo_violations"), {"runs": list(runs)})
    connection.execute(statement("find_withdrawn"), parameters)
    declared = connection.execute(statement("declared_purposes"), {"runs": list(runs)}).fetchall()
    for run, dataset_version, of_run, of_dataset in declared:
        if not agrees(of_run, of_dataset):
            with_keys = {"run": run, "dataset_version": dataset_version, "now": now}
            connection.execute(statement("record_purpose_violation"), with_keys)


def _words(purpose: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", purpose.casefold()))
