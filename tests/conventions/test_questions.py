"""Every question in queries/own binds $subject on every captured table; the check itself is tested, too."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from queries.own import sql
from tests.conventions.sources import ROOT, modules
from tests.conventions.subject_binding import CAPTURED, faults

QUESTIONS = sorted((ROOT / "queries" / "own").glob("*.sql"))
PARTS = sorted((ROOT / "queries" / "own" / "parts").glob("*.sql"))


@pytest.mark.parametrize("file", QUESTIONS, ids=lambda file: file.stem)
def test_question_is_about_one_subject_only(file: Path) -> None:
    assert faults(sql(file.stem)) == []


def test_parts_of_questions_are_shared_and_filled_in() -> None:
    including = [file.read_text(encoding="utf-8") for file in QUESTIONS]
    for part in PARTS:
        assert len([text for text in including if f"-- include {part.stem}\n" in text]) > 1
    assert not [file.stem for file in QUESTIONS if "-- include" in sql(file.stem)]


@pytest.mark.parametrize("file", QUESTIONS, ids=lambda file: file.stem)
def test_question_opens_with_its_purpose(file: Path) -> None:
    assert re.match(r"-- [A-Z].{10,}\n", file.read_text(encoding="utf-8"))


def test_every_question_is_asked() -> None:
    asked = {
        node.value
        for _, tree in modules("queries")
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert {file.stem for file in QUESTIONS} <= asked


def test_every_table_with_a_subject_is_checked() -> None:
    tables = re.findall(r"create table (\w+) \((.*?)\n\);", (ROOT / "lake" / "schema.sql").read_text(), re.DOTALL)
    assert {name for name, columns in tables if re.search(r"^\s+subject ", columns, re.MULTILINE)} == CAPTURED


@pytest.mark.parametrize(
    "sql",
    [
        "select * from captures c where c.subject = $subject",
        "select * from captures c where (c.subject = $subject and c.x > 1) and c.signal = 'scroll'",
        "select * from policies p left join captures c on c.subject = $subject and c.policy = p.policy",
        "with mine as (select d.starts_at from capture_rollup d where $subject = d.subject) select * from mine",
        "select 1 from holds h where h.subject = $subject and exists "
        "(select 1 from captures c where c.subject = $subject)",
    ],
)
def test_check_accepts_queries_that_bind_the_subject(sql: str) -> None:
    assert faults(sql) == []


@pytest.mark.parametrize(
    "sql",
    [
        "select * from captures",
        "from captures",
        "table captures",
        "select * from captures c",
        "select * from captures c where subject = $subject",
        "select * from captures c where c.subject = $somebody",
        "select * from captures c where c.subject = 'b94b026d-7f78-48c5-aa61-42d74a9a7b0c'",
        "select * from captures c where c.subject <> $subject",
        "select * from captures c where not (c.subject = $subject)",
        "select * from captures c where c.subject = $subject or true",
        "select * from captures c where (c.subject = $subject or c.signal = 'scroll') and c.x > 0",
        "select * from captures c where c.batch = $subject",
        "select * from captures c where c.subject in ($subject, $other)",
        "select * from captures c where case when c.subject = $subject then true else true end",
        "select c.subject = $subject from captures c",
        "select * from captures c, holds h where h.subject = $subject",
        "select * from captures c join holds h on h.subject = $subject",
        "select * from captures c left join holds h on c.subject = $subject and h.subject = $subject",
        "select * from policies p right join captures c on c.subject = $subject",
        "select * from policies p full join captures c on c.subject = $subject",
        "select * from captures c where exists (select 1 from captures c where c.subject = $subject)",
        "select * from (select * from captures c) c where c.subject = $subject",
        "select * from captures c where c.subject = $subject union all select * from captures c",
        "with everybody as (select * from capture_rollup) select * from everybody e where e.subject = $subject",
        "with captures as (select 1 as subject) select * from captures c where c.subject = $subject",
        "select (select count(*) from batches) from captures c where c.subject = $subject",
        "select * from captures c where c.subject = $subject and c.x in (select x from captures)",
        "select * from other.captures c where c.subject = $subject",
        "select * from read_parquet('captures.parquet')",
        "select * from 'captures.parquet'",
        "select * from query('select * from captures')",
        "select * from query_table('captures') c where c.subject = $subject",
        "select * from ducklake_table_insertions('lake', 'main', 'captures', 0, 9)",
        "pivot captures on signal using count(*)",
        "select * from captures c where c.subject = $subject; select * from captures",
        "delete from captures where subject = $subject",
        "copy captures to 'all.csv'",
    ],
)
def test_check_refuses_queries_that_may_read_other_people(sql: str) -> None:
    assert faults(sql)


def test_no_sql_is_built_by_formatting_strings() -> None:
    """Every argument of `execute` is the text of a .sql file, or a constant."""
    for file, tree in modules("queries"):
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "execute":
                statement = node.args[0]
                from_file = (
                    isinstance(statement, ast.Call)
                    and isinstance(statement.func, ast.Name)
                    and statement.func.id == "sql"
                )
                assert from_file or isinstance(statement, ast.Constant), f"{file}:{node.lineno}"
            names = isinstance(node, ast.Attribute) and node.attr in {"sql", "query", "executemany", "from_query"}
            assert not names, f"{file}:{getattr(node, 'lineno', '')} runs SQL by another way than execute"
