"""Which captures went into which model: dataset version -> run -> model version -> descendants and deployments.

A dataset version is immutable. Its manifest lists the slices in it, so it is proven what it contains of a person;
without one it is only known that it was read. If a run names no dataset, it is unknown what its models were trained
on. A run that made no model read for another reason, and is kept for that.

Everything is identified by the names of the employer's tools (a dataset version by namespace, dataset and version; a
model version by model and version; a run by its id), so that writing the same again changes nothing. Write within
`lake.storage.connection.transaction`. Times are naive UTC.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID, uuid4

import pyarrow as pa
from duckdb import DuckDBPyConnection

import clock
from directory import Directory
from errors import Conflict, NotValid
from lake.lineage.manifest import leaves_of, root_of
from lake.statements import statement

OURS = "open-book"
"""The namespace and origin of dataset versions that are made here."""
UNKNOWN_RUN = UUID("6b0d2d9e-51c7-4c0e-9a55-0b6b9a3f7d21")
"""Stands for a run that was named, but not readably: nobody knows which one a part of it belongs to."""

LONGEST_NAME = 200
BATCH_ROWS = 100_000
ID_BYTES = 16


class AlreadyRecorded(Conflict, ValueError):
    """A dataset version of that name and version exists, and it is immutable. Nothing was changed."""


class InvalidName(NotValid, ValueError):
    """Not 1 to 200 printable characters."""

    field = ""


class Relation(StrEnum):
    """How a model version was made from another."""

    FINE_TUNED = "fine_tuned"
    DISTILLED = "distilled"
    DERIVED = "derived"


class RunState(StrEnum):
    STARTED = "started"
    COMPLETED = "completed"
    FAILED = "failed"


@dataclass(frozen=True)
class DatasetVersion:
    """One immutable version of a dataset. `purpose` is None if none was declared."""

    dataset: str
    version: str
    purpose: str | None
    created_at: datetime
    namespace: str = OURS
    origin: str = OURS
    dataset_version: UUID = field(default_factory=uuid4)


@dataclass(frozen=True)
class ModelVersion:
    """One version of a model. `owner` is the recipient: the team or vendor that has it."""

    model: str
    version: str
    purpose: str | None
    owner: str | None
    released_at: datetime
    retired_at: datetime | None = None
    origin: str = OURS
    model_version: UUID = field(default_factory=uuid4)


@dataclass(frozen=True)
class Run:
    """One run of a job. `purpose`: as the job declared it."""

    job: str
    state: RunState = RunState.COMPLETED
    started_at: datetime | None = None
    ended_at: datetime | None = None
    purpose: str | None = None
    origin: str = OURS
    run: UUID = field(default_factory=uuid4)


@dataclass(frozen=True)
class Deployment:
    """Where a model version is in use, and who has it there."""

    model_version: UUID
    place: str
    since: datetime
    recipient: str | None = None
    until: datetime | None = None


def collect_slices(
    connection: DuckDBPyConnection,
    first_day: date,
    last_day: date,
    signals: Sequence[str] | None = None,
    applications: Sequence[str] | None = None,
    without: Sequence[UUID] = (),
    *,
    policies: Sequence[str] | None = None,
    today: date | None = None,
    consented: Mapping[str, list[str]] | None = None,
) -> pa.Table:
    """The slices of those days that may be used for training now, of all subjects but `without`: `manifest.SLICES`.

    They are counted over the captures themselves, and only over those of `policies` (None: all) whose retention has
    not ended on the day `today`: anything kept longer is held or restricted, not for training. Slices that a
    tombstone or a standing rule touches are left out completely. `consented`: `Consented.parameters`.
    """
    span = {
        "first_day": first_day,
        "last_day": last_day,
        "policies": _list(policies),
        "today": today or clock.today(),
        **(consented or {"needing": [], "consented": []}),
    }
    chosen = {"signals": _list(signals), "applications": _list(applications), "without": list(without)}
    connection.execute(statement("choose_slices"), {**span, **chosen})
    try:
        slices = connection.execute(statement("chosen_slices")).to_arrow_table()
        ids = connection.execute(statement("chosen_captures"), span).to_arrow_reader(BATCH_ROWS)
        digests = list(_digests(slices["events"].to_pylist(), ids))
        return slices.append_column("digest", pa.array(digests, pa.binary()))
    finally:
        connection.execute("drop table temp.chosen")


def _digests(counts: Sequence[int], ids: Iterable[pa.RecordBatch]) -> Iterator[bytes]:
    """SHA-256 over the ids of each slice; `ids` has as many per slice as `counts` says, slice by slice."""
    left = (memoryview(b"".join(batch.column(0).to_pylist())) for batch in ids)
    here = memoryview(b"")
    for count in counts:
        digest, missing = hashlib.sha256(), count * ID_BYTES
        while missing:
            here = here or next(left)
            digest.update(here[:missing])
            here, missing = here[missing:], missing - len(here[:missing])
        yield digest.digest()
    if here or next(left, here):
        raise RuntimeError("there are more records than were counted")


def record_dataset_version(connection: DuckDBPyConnection, dataset: DatasetVersion, manifest: pa.Table | None) -> UUID:
    """Record a dataset version with its manifest (see `collect_slices`) or without one (None). Returns its key.

    An existing version without a manifest stays if it is reported again; a purpose is added if it had none. Raises
    AlreadyRecorded if either has a manifest, unless they are the same, of the same people, and InvalidName.
    """
    check_names(dataset.namespace, dataset.dataset, dataset.version or None, dataset.purpose)
    named = {"namespace": dataset.namespace, "dataset": dataset.dataset, "version": dataset.version}
    known = connection.execute(statement("find_dataset_version"), named).fetchone()
    leaves = None if manifest is None else leaves_of(connection, dataset.dataset_version, manifest, _everyone())
    root = None if leaves is None else root_of(dataset.dataset_version, leaves).hex()
    if known is not None:
        key, known_root = known
        if root is not None and (key, root) != (dataset.dataset_version, known_root):
            raise AlreadyRecorded(f"Version {dataset.version} of {dataset.dataset} already exists. Choose another.")
        connection.execute(statement("declare_dataset_purpose"), {"dataset_version": key, "purpose": dataset.purpose})
        return UUID(str(key))
    connection.execute(
        statement("append_dataset_version"),
        {
            **asdict(dataset),
            "manifest_root": root,
            "people": None if manifest is None else len(manifest["subject"].unique()),
        },
    )
    if leaves is not None:
        listed = pa.table(
            {
                "position": range(len(leaves)),
                "person": [leaf.person for leaf in leaves],
                "root": [leaf.root for leaf in leaves],
            },
            pa.schema([("position", pa.int64()), ("person", pa.binary()), ("root", pa.binary())]),
        )
        with_key = {"dataset_version": dataset.dataset_version}
        connection.register("manifest", manifest)
        connection.register("leaves", listed)
        try:
            connection.execute(statement("append_dataset_slices"), with_key)
            connection.execute(statement("append_dataset_leaves"), with_key)
        finally:
            connection.unregister("manifest")
            connection.unregister("leaves")
    return dataset.dataset_version


def _everyone() -> list[UUID]:
    with Directory.open() as directory:
        return [person.subject for person in directory.everyone()]


def find_or_add_dataset_version(
    connection: DuckDBPyConnection, namespace: str, dataset: str, version: str, origin: str, now: datetime
) -> UUID:
    """The key of a dataset version as a run names it; an unrecorded one is added, without a manifest.

    `version` is its version, the root of its manifest, or empty if the run did not say. Raises InvalidName.
    """
    return record_dataset_version(
        connection, DatasetVersion(dataset, version, None, now, namespace=namespace, origin=origin), None
    )


def record_run(connection: DuckDBPyConnection, run: Run) -> UUID:
    """Record a run as it is known now, replacing what was known before. Raises InvalidName."""
    check_names(run.job, run.purpose)
    connection.execute(
        statement("merge_run"), {**asdict(run), "state": run.state.value, "reported_at": clock.now_utc()}
    )
    return run.run


def record_inputs(connection: DuckDBPyConnection, run: UUID, inputs: Sequence[tuple[UUID, str | None]]) -> None:
    """Record which dataset versions a run read, and which part of each, if it said so."""
    for dataset_version, part in inputs:
        connection.execute(
            statement("append_run_input"), {"run": run, "dataset_version": dataset_version, "part": part}
        )


def record_model_version(connection: DuckDBPyConnection, model: ModelVersion) -> UUID:
    """Record a model version and return its key; for an existing one, missing details are added. Raises
    InvalidName."""
    check_names(model.model, model.version, model.purpose, model.owner)
    named = {"model": model.model, "version": model.version}
    known = connection.execute(statement("find_model_version"), named).fetchone()
    key = model.model_version if known is None else UUID(str(known[0]))
    connection.execute(statement("merge_model_version"), {**asdict(model), "model_version": key})
    return key


def record_outputs(connection: DuckDBPyConnection, run: UUID, model_versions: Sequence[UUID]) -> None:
    """Record which model versions a run made."""
    for model_version in model_versions:
        connection.execute(statement("append_run_output"), {"run": run, "model_version": model_version})


def record_parent(connection: DuckDBPyConnection, child: UUID, parent: UUID, relation: Relation) -> None:
    """Record that a model version was made from another."""
    connection.execute(
        statement("append_model_parent"), {"model_version": child, "parent": parent, "relation": relation.value}
    )


def record_deployment(connection: DuckDBPyConnection, deployment: Deployment) -> None:
    """Record where a model version is in use; for a known place, missing details are added. Raises
    InvalidName."""
    check_names(deployment.place, deployment.recipient)
    connection.execute(statement("merge_deployment"), asdict(deployment))


def retire_model(connection: DuckDBPyConnection, model_version: UUID, at: datetime) -> None:
    """Mark a model version as no longer in use; a second call changes nothing."""
    connection.execute(statement("retire_model"), {"model_version": model_version, "at": at})


def check_names(*names: str | None) -> None:
    """Raises InvalidName for names that can't be shown to people; None means no name, and is fine."""
    for name in names:
        if name is not None and not (0 < len(name) <= LONGEST_NAME and name.isprintable()):
            raise InvalidName(f"A name must be 1 to {LONGEST_NAME} printable characters. Nothing was recorded.")


def _list(words: Sequence[str] | None) -> list[str] | None:
    return None if words is None else list(words)
