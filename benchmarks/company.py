"""The captures for all measurements: many people, ninety days, the same at every run.

Seven in ten captures are mouse moves, which carry no text; the rest is sealed. Only the measured people's content
is actually sealed under their key: for the others random bytes of the same length cost and compress the same.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid5

import numpy as np
import pyarrow as pa

from directory import Directory
from directory.hr_file import COLUMNS
from directory.keys import KeyRing, Oneself
from directory.sealing import Sealer
from lake.storage.connection import writer
from lake.storage.store import ARROW_SCHEMA, Batch, store_many

FIRST_DAY = datetime(2026, 1, 5)  # noqa: DTZ001 (the lake's times are naive UTC)
DAYS = 90
WORKDAY_SECONDS = 8 * 3600
SIGNALS = np.array(["mouse_move", "mouse_click", "scroll", "keystroke", "navigation"])
SHARES = np.array([0.7, 0.1, 0.08, 0.09, 0.03])
APPLICATIONS = np.array(["Excel", "Chrome", "Slack", "Jira", "Outlook"])
SEALED_BYTES = 96
AT_ONCE = 2_000_000
"""Captures that are stored in one transaction, of ten people at most."""


@dataclass(frozen=True)
class Company:
    """`subjects[0]` is the one whose views are measured."""

    subjects: list[UUID]
    events_each: int

    @property
    def events(self) -> int:
        return len(self.subjects) * self.events_each


def build_company(people: int, events: int, folder: Path) -> Company:
    """Fill the directory and the lake of `$OPENBOOK_HOME`."""
    company = Company(fill_directory(people, folder / "directory.csv"), events // people)
    with writer() as connection:
        together = max(1, min(10, AT_ONCE // company.events_each))
        for start in range(0, people, together):
            batches, tables = [], []
            for number in range(start, min(start + together, people)):
                batch, rows = captures(company.subjects[number], number, company.events_each, really_sealed=number == 0)
                batches.append(batch)
                tables.append(rows)
            store_many(connection, batches, pa.concat_tables(tables))
    return company


def captures(subject: UUID, seed: int, count: int, *, really_sealed: bool = False) -> tuple[Batch, pa.Table]:
    """One person's captures, prepared for `lake.storage.store.store`; another seed gives different ones."""
    random = np.random.default_rng(seed)
    seconds = np.sort(random.integers(0, DAYS * WORKDAY_SECONDS, count))
    days, within = np.divmod(seconds, WORKDAY_SECONDS)
    at = np.datetime64(FIRST_DAY, "us") + (days * 86_400 + within + 8 * 3600) * np.timedelta64(1_000_000, "us")
    at = at + random.integers(0, 1_000_000, count) * np.timedelta64(1, "us")
    signals = random.choice(SIGNALS, count, p=SHARES)
    ids = random.bytes(16 * count)
    batch = Batch(uuid5(subject, str(seed)), subject, "benchmark/1", read=count)
    kept_until = FIRST_DAY.date() + timedelta(days=DAYS + 180)
    same = {
        "subject": subject.bytes,
        "source": batch.source,
        "batch": batch.batch.bytes,
        "policy": "benchmark",
        "retained_until": kept_until,
    }
    columns = {
        "capture_id": pa.FixedSizeBinaryArray.from_buffers(pa.binary(16), count, [None, pa.py_buffer(ids)]),
        "captured_at": pa.array(at),
        "signal": pa.array(signals),
        "application": pa.array(APPLICATIONS[(days + seconds // 900) % len(APPLICATIONS)]),
        "x": pa.array(random.integers(0, 1920, count), pa.int32()),
        "y": pa.array(random.integers(0, 1080, count), pa.int32()),
        "session": pa.array([uuid5(subject, str(day)).bytes for day in days.tolist()], pa.binary(16)),
        "redactions": pa.nulls(count, ARROW_SCHEMA.field("redactions").type),
        "sealed": _sealed(subject, ids, signals, random, really_sealed=really_sealed),
        **{name: _repeated(value, count, ARROW_SCHEMA.field(name).type) for name, value in same.items()},
    }
    return batch, pa.table([columns[name] for name in ARROW_SCHEMA.names], schema=ARROW_SCHEMA)


def _repeated(value: object, count: int, kind: pa.DataType) -> pa.Array:
    return pa.DictionaryArray.from_arrays(np.zeros(count, np.int32), pa.array([value], kind)).cast(kind)


def _sealed(
    subject: UUID, ids: bytes, signals: np.ndarray, random: np.random.Generator, *, really_sealed: bool
) -> pa.Array:
    has_text = signals != "mouse_move"
    if not really_sealed:
        return pa.array([random.bytes(SEALED_BYTES) if text else None for text in has_text.tolist()], pa.binary())
    keys = KeyRing()
    sealer = Sealer(keys.create_content_key(subject, Oneself(subject)))
    return pa.array(
        [
            sealer.seal(UUID(bytes=ids[16 * row : 16 * row + 16]), {"action": signal, "title": "Quarterly report"})
            if text
            else None
            for row, (text, signal) in enumerate(zip(has_text.tolist(), signals.tolist(), strict=True))
        ],
        pa.binary(),
    )


def fill_directory(people: int, file: Path) -> list[UUID]:
    """Add that many people to the directory, and return their subjects."""
    emails = [f"person{number}@example.com" for number in range(people)]
    with file.open("w", newline="", encoding="utf-8") as lines:
        table = csv.DictWriter(lines, COLUMNS)
        table.writeheader()
        for email in emails:
            table.writerow(
                {
                    "email": email, "name": email.partition("@")[0], "sub": email, "department": "All",
                    "team": "All", "role": "employee", "manager": "", "regime": "gdpr",
                }
            )  # fmt: skip
    with Directory.open() as directory:
        directory.synchronise(file)
        return [directory.by_email(email).subject for email in emails]
