"""What the runs of each model version read, without repetition.

One run may read thousands of datasets and make dozens of model versions; one model version may come from thousands of
runs. Datasets without a manifest are about no one in particular: more than `FEW` of them for one model version become
one `Group` with a count and the first names. Each dataset with a manifest is kept; if there are more than `MOST`
readings, once for each model version.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

FEW = 5
MOST = 20

Input = tuple[UUID, str | None]
"""A dataset version, and which part of it was read."""


@dataclass(frozen=True)
class Reading:
    """What a run of a model version read. `dataset` is None if the run names none, or an unrecorded one."""

    run: UUID
    dataset: UUID | None
    part: str | None


@dataclass(frozen=True)
class Group:
    """Datasets without a manifest that one or more model versions were trained on."""

    id: UUID
    members: tuple[UUID, ...]


class Readings:
    """`by_model`: the readings of each model version; `groups`: the readings that stand for many datasets.

    `inputs`: what each run read; `listed`: the datasets with a manifest; `known`: all recorded ones.
    """

    def __init__(
        self,
        outputs: Iterable[tuple[UUID, UUID]],
        inputs: Mapping[UUID, Sequence[Input]],
        listed: Container[UUID],
        known: Container[UUID],
    ) -> None:
        self._inputs, self._listed, self._known = inputs, listed, known
        self.groups: dict[UUID, Group] = {}
        self.by_model: dict[UUID, tuple[Reading, ...]] = {}
        runs: dict[UUID, list[UUID]] = defaultdict(list)
        for run, model in outputs:
            runs[model].append(run)
        alike: dict[tuple[UUID, ...], tuple[Reading, ...]] = {}
        for model, of_model in runs.items():
            key = tuple(of_model)
            if key not in alike:
                alike[key] = tuple(self._of(of_model))
            self.by_model[model] = alike[key]

    def _of(self, runs: Sequence[UUID]) -> list[Reading]:
        nothing: list[tuple[UUID | None, str | None]] = [(None, None)]
        every = [
            Reading(run, dataset if dataset in self._known else None, part)
            for run in runs
            for dataset, part in (self._inputs.get(run) or nothing)
        ]
        unlisted = [each for each in every if each.dataset is not None and each.dataset not in self._listed]
        members = tuple(dict.fromkeys(each.dataset for each in unlisted if each.dataset is not None))
        if len(members) > FEW:
            group = self._group(members)
            of_runs = dict.fromkeys(each.run for each in unlisted)
            grouped = set(members)
            every = [each for each in every if each.dataset not in grouped]
            every += [Reading(run, group.id, None) for run in of_runs]
        return every if len(every) <= MOST else _once(every)

    def _group(self, members: tuple[UUID, ...]) -> Group:
        digest = hashlib.sha256(b"".join(sorted(member.bytes for member in members))).digest()
        group = Group(UUID(bytes=digest[:16]), members)
        return self.groups.setdefault(group.id, group)


def _once(readings: Iterable[Reading]) -> list[Reading]:
    """Each dataset once in full, or else once in part."""
    found: dict[UUID | None, Reading] = {}
    for each in readings:
        known = found.get(each.dataset)
        if known is None or (known.part is not None and each.part is None):
            found[each.dataset] = each
    return list(found.values())
