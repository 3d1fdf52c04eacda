"""Sentences about models, as Markdown: pure functions of the API's answers.

Names that somebody else chose (a model, a dataset, a job, an owner, a place) go through `inert`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pandas as pd

from api_client.models import OwnModel, TrainedOn
from dashboard.language import current, listed, t, tn
from dashboard.moments import days_away
from dashboard.requests.wording import MODEL_STATES
from dashboard.text import inert, plain
from dashboard.wording import EVIDENCE, NOT_LEARNED, signal_words
from languages import mark

ERASED = mark("Their days and kinds were erased at your request; only their number is left.")
KEEPS = ("retained_in_weights", "retrain_scheduled", "excluded_from_next_run")


def name(model: OwnModel) -> str:
    """For elements that show text literally."""
    return plain(f"{model.model} {model.version}", 80)


def keeps(model: OwnModel) -> bool:
    """Whether it still has what it, or what it was made from, learned from captures that the person had deleted or
    excluded from training."""
    passed_on = not model.captures and bool(model.made_from) and model.evidence == "proven"
    return model.state in KEEPS and (bool(model.withdrawn) or passed_on)


def withdrawn_sentence(models: Sequence[OwnModel]) -> str | None:
    """The models affected by what the person had deleted or kept out of training; None if there are none."""
    keeping = [model for model in models if keeps(model)]
    if not keeping:
        return None
    promised = [model for model in keeping if model.by]
    overdue = [model for model in promised if model.overdue]
    words = tn(
        "{n} model version still has what it learned from records that you had deleted or kept out of training.",
        "{n} model versions still have what they learned from records that you had deleted or kept out of training.",
        len(keeping),
    )
    return f"{words} {_promises(len(promised), len(keeping), len(overdue))}" if promised else words


def _promises(promised: int, keeping: int, overdue: int) -> str:
    """How many models have a promise, of those that keep something, and how many promises are overdue."""
    if keeping == 1:
        if overdue:
            return t("A change is promised for it, and the promise is overdue.")
        return t("A change is promised for it.")
    if overdue:
        return tn(
            "A change is promised for {n} of them, and {overdue} overdue.",
            "A change is promised for {n} of them, and {overdue} overdue.",
            promised,
            overdue=tn("{n} promise is", "{n} promises are", overdue),
        )
    return tn("A change is promised for {n} of them.", "A change is promised for {n} of them.", promised)


def evidence_words(model: OwnModel) -> str:
    return t(EVIDENCE[model.evidence]) if model.evidence in EVIDENCE else model.evidence


def state_words(model: OwnModel) -> str:
    if model.state == "retained_in_weights" and model.evidence != "proven":
        return t("May still be in the model")
    return t(MODEL_STATES[model.state][0]) if model.state in MODEL_STATES else model.state


def state_colour(model: OwnModel) -> str:
    """Of its badge."""
    return MODEL_STATES[model.state][1] if model.state in MODEL_STATES else "gray"


def words(model: OwnModel) -> str:
    """How the captures were used, and the model's status; said once if the second repeats the first, as it does where
    all of them were withdrawn."""
    repeats = model.words.startswith(model.evidence_words.removesuffix("."))
    if repeats or (model.state in KEEPS and model.withdrawn == model.captures):
        return inert(model.words, 1200)
    return f"{inert(model.evidence_words, 600)} {inert(model.words, 1200)}"


def what(model: OwnModel) -> str | None:
    """Which kinds of captures, and of which days; None if its own training used none."""
    if not model.kinds:
        return None
    if not model.first_day or not model.last_day:
        number = _at_least(sum(kind.captures for kind in model.kinds), model)
        return f"{t('Your records in it: {number}.', number=number)} {t(ERASED)}"
    kinds = listed([t("{kind} ({n})", kind=signal_words(kind.signal), n=kind.captures) for kind in model.kinds], 6)
    days = _days(model.first_day, model.last_day)
    if model.at_least:
        return t("Your records in it: at least {kinds}, {days}.", kinds=kinds, days=days)
    return t("Your records in it: {kinds}, {days}.", kinds=kinds, days=days)


def promise(model: OwnModel) -> str | None:
    """The promised date, and whether it was moved."""
    if model.by is None:
        return None
    away = days_away(model.by)
    said = (
        t("Was promised for **{day}** ({away}).", day=model.by, away=away)
        if model.overdue
        else t("Promised for **{day}** ({away}).", day=model.by, away=away)
    )
    plan = model.plan
    if plan and plan.first_by and plan.first_by != model.by:
        said = f"{said} {t('It was first promised for {day}.', day=plan.first_by)}"
    return said


def about(model: OwnModel) -> str:
    """Its purpose, owner, release date, and where it is in use."""
    said = [
        t("Purpose: {purpose}.", purpose=_or_unknown(model.purpose)),
        t("Owner: {owner}.", owner=_or_unknown(model.owner)),
        t(
            "Released on {released}, retired on {retired}.",
            released=model.released_at.date(),
            retired=model.retired_at.date(),
        )
        if model.retired_at
        else t("Released on {day}.", day=model.released_at.date()),
    ]
    places = [place for place in model.in_use if place.until is None]
    total = model.in_use_total if len(places) == len(model.in_use) else len(places)
    if places:
        where = [
            inert(place.place, 60) + (f" ({inert(place.recipient, 60)})" if place.recipient else "") for place in places
        ]
        said.append(t("In use at {places}.", places=listed(where, 6, total)))
    return " ".join(said)


def reading(read: TrainedOn) -> str:
    """One line of what it was trained on."""
    run = _run(read)
    if read.datasets == 0:
        return t("{run}: nobody recorded what it read.", run=run)
    if read.datasets > 1:
        names = listed([inert(each, 60) for each in read.names], len(read.names) + 1, read.datasets)
        many = inert(read.dataset or "", 60)
        return t(
            "{run} read {datasets}: {names}. Nobody recorded what is in them.", run=run, datasets=many, names=names
        )
    said = _read(run, read)
    if read.evidence == "none" and read.manifest_root:
        return t("{read}: none of your data is in it.", read=said)
    if read.captures:
        return _records_read(said, read)
    if read.manifest_root:
        return t(
            "{read}. The list of it has none of your data, but it is not proven that this model got what is listed.",
            read=said,
        )
    return t("{read}: nobody recorded what is in it.", read=said)


def _run(read: TrainedOn) -> str:
    job = inert(read.job or t("unnamed"), 60)
    return t("Run “{job}” of {day}", job=job, day=read.ended_at.date()) if read.ended_at else t("Run “{job}”", job=job)


def _read(run: str, read: TrainedOn) -> str:
    dataset = inert(f"{read.dataset} {read.version}".strip(), 100)
    if read.part:
        part = inert(read.part, 100)
        return t("{run} read the dataset {dataset}, a part of it ({part})", run=run, dataset=dataset, part=part)
    return t("{run} read the dataset {dataset}", run=run, dataset=dataset)


def _records_read(said: str, read: TrainedOn) -> str:
    """With the number of the person's records, their days, and how certain it is that the model got them."""
    records = tn("{n} record of yours", "{n} records of yours", read.captures)
    if read.first_day and read.last_day:
        days = _days(read.first_day, read.last_day)
        words = t("{read}: {records}, {days}.", read=said, records=records, days=days)
    else:
        words = t("{read}: {records}. The list of which ones was erased at your request.", read=said, records=records)
    return words if read.evidence == "proven" else f"{words} {t('It is not certain that this model got them.')}"


