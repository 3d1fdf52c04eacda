"""`python -m lake reshard`, as an operator runs it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest

from lake.__main__ import main
from lake.storage.connection import reader_once, writer
from lake.storage.shards import placing
from tests.lake.rows import every_minute, put

Reshard = Callable[..., tuple[int, str]]

IN_SLOT_1 = UUID("00000000-0000-4000-8000-000000000001")


@pytest.fixture
def reshard(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Reshard:
    def run(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["lake", "reshard", *arguments])
        status = main()
        printed = capsys.readouterr()
        return status, " ".join((printed.out or printed.err).split())

    return run


def shards() -> int:
    with reader_once() as connection:
        return len(placing.read(connection).shards)


def test_a_dry_run_says_what_would_be_moved(reshard: Reshard) -> None:
    with writer() as connection:
        put(connection, IN_SLOT_1, every_minute(7))
    status, words = reshard("2", "--dry-run")
    assert (status, shards()) == (0, 1)
    assert "Nothing was changed. To divide the lake into 2, 7 records would be moved." in words
    status, words = reshard("2", "--json")
    assert (status, shards()) == (0, 2)
    assert json.loads(words)["result"] == {"shards": 2, "moved": 7}
    assert json.loads(reshard("2", "--json")[1])["result"]["moved"] == 0


@pytest.mark.parametrize("number", ["0", "17"])
def test_a_number_that_no_lake_has_is_refused(reshard: Reshard, number: str) -> None:
    status, words = reshard(number)
    assert (status != 0, shards()) == (True, 1)
    assert f"A lake has 1 to 16 shards, not {number}." in words
