"""The state of each model version when captures must no longer be used for training.

never_included             of everything that its runs may have read, and those of the models it was made from, nothing
                           lists any of them; or there never were any here
made_before                its contents are not known well enough for that, but it was finished, as its runs reported,
                           before the first of them was captured
excluded_before_training   listed, but no model was trained on that dataset version yet; or listed once, and removed
                           before this model was trained
excluded_from_next_run     it keeps what it learned; its next training is promised to leave them out
retrain_scheduled          it keeps what it learned; it is promised to be retrained without them
retrained_without          the same is true of a later version
retained_in_weights        what it learned, or may have learned, is still in the model
model_retired              it is no longer in use

Descendants count: a model version that was fine-tuned, distilled or otherwise made from one that learned from the
captures inherits that (`lake.lineage.model_graph` says how certain it is).

Once a tombstone or a rule is in force, every new dataset leaves the captures out (`lake/sql/choose_slices.sql`).
Nothing here claims that anything was removed from a model's weights: a later version trained without the captures
doesn't change the earlier one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import clock
from governance.ai_models.plans import Planned
from governance.ai_models.wording import (
    Captures,
    Whose,
    around_only,
    dataset_evidence,
    ended,
    learned,
    made_before,
    never_any,
    of_request,
    of_yours,
    read,
    still_there,
)
from governance.domain.plans import Plan
from lake.lineage import dates
from lake.lineage.model_graph import NEVER, NOT_LEARNED, Evidence, Model, ModelGraph, Reached, Until
from lake.lineage.read_datasets import Dataset
from languages import mark
from languages.saying import Said, as_json, say, sentences
from queries.lineage import Lineage, Withdrawn


class State(StrEnum):
    NEVER_INCLUDED = "never_included"
    MADE_BEFORE = "made_before"
    EXCLUDED_BEFORE_TRAINING = "excluded_before_training"
    EXCLUDED_FROM_NEXT_RUN = "excluded_from_next_run"
    RETRAIN_SCHEDULED = "retrain_scheduled"
    RETRAINED_WITHOUT = "retrained_without"
    RETAINED_IN_WEIGHTS = "retained_in_weights"
    MODEL_RETIRED = "model_retired"


NEXT = mark("New datasets leave your records out.")
STAYS = mark(
    "What it learned from them is still in it until it is retired or retrained without them. No plan is known."
)
IF_IT_WAS, IF_IT_CAME = mark("If it was:"), mark("If any of it was passed on:")
UNTIL_THEN = mark("Until then, what it learned from them is still in it.")
STILL = mark("What it learned from them is still in it.")
OVERDUE = mark("The promised date has passed, and there is no evidence that the promise was kept.")
LEARNED = mark("What it learned is still in it.")
NOT_ASKED = mark("You have not had any of it deleted or kept out of training.")

PLANNED = {
    Plan.RETRAIN: (
        State.RETRAIN_SCHEDULED,
        (mark("Your employer promised to retrain it without them."), UNTIL_THEN),
    ),
    Plan.EXCLUDE: (
        State.EXCLUDED_FROM_NEXT_RUN,
        (mark("Your employer promised to leave them out of its next training."), STILL),
    ),
    Plan.RETIRE: (State.RETAINED_IN_WEIGHTS, (mark("Your employer promised to retire it."), UNTIL_THEN)),
    Plan.NONE: (
        State.RETAINED_IN_WEIGHTS,
        (mark("The privacy officer decided to plan nothing for it."), STILL),
    ),
}

MOST = 40
MOST_UNSURE = 10
"""How many entries are kept with a request, and how many of each unproven kind."""

Plans = Mapping[UUID, Planned]


@dataclass(frozen=True)
class Standing:
    """The state of a model version. `by`: the promised date; `newer`: the later version that was trained without the
    captures.
    """

    state: State
    words: Said
    by: date | None = None
    newer: Model | None = None

    @property
    def overdue(self) -> bool:
        """The promised date has passed, and there is no evidence that the promise was kept."""
        return self.by is not None and self.by < clock.today()


def states(
    graph: ModelGraph, listed: Mapping[UUID, int], plans: Plans, until: Until = NEVER, before: datetime | None = None
) -> list[dict[str, Any]]:
    """The effect of a request: one entry per dataset version and model version trained on it, and one for each model
    version that inherited it: `model`, `version`, `dataset`, `dataset_version`, `state`, `by` and `words`; `events`, of
    the dataset version; `inherited`: it was made from one that provably learned from some of them.

    `listed`: how many captures in the request's scope each dataset version lists; `until`: when the last of these were
    withdrawn, if all were; `before`: what was made before then can't have learned from them (`lake.lineage.dates`),
    None: not known.
    """
    return list(_states(graph, listed, plans, until, before))


def outcome(
    graph: ModelGraph, listed: Mapping[UUID, int], plans: Plans, until: Until = NEVER, before: datetime | None = None
) -> dict[str, Any]:
    """The same, as stored with a request: `models`, most relevant to the person first, and `models_left_out`: how many,
    by state, did not fit. Each with `said`, what its words were made of (`languages.saying`).
    """
    extra = {"events", "inherited"}
    kept, left_out = foremost(states(graph, listed, plans, until, before))
    models = [
        {name: value for name, value in entry.items() if name not in extra} | {"said": as_json(entry["words"])}
        for entry in kept
    ]
    return {"models": models, "models_left_out": left_out or None}


def foremost(entries: Sequence[dict[str, Any]]) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """The entries of `states` that are kept and shown: first what was proven, then what is possible, then what never
    included any; and how many others there are, by state.
    """
    sure = [entry for entry in entries if entry["events"] or entry["inherited"]]
    clean = [entry for entry in entries if entry["state"] in (State.NEVER_INCLUDED, State.MADE_BEFORE)]
    chosen = {id(entry) for entry in (*sure, *clean)}
    maybe = [entry for entry in entries if id(entry) not in chosen]
    room = MOST - min(len(sure), MOST)
    wanted = [*sure[:MOST], *maybe[: min(room, MOST_UNSURE)]]
    wanted += clean[: min(MOST - len(wanted), MOST_UNSURE)]
    shown = {id(entry) for entry in wanted}
    left_out = Counter(str(entry["state"]) for entry in entries if id(entry) not in shown)
    return [entry for entry in entries if id(entry) in shown], dict(left_out)


def of_person(
    own: Lineage, withdrawn: Withdrawn, plans: Plans, models: Iterable[UUID] | None = None
) -> dict[UUID, Standing]:
    """The current state of model versions (all, or `models`), for everything the person had deleted, objected to or
    restricted.
    """
    graph = own.graph
    reached = graph.reach(withdrawn.datasets, withdrawn.until, own.too_old)
    captures = of_yours(
        withdrawn.datasets, withdrawn.models, withdrawn.until, withdrawn.at_least, whose=Whose.WITHDRAWN
    )
    found = {}
    for model in graph.models if models is None else models:
        if own.reached[model].evidence == Evidence.MADE_BEFORE:
            found[model] = Standing(State.MADE_BEFORE, evidence_words(own, model))
        elif own.reached[model].evidence == Evidence.NONE:
            found[model] = _absent(own, withdrawn, model)
        elif withdrawn.rules and reached[model].evidence not in NOT_LEARNED:
            told = learned(graph, reached, model, captures)
            if reached[model].evidence not in (Evidence.PROVEN, own.reached[model].evidence):
                told = say(
                    "{how}; it is not known whether any that you had deleted or kept out of training went into it",
                    how=learned(graph, own.reached, model, _all_of(own)),
                )
            found[model] = _standing(graph, reached, model, plans, told)
        else:
            told = learned(graph, own.reached, model, _all_of(own))
            found[model] = _retired(graph, model) or Standing(
                State.RETAINED_IN_WEIGHTS, sentences(ended(told), say(LEARNED), say(NOT_ASKED))
            )
    return found


def evidence_words(own: Lineage, model: UUID) -> Said:
    """How the person's captures went into a model version, as a sentence."""
    if own.reached[model].evidence == Evidence.MADE_BEFORE:
        return made_before(own.graph, model, own.too_old, _all_of(own))
    name = own.graph.models[model].name
    if own.never_any:
        return never_any(name)
    if own.reached[model].evidence == Evidence.NONE:
        if own.graph.links.get(model):
            return say(
                "Of what the runs reported, nothing in the training data of {model} or that of what it was made from "
                "lists anything of yours.",
                model=name,
            )
        return say(
            "Of what the runs reported, nothing in the training data of {model} lists anything of yours.", model=name
        )
    return ended(learned(own.graph, own.reached, model, _all_of(own)))


