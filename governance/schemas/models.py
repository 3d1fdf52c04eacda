"""Models: which used the person's data, how, their state, and what is promised."""

from __future__ import annotations

from datetime import date
from typing import Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from governance.domain.moments import Moment
from governance.domain.plans import Plan
from governance.schemas.base import Answer, ForPeople

EVIDENCE = "proven, possible, unknown, made_before or none."
STATES = (
    "never_included, excluded_before_training, excluded_from_next_run, retrain_scheduled, retrained_without, "
    "retained_in_weights or model_retired."
)


class KindCount(Answer):
    signal: str
    captures: int


class TrainedOn(Answer):
    """A run of the model version and a dataset version that it read; or many datasets without a manifest as one."""

    run: UUID
    job: str | None
    run_purpose: str | None = Field(description="As declared by the job.")
    ended_at: Moment | None
    dataset_version: UUID | None = Field(description="None: the run names no dataset, or this entry stands for many.")
    namespace: str | None
    dataset: str | None
    version: str | None
    datasets: int = Field(description="How many; 0: the run names none. More than 1: none of them has a manifest.")
    names: list[str] = Field(description="For many: the first of their names.")
    purpose: str | None = Field(description="As declared for the dataset.")
    part: str | None = Field(description="The part that the run reported reading.")
    manifest_root: str | None = Field(description="None: there is no record of its contents.")
    evidence: str = Field(description=EVIDENCE)
    captures: int = Field(description="Yours in that dataset version.")
    first_day: date | None
    last_day: date | None


class MadeFrom(Answer):
    """A step from a model version to the one it was made from."""

    model_version: UUID
    model: str
    version: str
    relation: str = Field(description="fine_tuned, distilled or derived.")


class UsedAt(Answer):
    """Where a model version is or was in use, and who has it there."""

    place: str
    recipient: str | None
    since: Moment
    until: Moment | None


class ModelPlan(Answer):
    """The privacy officer's plan for a model version that learned from records that were withdrawn."""

    plan: Plan
    by: date | None = Field(description="The promised date.")
    first_by: date | None = Field(description="The date first promised; if it differs, it was moved.")
    made_at: Moment
    overdue: bool = Field(description="The promised date has passed.")
    ledger_entry: int | None = Field(description="The ledger entry that records it; null until its batch.")


class OwnModel(Answer):
    """A model version, what of yours it was trained on, and its state with regard to what you had deleted or kept out
    of training.
    """

    model_version: UUID
    model: str
    version: str
    purpose: str | None
    owner: str | None = Field(description="The team or vendor that has the model.")
    released_at: Moment
    retired_at: Moment | None
    evidence: str = Field(description=f"How certain it is that records of yours went into it: {EVIDENCE}")
    evidence_words: ForPeople
    captures: int = Field(description="Yours in all that it was itself trained on, each counted once.")
    withdrawn: int = Field(description="Those of them that you had deleted, objected to or restricted since.")
    at_least: bool = Field(
        description="True: there may be more than `captures` and `withdrawn` say. Of erased records, nobody knows "
        "which ones several dataset versions have in common."
    )
    kinds: list[KindCount]
    first_day: date | None
    last_day: date | None
    trained_on: list[TrainedOn] = Field(
        description="Best-proven first, at most 10; `/v1/me/models/{model_version}/datasets` has all."
    )
    trained_on_total: int
    made_from: list[MadeFrom] = Field(
        description="The path to the model that was trained on your records; nearest first, at most 10."
    )
    made_from_total: int
    in_use: list[UsedAt] = Field(description="At most 10, those still in use first.")
    in_use_total: int
    state: str = Field(description=STATES)
    by: date | None = Field(description="The promised date.")
    overdue: bool
    words: ForPeople
    newer: str | None = Field(description="`retrained_without`: the version that proves it.")
    plan: ModelPlan | None


class DatasetRead(Answer):
    """A dataset version that a run of a model version read."""

    dataset_version: UUID
    namespace: str
    dataset: str
    version: str
    part: str | None
    manifest_root: str | None = Field(description="None: there is no record of its contents.")
    evidence: str = Field(description=EVIDENCE)
    captures: int = Field(description="Yours in that dataset version.")


class LineageNode(Answer):
    """A node of the graph. `kind`: captures, dataset, run, model or place."""

    id: str
    kind: str
    name: str
    evidence: str | None = Field(description=f"For datasets and models: {EVIDENCE}")
    captures: int | None
    state: str | None = Field(description="For models, and for datasets that no model was trained on yet.")


class LineageEdge(Answer):
    """One thing went into another."""

    source: str
    target: str
    relation: str = Field(description="listed, read, made, fine_tuned, distilled, derived or in_use.")
    evidence: str | None


class Lineage(Answer):
    """From your records through datasets and runs to model versions, what was made from them, and where they are in
    use.
    """

    nodes: list[LineageNode]
    edges: list[LineageEdge]
    left_out: int = Field(0, description="Model versions not in the graph: `/v1/me/models` lists all.")


class OfficerModel(Answer):
    """A model version as a privacy officer sees it: how many people's withdrawn records it has."""

    model_version: UUID
    model: str
    version: str
    purpose: str | None
    owner: str | None
    released_at: Moment
    retired_at: Moment | None
    places: list[str] = Field(description="Where it is in use; at most 10.")
    places_total: int
    people: int = Field(description="People whose withdrawn records provably went into it or its ancestors.")
    maybe: bool = Field(description="It may have such records of others: part of what it was made of is unknown.")
    newer: str | None = Field(description="A later version that provably has none of them.")
    own: bool = Field(description="Some are the officer's own: another privacy officer must plan for it.")
    plan: ModelPlan | None


class NewPlan(BaseModel):
    """The plan for a model version. All but `none` need a future date."""

    model_config = ConfigDict(extra="forbid")

    plan: Plan
    by: date | None = None

    @model_validator(mode="after")
    def day_fits(self) -> Self:
        if self.plan == Plan.NONE and self.by is not None:
            raise ValueError("a plan of `none` has no date: leave `by` out")
        if self.plan != Plan.NONE and self.by is None:
            raise ValueError("needs `by`: the date that people are promised")
        return self
