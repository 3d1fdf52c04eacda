"""Replacing the master key opens every content key: everybody's access log says so first, or no key is opened."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from directory import models
from directory.keys import rewrapping
from directory.people import directory_path
from governance.ledger import master_key_changes
from parts import PartUnavailable
from tests.governance.access.test_nobody_reads_unseen import entries
from tests.governance.conftest import Capture, Client
from tests.governance.keys.wrapped import rotate, wrapped_keys
from tests.support.people import Company


def test_everybody_sees_that_the_master_key_was_replaced(api: Client, person: Company, capture: Capture) -> None:
    ada, bob = person("ada@example.com"), person("bob@example.com")
    capture(ada)
    assert rotate().returncode == 0
    for who in (ada, bob):
        [entry] = entries(api, who)
        assert (entry["role"], entry["what"], entry["everybody"], entry["automatic"]) == (
            "rewrapping", "content keys", True, True,
        )  # fmt: skip
        assert entry["purpose"] == "To wrap all content keys with a new master key, without opening any record"


@pytest.mark.state_in_files
def test_the_entry_is_there_before_a_key_is_opened(
    api: Client, person: Company, capture: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = person("ada@example.com")
    capture(ada)
    before = wrapped_keys()
    opened: list[int] = []
    wrap_all = rewrapping._wrap_all

    def counted(*args: object) -> None:
        with closing(sqlite3.connect(directory_path())) as connection:
            opened.extend(connection.execute("select count(*) from key_use").fetchone())
        wrap_all(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(rewrapping, "_wrap_all", counted)
    with monkeypatch.context() as patch, closing(sqlite3.connect(directory_path(), isolation_level=None)) as other:
        patch.setattr(models, "PATIENCE_SECONDS", 0.1)
        other.execute("begin immediate")
        with pytest.raises(PartUnavailable):
            master_key_changes.replace()
        other.execute("rollback")
    assert (opened, wrapped_keys()) == ([], before)
    assert master_key_changes.replace()
    assert opened == [1]
    assert len(entries(api, ada)) == 1
