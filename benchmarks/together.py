"""Erasing a hundred people who ask at about the same time, up to the receipt, against erasing one of them.

It measures everything that the workers do except waiting for the queue: tombstones, removal, purge, verification, the
state of each model, exports, notices, the ledger and the receipts. The company is a separate one with many people.
"""

from __future__ import annotations

import os
import statistics
import time
from datetime import UTC, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import clock
from benchmarks.company import DAYS, FIRST_DAY, Company, build_company
from benchmarks.timing import Result
from governance.db.database import writing
from governance.db.tables import RequestRow
from governance.domain.lifecycle import State, Type
from governance.domain.scopes import RequestScope
from governance.fulfilment import erasure
from governance.operations import first_start
from governance.requests import progress
from lake.lineage import graph
from lake.storage import maintenance
from lake.storage.connection import writer
from law.deadlines import due_on, end_of

TOGETHER = 100
ONES = 4
PEOPLE = 160


def measure(company: Company, folder: Path) -> list[Result]:
    """As many captures as `company` has, of more people: one is erased three times, then a hundred at once."""
    os.environ["OPENBOOK_HOME"] = str(folder / "together")
    first_start.init()
    (folder / "people").mkdir()
    crowd = build_company(PEOPLE, company.events, folder / "people")
    _train()
    with writer() as connection:
        maintenance.compact(connection)
    ones = [_erase(crowd.subjects[number : number + 1]) for number in range(ONES)][1:]
    one, hundred = statistics.median(ones), _erase(crowd.subjects[ONES : ONES + TOGETHER])
    return [
        Result(
            f"erase {TOGETHER} people together", round(hundred / one, 2), "erasing one of them",
            round(hundred, 1), round(one, 1), crowd.events_each * TOGETHER,
        )
    ]  # fmt: skip


def _erase(subjects: list[UUID]) -> float:
    """Milliseconds from the beginning of the work to the last receipt."""
    ids = [_file(subject) for subject in subjects]
    started = time.perf_counter()
    taken = [UUID(one) for one, _ in progress.begin_all(ids[0], str(ids[0]))]
    for step in erasure.TOGETHER:
        step(taken)
    failures = progress.attempt_many(erasure.EACH, taken, str(ids[0]))
    elapsed = (time.perf_counter() - started) * 1000
    if failures or len(taken) != len(subjects):
        raise RuntimeError("not all of them were worked on together")
    return elapsed


def _file(subject: UUID) -> UUID:
    now = clock.now_utc()
    day = due_on("gdpr", now.replace(tzinfo=UTC), "UTC")
    due = clock.naive(end_of(day, "UTC"))
    with writing() as session:
        row = RequestRow(
            id=uuid4(), subject=subject, type=Type.ERASURE, state=State.RECEIVED, regime="gdpr",
            scope=RequestScope().model_dump(mode="json", by_alias=True), received_at=now, due_at=due, first_due_at=due,
            due_on=day, first_due_on=day,
        )  # fmt: skip
        session.add(row)
        return row.id


def _train() -> None:
    """A model that includes everyone, so that each erasure concerns one."""
    last_day = FIRST_DAY + timedelta(days=DAYS)
    dataset = graph.DatasetVersion("benchmark", "1", "training", last_day)
    model = graph.ModelVersion("assistant", "1", "training", "the company", last_day)
    with writer() as connection:
        manifest = graph.collect_slices(connection, FIRST_DAY.date(), last_day.date(), ["keystroke", "mouse_click"])
        graph.record_dataset_version(connection, dataset, manifest)
        run = graph.record_run(connection, graph.Run("training", started_at=last_day, ended_at=last_day))
        graph.record_inputs(connection, run, [(dataset.dataset_version, None)])
        graph.record_outputs(connection, run, [graph.record_model_version(connection, model)])
