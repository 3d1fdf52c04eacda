"""The graph of one person: 100 dataset versions of 1,000 people, 50 model versions, against reading that person's slice
rows from Parquet, which is only the start of the work.

The lake is as a daily sweep leaves it: rows in order, in few files. The floor is DuckDB on plain Parquet: the rows of
one person from a file for each bucket of everyone's, sorted in the same way; and from a file of theirs alone.
"""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4, uuid5

import duckdb

import queries
from benchmarks.company import FIRST_DAY, fill_directory
from benchmarks.company import Company as Captured
from benchmarks.timing import Result, compare
from governance.operations import first_start
from lake.lineage import graph as lineage
from lake.lineage.graph import OURS, Deployment, ModelVersion, Relation, Run
from lake.storage import maintenance
from lake.storage.connection import reader, reading, transaction, writer
from queries import Own

VERSIONS, PEOPLE, MODELS = 100, 1000, 50
DAYS, SIGNALS, APPLICATIONS = 10, 3, 2
BUCKETS = 16
TIMES = 21
SEED = UUID("2a7a1f5e-0a53-4b6a-93f3-4d8b2c6e9a10")

SLICES = """
    insert into dataset_slices
    select
        v.version, p.subject, date '2026-01-05' + (v.number % 60 + d.day)::integer,
        ['mouse_click', 'keystroke', 'scroll'][s.signal + 1], ['Excel', 'Chrome'][a.application + 1],
        1 + (hash(p.subject, v.number, d.day, s.signal, a.application) % 500)::bigint,
        unhex(sha256(concat(p.subject, v.number, d.day, s.signal, a.application))),
        timestamp '2026-01-05 09:00', timestamp '2026-01-05 17:00'
    from people p, versions v, range($days) d(day), range($signals) s(signal), range($applications) a(application)
    where hash(p.subject, v.number) % 10 < 9
    order by p.subject, v.version
"""
OWN = "select * from read_parquet($file) where subject = $subject order by dataset_version, day"


def measure(_: Captured, folder: Path) -> list[Result]:
    before = os.environ["OPENBOOK_HOME"]
    os.environ["OPENBOOK_HOME"] = str(folder / "lineage")
    try:
        first_start.init()
        (folder / "lineage-people").mkdir()
        subjects = fill_directory(PEOPLE, folder / "lineage-people" / "directory.csv")
        _train(subjects)
        return _compared(subjects, folder)
    finally:
        queries.connection.close()
        os.environ["OPENBOOK_HOME"] = before


def _compared(subjects: list[UUID], folder: Path) -> list[Result]:
    asked = [subjects[(turn * 37) % PEOPLE] for turn in range(TIMES + 1)]
    bucket, alone = _floor(folder, asked)
    own: list[Own] = [queries.for_request(subject, uuid4()) for subject in asked]
    floor = duckdb.connect()

    def rows(files: dict[UUID, str], turn: int) -> int:
        found = floor.execute(OWN, {"file": files[asked[turn]], "subject": asked[turn]}).df()
        if found.empty:
            raise RuntimeError("the person has no slices")
        return len(found)

    def graph(turn: int) -> None:
        if not own[turn].lineage().datasets:
            raise RuntimeError("the person is in no dataset version")

    def against(files: dict[UUID, str], words: str) -> Result:
        name = f"graph of one person, {VERSIONS} dataset versions and {MODELS} models"
        return compare(name, words, rows(files, 0), graph, lambda turn: rows(files, turn), times=TIMES)

    return [
        against(bucket, "DuckDB reading their slice rows from plain Parquet of everybody's"),
        against(alone, "DuckDB reading plain Parquet of their slice rows alone"),
    ]


def _train(subjects: list[UUID]) -> None:
    versions = [uuid5(SEED, f"dataset {number}") for number in range(VERSIONS)]
    with writer() as connection:
        with transaction(connection):
            connection.execute(
                "create temp table people as select unnest($subjects::uuid[]) as subject", {"subjects": subjects}
            )
            connection.execute(
                "create temp table versions as"
                " select unnest($keys::uuid[]) as version, unnest(range($count)) as number",
                {"keys": versions, "count": VERSIONS},
            )
            connection.execute(SLICES, {"days": DAYS, "signals": SIGNALS, "applications": APPLICATIONS})
            connection.execute(
                "insert into dataset_versions select version, $ours, 'actions', number::varchar, 'training', $ours,"
                " $at::timestamp + interval 1 hour * number, sha256(number::varchar), $people from versions",
                {"ours": OURS, "at": FIRST_DAY, "people": PEOPLE},
            )
            models = [_model(connection, number, versions) for number in range(MODELS)]
            for number in range(10, MODELS, 5):
                lineage.record_parent(connection, models[number], models[number - 7], Relation.FINE_TUNED)
        maintenance.compact(connection)


def _model(connection: duckdb.DuckDBPyConnection, number: int, versions: list[UUID]) -> UUID:
    at = FIRST_DAY + timedelta(days=number)
    model = ModelVersion(f"assistant-{number % 8}", str(number), "training", "the company", at)
    run = lineage.record_run(connection, Run(f"train {number}", started_at=at, ended_at=at))
    read = [(versions[(number * 2 + each) % VERSIONS], None) for each in range(number % 4 + 1)]
    lineage.record_inputs(connection, run, read)
    key = lineage.record_model_version(connection, model)
    lineage.record_outputs(connection, run, [key])
    if number % 2:
        lineage.record_deployment(connection, Deployment(key, "production", at, "Support"))
    return key


def _floor(folder: Path, asked: list[UUID]) -> tuple[dict[UUID, str], dict[UUID, str]]:
    """For each person: the Parquet file of their bucket, and one of their rows alone."""
    lake, plain = reader(), duckdb.connect()
    bucket, alone = {}, {}
    with reading():
        lake.execute("use lake")
        for number in range(BUCKETS):
            file = folder / f"slices-{number}.parquet"
            rows = lake.execute(
                "select * from dataset_slices where hash(subject) % $buckets = $number"
                " order by subject, dataset_version, day",
                {"buckets": BUCKETS, "number": number},
            ).to_arrow_table()
            plain.register("rows", rows)
            plain.execute(
                "copy (select * replace (subject::uuid as subject) from rows) to $file (format parquet)",
                {"file": str(file)},
            )
            plain.unregister("rows")
        for subject in asked:
            [(number,)] = lake.execute(
                "select hash($subject::uuid) % $buckets", {"subject": subject, "buckets": BUCKETS}
            ).fetchall()
            bucket[subject] = str(folder / f"slices-{number}.parquet")
            alone[subject] = str(folder / f"slices-of-{subject}.parquet")
            plain.execute(
                "copy (select * from read_parquet($from) where subject = $subject) to $file (format parquet)",
                {"from": bucket[subject], "subject": subject, "file": alone[subject]},
            )
    lake.close()
    return bucket, alone
