"""What a migration may change that says that programs of an earlier version can go on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, inspect, text, update

from governance.db import database, upgrading
from governance.db.tables import MigrationsRow
from lake.storage import migrations
from parts import PartUnavailable

ADDS = re.compile(r"(create table \w+ \(.*\)|alter table \w+ add column \w+ [^;]*)", re.DOTALL)


def scripts() -> ScriptDirectory:
    return ScriptDirectory(str(upgrading.FOLDER))


def in_the_way(before: Connection, after: Connection) -> list[str]:
    """What a program that knows the tables of `before` can't work with in those of `after`."""
    old, new = inspect(before), inspect(after)
    found = [f"{table} is gone" for table in sorted({*old.get_table_names()} - {*new.get_table_names()})]
    for table in sorted({*old.get_table_names()} & {*new.get_table_names()}):
        had = {column["name"]: column for column in old.get_columns(table)}
        has = {column["name"]: column for column in new.get_columns(table)}
        found += [f"{table}.{name} is gone" for name in had.keys() - has.keys()]
        found += [
            f"{table}.{name} must be given"
            for name in has.keys() - had.keys()
            if not has[name]["nullable"] and has[name]["default"] is None
        ]
        found += [
            f"{table}.{name} is another"
            for name in had.keys() & has.keys()
            if (str(had[name]["type"]), had[name]["nullable"]) != (str(has[name]["type"]), has[name]["nullable"])
        ]
        unique = [{each["name"] for each in of.get_indexes(table) if each["unique"]} for of in (old, new)]
        found += [f"{name} is unique" for name in unique[1] - unique[0]]
    return found


def at(folder: Path, revision: str) -> Iterator[Connection]:
    """A database as it was after a revision."""
    config = Config()
    config.set_main_option("script_location", str(upgrading.FOLDER))
    engine = create_engine(f"sqlite:///{folder / revision}.sqlite")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        yield connection
    engine.dispose()


def test_migrations_that_say_so_only_add(tmp_path: Path) -> None:
    for each in scripts().walk_revisions():
        if (goes_with := getattr(each.module, "goes_with", each.revision)) != each.revision:
            for before in at(tmp_path, goes_with):
                for after in at(tmp_path, each.revision):
                    assert in_the_way(before, after) == [], each.revision
    for migration in migrations.every():
        if migration.goes_with != migration.number:
            statements = [each.query for each in duckdb.connect().extract_statements(migration.sql)]
            assert [query for query in statements if not only_adds(query)] == [], migration.number


def only_adds(query: str) -> bool:
    said = re.sub(r"--.*", "", query).strip().rstrip(";")
    return bool(ADDS.fullmatch(said)) and not ("alter" in said and "not null" in said)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("create table more (number integer)", []),
        ("alter table home add column later varchar", []),
        ("alter table home add column later varchar not null default ''", []),
        ("create index i on home (lake)", []),
        ("create unique index i on home (lake)", ["i is unique"]),
        ("alter table home drop column lake", ["home.lake is gone"]),
        ("alter table home rename column lake to lakes", ["home.lake is gone", "home.lakes must be given"]),
        ("drop table migrations", ["migrations is gone"]),
    ],
)
def test_what_is_in_the_way(tmp_path: Path, change: str, found: list[str]) -> None:
    for folder in (tmp_path / "before", tmp_path / "after"):
        folder.mkdir()
    for before in at(tmp_path / "before", "0051"):
        for after in at(tmp_path / "after", "0051"):
            after.execute(text(change))
            assert in_the_way(before, after) == found


@pytest.mark.parametrize(
    ("query", "adds"),
    [
        ("-- One more.\ncreate table more (number integer not null);", True),
        ("alter table captures add column later varchar;", True),
        ("alter table captures drop column session;", False),
        ("alter table captures rename session to sessions", False),
        ("drop table captures", False),
        ("update captures set signal = 'x'", False),
        ("alter table captures add column later varchar not null", False),
    ],
)
def test_what_only_adds_to_a_lake(query: str, adds: bool) -> None:
    assert only_adds(query) is adds


@pytest.mark.parametrize(("needed", "usable"), [("0051", True), ("9999", False)])
def test_a_database_of_a_later_version(home: Path, needed: str, usable: bool) -> None:
    with database.writing() as session:
        session.execute(update(MigrationsRow).values(goes_with=needed))
        session.execute(text("update alembic_version set version_num = '9999'"))
    database.close()
    if not usable:
        with pytest.raises(PartUnavailable, match="made by a later version of Open Book"):
            database.reading().__enter__()
        return
    with database.reading() as session:
        assert session.scalar(text("select version_num from alembic_version")) == "9999"
