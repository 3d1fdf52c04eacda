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
from demo.company import branch_records, people
from demo.company.activity import Worker, events
from demo.company.branches import branches, everyone
from demo.company.events import Events
from demo.company.library import Library
from demo.company.models import record_models
from demo.company.policies import policies
from demo.company.releases import publish_past_releases
from demo.company.requests import replay_past
from demo.company.rows import Terms, rows
from demo.company.screens import with_pictures
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
        report("the records of the branches")
        captures = sum(batch.stored for batch in store_many(connection, *_of_branches(subjects, library, now)))
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
    """Everyone's subject by name: the head office, then the branches."""
    with tempfile.TemporaryDirectory() as folder, Directory.open() as directory:
        file = Path(folder) / "people.csv"
        people.write_directory_file(file, everyone())
        directory.synchronise(file)
        found = {person.email: person.subject for person in directory.everyone()}
        return {person.name: found[person.email] for person in everyone()}


def _of_branches(subjects: dict[str, UUID], library: Library, now: datetime) -> tuple[list[Batch], pa.Table]:
    """The captures of everyone at the branches."""
    rng = np.random.default_rng([SEED, len(subjects)])
    theirs = [subjects[person.name] for person in branches()]
    counted = zip(theirs, branch_records.how_many(rng, len(theirs)), strict=True)
    counts = {subject: count for subject, count in counted if count}
    return branch_records.records(rng, counts, _keys(counts), library, Terms(policies(now.date()), now.date()), now)


def _captures(
    department: str, subjects: dict[str, UUID], library: Library, now: datetime
) -> tuple[list[Batch], pa.Table]:
    """Stores the captures of one department. One department at a time limits memory use."""
    terms = Terms(policies(now.date()), now.date())
    done: list[tuple[np.random.Generator, Worker, Events]] = []
    for place, person in enumerate(people.people()):
        if person.department != department or person.name == people.JOINED_TODAY:
            continue
        rng = np.random.default_rng([SEED, place])
        worker = Worker(
            subject=subjects[person.name],
            department=department,
            regime=person.regime,
            busyness=2.6 if person.name == people.RICH else rng.lognormal(-0.05, 0.3),
            in_pilot=person.team == "Service Desk" or person.name in people.HELD,
        )
        done.append((rng, worker, events(rng, library, worker, now.date())))
    keys = _keys({worker.subject: len(theirs) for _, worker, theirs in done})
    found = [
        rows(rng, theirs, worker, library, terms, Sealer(keys[worker.subject]), now) for rng, worker, theirs in done
    ]
    tables = [table for _, table in found]
    for place, (_, worker, _) in enumerate(done):
        if worker.subject == subjects[people.RICH]:
            tables[place] = with_pictures(tables[place], worker.subject, Sealer(keys[worker.subject]))
    return [batch for batches, _ in found for batch in batches], pa.concat_tables(tables)


def _keys(counts: dict[UUID, int]) -> dict[UUID, bytes]:
    """The content keys of people of whom so many records are stored, made at once."""
    return KeyRing().create_content_keys(Job(uuid4(), "ingestion", Why.INGESTION, "records"), counts)
