"""Models that may have learned from you: how, their state, what is promised; and policy violations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True)
class KindCount:
    """Captures of one kind."""

    signal: str
    captures: int


@dataclass(frozen=True)
class TrainedOn:
    """A run of a model version and a dataset version that it read; None: the run names none (`datasets` is 0), or there
    are many without a manifest; then `names` has the first of them.

    `evidence`: proven, possible, unknown or none. `manifest_root` is None if there is no record of its contents.
    """

    run: UUID
    job: str | None
    run_purpose: str | None
    ended_at: datetime | None
    dataset_version: UUID | None
    namespace: str | None
    dataset: str | None
    version: str | None
    datasets: int
    names: tuple[str, ...]
    purpose: str | None
    part: str | None
    manifest_root: str | None
    evidence: str
    captures: int
    first_day: date | None
    last_day: date | None


@dataclass(frozen=True)
class MadeFrom:
    """A step back to the model version that another was made from. `relation`: fine_tuned, distilled or derived."""

    model_version: UUID
    model: str
    version: str
    relation: str


@dataclass(frozen=True)
class UsedAt:
    """Where a model version is or was in use, and who has it there."""

    place: str
    recipient: str | None
    since: datetime
    until: datetime | None


@dataclass(frozen=True)
class ModelPlan:
    """The plan for a model version: retrain, exclude, retire or none. `first_by`: the date first promised."""

    plan: str
    by: date | None
    first_by: date | None
    made_at: datetime
    overdue: bool
    ledger_entry: int | None


@dataclass(frozen=True)
class OwnModel:
    """A model version: what of yours it was trained on, how certain that is, and its state with regard to what you
    withdrew.

    `captures` are yours in everything it was itself trained on, each counted once; `withdrawn` are those of them that
    you had deleted, objected to or restricted; `at_least`: there may be more than these two say. `trained_on`,
    `made_from` and `in_use` contain the first ten entries.
    `state`: never_included, made_before, excluded_before_training, excluded_from_next_run, retrain_scheduled,
    retrained_without, retained_in_weights or model_retired.
    """

    model_version: UUID
    model: str
    version: str
    purpose: str | None
    owner: str | None
    released_at: datetime
    retired_at: datetime | None
    evidence: str
    evidence_words: str
    captures: int
    withdrawn: int
    at_least: bool
    kinds: tuple[KindCount, ...]
    first_day: date | None
    last_day: date | None
    trained_on: tuple[TrainedOn, ...]
    trained_on_total: int
    made_from: tuple[MadeFrom, ...]
    made_from_total: int
    in_use: tuple[UsedAt, ...]
    in_use_total: int
    state: str
    by: date | None
    overdue: bool
    words: str
    newer: str | None
    plan: ModelPlan | None


@dataclass(frozen=True)
class DatasetRead:
    """A dataset version that a model version was trained on. `evidence`: proven, possible or none."""

    dataset_version: UUID
    namespace: str
    dataset: str
    version: str
    part: str | None
    manifest_root: str | None
    evidence: str
    captures: int


@dataclass(frozen=True)
class LineageNode:
    """A node of the graph. `kind`: captures, dataset, run, model or place."""

    id: str
    kind: str
    name: str
    evidence: str | None
    captures: int | None
    state: str | None


@dataclass(frozen=True)
class LineageEdge:
    """One thing went into another. `relation`: listed, read, made, fine_tuned, distilled, derived or in_use."""

    source: str
    target: str
    relation: str
    evidence: str | None


@dataclass(frozen=True)
class Lineage:
    """From your records through datasets and runs to model versions, what was made from them, and where they are in
    use; `left_out` model versions are not included.
    """

    nodes: tuple[LineageNode, ...]
    edges: tuple[LineageEdge, ...]
    left_out: int


@dataclass(frozen=True)
class Violation:
    """A run that used your data without permission. `kind`: withdrawn (you had withdrawn it), consent (you had
    withdrawn your consent) or purpose (it read it for another purpose than declared).
    """

    violation: UUID
    kind: str
    job: str | None
    started_at: datetime | None
    dataset: str | None
    version: str | None
    events: int | None
    request: UUID | None
    found_at: datetime
    words: str


@dataclass(frozen=True)
class OfficerModel:
    """A model version as a privacy officer sees it. `people`: whose withdrawn records it provably has; `maybe`: it may
    have such captures of others; `newer`: a later version that provably has none; `own`: some of them are the
    officer's, so another officer must plan for it.
    """

    model_version: UUID
    model: str
    version: str
    purpose: str | None
    owner: str | None
    released_at: datetime
    retired_at: datetime | None
    places: tuple[str, ...]
    places_total: int
    people: int
    maybe: bool
    newer: str | None
    own: bool
    plan: ModelPlan | None


@dataclass(frozen=True)
class OfficerViolation:
    """A run that used data without permission: how many people are affected (0: unknown), not who."""

    kind: str
    run: UUID
    job: str | None
    started_at: datetime | None
    dataset: str | None
    version: str | None
    run_purpose: str | None
    dataset_purpose: str | None
    people: int
    events: int | None
    found_at: datetime
    words: str
