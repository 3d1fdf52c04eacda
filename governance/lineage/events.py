"""An event, as it is kept: who read or made what, in names, times and keys. Nothing else of what was sent is."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Origin(StrEnum):
    OPENLINEAGE = "openlineage"
    MLFLOW = "mlflow"


class Kind(StrEnum):
    RUN = "run"
    """A run of a job came to a state, or told more of itself."""
    JOB = "job"
    """What is said of a job, whichever run."""
    DATASET = "dataset"
    """What is said of a dataset or a model, whichever run."""


class State(StrEnum):
    """OpenLineage's states of a run."""

    START = "START"
    RUNNING = "RUNNING"
    COMPLETE = "COMPLETE"
    ABORT = "ABORT"
    FAIL = "FAIL"
    OTHER = "OTHER"


class Role(StrEnum):
    """What an event says of a dataset or of a model."""

    READ = "read"
    """A dataset that the run read."""
    WROTE = "wrote"
    """A dataset that the run wrote, or that a `DATASET` event is about."""
    MADE = "made"
    """A model that the run made, or that a `DATASET` event is about."""
    PARENT = "parent"
    """A model that the run read: what it made was made from it."""
    DEPLOYED = "deployed"
    """A model that is in use at a place from now on, or with `ended` no longer."""


UNVERSIONED = "unversioned"
"""The version of a model of which nobody said the version; a dataset's is empty then."""


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
    owner: str | None = None
    place: str | None = None
    recipient: str | None = None
    ended: bool = False


@dataclass(frozen=True)
class Event:
    """`at` is naive UTC; `run` is None where it is about no run, `job` where it is about no job."""

    origin: Origin
    kind: Kind
    at: datetime
    state: State = State.OTHER
    run: UUID | None = None
    parent_run: UUID | None = None
    job: str | None = None
    purpose: str | None = None
    items: tuple[Item, ...] = ()

    @property
    def tells(self) -> bool:
        """Whether anything follows from it: of a job only its purpose counts, of a dataset alone too."""
        match self.kind:
            case Kind.RUN:
                return True
            case Kind.JOB:
                return self.purpose is not None
            case Kind.DATASET:
                return any(item.role is not Role.WROTE or item.purpose is not None for item in self.items)

    def key(self) -> str:
        """SHA-256 of all that is kept of it: the same event has the same key, however often it comes.

        Signs of life of a run that say the same are one, whenever they were given: a stream sends them for years."""
        content = asdict(self) | {"items": sorted(json.dumps(asdict(item), sort_keys=True) for item in self.items)}
        if self.kind is Kind.RUN and self.state in (State.RUNNING, State.OTHER):
            del content["at"]
        return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()
