"""Proves from its text that a question reads captures of one subject only.

A question is one SELECT. Each table in it is about no one, or a query named in `with`, or holds captures of everyone.
For the latter, `alias.subject = $subject` must be one of the AND-joined conditions of the WHERE of the same SELECT, or
of the ON that joins the same table (not of a RIGHT or FULL join, which keeps rows that fail it). Anything else that
could be read (functions, files, other schemas) is refused.
"""

from __future__ import annotations

from collections.abc import Iterator

import sqlglot
from sqlglot import exp

CAPTURED = {
    "captures", "capture_rollup", "dataset_slices", "removals", "tombstones", "holds", "batches", "standing_rules",
    "violations", "refused", "refused_names", "indirect_captures", "mentions",
    "name_masks",
}  # fmt: skip
ABOUT_NOBODY = {
    "policies", "dataset_versions", "dataset_leaves", "model_versions", "runs", "run_inputs", "run_outputs",
    "model_parents", "deployments",
}  # fmt: skip
FUNCTIONS = {"lake.current_snapshot()", "common.current_snapshot()"}


def faults(sql: str) -> list[str]:
    """The reasons why the text is not proven; empty if it is."""
    statements = sqlglot.parse(sql, dialect="duckdb")
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        return ["is not one SELECT"]
    statement = statements[0]
    named = {query.alias for query in statement.find_all(exp.CTE)}
    if named & (CAPTURED | ABOUT_NOBODY):
        return ["names a query like a table"]
    return [
        fault for table in statement.find_all(exp.Table) for fault in _faults_of_table(table, named)
    ] + _faults_of_other_sources(statement)


def _faults_of_table(table: exp.Table, named: set[str]) -> Iterator[str]:
    if table.sql(dialect="duckdb").lower() in FUNCTIONS:
        return
    if table.db or table.catalog or not isinstance(table.this, exp.Identifier):
        yield f"reads {table.sql(dialect='duckdb')}"
    elif table.name not in CAPTURED | ABOUT_NOBODY | named:
        yield f"reads {table.name}, which is no table of the lake"
    elif table.name in CAPTURED and not any(_binds(each, table.alias) for each in _conditions(table)):
        yield f"does not bind the subject of {table.name} {table.alias}".rstrip()


def _faults_of_other_sources(statement: exp.Query) -> list[str]:
    """Functions in place of a table, and those that run text as SQL or read files."""
    found = []
    for function in statement.find_all(exp.Func):
        name = function.name if isinstance(function, exp.Anonymous) else function.sql_name()
        if name.lower().startswith(
            ("read_", "query", "parquet_", "sqlite_", "ducklake_", "glob", "pragma_", "duckdb_")
        ):
            found.append(f"calls {name.lower()}")
    return found


def _conditions(table: exp.Table) -> Iterator[exp.Expression]:
    """The conditions that every row of the table must meet."""
    select = table.find_ancestor(exp.Select)
    if select is None:
        return
    if select.args.get("where"):
        yield from _conjuncts(select.args["where"].this)
    join = table.parent
    if isinstance(join, exp.Join) and join.side not in {"RIGHT", "FULL"} and join.args.get("on"):
        yield from _conjuncts(join.args["on"])


def _conjuncts(condition: exp.Expression) -> Iterator[exp.Expression]:
    if isinstance(condition, exp.Paren):
        yield from _conjuncts(condition.this)
    elif isinstance(condition, exp.And):
        yield from _conjuncts(condition.this)
        yield from _conjuncts(condition.expression)
    else:
        yield condition


def _binds(condition: exp.Expression, alias: str) -> bool:
    if not isinstance(condition, exp.EQ):
        return False
    for column, value in ((condition.this, condition.expression), (condition.expression, condition.this)):
        if isinstance(column, exp.Column) and column.table == alias and column.name == "subject":
            return isinstance(value, exp.Parameter | exp.Placeholder) and value.name == "subject"
    return False
