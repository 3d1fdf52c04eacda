"""Violations: a run read data that it was not allowed to read.

withdrawn   a dataset version whose manifest lists slices that a person had erased, objected to or restricted before
            the run began; one for each person and request
indirect    a dataset version from before a person's objection or restriction that may have records of others in which
            they are mentioned: it lists records of others of that day, kind and application. Not known whether the
            records are those, so it has no count; one for each person and request
consent     a dataset version with captures whose owner had withdrawn the consent to their policy before the run began
            (`lake.datasets.unconsented`)
purpose     a dataset version that was declared for one purpose, by a job that declared another; one for each person
            whom the manifest lists, or a single one without a person if there is no manifest

A violation is recorded once and stays, even if its rule or the dataset is deleted later. Only one thing removes it: a
late event which shows that the run began before the person withdrew.

Purposes are compared as words, ignoring case and punctuation; the words for training a model count as one purpose.
Some purposes are a part of a wider one: `model training: answers to customers` of what is before the colon, and
`Train a model that drafts answers` of training. A run for the wider purpose may read a dataset for its part, and the
other way round, but a run for one part may not read a dataset for another.
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

_TRAINS = re.compile(
    r"((re|pre ?)?train(ing)?|fine ?tun(e|ing)|distill?(ing)?)( of)?( (a|an|the|our|one))?( new)?"
    r"( (ai|ml|machine learning|large language|language|vision))? models?( (that|which|to|for|on|in|with) .+)?"
)
"""A purpose, as words, that says it is training a model. `Train our staff` and `Train a model employee` don't."""


def is_training(purpose: str) -> bool:
    """Whether a declared purpose means training a model."""
    return _words(purpose) in TRAINING


def same_purpose(one: str, other: str) -> bool:
    """Whether two declarations mean the same purpose."""
    return _words(one) == _words(other) or (is_training(one) and is_training(other))


def whole_of(purpose: str) -> str:
    """The wider purpose that a purpose says it is a part of; itself if it names none."""
    whole, colon, _ = purpose.partition(":")
    return whole if colon else "model training" if _TRAINS.fullmatch(_words(purpose)) else purpose


def agrees(of_run: str, of_dataset: str) -> bool:
    """Whether a run that declares the purpose `of_run` may read a dataset declared for `of_dataset`."""
    return (
        same_purpose(of_run, of_dataset)
        or same_purpose(whole_of(of_run), of_dataset)
        or same_purpose(of_run, whole_of(of_dataset))
    )


def find(connection: DuckDBPyConnection, runs: Sequence[UUID], now: datetime) -> None:
    """Record the violations of runs, as they are recorded now. Write within `lake.storage.connection.transaction`."""
    parameters = {"runs": list(runs), "now": now}
    connection.execute(statement("undo_violations"), {"runs": list(runs)})
    connection.execute(statement("find_withdrawn"), parameters)
    connection.execute(statement("find_indirect"), parameters)
    declared = connection.execute(statement("declared_purposes"), {"runs": list(runs)}).fetchall()
    for run, dataset_version, of_run, of_dataset in declared:
        if not agrees(of_run, of_dataset):
            with_keys = {"run": run, "dataset_version": dataset_version, "now": now}
            connection.execute(statement("record_purpose_violation"), with_keys)


def _words(purpose: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", purpose.casefold()))
