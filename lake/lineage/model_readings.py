"""What each model version may have been trained on, without repetition.

One run may read thousands of datasets and make dozens of model versions; one model version may come from thousands of
runs. Datasets without a manifest are about no one in particular: more than `FEW` of them for one model version become
one `Group` with a count and the first names. Each dataset with a manifest is kept; if there are more than `MOST`
readings, once for each model version.
"""

from __future__ import annotations

import hashlib
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
    certain: bool = True
    """What it read went into the model version, as far as it read it in full."""
    doubted: bool = False
    """Whatever it read, it may have read other versions of it: another service says that it belongs to this model."""
    too_early: bool = False
    """The ledger had the root of its manifest only after the run began: nothing proves that it read this list."""


@dataclass(frozen=True)
class Source:
    """A run whose reading may be in a model version, or is for certain (`proves`). `more`: it may also have learned
    from something unknown."""

    run: UUID
    doubted: bool
    proves: bool
    more: bool


@dataclass(frozen=True)
class Group:
    """Datasets without a manifest that one or more model versions were trained on."""

    id: UUID
    members: tuple[UUID, ...]


class Readings:
    """`by_model`: the readings of each model version; `groups`: the readings that stand for many datasets.

    `sources`: the runs of each model version; `inputs`: what each run read; `listed`: the datasets with a manifest;
    `known`: all recorded ones; `unproven`: runs, and dataset versions that they read without proving anything (True:
    the ledger had the root of its manifest only after the run began).
    """

    def __init__(
        self,
        sources: Mapping[UUID, tuple[Source, ...]],
        inputs: Mapping[UUID, Sequence[Input]],
        listed: Container[UUID],
        known: Container[UUID],
        unproven: Mapping[tuple[UUID, UUID], bool],
    ) -> None:
        self._inputs, self._listed, self._known, self._unproven = inputs, listed, known, unproven
        self.groups: dict[UUID, Group] = {}
        self.by_model: dict[UUID, tuple[Reading, ...]] = {}
        alike: dict[tuple[Source, ...], tuple[Reading, ...]] = {}
        for model, of_model in sources.items():
            if of_model not in alike:
                alike[of_model] = tuple(self._of(of_model))
            self.by_model[model] = alike[of_model]

    def _of(self, sources: Sequence[Source]) -> list[Reading]:
        every = [self._reading(source, *read) for source in sources for read in self._read(source)]
        unlisted = [each for each in every if each.dataset is not None and each.dataset not in self._listed]
        members = tuple(dict.fromkeys(each.dataset for each in unlisted if each.dataset is not None))
        if len(members) > FEW:
            group = self._group(members)
            of_runs = dict.fromkeys(each.run for each in unlisted)
            grouped = set(members)
            every = [each for each in every if each.dataset not in grouped]
            every += [Reading(run, group.id, None, False) for run in of_runs]
        return every if len(every) <= MOST else _once(every)

    def _reading(self, source: Source, dataset: UUID | None, part: str | None) -> Reading:
        if dataset is None or dataset not in self._known:
            return Reading(source.run, None, part, certain=False)
        doubt = self._unproven.get((source.run, dataset))
        return Reading(source.run, dataset, part, source.proves and doubt is None, source.doubted, bool(doubt))

    def _read(self, source: Source) -> Iterable[tuple[UUID | None, str | None]]:
        read = self._inputs.get(source.run, ())
        yield from read
        if source.more or not read:
            yield None, None

    def _group(self, members: tuple[UUID, ...]) -> Group:
        digest = hashlib.sha256(b"".join(sorted(member.bytes for member in members))).digest()
        group = Group(UUID(bytes=digest[:16]), members)
        return self.groups.setdefault(group.id, group)


def _once(readings: Iterable[Reading]) -> list[Reading]:
    """Each dataset once: in full if possible, and for certain if possible; and once more if doubted or too early."""
    found: dict[tuple[UUID | None, bool, bool], Reading] = {}
    for each in readings:
        key = each.dataset, each.doubted, each.too_early
        known = found.get(key)
        if known is None or _weight(each) < _weight(known):
            found[key] = each
    return list(found.values())


def _weight(reading: Reading) -> tuple[bool, bool]:
    return not (reading.certain and reading.part is None), reading.part is not None
