"""Builds the company: directory, policies, captures, models, holds, requests, a retention sweep, and what was published
for managers.

The same day and seed give the same people, captures and models; only keys differ.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from uuid import UUID, uuid4

import numpy as np
import pyarrow as pa

import clock
import timekeeping
from demo.company import people
from demo.company.activity import Worker, events
from demo.company.library import Library
from demo.company.models import record_models
from demo.company.policies import policies
from demo.company.releases import publish_past_releases
from demo.company.requests import replay_past
from demo.company.rows import Terms, rows
from directory import Directory
from directory.keys import Job, KeyRing, Why
from directory.sealing import Sealer
from lake.rules import retention
from lake.rules.policies import apply_policies
from lake.storage.connection import reader, transaction, writer
from lake.storage.store import Batch, store_many

SEED = 20260112
BATCHES = "OPENBOOK_LEDGER_BATCH_SECONDS"
LEFT_OUT_EVERY = 7
"""The newest dataset leaves out every n-th person."""

Report = Callable[[str], None]


def build_company(report: Report = lambda _: None) -> int:
    """Builds the company in an empty home and returns its number of captures. `report` is called with each step.

    Its past has no batches of the ledger: each entry is there at the time at which something happened.
    """
    before = os.environ.get(BATCHES)
    os.environ[BATCHES] = "0"
    try:
        return _build(report)
    finally:
        del os.environ[BATCHES]
        os.environ.update({} if before is None else {BATCHES: before})


def _build(report: Report) -> int:
    now = clock.now()
    today = now.date()
    report("the directory")
    subjects = _fill_directory()
    library = Library(np.random.default_rng(SEED))
    with writer() as connection:
        apply_policies(connection, policies(today))
        captures = 0
        for department in people.NAMES:
            report(f"the records of {department}")
            batches, table = _captures(department, subjects, library, now)
            captures += sum(batch.stored for batch in store_many(connection, batches, table))
        report("models")
        with transaction(connection):
            record_models(connection, today, [*subjects.values()][::LEFT_OUT_EVERY])
    report("holds, and what people asked for")
    replay_past(today)
    report("the sweep of what expired")
    retention.sweep(today)
    report("what was published for managers")
    publish_past_releases(today)
    timekeeping.look()  # the first real time recorded for this home, after all the made-up ones
    with reader() as connection:
        return sum(connection.execute("select count(*) from captures").fetchone() or (0,))


def _fill_directory() -> dict[str, UUID]:
    """Everyone's subject by name; the person who joined today is last."""
    with tempfile.TemporaryDirectory() as folder, Directory.open() as directory:
        file = Path(folder) / "people.csv"
        people.write_directory_file(file)
        directory.synchronise(file)
        return {person.name: directory.by_email(person.email).subject for person in people.people()}


def _captures(
    department: str, subjects: dict[str, UUID], library: Library, now: datetime
) -> tuple[list[Batch], pa.Table]:
    """Stores the captures of one department. One department at a time limits memory use."""
    terms = Terms(policies(now.date()), now.date())
    keys = KeyRing()
    batches: list[Batch] = []
    tables: list[pa.Table] = []
    for place, person in enumerate(people.people()):
        if person.department != department or person.name == people.JOINED_TODAY:
            continue
        rng = np.random.default_rng([SEED, place])
        subject = subjects[person.name]
        worker = Worker(
            subject=subject,
            department=department,
            regime=person.regime,
            busyness=2.6 if person.name == people.RICH else rng.lognormal(-0.05, 0.3),
            in_pilot=person.team == "Service Desk" or person.name in people.HELD,
        )
        done = events(rng, library, worker, now.date())
        ingesting = Job(uuid4(), "ingestion", Why.INGESTION, "records", rows=len(done))
        sealer = Sealer(keys.create_content_key(subject, ingesting))
        theirs, table = rows(rng, done, worker, library, terms, sealer, now)
        batches += theirs
        tables.append(table)
    return batches, pa.concat_tables(tables)
