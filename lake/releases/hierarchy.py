"""Which areas get numbers: decided only by who works where, never by what was captured.

The manager of each person makes a tree below the company. A manager's area is everyone below them, without
themselves; so areas are nested or separate. Anyone without a valid manager (none, an unknown one, one who has left,
or a cycle by mistake) is directly below the company.

From the largest area to the smallest, an area gets numbers of a table when

- it has at least `LEAST_PEOPLE_PER_AREA` people (the whole company, too: below that there are no numbers at all),
- its own noise leaves useful shares: 95 % of them within `COARSE`,
- what remains of the surrounding area, without this one and those before, has at least `LEAST_PEOPLE_PER_ATOM` people,
- no larger area loses by it: one that could have shares within `FINE` still has them, the others stay within `COARSE`.
  An area is the sum of its atoms, and each atom adds its noise.

Otherwise its people are counted with the next larger area. What remains of an area is an atom: no combination of
published areas has fewer people. The areas of a noisier table are a subset of those of a less noisy one, so that holds
for all tables together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import ceil, sqrt
from uuid import UUID, uuid5

LEAST_PEOPLE_PER_ATOM = 10
"""Nothing that can be computed from published areas is about fewer people."""
KNOWN_TO_A_MANAGER = 3
"""The people about whom a manager may know everything: themselves and two who confide in them."""
LEAST_PEOPLE_PER_AREA = 50
"""Areas of fewer people have no numbers, and companies neither: below that the noise drowns them."""
FINE = 0.05
"""An area that could have shares within this keeps them, whatever is inside it."""
NUMBER = 0.125
"""Up to here the share itself is published, with its range; above, only the range."""
COARSE = 0.25
Z95 = 1.96

COMPANY = UUID("0c0e9b1e-6d0b-5d33-9a55-6f2c1b7f6a10")
_AREAS = UUID("6b0ad3fb-6e0c-4c4c-8f5e-5b8a0b7f7d21")


@dataclass(frozen=True)
class Publish:
    """The area has numbers or ranges."""


@dataclass(frozen=True)
class Suppress:
    """The area has none, by this rule: `few`, `remainder` or `accuracy`. Outside this package all look the same."""

    rule: str


@dataclass(frozen=True)
class Precision:
    """The noise of one count of one atom, in people: its standard deviation, and the step between possible counts."""

    deviation: float
    step: float = 1.0

    def half_width(self, people: int, atoms: int = 1) -> float:
        """Half the width, at most, of the interval that contains a share of that many people in 95 % of cases.

        Counts have steps: being off by up to h means being off by less than h and half a step.
        """
        return self.step * ceil(Z95 * self.deviation * sqrt(atoms) / self.step - 0.5) / people

    def people_for(self, half: float) -> int:
        """The size from which an area of one atom has shares within `half`."""
        return max(LEAST_PEOPLE_PER_AREA, ceil(self.half_width(1) / half - 1e-9))


@dataclass(frozen=True)
class Node:
    """A published area: the company (no `parent`) or one manager's."""

    key: UUID
    parent: UUID | None
    people: int
    atoms: frozenset[UUID]
    """Keys of the atoms that add up to it; an atom has the key of the node whose remainder it is."""


@dataclass(frozen=True)
class Partition:
    """The areas of one table, by key, and their atoms: disjoint, each person of the company in exactly one.
    No areas at all: the company is too small."""

    precision: Precision
    nodes: Mapping[UUID, Node]
    atoms: Mapping[UUID, frozenset[UUID]]
    verdicts: Mapping[UUID, Publish | Suppress]
    """For every area of the company, published or not."""


def area_key(manager: UUID) -> UUID:
    """The key of a manager's area in releases: derived from the manager's subject, and not reversible."""
    return uuid5(_AREAS, manager.hex)


