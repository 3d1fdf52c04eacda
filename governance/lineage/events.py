"""An event as stored: who read or made what, in names, times and keys. Nothing else of what was sent is stored."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Origin(StrEnum):
    OPENLINEAGE = "openlineage"
    MLFLOW = "mlflow"


class Kind(StrEnum):
    RUN = "run"
    """A run of a job reached a state, or reported more about itself."""
    JOB = "job"
    """Facts about a job, independent of a run."""
    DATASET = "dataset"
    """Facts about a dataset or a model, independent of a run."""


class State(StrEnum):
    """OpenLineage's states of a run."""

    START = "START"
    RUNNING = "RUNNING"
    COMPLETE = "COMPLETE"
    ABORT = "ABORT"
    FAIL = "FAIL"
    OTHER = "OTHER"


class Role(StrEnum):
    """What an event says about a dataset or a model."""

    READ = "read"
    """A dataset that the run read."""
    WROTE = "wrote"
    """A dataset that the run wrote, or that a `DATASET` event is about."""
    MADE = "made"
    """A model that the run made, or that a `DATASET` event is about."""
    PARENT = "parent"
    """A model that the run read: the models it made are derived from it."""
    DEPLOYED = "deployed"
    """A model that is in use at a place from now on, or with `ended` no longer."""
    ALIAS = "alias"
    """`name` is another name of the model that `namespace` names."""
    PART_OF = "part_of"
    """A run that this run is part of, besides `parent_run`: `name` is its id."""


UNVERSIONED = "unversioned"
"""The version of a model whose version was not given; a dataset's is empty then."""


@dataclass(frozen=True)
class Item:
    """One dataset or model that an event names. A model's `namespace` is empty."""

    role: Role
    namespace: str
    name: str
    version: str
    part: str | None = None
    change: str | None = None
    """OpenLineage's lifecycle state change: DROP retires a model."""
    relation: str | None = None
    purpose: str | None = None
    """Of a dataset that was read: what the run says it read it for."""
    owner: str | None = None
    place: str | None = None
    recipient: str | None = None
    ended: bool = False


@dataclass(frozen=True)
class Event:
    """`at` is naive UTC; `run` is None if it is about no run, `job` if it is about no job. A `JOB` or `DATASET` event
    with a run says what models were made from without any run: that run stands for it."""

    origin: Origin
    kind: Kind
    at: datetime
    state: State = State.OTHER
    run: UUID | None = None
    parent_run: UUID | None = None
    job: str | None = None
    purpose: str | None = None
    items: tuple[Item, ...] = ()
    received_at: datetime | None = field(default=None, compare=False)
    """By our clock, naive UTC; None: not stored yet."""

    @property
    def part_of(self) -> frozenset[UUID]:
        """Every run that it names as one that its run is part of."""
        others = {UUID(item.name) for item in self.items if item.role is Role.PART_OF}
        return frozenset(others if self.parent_run is None else {self.parent_run, *others})

    @property
    def has_effect(self) -> bool:
        """Whether it has any effect: from a job or a dataset alone only the declared purpose counts."""
        match self.kind:
            case Kind.RUN:
                return True
            case Kind.JOB:
                return self.purpose is not None or bool(self.items)
            case Kind.DATASET:
                return any(item.role is not Role.WROTE or item.purpose is not None for item in self.items)

    def key(self) -> str:
        """SHA-256 of everything stored of it: the same event has the same key, however often it is sent.

        Heartbeats of a run with the same content are one event, whatever their time: a stream sends them for years.
        The earliest counts (`once`).
        """
        content = asdict(self) | {"items": sorted(json.dumps(asdict(item), sort_keys=True) for item in self.items)}
        del content["received_at"]
        if self.kind is Kind.RUN and self.state in (State.RUNNING, State.OTHER):
            del content["at"]
        return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()


def once(events: Iterable[Event]) -> dict[str, Event]:
    """The events by key, each once: of heartbeats that are one event the earliest, since the run began by then."""
    found: dict[str, Event] = {}
    for event in events:
        key = event.key()
        if key not in found or event.at < found[key].at:
            found[key] = event
    return found
