"""Commands load only what they need: libraries that take a moment stay out of those that don't use them."""

import subprocess
import sys

import pytest

COSTLY = {"fastapi", "opendp", "pandas", "presidio_analyzer", "scim2_models", "scipy", "streamlit"}
LOADED = (
    "import runpy, sys\ntry: runpy.run_module('{}', run_name='__main__')\nexcept SystemExit: pass\nprint(*sys.modules)"
)


@pytest.mark.parametrize(
    ("module", "arguments", "also"),
    [
        ("lake", ["--help"], {"numpy", "psycopg", "pyarrow", "sqlalchemy"}),
        ("lake", ["policy", "--help"], {"numpy", "psycopg", "pyarrow", "sqlalchemy"}),
        ("directory", ["sync", "--help"], {"dbos", "duckdb", "numpy"}),
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
