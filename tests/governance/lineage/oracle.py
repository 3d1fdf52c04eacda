"""What may be said about a model, from the raw events alone: the rules of docs/lineage.md, spelled out without any of
the product's code, slowly and by hand.

`WORLD` is what the events read: which people the manifest of each dataset version lists.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

Json = Mapping[str, Any]
Reference = tuple[str, str, str]
Model = tuple[str, str]

WORLD: dict[tuple[str, str], tuple[str, str, frozenset[str]]] = {
    ("actions", "train"): ("11111111-1111-4111-8111-111111111111", "a1" * 32, frozenset({"Ada", "Dan"})),
    ("actions", "holdout"): ("22222222-2222-4222-8222-222222222222", "b2" * 32, frozenset({"Bob", "Dan"})),
    ("notes", "1"): ("33333333-3333-4333-8333-333333333333", "c3" * 32, frozenset({"Eve"})),
}
"""Key, root of the manifest, and the people in it, by dataset and version."""
MADE_AT = dict.fromkeys(WORLD, "2026-11-01T00:00:00Z") | {("notes", "1"): "2026-11-02T09:20:00Z"}
"""When each dataset version was made; a run that began earlier has read something else under its name."""
PEOPLE = ("Ada", "Bob", "Cleo", "Dan", "Eve")
NOBODYS = ("", "")
ENDS = {"COMPLETE", "FAIL", "ABORT"}


@dataclass
class Run:
    """Everything that all events of one run say."""

    read: list[tuple[Reference, bool, str | None]] = field(default_factory=list)
    """Datasets by each of their names, whether in full, and what for."""
    made: set[Model] = field(default_factory=set)
    models: set[tuple[Model, str]] = field(default_factory=set)
    """Models that it read, and how."""
    parents: set[str] = field(default_factory=set)
    starts: list[str] = field(default_factory=list)
    ends: list[tuple[str, str]] = field(default_factory=list)
    times: list[str] = field(default_factory=list)
    """Those of all its events."""

    @property
    def surely_began(self) -> list[str]:
        """Times at which it had begun: its starts, and its last end if it did not go on."""
        end = max((at for at, _ in self.ends), default="")
        return [*self.starts, *([end] if end and end >= max(self.times, default="") else [])]

    @property
    def completed(self) -> bool:
        last = max((at for at, _ in self.ends), default="")
        return bool(self.ends) and {state for at, state in self.ends if at == last} == {"COMPLETE"}

    def began_before(self, reference: Reference) -> bool:
        """Before what it names was made."""
        called = _called(reference)
        return called is not None and min(self.times) < MADE_AT[called]


class Oracle:
    """`withdrawn`: when a person withdrew everything."""

    def __init__(self, events: Iterable[Json], withdrawn: Mapping[str, str] | None = None) -> None:
        self.runs: dict[str, Run] = defaultdict(Run)
        self.same: list[set[str]] = []
        self.withdrawn = withdrawn or {}
        for event in events:
            (self._openlineage if "eventTime" in event else self._mlflow)(event)
        self.parts: dict[str, set[str]] = defaultdict(set)
        for name, run in list(self.runs.items()):
            for parent in run.parents - {name}:
                self.parts[parent].add(name)

    def _openlineage(self, event: Json) -> None:
        run = self.runs[event["run"]["runId"].replace("-", "")]
        facets = event["run"].get("facets") or {}
        for parent in (facets.get("parent"), facets.get("parentRun")):
            if parent:
                run.parents.add(parent["run"]["runId"].replace("-", ""))
                if parent.get("root"):
                    run.parents.add(parent["root"]["run"]["runId"].replace("-", ""))
        run.times.append(event["eventTime"])
        state = event.get("eventType")
        if state == "START":
            run.starts.append(event["eventTime"])
        elif state in ENDS:
            run.ends.append((event["eventTime"], state))
        for dataset in event.get("inputs") or ():
            names, version = _names(dataset), _version(dataset)
            if _is_model(dataset):
                relation = ((dataset.get("inputFacets") or {}).get("openBook_parent") or {}).get("relation", "derived")
                run.models.add(((self._alias(names), version or "unversioned"), relation))
                continue
            ours = [name for name in names if name[0] == "open-book" or name == NOBODYS] or names[:1]
            part = "subset" in (dataset.get("inputFacets") or {})
            run.read += [((*name, version), not part, None) for name in ours]
        for output in event.get("outputs") or ():
            if _is_model(output):
                run.made.add((self._alias(_names(output)), _version(output) or "unversioned"))

    def _mlflow(self, record: Json) -> None:
        if "info" not in record:
            self.runs[record["run_id"]].made.add((record["name"], record["version"]))
            return
        run = self.runs[record["info"]["run_id"]]
        run.starts.append(_moment(record["info"]["start_time"]))
        run.times.append(run.starts[-1])
        state = {"FINISHED": "COMPLETE", "FAILED": "FAIL", "KILLED": "ABORT"}.get(record["info"]["status"])
        if state:
            run.ends.append((_moment(record["info"]["end_time"]), state))
        tags = {tag["key"]: tag["value"] for tag in record["data"]["tags"]}
        if "mlflow.parentRunId" in tags:
            run.parents.add(tags["mlflow.parentRunId"])
        for one in record["inputs"]["dataset_inputs"]:
            tags = {tag["key"]: tag["value"] for tag in one["tags"]}
            ours = tags.get("open-book.dataset_version")
            named = ("open-book" if ours else "mlflow", one["dataset"]["name"], ours or one["dataset"]["digest"])
            run.read.append((named, True, tags.get("mlflow.data.context")))
        for logged in record["inputs"]["model_inputs"]:
            run.models.add((("a logged model", logged["model_id"]), "derived"))

    def _alias(self, names: Sequence[tuple[str, str]]) -> str:
        called = [name if namespace == "model" else f"{namespace}/{name}" for namespace, name in names]
        if len(set(called)) > 1:
            self.same.append(set(called))
        return called[0]

    def _alike(self, name: str) -> set[str]:
        found = {name}
        while any(found & names and not names <= found for names in self.same):
            for names in self.same:
                if found & names:
                    found |= names
        return found

    def models(self) -> set[Model]:
        return {model for run in self.runs.values() for model in run.made}

    def makers(self, model: Model) -> list[str]:
        return [name for name, run in self.runs.items() if run.made & self._versions(model) or self._any(run, model)]

    def _any(self, run: Run, model: Model) -> bool:
        """Whether it made some version of the model, and never says which."""
        return {version for name, version in run.made if name in self._alike(model[0])} == {"unversioned"}

    def _versions(self, model: Model) -> set[Model]:
        """The same version under each of its names."""
        return {(name, model[1]) for name in self._alike(model[0])}

    def below(self, run: str) -> set[str]:
        found, waiting = {run}, [run]
        while waiting:
            for part in self.parts[waiting.pop()] - found:
                found.add(part)
                waiting.append(part)
        return found

    def above(self, run: str) -> set[str]:
        found: set[str] = set()
        waiting = [run]
        while waiting:
            for parent in self.runs[waiting.pop()].parents - found:
                found.add(parent)
                waiting.append(parent)
        return found

    def absent(self, person: str, older: frozenset[Model] = frozenset()) -> set[Model]:
        """The models of which it may be said that they never included the person, if `older` ones didn't."""
        models = self.models()
        while True:
            left = {model for model in models if model in older or self._clean(model, person, models)}
            if left == models:
                return left
            models = left

    def made_before(self, person: str, before: str) -> set[Model]:
        """The models that can't have the person, also because they, or what they were made from, had ended `before`:
        and before any run began that named what lists the person."""
        named = [run for run in self.runs.values() if any(person in _lists(each) for each, _, _ in run.read)]
        begins = [at for run in named for at in run.surely_began]
        ended = {model for model in self.models() if self._had_ended(model, min([before, *begins]))}
        return self.absent(person, frozenset(ended))

    def _involved(self, model: Model) -> set[str]:
        makers = self.makers(model)
        return {part for maker in makers for run in self.above(maker) | {maker} for part in self.below(run) | {run}}

    def _clean(self, model: Model, person: str, absent: set[Model]) -> bool:
        for maker in self.makers(model):
            family = self.below(maker)
            around = {part for run in self.above(maker) for part in self.below(run)} | self.above(maker)
            if not any(self.runs[run].read for run in family):
                return False
            for run in family | around:
                if any(not _without(reference, person) for reference, _, _ in self.runs[run].read):
                    return False
                if any(self.runs[run].began_before(reference) for reference, _, _ in self.runs[run].read):
                    return False
                if any(absent.isdisjoint(self._versions(read)) for read, _ in self.runs[run].models):
                    return False
            for run in family - {maker}:
                if not self.runs[run].read and not self.runs[run].models:
                    return False
        return bool(self.makers(model))

    def _had_ended(self, model: Model, before: str) -> bool:
        """Whether every run that may have had a part in it said that it had ended before then, and none went on."""
        runs = self._involved(model)
        ends = [max((at for at, _ in self.runs[run].ends), default="never") for run in runs]
        starts = [max(self.runs[run].starts, default="") for run in runs]
        ended = all(start <= end < before for start, end in zip(starts, ends, strict=True))
        return bool(runs) and ended and model[1] != "unversioned"

    def proven(self, person: str) -> set[Model]:
        """The models of which it may be said that they learned from the person."""
        found = {model for model in self.models() if self._learned(model, person)}
        while True:
            more = {model for model in self.models() if self._inherited(model, found)} - found
            if not more:
                return found
            found |= more

    def _maker(self, model: Model) -> str | None:
        completed = [name for name in self.makers(model) if self.runs[name].completed]
        return completed[0] if len(completed) == 1 else None

    def _learned(self, model: Model, person: str) -> bool:
        maker = self._maker(model)
        if maker is None:
            return False
        readers = [maker]
        if len(self.parts[maker]) == 1:
            readers += [part for part in self.parts[maker] if self.runs[part].completed]
        return any(self._read_for_training(reader, person) for reader in readers)

    def _read_for_training(self, run: str, person: str) -> bool:
        begun = min([*self.runs[run].starts, *(at for at, _ in self.runs[run].ends)])
        if person in self.withdrawn and not begun < self.withdrawn[person]:
            return False
        said: dict[Reference, set[str]] = defaultdict(set)
        for reference, whole, context in self.runs[run].read:
            said[reference].add(f"{whole}" if context is None else context)
        return any(
            person in _lists(reference)
            and not self.runs[run].began_before(reference)
            and not words <= {"False", "validation", "test", "eval"}
            for reference, words in said.items()
        )

    def _inherited(self, model: Model, found: set[Model]) -> bool:
        maker = self._maker(model)
        if maker is None or not self.runs[maker].starts:
            return False
        tuned = [parent for parent, relation in self.runs[maker].models if relation == "fine_tuned"]
        makers = [self._maker(parent) for parent in tuned if parent in found]
        begun = min(self.runs[maker].starts)
        return any(max(at for at, _ in self.runs[made].ends) <= begun for made in makers if made is not None)


