"""The facts about a run or a model version, from the set of its events: in any order, and with any repetition.

A run has the state of its last event that ends it, by the sender's clock. It began at its first START; without one, its
start is unknown. It read everything that any of its events names; a dataset named with its version and without is one.
It made what it names only if it completed. A run that made a model and names no dataset itself read what its child runs
read. Of several declared purposes, one that is not training takes precedence: a second event can't undo what the first
one declared. A run that declares none has its job's purpose, or else its parent run's.

A child run that another service reports never proves what the run read: its datasets count as possible.

A model version exists since the first completed run that made it, and is retired by the first DROP after it was last
made. It is in use at a place from the first event that says so until the one that ends it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from governance.lineage.events import UNVERSIONED, Event, Item, Kind, Origin, Role, State
from lake.lineage.graph import RunState
from lake.lineage.violations import is_training, whole_of

ENDED = {State.COMPLETE: RunState.COMPLETED, State.FAIL: RunState.FAILED, State.ABORT: RunState.FAILED}
DROP = "DROP"


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


def run_of(
    run: UUID,
    events: Iterable[Event],
    inherited: str | None,
    children: Iterable[Event],
    others_children: Iterable[Event] = (),
) -> RunFacts:
    """The run of these events, at least one. `inherited` is the purpose of its job or parent; `children` are the events
    of its child runs from the services that reported the run itself, `others_children` those from other services."""
    own = in_order(events)
    state, ended_at = end_of(own)
    started = [event.at for event in own if event.state is State.START]
    registered = own[0].origin is Origin.MLFLOW  # the registry lists only what was made, however the run ended
    made = _named(own, Role.MADE) if registered or state is RunState.COMPLETED else ()
    made = tuple(item for item in made if item.change != DROP)
    read = _named(own, Role.READ)
    if made and not read:
        read = _named(in_order(children), Role.READ)
        read += tuple(item for item in _doubtful(_named(in_order(others_children), Role.READ)) if item not in read)
    return RunFacts(
        run=run,
        origin=own[0].origin.value,
        job=next((event.job for event in reversed(own) if event.job), "unnamed"),
        purpose=purpose_of(own) or inherited,
        state=state,
        started_at=min(started, default=None),
        ended_at=ended_at,
        read=read,
        made=made,
        parents=_named(own, Role.PARENT) if made else (),
    )


def _doubtful(items: Iterable[Item]) -> tuple[Item, ...]:
    """What another service says about a run is no proof: it may have read the named datasets, in any version."""
    return tuple(dict.fromkeys(replace(item, version="", part=None) for item in items))


def end_of(events: Iterable[Event]) -> tuple[RunState, datetime | None]:
    """The state of a run, and when it ended."""
    ends = [event for event in in_order(events) if event.state in ENDED]
    return (ENDED[ends[-1].state], ends[-1].at) if ends else (RunState.STARTED, None)


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
    return event.at if event.kind is Kind.DATASET or event.run is None else completed.get(event.run)


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
