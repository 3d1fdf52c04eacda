"""Lists that don't fit into memory: the same as those that do."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pytest

from lake.spools import items, ordinals, tables
from lake.spools.items import Sorted, Spool
from lake.spools.ordinals import Ordinals
from lake.spools.tables import Tables, gathered


def test_ordinals_count_equal_ones_before(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ordinals, "IN_MEMORY", 30)
    chance, seen = random.Random(3), Counter[bytes]()
    found, expected = Ordinals(), []
    for place in range(1_000):
        identity = bytes([chance.randrange(9)]) * 8 + bytes([chance.randrange(9)]) * 8
        expected.append(seen[identity])
        seen[identity] += 1
        assert found.add(identity) == place

    for _ in range(2):
        ordinal = found.ascending()
        assert [ordinal(place) for place in range(1_000)] == expected
    some = found.ascending()
    assert [some(place) for place in range(0, 1_000, 7)] == expected[::7]


def test_no_identities_have_no_ordinals() -> None:
    assert Ordinals().ascending()(0) == 0


def test_spools_keep_the_order_and_can_be_read_again(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(items, "IN_MEMORY", 100)
    spool: Spool[int] = Spool(str, int)
    for number in range(95):
        spool.add(number, 10)

    assert [list(spool) for _ in range(2)] == [list(range(95))] * 2


def test_sorted_ones_are_in_order(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(items, "IN_MEMORY", 100)
    monkeypatch.setattr(items, "OF_EACH_RUN", 3)
    numbers = random.Random(5).sample(range(1_000), 95)
    in_order: Sorted[tuple[int, str]] = Sorted()
    for number in numbers:
        in_order.add((number, "text"), 10)

    assert [list(in_order) for _ in range(2)] == [[(number, "text") for number in sorted(numbers)]] * 2


def test_tables_keep_their_rows(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "IN_MEMORY", 100)
    monkeypatch.setattr(tables, "TOGETHER", 25)
    schema = pa.schema([("number", pa.int64())])
    kept = Tables(schema)
    assert [table.num_rows for table in kept] == [0]
    for start in range(0, 90, 10):
        kept.add(pa.table({"number": range(start, start + 10)}, schema=schema))

    together = list(gathered(kept))
    assert kept.num_rows == 90
    assert [table.num_rows for table in together] == [40, 40, 10]
    assert pa.concat_tables(together)["number"].to_pylist() == list(range(90))