def _all_of(own: Lineage) -> Captures:
    return of_yours(
        {dataset: share.captures for dataset, share in own.datasets.items()},
        {model: share.captures for model, share in own.models.items()},
        own.until,
        {model for model, share in own.models.items() if share.at_least},
    )


def _states(
    graph: ModelGraph, listed: Mapping[UUID, int], plans: Plans, until: Until, before: datetime | None
) -> Iterator[dict[str, Any]]:
    if before == dates.NEVER_ANY:
        for model in sorted(graph.models.values(), key=lambda each: each.released_at, reverse=True):
            yield _entry(model, None, Standing(State.NEVER_INCLUDED, never_any(model.name, of_request=True)), 0)
        return
    captures, untrained, too_old = of_request(listed, until), graph.untrained(), graph.too_old(before, listed)
    reached = graph.reach(listed, until, too_old)
    for key, events in listed.items():
        if key in untrained:
            yield _entry(None, graph.datasets[key], _untrained(graph.datasets[key]), events)
    for model in sorted(graph.models.values(), key=lambda each: each.released_at, reverse=True):
        if reached[model.id].evidence == Evidence.MADE_BEFORE:
            told = made_before(graph, model.id, too_old, captures)
            yield _entry(model, None, Standing(State.MADE_BEFORE, told), 0)
            continue
        inherited = reached[model.id].through is not None
        for dataset in dict.fromkeys(reading.dataset for reading in graph.readings.get(model.id, ())):
            told = read(graph, model.id, dataset, captures)
            clean = reached[model.id].evidence == Evidence.NONE
            if dataset is None:
                if not inherited:
                    yield _entry(model, None, _standing(graph, reached, model.id, plans, told), 0)
            elif not clean and dataset_evidence(graph, model.id, dataset, captures) != Evidence.NONE:
                stands = _standing(graph, reached, model.id, plans, told)
                yield _entry(model, graph.datasets[dataset], stands, listed.get(dataset, 0))
            elif clean:
                yield _entry(model, graph.datasets[dataset], Standing(State.NEVER_INCLUDED, ended(told)), 0)
        if inherited or not graph.readings.get(model.id) or around_only(graph, model.id, captures):
            told = learned(graph, reached, model.id, captures)
            source = [model.id, *(link.parent for link in graph.path(model.id, reached))][-1]
            yield {
                **_entry(model, None, _standing(graph, reached, model.id, plans, told), 0),
                "inherited": inherited and graph.trained(source, listed, until) == Evidence.PROVEN,
            }


