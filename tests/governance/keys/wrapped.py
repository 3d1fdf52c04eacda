"""The content keys of a home as they are on disk, without the code that opens them."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap

from governance.db import database
from governance.ledger import log, master_key_changes
from home import Part
from tests.governance.conftest import ROOT
from tests.support.disk import files_with


def wrapped_keys() -> list[bytes]:
    with closing(sqlite3.connect(Part.DIRECTORY.path)) as connection:
        return [wrapped for (wrapped,) in connection.execute("select wrapped from content_key")]


def opened_with(master_key: bytes) -> list[bytes]:
    """The content keys that this master key opens."""
    found = []
    for wrapped in wrapped_keys():
        try:
            found.append(aes_key_unwrap(master_key, wrapped))
        except InvalidUnwrap:
            continue
    return found


def as_before(directory: Path) -> None:
    """Make a directory database what the version before had."""
    with closing(sqlite3.connect(directory)) as connection:
        connection.execute("alter table content_key drop column first_print")
        connection.execute("drop table rewrapping")


def changes_in_the_ledger() -> list[dict[str, Any]]:
    with database.reading() as session:
        return log.statements_of_kind(session, master_key_changes.KIND)


def rotate(environment: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "governance", "rotate-keys", "master"]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def names_with(folder: Path, secret: bytes) -> list[str]:
    """The files below a folder that contain these bytes, plain or in hex."""
    forms = (secret, secret.hex().encode(), secret.hex().upper().encode())
    return [path.name for path in files_with(folder, forms)]