def _names(dataset: Json) -> list[tuple[str, str]]:
    """Its readable names, in the spelling of those made here; one that is not readable is nobody's."""
    links = ((dataset.get("facets") or {}).get("symlinks") or {}).get("identifiers") or ()
    found = []
    for one in (dataset, *links):
        namespace, name = ((one.get(part) or "").strip() for part in ("namespace", "name"))
        ours = namespace.lower() == "open-book"
        found.append(("open-book", name.lower()) if ours and name else (namespace, name) if name else NOBODYS)
    return found


def _version(dataset: Json) -> str:
    return str(((dataset.get("facets") or {}).get("version") or {}).get("datasetVersion", "")).strip()


def _is_model(dataset: Json) -> bool:
    kind = ((dataset.get("facets") or {}).get("datasetType") or {}).get("datasetType", "")
    return kind == "MODEL" or any(namespace == "model" for namespace, _ in _names(dataset))


def _called(reference: Reference) -> tuple[str, str] | None:
    """The dataset version of ours that a reference means."""
    namespace, name, version = reference
    for called, (key, root, _) in WORLD.items():
        if version and (version == key or (len(version) >= 32 and root.startswith(version))):
            return called
        if namespace == "open-book" and called == (name, version):
            return called
    return None


def _meant(reference: Reference) -> frozenset[str] | None:
    """The people in what a reference means; None: nobody knows."""
    called = _called(reference)
    return None if called is None else WORLD[called][2]


def _moment(milliseconds: int) -> str:
    return f"{datetime.fromtimestamp(milliseconds / 1000, UTC):%Y-%m-%dT%H:%M:%SZ}"


def _without(reference: Reference, person: str) -> bool:
    people = _meant(reference)
    return people is not None and person not in people


def _lists(reference: Reference) -> frozenset[str]:
    return _meant(reference) or frozenset()
