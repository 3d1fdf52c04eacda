"""The lake's SQL: one statement a file under `lake/sql/`, values by bound parameters only."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

INCLUDED = re.compile(r"^-- include (\w+)$", re.MULTILINE)


@cache
def statement(name: str) -> str:
    """The text of `lake/sql/NAME.sql`."""
    return filled_in(Path(__file__).parent / "sql", name)


def about(database: str, name: str) -> str:
    """The statement NAME about DuckLake's own tables, for what a connection calls `database`."""
    return statement(name).replace("__ducklake_metadata_lake", f"__ducklake_metadata_{database}")


def filled_in(folder: Path, name: str) -> str:
    """The text of `NAME.sql` in a folder. The line `-- include PART` stands for `parts/PART.sql`, which several
    statements share."""
    text = (folder / f"{name}.sql").read_text(encoding="utf-8")
    return INCLUDED.sub(lambda part: filled_in(folder, f"parts/{part[1]}"), text)
