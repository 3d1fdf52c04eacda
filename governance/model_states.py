"""What a request means for each dataset version and model that had, or may have had, captures of its scope.

never_included             the manifest lists nothing of the scope
excluded_before_training   listed, and no model was trained on that dataset version yet
retained_in_weights        a model was trained on it, or may have been; what it learned stays there
model_retired              such a model is no longer in use

From the moment a tombstone or a rule stands, every dataset drawn anew leaves the captures out
(`lake/sql/collect_slices.sql`). Nothing here says that something was removed from a model's weights: that takes a
training without the captures, and nobody has told us of one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

import clock
from governance import tables
from lake.lineage import Training
from queries import Own

NEXT = "Data sets that are drawn from now on leave your captures out."
STAYS = "What it learned from them stays in it until it is retired or trained anew without them; no plan is known."


def states(own: Own, affected: pd.DataFrame) -> list[dict[str, Any]]:
    """One entry a dataset version and model version trained on it: model, version, dataset, dataset_version, state,
    by, words. `affected`: `own.datasets_affected` of the scope. Raises LakeUnavailable."""
    listed = {(row["dataset"], row["version"]): row["events"] for row in tables.records(affected)}
    trained = [
        Training(
            row["model"],
            row["version"],
            row["retired_at"],
            row["dataset"],
            row["dataset_release"],
            has_manifest=row["evidence"] in ("proven", "none"),
        )
        for row in tables.records(own.models())
    ]
    return states_from(listed, trained)


def states_from(affected: Mapping[tuple[str, str], int], trained: Sequence[Training]) -> list[dict[str, Any]]:
    """`states`, from the captures that are listed by dataset version, and from all trainings."""
    known = {_release(training) for training in trained}
    found = [
        _entry(None, None, *release, "excluded_before_training", _not_trained(*release))
        for release in affected
        if release not in known
    ]
    for training in trained:
        state, words = _of_model(training, affected.get(_release(training)))
        release = training.dataset, training.dataset_version
        found.append(_entry(training.model, training.version, *release, state, words))
    return found


def _release(training: Training) -> tuple[str, str]:
    return training.dataset or "", training.dataset_version or ""


def _of_model(training: Training, events: int | None) -> tuple[str, str]:
    name = f"{training.model} {training.version}"
    if events is None and training.has_manifest:
        return "never_included", f"What {name} was trained on lists none of these captures."
    if training.retired_at is not None and training.retired_at <= clock.now_utc():
        return "model_retired", f"{name} is no longer in use since {training.retired_at:%-d %B %Y}."
    if events is not None:
        return "retained_in_weights", f"{name} was trained on {events:,} of these captures. {STAYS} {NEXT}"
    unknown = "nobody wrote down what it was trained on"
    if training.dataset is not None:
        unknown = f"nobody wrote down what was in {training.dataset} {training.dataset_version}"
    return (
        "retained_in_weights",
        f"{name} may have been trained on these captures: {unknown}. If it was: {STAYS} {NEXT}",
    )


def _not_trained(dataset: str, version: str) -> str:
    return f"No model was trained on {dataset} {version} yet. It must not be used before they are taken out. {NEXT}"


def _entry(
    model: str | None, version: str | None, dataset: str | None, release: str | None, state: str, words: str
) -> dict[str, Any]:
    return {
        "model": model,
        "version": version,
        "dataset": dataset,
        "dataset_version": release,
        "state": state,
        "by": None,
        "words": words,
    }
