"""From an MLflow server's data to events.

A run becomes a START with the datasets that it logged as inputs and, once it has ended, an end event. A registered
model version becomes something that its run made, with the registry's information: owner and purpose (tags
`open-book.owner`, `open-book.purpose` of the version or its model), archived (retired), and where it is in use: its
stage and the aliases that point to it. The registry has no history, so a change is dated to when it was first seen.

A dataset is linked to one made here by the input's tag `open-book.dataset_version`, by the URL that it was read from,
or by a digest that is its key or a prefix of its root. Otherwise it is known by name and digest, as in MLflow. The tag
`mlflow.data.context` says what it was read for: validation, test and evaluation prove no training. What a
model was made from comes from the version's tag `open-book.parent` (`models:/NAME/VERSION`), with `open-book.relation`,
and from the logged models among the inputs of its run. A logged model that was never registered is a model, too, under
its id.

Nothing else that people wrote is stored: no user names, run names, parameters or descriptions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import clock
from governance.lineage.events import UNVERSIONED, Event, Item, Kind, Origin, Role, State
from governance.lineage.facts import DROP, in_order
from governance.lineage.names import bounded, recipient, run_key
from lake.lineage.graph import OURS, Relation

Json = Mapping[str, Any]

ENDS = {"FINISHED": State.COMPLETE, "FAILED": State.FAIL, "KILLED": State.ABORT}
IN_USE = {"Staging", "Production"}
RETIRED = "Archived"
PARENT = re.compile(r"(?:models:/)?(?P<name>[^/]+)/(?P<version>\d+)")
URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s\"'\\,]+")
DOWNLOAD = re.compile(r"/v1/datasets/([0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})(?:/|\\?\"|$)")
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 (our databases' times are naive UTC)


@dataclass(frozen=True)
class Named:
    """Our names for a server's objects: for a named server, its models and datasets are below that name."""

    server: str = ""

    def model(self, name: str) -> str:
        return bounded(f"{self.server}/{name}" if self.server else name)

    @property
    def namespace(self) -> str:
        return bounded(f"mlflow/{self.server}" if self.server else "mlflow")


@dataclass(frozen=True)
class Standing:
    """What the registry says about a model version now."""

    owner: str | None = None
    purpose: str | None = None
    retired: bool = False
    places: frozenset[str] = frozenset()


def of_run(run: Json, experiment: Json, named: Named, models: Mapping[str, tuple[str, str]]) -> list[Event]:
    """The events of a run. `models`: by logged model id, the model version that was registered from it."""
    info, tags = _part(run, "info"), tags_of(_part(run, "data"))
    key = run_key(info.get("run_id"))
    started = _time(info.get("start_time"))
    if key is None or started is None:
        return []
    inputs = _part(run, "inputs")
    items = [item for one in _list(inputs, "dataset_inputs") for item in _read(one, named)]
    parents = _logged(_list(inputs, "model_inputs"), named, models)
    items += [Item(Role.PARENT, "", *parent, relation=Relation.DERIVED.value) for parent in parents]
    items += [
        Item(Role.MADE, "", *made) for made in _logged(_list(_part(run, "outputs"), "model_outputs"), named, models)
    ]
    common: dict[str, Any] = {
        "run": key,
        "parent_run": run_key(tags.get("mlflow.parentRunId")),
        "job": bounded(f"{named.namespace}/{_job(experiment)}"),
    }
    purpose = _text(tags.get("open-book.purpose") or tags_of(experiment).get("open-book.purpose"))
    events = [
        Event(
            Origin.MLFLOW, Kind.RUN, started, State.START, purpose=purpose, items=tuple(dict.fromkeys(items)), **common
        )
    ]
    end = ENDS.get(str(info.get("status")))
    if end is not None:
        events.append(Event(Origin.MLFLOW, Kind.RUN, _time(info.get("end_time")) or started, end, **common))
    return events


def of_version(version: Json, of_model: Json, known: Iterable[Event], named: Named) -> list[Event]:
    """The events of a registered model version that are not `known` yet. `of_model`: its registered model."""
    created = _time(version.get("creation_timestamp"))
    if created is None or not version.get("name") or not version.get("version"):
        return []
    name, number = named.model(str(version["name"])), bounded(str(version["version"]))
    now = standing_of(version, of_model)
    made = Item(Role.MADE, "", name, number, owner=now.owner, purpose=now.purpose)
    events = []
    previous = _known_standing(known)
    if previous is None:
        previous = Standing(now.owner, now.purpose)
        events.append(Event(Origin.MLFLOW, Kind.DATASET, created, items=(made,)))
    run = run_key(version.get("run_id"))
    if run is not None:
        parents = _parents(tags_of(version), named)
        bare = Item(Role.MADE, "", name, number)
        events.append(Event(Origin.MLFLOW, Kind.RUN, created, run=run, items=(bare, *parents)))
    if now != previous:
        events.append(_change(made, previous, now))
    return events


