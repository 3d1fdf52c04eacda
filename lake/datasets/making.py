"""Creates dataset versions: a consistent selection of slices that may be used for training, with its manifest.

A version is created in one transaction while no one else writes to the lake. So an erasure, objection or sweep comes
either before it, and then nothing of it is in the version, or after it. A version contains what the selection asks for,
except

    what a tombstone, an objection or a restriction touches: the whole slice
    captures past their last day, which are only kept because of a hold or at their owner's wish
    captures of policies that rest on consent, of people who don't consent now (`lake.rules.consents`)
    captures of policies whose purpose does not allow it (`lake.datasets.purposes`)
    the people whom the selection excludes

A selection is a list of conditions, all of which must hold; it contains no SQL:

    signal=mouse_click,keystroke    one of these signals
    application=Excel,Chrome        one of these applications, upper or lower case, with or without `.exe`
    day>=2026-03-01  day<2026-04-01  day=2026-03-01
    employee!=ada@example.com       not this person
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID, uuid5

import pyarrow as pa
from duckdb import DuckDBPyConnection

import clock
from directory import Directory, UnknownEmployee
from directory.keys import EVERYBODY, Job, Why
from errors import NotFound, NotValid
from lake.datasets import purposes
from lake.lineage.graph import (
    OURS,
    AlreadyRecorded,
    DatasetVersion,
    check_names,
    collect_slices,
    record_dataset_version,
)
from lake.rules.consents import consented
from lake.rules.policies import Policy, plain_name, read_policies
from lake.rules.scope import SIGNALS
from lake.statements import statement
from lake.storage.connection import reader_once, transaction, writer

FIRST_DAY, LAST_DAY = date(1, 1, 1), date(9999, 12, 30)
ONE_DAY = timedelta(days=1)
CHOICES = UUID("c0d2a1f4-3c5e-4a55-9d0e-7a4b6f2f8e13")
"""The namespace of the ids of choices."""
CONDITION = re.compile(r"(signal|application|day|employee)\s*(!=|>=|<=|=|<|>)\s*(.*\S)\s*", re.DOTALL)


class InvalidSelection(NotValid, ValueError):
    """The selection can't be made into a dataset version. Nothing was made; the message says why."""

    field = ""


class NoSuchDataset(NotFound, LookupError):
    """There is no such dataset version, or it has no manifest."""

    def __init__(self) -> None:
        super().__init__("There is no dataset version with this key and a manifest.")


@dataclass(frozen=True)
class Selection:
    """Which slices; None does not restrict. Days are UTC, both included."""

    signals: tuple[str, ...] | None = None
    applications: tuple[str, ...] | None = None
    first_day: date = FIRST_DAY
    last_day: date = LAST_DAY
    without: tuple[str, ...] = ()
    """E-mail addresses of people to exclude."""


@dataclass(frozen=True)
class Manifest:
    """A dataset version that has a manifest. Times are naive UTC."""

    dataset_version: UUID
    dataset: str
    version: str
    purpose: str | None
    created_at: datetime
    root: str
    """Of its manifest, in hexadecimal."""
    people: int


@dataclass(frozen=True)
class Made(Manifest):
    """The same, with how much is in it."""

    slices: int
    captures: int


@dataclass(frozen=True)
class Preview:
    """What a dataset version would have."""

    dataset: str
    version: str
    purpose: str
    people: int
    slices: int
    captures: int


def parse(conditions: Sequence[str]) -> Selection:
    """The selection that the conditions describe. Raises InvalidSelection."""
    selection = Selection()
    for condition in conditions:
        found = CONDITION.fullmatch(condition.strip())
        if found is None:
            raise InvalidSelection(
                f"{condition!r} is not a condition. Write signal=…, application=…, day>=2026-03-01, day<2026-04-01 or "
                "employee!=… . Nothing was made."
            )
        selection = _narrowed(selection, *found.groups())
    return selection


