"""Which model versions a run means by a name, where several names may mean one model."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

UNVERSIONED = "unversioned"

Name = tuple[str, str]
"""Model and version."""


class Names:
    """The model versions by name, where several names may mean one model."""

    def __init__(self, aliases: Iterable[tuple[str, str]], models: Mapping[UUID, Name]) -> None:
        self._first: dict[str, str] = {}
        for one, other in aliases:
            self._first[self._find(one)] = self._find(other)
        self._models = models
        self._versions: dict[Name, list[UUID]] = defaultdict(list)
        self._all: dict[str, list[UUID]] = defaultdict(list)
        for model, (name, version) in models.items():
            self._versions[self._find(name), version].append(model)
            self._all[self._find(name)].append(model)

    def _find(self, name: str) -> str:
        while (first := self._first.get(name, name)) != name:
            self._first[name] = self._first.get(first, first)
            name = first
        return name

    def called(self, name: Name) -> Sequence[UUID]:
        """The model versions that are meant by a name and a version."""
        return self._versions.get((self._find(name[0]), name[1]), [])

    def meant(self, made: Name, beside: Iterable[Name]) -> Sequence[UUID]:
        """The model versions that a run may mean, which names these others as made, too: without a version any, unless
        it names the model with one."""
        model = self._find(made[0])
        if made[1] != UNVERSIONED or any(
            version != UNVERSIONED and self._find(name) == model for name, version in beside
        ):
            return self.called(made)
        return self._all.get(model, [])

    def every_version(self, model: UUID) -> Sequence[UUID]:
        return self._all.get(self._find(self._models[model][0]), [])
