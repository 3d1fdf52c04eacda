"""Commands load only what they need: libraries that take a moment stay out of those that don't use them."""

import subprocess
import sys
from pathlib import Path

import pytest

COSTLY = {"fastapi", "opendp", "pandas", "presidio_analyzer", "scim2_models", "scipy", "streamlit"}
LOADED = (
    "import runpy, sys\ntry: runpy.run_module('{}', run_name='__main__')\nexcept SystemExit: pass\nprint(*sys.modules)"
)
IMPORTED = "import sys, {}\nprint(*sys.modules)"


@pytest.mark.parametrize(
    ("module", "arguments", "also"),
    [
        ("lake", ["--help"], {"duckdb", "numpy", "psycopg", "pyarrow", "rich", "sqlalchemy"}),
        ("lake", ["policy", "--help"], {"duckdb", "numpy", "psycopg", "pyarrow", "rich", "sqlalchemy"}),
        ("directory", ["sync", "--help"], {"dbos", "duckdb", "numpy", "sqlalchemy"}),
        ("governance", ["--help"], {"alembic", "dbos", "duckdb", "numpy", "sqlalchemy"}),
        ("governance", ["backup", "--help"], {"alembic", "dbos", "duckdb", "numpy", "sqlalchemy"}),
    ],
)
def test_nothing_costly_is_loaded_for_help(module: str, arguments: list[str], also: set[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADED.format(module), *arguments], capture_output=True, text=True, check=True
    )
    printed, _, loaded = done.stdout.rstrip().rpartition("\n")
    assert "usage: python -m " in printed
    assert not (COSTLY | also) & set(loaded.split())


def test_listing_policies_loads_no_format_and_no_database(home: Path) -> None:
    loaded = _loaded(LOADED.format("lake"), "policy", "list")
    assert not (COSTLY | {"lake.connectors.pynput", "lake.archives.jira", "numpy", "pyarrow", "sqlalchemy"}) & loaded


def test_a_synchronisation_loads_no_lake(home: Path, tmp_path: Path) -> None:
    people = tmp_path / "people.csv"
    people.write_text("sub,email,name,timezone,manager_email,department,role\n", encoding="utf-8")
    loaded = _loaded(LOADED.format("directory"), "sync", str(people), "--dry-run")
    assert not (COSTLY | {"dbos", "duckdb", "numpy"}) & loaded


@pytest.mark.parametrize(
    ("module", "unloaded"),
    [
        ("governance.api.app", {"alembic", "lake.safeguards.patterns", "presidio_analyzer", "scim2_models"}),
        ("governance.worker.process", {"alembic", "fastapi", "presidio_analyzer", "scim2_models", "streamlit"}),
        ("dashboard.app", {"alembic", "dbos", "fastapi", "lake.connectors.pynput", "presidio_analyzer"}),
    ],
)
def test_servers_start_without_what_only_some_calls_need(home: Path, module: str, unloaded: set[str]) -> None:
    assert not unloaded & _loaded(IMPORTED.format(module))


def test_an_open_database_of_this_version_needs_no_alembic(home: Path) -> None:
    opened = "import sys\nfrom governance.db import database\nwith database.reading(): print(*sys.modules)"
    assert "alembic" not in _loaded(opened)


def _loaded(program: str, *arguments: str) -> set[str]:
    done = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True)
    return set(done.stdout.rstrip().rpartition("\n")[2].split())