def table(models: Sequence[OwnModel]) -> pd.DataFrame:
    """The picture as a table, including what the picture leaves out; one row per model version."""
    return pd.DataFrame(
        {
            t("Model"): [name(model) for model in models],
            t("How certain"): [evidence_words(model) for model in models],
            t("Your records"): [_records(model) for model in models]
            if any(model.at_least or not model.captures for model in models)
            else [model.captures for model in models],
            t("Kinds"): [", ".join(signal_words(kind.signal) for kind in model.kinds) for model in models],
            t("From"): [model.first_day for model in models],
            t("Until"): [model.last_day for model in models],
            t("Datasets"): [_datasets(model) for model in models],
            t("Made from"): [
                ", ".join(plain(f"{link.model} {link.version}", 60) for link in model.made_from) for model in models
            ],
            t("Status"): [state_words(model) for model in models],
            t("Promised for"): [model.by for model in models],
            t("In use at"): [
                ", ".join(plain(use.place, 60) for use in model.in_use if use.until is None) for model in models
            ],
        }
    )


def _records(model: OwnModel) -> str:
    """How many of the person's are known to be in what the model itself was trained on."""
    if model.captures or model.evidence in NOT_LEARNED:
        return _at_least(model.captures, model)
    return t("none itself") if model.evidence == "proven" else t("not known")


def _datasets(model: OwnModel) -> str:
    missing = t("not recorded")
    found = {plain(f"{read.dataset} {read.version}", 60) if read.dataset else missing for read in model.trained_on}
    return ", ".join(sorted(found)) or missing


def _at_least(number: int, model: OwnModel) -> str:
    return t("at least {n}", n=number) if model.at_least else current().number(number)


def _days(first: date, last: date) -> str:
    return t("on {day}", day=first) if first == last else t("from {first} to {last}", first=first, last=last)


def _or_unknown(text: str | None) -> str:
    return inert(text, 120) if text else t("not stated")
