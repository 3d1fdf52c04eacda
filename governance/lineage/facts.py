"""The facts about a run or a model version, from the set of its events: in any order, and with any repetition.

A run has the state of its last event that ends it, by the sender's clock; of two at the same time, the worse. It began
at its first START; without one, its start is unknown. It read everything that any of its events names: a dataset named
without its version stays beside the same one named with it, because it may have been another version. It made what it
names only if it completed; what it names otherwise is kept apart, because it may have been made anyway. Of several
declared purposes, one that is not training takes precedence: a second event can't undo what the first one declared. A
run that declares none has its job's purpose, or else its parent run's.

A run is a part of every run that any of its events names as its parent or root. What those read together, and what
that proves, is worked out when it is asked (`lake.lineage.families`). What another service reports as a part of a run
proves nothing about it.

A model version exists since the first completed run that made it, and is retired by the first DROP after it was last
made. It is in use at a place from the first event that says so until the one that ends it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from governance.lineage.events import UNVERSIONED, Event, Item, Kind, Origin, Role, State
from lake.lineage.graph import RunState
from lake.lineage.violations import is_training, whole_of

ENDED = {State.COMPLETE: RunState.COMPLETED, State.FAIL: RunState.FAILED, State.ABORT: RunState.FAILED}
DROP = "DROP"

Reference = tuple[str, str, str]
"""Namespace, name and version of a dataset."""


@dataclass(frozen=True)
class RunFacts:
    """A run, and what it read and made. Times are naive UTC."""

    run: UUID
    origin: str
    job: str
    purpose: str | None
    state: RunState
    started_at: datetime | None
    ended_at: datetime | None
    read: tuple[Item, ...]
    made: tuple[Item, ...]
    parents: tuple[Item, ...]
    part_of: Mapping[UUID, bool]
    """The runs that it belongs to, and whether only services that reported those say so."""
    named: frozenset[Named]
    """Every model version that it names, whatever became of it."""
    aliases: frozenset[tuple[str, str]]
    """Two names of one model."""
    unproven: frozenset[Item]
    """Of `read`: what was not for training, as far as it says."""
    seen_at: datetime
    """The earliest time that an event gives: the run began then or earlier."""
    first_named: Mapping[Reference, datetime]
    """When we first heard of each that was read."""


@dataclass(frozen=True)
class Use:
    """A period in which a model version is in use at a place."""

    place: str
    recipient: str | None
    since: datetime
    until: datetime | None


@dataclass(frozen=True)
class ModelFacts:
    origin: str
    released_at: datetime
    retired_at: datetime | None
    purpose: str | None
    owner: str | None
    places: frozenset[str]
    """Every place that an event named, so that earlier records of it can be replaced."""
    uses: tuple[Use, ...]


@dataclass(frozen=True)
class Named:
    """A model version that a run names as made, or as read (`relation`: how what it made was made from that)."""

    model: str
    version: str
    relation: str | None


def run_of(run: UUID, events: Iterable[Event], inherited: str | None, part_of: Mapping[UUID, bool]) -> RunFacts:
    """The run of these events, at least one. `inherited` is the purpose of its job or parent."""
    own = in_order(events)
    state, ended_at = end_of(own)
    started = [event.at for event in own if event.state is State.START]
    registered = own[0].origin is Origin.MLFLOW  # the registry lists only what was made, however the run ended
    made = _named(own, Role.MADE) if registered or state is RunState.COMPLETED else ()
    made = tuple(item for item in made if item.change != DROP)
    read = _read(own)
    purpose = purpose_of(own) or inherited
    return RunFacts(
        run=run,
        origin=own[0].origin.value,
        job=next((event.job for event in reversed(own) if event.job), "unnamed"),
        purpose=purpose,
        state=state,
        started_at=min(started, default=None),
        ended_at=None if _went_on(own, ended_at) else ended_at,
        read=read,
        made=made,
        parents=_named(own, Role.PARENT) if made else (),
        part_of=part_of,
        named=frozenset(_models_named(own)),
        aliases=frozenset(
            (item.namespace, item.name) for event in own for item in event.items if item.role is Role.ALIAS
        ),
        unproven=frozenset(item for item in read if _evaluates(purpose) or not _for_training(own, item)),
        seen_at=min(event.at for event in own),
        first_named=_first_named(own),
    )


EVALUATION = {
    "validation", "validate", "valid", "val", "test", "tests", "testing", "eval", "evaluation", "evaluate", "holdout",
    "benchmark", "scoring",
}  # fmt: skip
"""Words in MLflow's contexts and in purposes that don't mean training, in small letters."""


def _read(own: Sequence[Event]) -> tuple[Item, ...]:
    """The datasets, each once: without a part only if none names it with one."""
    items = dict.fromkeys(
        replace(item, purpose=None) for event in own for item in event.items if item.role is Role.READ
    )
    parted = {(item.namespace, item.name, item.version) for item in items if item.part is not None}
    return tuple(
        sorted(
            (item for item in items if item.part or (item.namespace, item.name, item.version) not in parted), key=str
        )
    )


def _for_training(own: Sequence[Event], read: Item) -> bool:
    """Whether the run read it for training, or never said what for."""
    said = {
        item.purpose
        for event in own
        for item in event.items
        if item.role is Role.READ
        and (item.namespace, item.name, item.version) == (read.namespace, read.name, read.version)
        and item.purpose is not None
    }
    return not said or not all(_evaluates(purpose) for purpose in said)


def _evaluates(purpose: str | None) -> bool:
    return purpose is not None and not EVALUATION.isdisjoint(re.findall(r"[^\W_]+", purpose.casefold()))


def _first_named(own: Sequence[Event]) -> dict[Reference, datetime]:
    found: dict[Reference, datetime] = {}
    for event in own:
        for item in event.items:
            if item.role is Role.READ and event.received_at is not None:
                read = (item.namespace, item.name, item.version)
                found[read] = min(found.get(read, event.received_at), event.received_at)
    return found


def _models_named(own: Sequence[Event]) -> Iterator[Named]:
    for event in own:
        for item in event.items:
            if item.role is Role.PARENT:
                yield Named(item.name, item.version, item.relation or "derived")
            elif item.role is Role.MADE and item.change != DROP:
                yield Named(item.name, item.version, None)


def end_of(events: Iterable[Event]) -> tuple[RunState, datetime | None]:
    """The state of a run, and when it ended."""
    ends = [event for event in events if event.state in ENDED]
    last = max(ends, key=lambda event: (event.at, event.state is not State.COMPLETE), default=None)
    return (ENDED[last.state], last.at) if last else (RunState.STARTED, None)


def _went_on(events: Iterable[Event], ended_at: datetime | None) -> bool:
    """Whether it says that it started or was running after it had ended, so that nobody knows when it did."""
    going = (State.START, State.RUNNING)
    return ended_at is not None and any(event.state in going and event.at > ended_at for event in events)


def purpose_of(events: Iterable[Event]) -> str | None:
    """The purpose that the events declare; of several, the first that is not training."""
    declared = [event.purpose for event in in_order(events) if event.purpose is not None]
    others = [purpose for purpose in declared if not is_training(whole_of(purpose))]
    return next(iter([*others, *reversed(declared)]), None)


def model_of(
    name: str, version: str, events: Iterable[Event], completed: Mapping[UUID, datetime], known_since: datetime | None
) -> ModelFacts | None:
    """The model version that these events name; None if it was never created.

    `completed`: when the completed runs ended. `known_since`: the first run that made another model from it.
    """
    statements = [
        (at, event, item)
        for event in in_order(events)
        if (at := _happened(event, completed)) is not None
        for item in event.items
        if (item.name, item.version) == (name, version) and item.role in (Role.MADE, Role.DEPLOYED)
    ]
    statements.sort(key=lambda each: each[0])
    made = [at for at, _, item in statements if item.role is Role.MADE and item.change != DROP]
    known = [*made, *(at for at, _, _ in statements)] + ([known_since] if known_since else [])
    if not known:
        return None
    drops = [at for at, _, item in statements if item.change == DROP and at >= max(made, default=at)]
    deployed = [(at, item) for at, _, item in statements if item.role is Role.DEPLOYED and item.place]
    return ModelFacts(
        origin=statements[0][1].origin.value if statements else "openlineage",
        released_at=min(made or known),
        retired_at=min(drops, default=None),
        purpose=_last(item.purpose for _, _, item in statements),
        owner=_last(item.owner for _, _, item in statements),
        places=frozenset(item.place for _, item in deployed if item.place),
        uses=_uses(deployed),
    )


def in_order(events: Iterable[Event]) -> list[Event]:
    """By time, and by content for equal times: one order for one set."""
    return sorted(events, key=lambda event: (event.at, event.key()))


def _happened(event: Event, completed: Mapping[UUID, datetime]) -> datetime | None:
    """When an event's statement took effect: for a run, when it completed; None if it didn't."""
    return event.at if event.kind is not Kind.RUN or event.run is None else completed.get(event.run)


def _named(events: Sequence[Event], role: Role) -> tuple[Item, ...]:
    """What the events name in a role, each once: without version or part only if none names it with one."""
    items = dict.fromkeys(item for event in events for item in event.items if item.role is role)
    versioned = {(item.namespace, item.name) for item in items if item.version not in ("", UNVERSIONED)}
    parted = {(item.namespace, item.name, item.version) for item in items if item.part is not None}
    return tuple(
        sorted(
            (
                item
                for item in items
                if (item.version not in ("", UNVERSIONED) or (item.namespace, item.name) not in versioned)
                and (item.part is not None or (item.namespace, item.name, item.version) not in parted)
            ),
            key=str,
        )
    )


def _uses(deployed: Sequence[tuple[datetime, Item]]) -> tuple[Use, ...]:
    uses: list[Use] = []
    current: dict[str, Use] = {}
    for at, item in deployed:
        place = str(item.place)
        use = current.pop(place, None)
        if item.ended:
            if use is not None:
                uses.append(Use(place, item.recipient or use.recipient, use.since, at))
        else:
            known = use or Use(place, None, at, None)
            current[place] = Use(place, item.recipient or known.recipient, known.since, None)
    return tuple(sorted([*uses, *current.values()], key=lambda use: (use.since, use.place)))


def _last(values: Iterable[str | None]) -> str | None:
    return next((value for value in reversed(list(values)) if value is not None), None)