def create(
    name: str,
    selection: Selection,
    *,
    version: str | None = None,
    purpose: str | None = None,
    program: str = "command line",
) -> Made:
    """Create a version of the dataset `name`. `version` defaults to the next number, `purpose` to that of the
    policies if they all have the same one. The first choice of a `program` on a UTC day is in everybody's access log
    before any record is read; what is refused without reading records isn't.

    Raises InvalidSelection, AlreadyRecorded, InvalidName, LakeUnavailable, PartUnavailable.
    """
    check_names(name, version, purpose)
    without = _subjects(selection.without)
    with writer() as connection, transaction(connection):
        version, purpose, slices = _chosen(connection, name, selection, version, purpose, without, program)
        made = DatasetVersion(name, version, purpose, clock.now_utc())
        record_dataset_version(connection, made, slices)
        return of(connection, made.dataset_version)


def preview(name: str, selection: Selection, *, version: str | None = None, purpose: str | None = None) -> Preview:
    """What `create` would make now, on a reader; the choice is in everybody's access log all the same. Raises the
    same."""
    check_names(name, version, purpose)
    without = _subjects(selection.without)
    with reader_once() as connection:
        version, purpose, slices = _chosen(connection, name, selection, version, purpose, without, "command line")
    captures, people = sum(slices["events"].to_pylist()), len(set(slices["subject"].to_pylist()))
    return Preview(name, version, purpose, people, slices.num_rows, captures)


def _chosen(
    connection: DuckDBPyConnection,
    name: str,
    selection: Selection,
    version: str | None,
    purpose: str | None,
    without: Sequence[UUID],
    program: str,
) -> tuple[str, str, pa.Table]:
    """The version, the purpose and the slices. Works on a reader."""
    version = version or _next_version(connection, name)
    if connection.execute(statement("find_dataset_version"), _key(name, version)).fetchone():
        raise AlreadyRecorded(f"Version {version} of {name} already exists. Choose another. Nothing was made.")
    known = read_policies(connection)
    policies = [policy for policy in known if _concerns(policy, selection)]
    purpose = purpose or _common_purpose(policies)
    allowed = [policy.policy for policy in policies if purposes.allows(policy.purpose, purpose)]
    if not allowed:
        raise InvalidSelection(_disallowed(policies, purpose))
    _record_choice(program)
    slices = collect_slices(
        connection,
        selection.first_day,
        selection.last_day,
        selection.signals,
        None if selection.applications is None else _as_listed(known, selection.applications),
        without,
        policies=allowed,
        consented=consented(policies, clock.now_utc()).parameters,
    )
    if not slices.num_rows:
        raise InvalidSelection("No records that may be used for training match this selection. Nothing was made.")
    return version, purpose, slices


def manifest(connection: DuckDBPyConnection, dataset_version: UUID) -> Manifest:
    """A dataset version with a manifest. Works on a reader. Raises NoSuchDataset."""
    row = connection.execute(statement("manifests"), {"dataset_version": dataset_version}).fetchone()
    if row is None:
        raise NoSuchDataset
    return Manifest(*row)


def manifests(connection: DuckDBPyConnection) -> list[Manifest]:
    """Every dataset version with a manifest, oldest first. Works on a reader."""
    return [Manifest(*row) for row in connection.execute(statement("manifests"), {"dataset_version": None}).fetchall()]


def of(connection: DuckDBPyConnection, dataset_version: UUID) -> Made:
    """A dataset version with a manifest and its counts. Works on a reader. Raises NoSuchDataset."""
    row = connection.execute(statement("dataset_version"), {"dataset_version": dataset_version}).fetchone()
    if row is None:
        raise NoSuchDataset
    return Made(*row)


def all_made(connection: DuckDBPyConnection) -> list[Made]:
    """Every dataset version with a manifest and its counts, newest first. Works on a reader."""
    return [Made(*row) for row in connection.execute(statement("dataset_versions")).fetchall()]


def leaves(connection: DuckDBPyConnection, dataset_version: UUID) -> list[tuple[bytes, bytes]]:
    """The leaves of a manifest in order: a person's key in it, and what hides the root over their slices. Works on a
    reader."""
    return connection.execute(statement("dataset_leaves"), {"dataset_version": dataset_version}).fetchall()


