"""Sentences about models, as Markdown: pure functions of the API's answers.

Names that somebody else chose (a model, a data set, a job, an owner, a place) go through `inert`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pandas as pd

from api_client.models import OwnModel, TrainedOn
from dashboard.language import listed
from dashboard.moments import day_words, days_away
from dashboard.requests.wording import MODEL_STATES
from dashboard.text import inert, plain
from dashboard.wording import EVIDENCE, count, signal_words

ERASED = "Their days and kinds were erased at your request; only their number is left."
KEEPS = ("retained_in_weights", "retrain_scheduled", "excluded_from_next_run")


def name(model: OwnModel) -> str:
    """For elements that show text literally."""
    return plain(f"{model.model} {model.version}", 80)


def keeps(model: OwnModel) -> bool:
    """Whether it still has what it learned from captures that the person had deleted or excluded from training."""
    return bool(model.withdrawn) and model.state in KEEPS


def withdrawn_sentence(models: Sequence[OwnModel]) -> str | None:
    """The models affected by what the person had deleted or kept out of training; None if there are none."""
    keeping = [model for model in models if keeps(model)]
    if not keeping:
        return None
    promised = [model for model in keeping if model.by]
    overdue = [model for model in promised if model.overdue]
    words = (
        f"{count(len(keeping), 'model version still has', 'model versions still have')} what "
        f"{'it' if len(keeping) == 1 else 'they'} learned from records that you had deleted or kept out of training."
    )
    if promised:
        of = f"{len(promised)} of them" if len(keeping) > 1 else "it"
        words += f" A change is promised for {of}"
        words += f", and {count(len(overdue), 'promise is', 'promises are')} overdue." if overdue else "."
    return words


def words(model: OwnModel) -> str:
    """How the captures were used, and the model's status; said once if the second repeats the first."""
    if model.words.startswith(model.evidence_words.removesuffix(".")):
        return inert(model.words, 1200)
    return f"{inert(model.evidence_words, 600)} {inert(model.words, 1200)}"


def what(model: OwnModel) -> str | None:
    """Which kinds of captures, and of which days; None if its own training used none."""
    if not model.kinds:
        return None
    if not model.first_day or not model.last_day:
        return f"Your records in it: {_least(model)}{sum(kind.captures for kind in model.kinds):,}. {ERASED}"
    kinds = listed([f"{signal_words(kind.signal)} ({kind.captures:,})" for kind in model.kinds], 6)
    return f"Your records in it: {_least(model)}{kinds}, {_days(model.first_day, model.last_day)}."


def promise(model: OwnModel) -> str | None:
    """The promised date, and whether it was moved."""
    if model.by is None:
        return None
    said = f"{'Was promised' if model.overdue else 'Promised'} for **{day_words(model.by)}** ({days_away(model.by)})."
    plan = model.plan
    if plan and plan.first_by and plan.first_by != model.by:
        said += f" It was first promised for {day_words(plan.first_by)}."
    return said


def about(model: OwnModel) -> str:
    """Its purpose, owner, release date, and where it is in use."""
    said = f"Purpose: {_or_unknown(model.purpose)}. Owner: {_or_unknown(model.owner)}. "
    said += f"Released on {day_words(model.released_at.date())}"
    said += f", retired on {day_words(model.retired_at.date())}." if model.retired_at else "."
    places = [place for place in model.in_use if place.until is None]
    total = model.in_use_total if len(places) == len(model.in_use) else len(places)
    if places:
        where = [
            inert(place.place, 60) + (f" ({inert(place.recipient, 60)})" if place.recipient else "") for place in places
        ]
        said += f" In use at {listed(where, 6, total)}."
    return said


def reading(read: TrainedOn) -> str:
    """One line of what it was trained on."""
    run = f"Run “{inert(read.job or 'unnamed', 60)}”"
    if read.ended_at:
        run += f" of {day_words(read.ended_at.date())}"
    if read.datasets == 0:
        return f"{run}: nobody recorded what it read."
    if read.datasets > 1:
        names = listed([inert(each, 60) for each in read.names], len(read.names) + 1, read.datasets)
        return f"{run} read {inert(read.dataset or '', 60)}: {names}. Nobody recorded what is in them."
    said = f"{run} read the data set {inert(f'{read.dataset} {read.version}'.strip(), 100)}"
    if read.part:
        said += f", a part of it ({inert(read.part, 100)})"
    if read.evidence == "none" and read.manifest_root:
        return f"{said}: none of your data is in it."
    if read.captures:
        said += f": {count(read.captures, 'record')} of yours"
        if read.first_day and read.last_day:
            said += f", {_days(read.first_day, read.last_day)}"
        else:
            said += " (which ones was erased at your request)"
        return f"{said}." if read.evidence == "proven" else f"{said}. It is not certain that this model got them."
    if read.manifest_root:
        return f"{said}. The list of it has none of your data, but it is not proven that this model got what is listed."
    return f"{said}: nobody recorded what is in it."


def table(models: Sequence[OwnModel]) -> pd.DataFrame:
    """The picture as a table, including what the picture leaves out; one row per model version."""
    return pd.DataFrame(
        {
            "Model": [name(model) for model in models],
            "How certain": [EVIDENCE.get(model.evidence, model.evidence) for model in models],
            "Your records": [f"{_least(model)}{model.captures:,}" for model in models]
            if any(model.at_least for model in models)
            else [model.captures for model in models],
            "Kinds": [", ".join(signal_words(kind.signal) for kind in model.kinds) for model in models],
            "From": [model.first_day for model in models],
            "Until": [model.last_day for model in models],
            "Data sets": [_datasets(model) for model in models],
            "Made from": [
                ", ".join(plain(f"{link.model} {link.version}", 60) for link in model.made_from) for model in models
            ],
            "Status": [MODEL_STATES.get(model.state, (model.state, ""))[0] for model in models],
            "Promised for": [model.by for model in models],
            "In use at": [
                ", ".join(plain(use.place, 60) for use in model.in_use if use.until is None) for model in models
            ],
        }
    )


def _datasets(model: OwnModel) -> str:
    found = {
        plain(f"{read.dataset} {read.version}", 60) if read.dataset else "not recorded" for read in model.trained_on
    }
    return ", ".join(sorted(found)) or "not recorded"


def _least(model: OwnModel) -> str:
    return "at least " if model.at_least else ""


def _days(first: date, last: date) -> str:
    return f"on {day_words(first)}" if first == last else f"from {day_words(first)} to {day_words(last)}"


def _or_unknown(text: str | None) -> str:
    return inert(text, 120) if text else "not stated"
