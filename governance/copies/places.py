"""The settings that say that a part is not in the home, and how to work on a home without them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from governance.db import database

SETTINGS = ("OPENBOOK_DATABASE_URL", "OPENBOOK_LAKE_CATALOG", "OPENBOOK_LAKE_DATA", "OPENBOOK_OBJECTS_URL")

Places = dict[str, str]
"""The values of these settings, without those that are not set."""


def given() -> Places:
    """Those of the environment."""
    return {name: value for name, value in os.environ.items() if name.upper() in SETTINGS and value}


@contextmanager
def at(folder: Path, places: Places | None = None) -> Iterator[None]:
    """The home is this folder for the block, with its parts in files, or else where `places` say."""
    before = {**given(), **_home()}
    _become({"OPENBOOK_HOME": str(folder), **(places or {})})
    try:
        yield
    finally:
        database.close()
        _become(before)


def _home() -> Places:
    return {name: os.environ[name] for name in ("OPENBOOK_HOME",) if name in os.environ}


def _become(values: Places) -> None:
    for name in (*given(), *_home()):
        del os.environ[name]
    os.environ.update(values)