def _standing(graph: ModelGraph, reached: Mapping[UUID, Reached], model: UUID, plans: Plans, told: Said) -> Standing:
    """The state of a model version that the captures reached or may have reached; `told`: how, in words."""
    if retired := _retired(graph, model):
        return retired
    itself = graph.models[model]
    for newer in graph.newer(model):
        if reached[newer.id].evidence == Evidence.NONE:
            words = sentences(
                say(
                    "{newer} was retrained without them: of what its runs reported, nothing lists any of them.",
                    newer=newer.name,
                ),
                ended(told),
                still_there(graph, itself),
                say(NEXT),
            )
            return Standing(State.RETRAINED_WITHOUT, words, newer=newer)
    state, promised = State.RETAINED_IN_WEIGHTS, [STAYS]
    planned = plans.get(model)
    if planned is not None:
        state, promise = PLANNED[planned.plan]
        promised = [*promise, *([OVERDUE] if planned.overdue else [])]
    if reached[model].evidence != Evidence.PROVEN:
        promised.insert(0, IF_IT_CAME if reached[model].through else IF_IT_WAS)
    words = sentences(ended(told), *(say(text) for text in (*promised, NEXT)))
    return Standing(state, words, planned.by if planned else None)


def _retired(graph: ModelGraph, model: UUID) -> Standing | None:
    itself = graph.models[model]
    if itself.retired_at is None or itself.retired_at > clock.now_utc():
        return None
    since = say("{model} has been out of use since {day}.", model=itself.name, day=itself.retired_at.date())
    more = say("Models made from it have their own entries.") if graph.children.get(model) else ""
    return Standing(State.MODEL_RETIRED, sentences(since, more))


def _absent(own: Lineage, withdrawn: Withdrawn, model: UUID) -> Standing:
    """The state of a model version that has nothing of the person: it never did, or they withdrew it before the
    training.
    """
    told = evidence_words(own, model)
    datasets = own.graph.datasets
    for reading in own.graph.readings.get(model, ()):
        read_one = datasets[reading.dataset] if reading.dataset else None
        for earlier, since in withdrawn.since.items():
            same = read_one and (datasets[earlier].namespace, datasets[earlier].dataset) == (
                read_one.namespace,
                read_one.dataset,
            )
            if read_one and same and since <= read_one.created_at:
                words = say(
                    "{dataset} has records of yours that you withdrew before {later} was created.",
                    dataset=datasets[earlier].name,
                    later=read_one.name,
                )
                return Standing(State.EXCLUDED_BEFORE_TRAINING, sentences(told, words))
    return Standing(State.NEVER_INCLUDED, told)


def _untrained(dataset: Dataset) -> Standing:
    words = say(
        "No model has been trained on {dataset} yet. It must not be used until they are removed.", dataset=dataset.name
    )
    return Standing(State.EXCLUDED_BEFORE_TRAINING, sentences(words, say(NEXT)))


def _entry(model: Model | None, dataset: Dataset | None, stands: Standing, events: int) -> dict[str, Any]:
    return {
        "model": model.model if model else None,
        "version": model.version if model else None,
        "dataset": dataset.dataset if dataset else None,
        "dataset_version": dataset.version if dataset else None,
        "state": stands.state.value,
        "by": stands.by.isoformat() if stands.by else None,
        "words": stands.words,
        "events": events,
        "inherited": False,
    }
