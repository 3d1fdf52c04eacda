"""Code for managers can't reach captures, their connection or their keys: the tests follow imports and
connections."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.conventions.sources import ROOT, modules

PACKAGES = ("api_client", "dashboard", "demo", "directory", "governance", "lake", "queries")
ENTRANCES = ("queries.area", "governance.api.routes.area", "governance.api.viewer", "governance.schemas.area")
TO_CAPTURES = {
    "lake.storage.connection.reader", "lake.storage.connection.writer",
    "lake.storage.connection.reading", "lake.storage.connection.attach_writable",
    "lake.storage.connection.each_shard", "lake.storage.connection.parts", "lake.storage.opening.attach",
    "queries.connection", "queries.person", "queries.records", "queries.loader", "queries.overview",
    "directory.keys", "directory.sealing", "governance.api.authentication", "governance.db.database",
    "lake.releases.read_facts", "lake.releases.publishing", "lake.storage.store", "lake.statements",
}  # fmt: skip
QUESTIONS = sorted((ROOT / "queries" / "released").glob("*.sql"))
TABLES = {"releases", "release_tables", "released_areas", "cells", "attack_results", "states", "lost_releases"}


def name_of(file: Path) -> str:
    return ".".join(file.with_suffix("").parts).removesuffix(".__init__")


@cache
def sources() -> dict[str, ast.Module]:
    found = {name_of(file): tree for package in PACKAGES for file, tree in modules(package)}
    return found | {name: tree for name in ("clock", "settings", "timekeeping") for _, tree in modules(f"{name}.py")}


def taken(module: str) -> Iterator[str]:
    """The names that a module imports from our others, in full: `lake.storage.connection.transaction`.

    Loading a package together with a module of it gives access to nothing: only imported names can be called.
    """
    for node in ast.walk(sources()[module]):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.partition(".")[0] in PACKAGES:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.partition(".")[0] in PACKAGES)


def defined_in(name: str) -> str | None:
    """The module of a name: itself, or the one that defines it."""
    while name and name not in sources():
        name = name.rpartition(".")[0]
    return name or None


def reached(entrance: str) -> tuple[set[str], set[str]]:
    """Modules and names that are reachable from a module; of `lake.storage.connection`, only imported names."""
    names: set[str] = set()
    seen: set[str] = set()
    left = [entrance]
    while left:
        module = left.pop()
        if module in seen or module == "lake.storage.connection":
            continue
        seen.add(module)
        for name in taken(module):
            names.add(name)
            if found := defined_in(name):
                left.append(found)
    return seen, names


@pytest.mark.parametrize("entrance", ENTRANCES)
def test_code_for_managers_cannot_reach_captures(entrance: str) -> None:
    seen, names = reached(entrance)
    assert (seen | names) & TO_CAPTURES == set()


def test_the_import_walk_finds_existing_paths() -> None:
    assert {"queries.person", "directory.keys", "lake.storage.connection.reader"} <= set.union(
        *reached("governance.api.routes.me")
    )
    assert "lake.storage.connection.writer" in set.union(*reached("governance.rounds.retention"))


def test_one_module_connects_to_the_release_database() -> None:
    seen = set().union(*(reached(entrance)[0] for entrance in ENTRANCES))
    opening = {
        module
        for module in seen
        for node in ast.walk(sources()[module])
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "connect"
        if ast.unparse(node.func.value) != "super()"  # a URL: where the sign-in keys are
    }
    assert opening == {"lake.releases.database"}


@pytest.mark.parametrize("page", ["dashboard.views.area", "dashboard.views.programme", "dashboard.releases.panel"])
def test_the_pages_ask_the_api_and_never_for_captures(page: str) -> None:
    """A page knows the current user; everything about many people comes from the API."""
    assert not {name.partition(".")[0] for name in taken(page)} - {"api_client", "dashboard"}
    used = {node.attr for node in ast.walk(sources()[page]) if isinstance(node, ast.Attribute)}
    assert not used & {"own", "summary", "records", "captures_per_day", "signed_in"}


@pytest.mark.parametrize("file", QUESTIONS, ids=lambda file: file.stem)
def test_questions_about_what_was_published_read_the_release_database_only(file: Path) -> None:
    import sqlglot
    from sqlglot import exp

    text = file.read_text(encoding="utf-8")
    assert text.startswith("-- ")
    [statement] = sqlglot.parse(text, dialect="duckdb")
    assert isinstance(statement, exp.Query)
    assert {table.sql(dialect="duckdb").split()[0] for table in statement.find_all(exp.Table)} <= TABLES
    assert not any(function.name.lower().startswith("read_") for function in statement.find_all(exp.Anonymous))
