"""The dataset versions that models were trained on; many without a manifest are one group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from lake.lineage.model_readings import Group, Readings

NAMED = 3
"""The number of names listed for a large group."""
LONGEST_NAMED = 60


@dataclass(frozen=True)
class Dataset:
    id: UUID
    namespace: str
    dataset: str
    version: str
    purpose: str | None
    origin: str
    created_at: datetime
    manifest_root: str | None
    members: int = 1
    """More than 1: it stands for that many datasets without a manifest, and `first` names some of them."""
    first: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.dataset} {self.version}".strip()

    @property
    def full_name(self) -> str:
        """The name; for a group, with its first members."""
        return f"{self.name} ({', '.join(self.first)}, …)" if self.first else self.name


def with_groups(known: Mapping[UUID, Dataset], readings: Readings) -> dict[UUID, Dataset]:
    """The datasets; those that are only read as members of a group are not listed individually."""
    members = {member for group in readings.groups.values() for member in group.members}
    alone = {reading.dataset for of_model in set(readings.by_model.values()) for reading in of_model}
    found = {key: dataset for key, dataset in known.items() if key not in members or key in alone}
    return found | {group.id: _of_group(group, known) for group in readings.groups.values()}


def _of_group(group: Group, known: Mapping[UUID, Dataset]) -> Dataset:
    members = [known[member] for member in group.members]
    return Dataset(
        id=group.id,
        namespace="",
        dataset=f"{len(members):,} datasets without a manifest",
        version="",
        purpose=None,
        origin=members[0].origin,
        created_at=min(member.created_at for member in members),
        manifest_root=None,
        members=len(members),
        first=tuple(sorted(shortened(member.name) for member in members)[:NAMED]),
    )


def shortened(name: str) -> str:
    """A name from an external tool, shortened for lists."""
    return name if len(name) <= LONGEST_NAMED else f"{name[: LONGEST_NAMED - 1]}…"