def _narrowed(selection: Selection, name: str, sign: str, value: str) -> Selection:
    words = tuple(word.strip() for word in value.split(",") if word.strip())
    match name, sign:
        case "signal", "=":
            if unknown := set(words) - set(SIGNALS):
                raise InvalidSelection(f"Unknown signal: {', '.join(sorted(unknown))}. Nothing was made.")
            return replace(selection, signals=_both(selection.signals, words, str))
        case "application", "=":
            return replace(selection, applications=_both(selection.applications, words, plain_name))
        case "employee", "!=":
            return replace(selection, without=(*selection.without, *words))
        case "day", "=":
            return _between(selection, _day(value), _day(value))
        case "day", ">=" | ">":
            return _between(selection, _day(value) + (ONE_DAY if sign == ">" else timedelta()), LAST_DAY)
        case "day", "<=" | "<":
            return _between(selection, FIRST_DAY, _day(value) - (ONE_DAY if sign == "<" else timedelta()))
        case _:
            raise InvalidSelection(f"`{name}` can't be combined with `{sign}`. Nothing was made.")


def _both(known: tuple[str, ...] | None, words: tuple[str, ...], alike: Callable[[str], str]) -> tuple[str, ...]:
    """The intersection of two conditions of the same kind. `alike`: the same for words that mean the same."""
    wanted = {alike(word) for word in words}
    return words if known is None else tuple(word for word in known if alike(word) in wanted)


def _between(selection: Selection, first: date, last: date) -> Selection:
    return replace(selection, first_day=max(selection.first_day, first), last_day=min(selection.last_day, last))


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise InvalidSelection(f"{text!r} is not a day such as 2026-03-01. Nothing was made.") from error
    return min(max(day, FIRST_DAY + ONE_DAY), LAST_DAY - ONE_DAY)


def _subjects(emails: Sequence[str]) -> list[UUID]:
    if not emails:
        return []
    with Directory.open() as directory:
        try:
            return [directory.by_email(email).subject for email in emails]
        except UnknownEmployee as error:
            raise InvalidSelection(f"{error} Nothing was made.") from error


def _concerns(policy: Policy, selection: Selection) -> bool:
    """Whether the selection includes anything that the policy may have allowed."""
    signals = selection.signals is None or set(policy.signals) & set(selection.signals)
    applications = selection.applications is None or any(policy.named(name) for name in selection.applications)
    return bool(signals and applications)


def _as_listed(policies: Sequence[Policy], names: Sequence[str]) -> list[str]:
    """The applications as records name them: as a policy lists them, whatever their case here."""
    listed = {policy.named(name) for policy in policies for name in names}
    return sorted({*names, *(name for name in listed if name is not None)})


def _common_purpose(policies: Sequence[Policy]) -> str:
    wanted = {policy.purpose for policy in policies}
    if len(wanted) == 1:
        return wanted.pop()
    said = "; ".join(sorted(wanted)) or "there is no policy for this"
    raise InvalidSelection(f"Give a purpose. Records were made for: {said}. Nothing was made.")


def _disallowed(policies: Sequence[Policy], purpose: str) -> str:
    said = "; ".join(sorted({policy.purpose for policy in policies})) or "nothing: no policy covers this"
    return f"No policy allows records to be used for {purpose!r}; they were made for: {said}. Nothing was made."


def _record_choice(program: str) -> None:
    """One entry a program and UTC day: a program that repeats its calls can't bury the other entries of people."""
    job = Job(uuid5(CHOICES, f"{clock.today()} {program}"), "dataset", Why.DATASET, "all records")
    with Directory.open() as directory:
        directory.record_use(job, {EVERYBODY: 1})


def _next_version(connection: DuckDBPyConnection, name: str) -> str:
    [(highest,)] = connection.execute(statement("highest_version"), {"namespace": OURS, "dataset": name}).fetchall()
    return str(highest + 1)


def _key(name: str, version: str) -> dict[str, str]:
    return {"namespace": OURS, "dataset": name, "version": version}