def areas(people: Mapping[UUID, UUID | None]) -> dict[UUID, frozenset[UUID]]:
    """Everyone below each manager, by the key of the area; the company under `COMPANY`."""
    above = managers(people)
    below: dict[UUID, set[UUID]] = defaultdict(set)
    for person in people:
        manager = above[person]
        while manager is not None:
            below[manager].add(person)
            manager = above[manager]
    found = {area_key(manager): frozenset(members) for manager, members in below.items()}
    return {COMPANY: frozenset(people), **found}


def plan(people: Mapping[UUID, UUID | None], precisions: Mapping[str, Precision]) -> dict[str, Partition]:
    """The partition of each table, by its name. `people` maps each person to their manager or None."""
    everywhere = areas(people)
    partitions: dict[str, Partition] = {}
    candidates: Iterable[UUID] = everywhere
    for name, precision in sorted(precisions.items(), key=lambda item: (item[1].deviation, item[0])):
        partitions[name] = _partition(everywhere, set(candidates), precision)
        candidates = partitions[name].nodes
    return partitions


def company_only(people: Iterable[UUID], precision: Precision) -> Partition:
    """The whole company as one atom, for tables that are never published for an area."""
    return _partition({COMPANY: frozenset(people)}, {COMPANY}, precision)


class _Growing:
    """A node while areas within it are still being separated."""

    def __init__(self, key: UUID, parent: _Growing | None, members: frozenset[UUID]) -> None:
        self.key, self.parent, self.members = key, parent, members
        self.remainder = set(members)
        self.atoms = {key}

    def line(self) -> list[_Growing]:
        """Itself and every node around it."""
        return [self, *(self.parent.line() if self.parent else [])]


def _partition(everywhere: Mapping[UUID, frozenset[UUID]], candidates: set[UUID], precision: Precision) -> Partition:
    nodes: dict[UUID, _Growing] = {}
    holder: dict[UUID, _Growing] = {}  # the smallest node so far that a person is in
    verdicts: dict[UUID, Publish | Suppress] = {}
    for key, members in sorted(everywhere.items(), key=lambda item: (-len(item[1]), item[0] != COMPANY, item[0])):
        around = None if key == COMPANY else holder.get(next(iter(members)))
        if key not in candidates:
            verdicts[key] = Suppress("accuracy")
            continue
        verdicts[key] = verdict = _judge(key, members, around, precision)
        if isinstance(verdict, Suppress):
            continue
        nodes[key] = node = _Growing(key, around, members)
        holder.update(dict.fromkeys(members, node))
        if around:
            around.remainder -= members
            for larger in around.line():
                larger.atoms.add(key)
    return Partition(
        precision,
        {
            key: Node(key, node.parent.key if node.parent else None, len(node.members), frozenset(node.atoms))
            for key, node in nodes.items()
        },
        {key: frozenset(node.remainder) for key, node in nodes.items()},
        verdicts,
    )


def _judge(key: UUID, members: frozenset[UUID], around: _Growing | None, precision: Precision) -> Publish | Suppress:
    if len(members) < LEAST_PEOPLE_PER_AREA or (key != COMPANY and around is None):
        return Suppress("few")
    if precision.half_width(len(members)) > COARSE:
        return Suppress("accuracy")
    if around is None:
        return Publish()
    if len(around.remainder) - len(members) < LEAST_PEOPLE_PER_ATOM:
        return Suppress("remainder")
    for larger in around.line():
        people = len(larger.members)
        allowed = FINE if precision.half_width(people) <= FINE else COARSE
        if precision.half_width(people, len(larger.atoms) + 1) > allowed:
            return Suppress("accuracy")
    return Publish()


def managers(people: Mapping[UUID, UUID | None]) -> dict[UUID, UUID | None]:
    """Each person's manager, None for people directly below the company; cycles are broken."""
    above = {person: manager if manager in people else None for person, manager in people.items()}
    settled: set[UUID] = set()
    for start in sorted(people):
        path: list[UUID] = []
        person: UUID | None = start
        while person is not None and person not in settled and person not in path:
            path.append(person)
            person = above[person]
        if person is not None and person not in settled:  # a cycle
            for member in path[path.index(person) :]:
                above[member] = None
        settled.update(path)
    return above
