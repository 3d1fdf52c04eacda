"""The whole company, built once and read back from the lake."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from duckdb import DuckDBPyConnection

import clock
import verifier
from demo.company import branch_records, branches, people
from demo.company.build import build_company
from demo.company.policies import PILOT, RECORDED, policies
from directory import Directory
from directory.keys import Oneself
from governance import receipts
from governance.db.database import reading
from governance.lineage.told_roots import told_roots
from governance.requests import filing
from lake.lineage.model_graph import ModelGraph
from lake.releases import publishing
from lake.rules.scope import SIGNALS
from lake.storage.connection import reader
from queries import area
from settings import settings
from tests.support import homes

AT_BRANCHES = 371
"""People at the branches of whom anything is recorded."""


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckDBPyConnection]:
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("company")
        homes.make(folder)
        patch.setenv("OPENBOOK_HOME", str(folder))
        build_company()
        connection = reader()
        yield connection
        connection.close()


def rows(lake: DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]]:
    return lake.execute(sql).fetchall()


def test_two_million_captures_nearly_all_of_sixty_people(lake: DuckDBPyConnection) -> None:
    counted = "select count(*), count(distinct subject), count(distinct signal) from captures"
    events, subjects, signals = rows(lake, counted)[0]
    assert 1_500_000 < events < 3_000_000
    assert (subjects, signals) == (60 + AT_BRANCHES, len(SIGNALS))
    few = "select count(*), max(n) from (select count(*) as n from captures group by subject having n < 1000)"
    assert rows(lake, few) == [(AT_BRANCHES, branch_records.MOST)]


def test_the_rollup_equals_the_captures(lake: DuckDBPyConnection) -> None:
    kept = "select * from capture_rollup"
    counted = """
        select subject, time_bucket(interval 15 minutes, captured_at), signal, application, policy, batch,
            max(retained_until), count(*), count(*) filter (redactions is not null), min(captured_at), max(captured_at)
        from captures group by 1, 2, 3, 4, 5, 6
    """
    assert rows(lake, f"({kept} except all {counted}) union all ({counted} except all {kept})") == []


def test_batches_account_for_every_capture_that_came_in(lake: DuckDBPyConnection) -> None:
    stored, read = rows(lake, "select sum(stored), sum(read) from batches")[0]
    there = rows(lake, "select count(*) from captures")[0][0]
    removed = rows(lake, "select sum(events) from removals")[0][0]
    assert stored == read == there + removed


def test_only_held_captures_of_the_pilot_are_left(lake: DuckDBPyConnection) -> None:
    causes = rows(lake, "select distinct cause, policy from removals where cause = 'retention'")
    assert causes == [("retention", PILOT)]
    left = rows(lake, f"select distinct subject, signal from captures where policy = '{PILOT}'")
    held = rows(lake, "select subject from holds where list_contains(signals, 'screenshot')")
    assert left == [(held[0][0], "screenshot")]
    expired = rows(lake, f"select distinct policy from captures where retained_until < '{clock.today()}'")
    assert expired == [(PILOT,)]


def test_models_have_each_kind_of_evidence(lake: DuckDBPyConnection) -> None:
    read = """
        select m.model || ' ' || m.version, list(d.manifest_root is not null)
        from model_versions m
        join run_outputs o using (model_version)
        left join run_inputs i using (run)
        left join dataset_versions d using (dataset_version)
        group by 1
    """
    evidence = dict(rows(lake, read))
    assert evidence["Quill 1.0"] == [True, True]
    assert evidence["Lumen 0.3"] == [False]
    assert evidence["Lumen 0.2"] == [False]
    without_inputs = """
        select m.model || ' ' || m.version
        from model_versions m
        join run_outputs o using (model_version)
        where o.run not in (select run from run_inputs)
        order by 1
    """
    assert rows(lake, without_inputs) == [("Lumen 0.2",), ("Sable Claims 1.0",)]
    assert {name.partition(" ")[0] for name in evidence} == {"Sable", "Quill", "Lumen"}
    assert rows(lake, "select count(*) from model_versions where retired_at is not null") == [(2,)]


def test_nothing_is_proven_by_a_list_younger_than_its_run(lake: DuckDBPyConnection) -> None:
    graph = ModelGraph.read(lake)
    with reading() as session:
        told = told_roots(session)
    listed = [each for each in graph.trainings if graph.datasets[each[1]].manifest_root]
    assert {dataset for _, dataset, _ in listed} == told.keys()
    assert [graph.models[model].name for model, dataset, began_by in listed if told[dataset] > began_by] == []
    assert all(graph.datasets[dataset].created_at <= at for dataset, at in told.items())


def test_a_manifest_counts_what_was_captured_before_the_dataset_was_made(lake: DuckDBPyConnection) -> None:
    differing = """
        with counted as (
            select subject, starts_at::date as day, signal, application, sum(events) as events
            from capture_rollup group by all
        )
        select s.*
        from dataset_slices s
        join dataset_versions d using (dataset_version)
        left join counted c using (subject, day, signal, application)
        where (s.events is distinct from c.events or s.day >= d.created_at)
            and s.subject not in (select subject from removals where cause = 'erasure')
    """
    assert rows(lake, differing) == []
    people_in = """
        select d.version, count(distinct s.subject)
        from dataset_slices s join dataset_versions d using (dataset_version)
        where d.dataset = 'desktop-actions'
            and s.subject in (select subject from captures group by subject having count(*) > 1000)
        group by 1
    """
    assert dict(rows(lake, people_in)) == {"1": 60, "2": 60, "3": 51}


def test_requests_of_each_kind_have_valid_receipts(lake: DuckDBPyConnection) -> None:
    with Directory.open() as directory:
        asked = {person.name: filing.all_of(person.subject, Oneself(person.subject)) for person in directory.everyone()}
    filed = [(person, each) for person, theirs in asked.items() for each in theirs]
    assert {(person, str(each.type), str(each.state)) for person, each in filed} == {
        (people.RICH, "export", "completed"),
        (people.RICH, "rectification", "completed"),
        (people.RICH, "objection", "completed"),
        (people.HELD[0], "erasure", "partially_completed"),
        (people.HELD[0], "rectification", "denied"),
        (people.CALIFORNIANS[0], "restriction", "completed"),
        (people.CALIFORNIANS[0], "rectification", "verifying"),
        ("Aiko Tanabe", "rectification", "verifying"),
        ("Farid Haddad", "rectification", "verifying"),
    }
    assert sum(each.due_at.replace(tzinfo=None) < clock.now_utc() for _, each in filed if not each.completed_at) == 1
    for person, each in filed:
        assert bool(each.receipts) == bool(each.completed_at)
        if each.receipts:
            with Directory.open() as directory:
                subject = directory.by_email(f"{people.login_of(person)}@{people.DOMAIN}").subject
            verifier.verify(json.dumps(receipts.document(subject, each.id, None, None)))


def test_the_directory_has_its_roles_and_regimes(lake: DuckDBPyConnection) -> None:
    with Directory.open() as directory:
        everyone = directory.everyone()
        assert directory.by_sub(people.visitor().login) is None
    assert len(everyone) == len(branches.everyone()) == 599
    roles = [person.role for person in everyone]
    assert (roles.count("manager"), roles.count("privacy_officer")) == (32, 1)
    assert [person.name for person in everyone if person.regime == "ccpa"] == sorted(people.CALIFORNIANS)
    with_captures = {subject for (subject,) in rows(lake, "select distinct subject from captures")}
    at_branches = {person.name for person in branches.branches()}
    without = {person.name for person in everyone if person.subject not in with_captures}
    assert without - at_branches == {people.JOINED_TODAY}
    assert len(without & at_branches) == len(at_branches) - AT_BRANCHES


def test_managers_have_many_few_or_no_reports(lake: DuckDBPyConnection) -> None:
    with Directory.open() as directory:
        subjects = {person.name: person.subject for person in directory.everyone()}
    below = {
        name: area.people_below(subjects[name])
        for name in (*people.HEADS, *people.LEADS, *branches.HEADS, people.WITHOUT_A_TEAM)
    }
    assert below == {
        "Marcus Oyelaran": 50, "Helen Strand": 9, "Samuel Adeyemi": 20, "Anton Berg": 9, "Kira Novotna": 6,
        "Sofia Moreau": 200, "Robert Ashworth": 336, "Vera Lindqvist": 0,
    }  # fmt: skip
    published = {name for name in below if area.of_area(subjects[name]).tables}
    assert published == {"Marcus Oyelaran", "Sofia Moreau", "Robert Ashworth"}


def test_two_releases_used_the_years_budget(lake: DuckDBPyConnection) -> None:
    company = area.of_company()
    assert [release.people for release in company.releases] == [599, 599]
    assert 2.99 < company.releases[0].year_epsilon <= 3
    none = {table.as_of: table.shares[0] for table in company.tables if table.name == "volume"}
    later, earlier = none.values()
    assert (later.band, later.high < earlier.low) == ("none", True)
    assert not publishing.is_due()


def test_public_recordings_may_be_ingested() -> None:
    recordings = next(policy for policy in policies(clock.today()) if policy.policy == "recordings")
    assert (recordings.retention_days, set(recordings.signals)) == (3650, set(SIGNALS))
    assert set(RECORDED) <= set(recordings.applications)


def test_the_lake_folder_has_no_readable_content(lake: DuckDBPyConnection) -> None:
    for file in (settings().home / "lake").rglob("*"):
        assert not file.is_file() or b"Harbour & Finch" not in file.read_bytes()