def standing_of(version: Json, of_model: Json) -> Standing:
    tags = tags_of(of_model) | tags_of(version)
    stage = str(version.get("current_stage"))
    aliases = {
        str(alias.get("alias"))
        for alias in _list(of_model, "aliases")
        if str(alias.get("version")) == str(version.get("version"))
    }
    places = {f"MLflow alias {alias}" for alias in aliases} | (
        {f"MLflow stage {stage}"} & {f"MLflow stage {one}" for one in IN_USE}
    )
    return Standing(
        _text(recipient(tags.get("open-book.owner"))),
        _text(tags.get("open-book.purpose")),
        stage == RETIRED,
        frozenset(bounded(place) for place in places),
    )


def tags_of(thing: Json) -> dict[str, str]:
    return {str(tag.get("key")): str(tag.get("value")) for tag in _list(thing, "tags")}


def logged_models(versions: Iterable[Json], named: Named) -> dict[str, tuple[str, str]]:
    """By logged model id, the model version that was registered from it."""
    found = {}
    for version in versions:
        logged = version.get("model_id") or re.sub(r"^models:/", "", str(version.get("source")))
        if isinstance(logged, str) and logged.startswith("m-"):
            found[logged] = (named.model(str(version.get("name"))), bounded(str(version.get("version"))))
    return found


def _logged(listed: Iterable[Json], named: Named, models: Mapping[str, tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Logged models by the version that was registered from them, or else by their ids."""
    for one in listed:
        key = str(one.get("model_id"))
        yield models.get(key) or (named.model(bounded(f"logged model {key}")), UNVERSIONED)


def _known_standing(known: Iterable[Event]) -> Standing | None:
    """What the registry said last, according to the known events."""
    previous: Standing | None = None
    for event in in_order(known):
        for item in event.items:
            before = previous or Standing()
            if item.role is Role.MADE:
                previous = Standing(item.owner, item.purpose, item.change == DROP, before.places)
            elif item.role is Role.DEPLOYED and item.place:
                place = {item.place}
                places = before.places - place if item.ended else before.places | place
                previous = Standing(before.owner, before.purpose, before.retired, places)
    return previous


def _change(made: Item, previous: Standing, now: Standing) -> Event:
    changed = Item(**(made.__dict__ | {"change": DROP if now.retired else None}))
    places = [
        Item(Role.DEPLOYED, "", made.name, made.version, place=place, ended=place not in now.places)
        for place in sorted(previous.places ^ now.places)
    ]
    return Event(Origin.MLFLOW, Kind.DATASET, clock.now_utc(), items=(changed, *places))


def _read(dataset_input: Json, named: Named) -> Iterator[Item]:
    """The versions of ours that it names, by tag and by URL; and the dataset as MLflow knows it, if it names none or
    has another source besides."""
    dataset, tags = _part(dataset_input, "dataset"), tags_of(dataset_input)
    name, context = bounded(str(dataset.get("name") or "unnamed")), _text(tags.get("mlflow.data.context"))
    tagged, urls = tags.get("open-book.dataset_version"), URL.findall(str(dataset.get("source")))
    ours = dict.fromkeys([tagged] if tagged else [])
    ours |= dict.fromkeys(DOWNLOAD.findall(str(dataset.get("source"))))
    for each in ours:
        yield Item(Role.READ, OURS, name, bounded(each), purpose=context)
    others = {url for url in urls if not DOWNLOAD.search(url)}
    if len(others) > (1 if tagged else 0) or not ours:
        digest = dataset.get("digest")
        yield Item(Role.READ, named.namespace, name, bounded(str(digest)) if digest else "", purpose=context)


def _parents(tags: Mapping[str, str], named: Named) -> list[Item]:
    match = PARENT.fullmatch(tags.get("open-book.parent", ""))
    if match is None:
        return []
    relation = tags.get("open-book.relation", "")
    known = relation if relation in {one.value for one in Relation} else Relation.DERIVED.value
    return [Item(Role.PARENT, "", named.model(match["name"]), match["version"], relation=known)]


def _job(experiment: Json) -> str:
    """An experiment's name, unless it contains a person."""
    name = str(experiment.get("name") or "")
    return name if name and "@" not in name else f"experiment {experiment.get('experiment_id')}"


def _time(milliseconds: Any) -> datetime | None:
    try:
        return clock.naive(datetime.fromtimestamp(int(milliseconds) / 1000, UTC))
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def _text(value: str | None) -> str | None:
    return bounded(value) if value else None


def _part(thing: Json, name: str) -> Json:
    part = thing.get(name)
    return part if isinstance(part, dict) else {}


def _list(thing: Json, name: str) -> list[Json]:
    part = thing.get(name)
    return [one for one in part if isinstance(one, dict)] if isinstance(part, list) else []
