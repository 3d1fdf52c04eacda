"""What can't be read of an event is cut out, as little of it as possible: the rest counts, and the sender learns what
was left out.

Nothing may look safer than it is for what was cut. An input without a name, or with an unreadable other name, counts as
read from a dataset that nobody knows; a part of a dataset that was not described in a known form stays a part. If the
parent of a run or the name of an output is lost, nobody knows whose model has what the run read (`hides_a_model`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from pydantic import ValidationError

from governance.lineage.openlineage.facets import Part

Fault = Mapping[str, Any]
"""As pydantic describes it: `loc`, `msg`."""
Whole = TypeVar("Whole", bound=Part)
Place = tuple[int | str, ...]

UNNAMED = "unnamed"
UNREADABLE = "a dataset whose name could not be read"
FACETS = {"facets", "inputFacets"}
LISTS = {"inputs", "outputs", "owners", "identifiers"}
FIELDS: set[Place] = {
    ("eventType",),
    ("inputs",),
    ("outputs",),
    ("job",),
    ("job", "namespace"),
    ("job", "name"),
    ("dataset", "namespace"),
}
PARENTS: set[Place] = {("run", "facets", "parent"), ("run", "facets", "parentRun")}
OF_PARENTS = {"root", "_deleted"}
"""What a parent can do without."""
NAMING = {"symlinks", "datasetType"}
"""Facets of an output that say which model it is."""
UNKNOWN_SOURCES = {"inputs": [{}], "entries": [{"type": "JOB", "inputs": [{}]}]}


def validated(kind: type[Whole], body: dict[str, Any], left_out: list[Fault]) -> Whole:
    """The event, without what can't be read of it: `left_out` gets that, and `body` is changed. Raises ValidationError
    if it is in a part that an event must have."""
    try:
        return kind.model_validate(body)
    except ValidationError as error:
        cut: dict[Place, Fault] = {}
        for fault in error.errors(include_url=False, include_input=False):
            place = _place(fault["loc"])
            if place is None:
                raise
            cut.setdefault(place, fault)
    for place in sorted(cut, key=_deepest_and_last_first):
        _cut(body, place)
    left_out += cut.values()
    return kind.model_validate(body)


def hides_a_model(left_out: Iterable[Fault]) -> bool:
    """Whether what was cut may have named a run or a model that has what this run read."""
    return any(_hides(fault["loc"]) for fault in left_out)


def _hides(where: Place) -> bool:
    match where:
        case ("run", "facets") | ("outputs",) | ("outputs", _):
            return True
        case ("run", "facets", "parent" | "parentRun", *rest):
            return rest[:1] != ["_deleted"]
        case ("outputs", _, "name" | "namespace" | "facets"):
            return True
        case ("outputs", _, "facets", facet, *_):
            return facet in NAMING
        case ("dataset", "facets") | ("dataset", "facets", "symlinks" | "datasetType", *_):
            return True
    return False


def _place(where: Place) -> Place | None:
    """The smallest part around a fault that an event can do without."""
    if where[:3] in PARENTS and len(where) > 3 and where[3] in OF_PARENTS:
        return where[:4]
    if "lineage" in where:
        return where[: where.index("lineage") + 1]
    for end in range(len(where), 0, -1):
        place = where[:end]
        if place in FIELDS or place[-1] in FACETS:
            return place
        if end > 1 and (place[-2] in FACETS or (place[-2] in LISTS and isinstance(place[-1], int))):
            return place
    return None


def _deepest_and_last_first(place: Place) -> tuple[int, int]:
    last = place[-1]
    return -len(place), -last if isinstance(last, int) else 0


def _cut(body: dict[str, Any], place: Place) -> None:
    holder: Any = body
    for step in place[:-1]:
        holder = holder[step]
    match place:
        case ("job",):
            body["job"] = {"namespace": UNNAMED, "name": UNNAMED}
        case ("job", last) | ("dataset", "namespace" as last):
            holder[last] = UNNAMED
        case ("inputs",):
            body["inputs"] = [_unknown_input()]
        case ("inputs", int(number)):
            holder[number] = _unknown_input()
        case (*_, "lineage"):
            holder["lineage"] = UNKNOWN_SOURCES
        case (*_, "subset"):
            holder["subset"] = {"inputCondition": {}}
        case ("job" | "dataset", "facets") | ("outputs", _, "facets"):
            holder["facets"] = {"lineage": UNKNOWN_SOURCES}
        case (*_, "inputFacets"):
            holder["inputFacets"] = {"subset": {"inputCondition": {}}}
        case (*_, last):
            del holder[last]
            if place[0] == "inputs" and (last in ("facets", "symlinks") or "identifiers" in place):
                body["inputs"].append(_unknown_input())


def _unknown_input() -> dict[str, Any]:
    return {"namespace": UNNAMED, "name": UNREADABLE}
