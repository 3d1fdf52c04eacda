"""The counts of an export: every record is whole, in part or left out, and they match the catalogue."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

import clock
import queries
from directory import Employee
from directory.keys import KeyRing
from governance.export import ExportDoesNotAddUp, Filed
from governance.export.counts import Count, reconciled
from lake.lineage.graph import ModelVersion
from lake.rules.scope import Scope
from lake.storage.connection import writer
from queries.snapshot import Snapshot, Withheld
from tests.governance.captured import CAPTURES, FIRST_DAY, put
from tests.governance.export.opening import ASKED, HOLD, TOMBSTONE, lines, manifest, rule, unzip, write
from tests.support import lineage
from tests.support.people import Company

THEIRS = {"signal": "message", "content": {"author": "bob@example.com", "message": "a secret of Bob"}}
OURS = {"signal": "message", "content": {"author": "ADA@example.com ", "message": "my own words"}}


def counts_of(files: dict[str, bytes]) -> dict[str, dict[str, Any]]:
    counts: dict[str, dict[str, Any]] = manifest(files)["counts"]
    for count in counts.values():
        assert count["catalogued"] == count["exported"] + count["redacted"] + count["withheld"]
    return counts


def test_all_kinds_of_captures_add_up(ada: Employee, path: Path) -> None:
    put(ada, [{**THEIRS, "captured_at": FIRST_DAY}, {**OURS, "captured_at": FIRST_DAY}])
    rule(HOLD, ada, signals=["mouse_click"])
    rule(TOMBSTONE, ada, signals=["mouse_click", "scroll"], until_at=FIRST_DAY + timedelta(days=30))
    export = write(ada, path)
    files = unzip(ada, path)
    assert {capture["signal"] for capture in lines(files)}.isdisjoint({"mouse_click", "scroll"})
    counts = counts_of(files)
    assert counts["captures"] == {
        "record": "captured record",
        "catalogued": 9,
        "exported": 6,
        "redacted": 1,
        "withheld": 2,
        "redacted_by": {"words_of_others": 1, "no_key_opens_it": 0},
        "withheld_by": {"legal_hold": 1, "erasure_under_way": 1},
        "masked_before_storage": {"captures": 1, "pieces": {"email_address": 1}},
    }
    assert (counts["kept"]["catalogued"], counts["kept"]["withheld"]) == (9, 2)
    assert (export.counts["catalogued"], export.counts["holds"]) == (9, 1)
    page = files["index.html"].decode()
    assert "2 records are held and not in this folder" in page
    assert "In 1 message or ticket other people's words" in page
    assert "CASE-7" in page


def test_unreadable_captures_count_as_redacted(ada: Employee, path: Path) -> None:
    """Other people's words count once: content that can't be opened can't be distinguished."""
    put(ada, [{**THEIRS, "captured_at": FIRST_DAY}])
    ring = KeyRing()
    ring.destroy_content_key(ada.subject)
    write(ada, path)
    counts = counts_of(unzip(ada, path))["captures"]
    assert (counts["exported"], counts["redacted"], counts["withheld"]) == (1, 7, 0)
    assert counts["redacted_by"] == {"words_of_others": 0, "no_key_opens_it": 7}


def test_other_records_are_exported_in_full(ada: Employee, path: Path) -> None:
    with writer() as connection:
        slices = [(ada.subject, FIRST_DAY.date(), signal, "Excel", 1) for signal in ("mouse_move", "scroll")]
        actions = lineage.dataset(connection, "actions", "7", FIRST_DAY, slices)
        lineage.dataset(connection, "unused", "7", FIRST_DAY, slices)
        sable = ModelVersion("Sable", "1.0", "assistant", "Tessel", FIRST_DAY)
        run = lineage.train(connection, sable, [actions], FIRST_DAY)
        connection.execute(
            "insert into violations values (uuid(), 'purpose', $run, $actions, $subject, null, 2, $at)",
            {"run": run, "actions": actions, "subject": ada.subject, "at": FIRST_DAY},
        )
        connection.execute(
            "insert into removals values ($id, $subject, $at, 'retention', null, 'assistant-2026', 'scroll', 'Excel',"
            " $at::date, $at::date, 4)",
            {"id": uuid4(), "subject": ada.subject, "at": FIRST_DAY},
        )
    rule(HOLD, ada, signals=["scroll"])
    rule(HOLD, ada, signals=["mouse_move"])
    with writer() as connection:
        connection.execute("update holds set lifted_at = $at where signals = ['scroll']", {"at": clock.now_utc()})
    write(ada, path)
    files = unzip(ada, path)
    counts = counts_of(files)
    assert {name: counts[name]["exported"] for name in ("dataset_slices", "model_uses", "removals", "holds")} == {
        "dataset_slices": 4,
        "model_uses": 1,
        "removals": 1,
        "holds": 2,
    }
    [violation] = orjson.loads(files["violations.json"])
    assert (violation["job"], violation["events"], counts["violations"]["exported"]) == ("training", 2, 1)
    assert counts["ingestions"]["exported"] == len(orjson.loads(files["ingestions.json"])) == 1
    listed = [orjson.loads(line) for line in files["lineage.jsonl"].splitlines()]
    assert sorted({slice_["dataset"] for slice_ in listed}) == ["actions", "unused"]
    assert listed[0]["day"] == "2026-03-01"
    retention = orjson.loads(files["retention.json"])
    (lifted,) = retention["lifted_holds"]
    assert (lifted["case"], lifted["exception"], lifted["signals"]) == ("CASE-7", "GDPR 17(3)(e)", ["scroll"])
    assert len(retention["holds"]) == len(retention["removals"]) == 1
    page = files["index.html"].decode()
    assert "unused 7 (2)" in page
    assert "1 earlier hold was lifted" in page


@pytest.mark.parametrize(
    "statement",
    [
        "update capture_rollup set events = events + 1 where signal = 'scroll'",
        "delete from captures where signal = 'scroll'",
    ],
)
def test_mismatched_counts_prevent_the_export(ada: Employee, path: Path, statement: str) -> None:
    with writer() as connection:
        connection.execute(statement)
    with pytest.raises(ExportDoesNotAddUp, match=r"^captures: the catalogue lists"):
        write(ada, path)
    assert list(path.parent.iterdir()) == []


@pytest.mark.parametrize("category", ["requests", "receipts", "accesses"])
def test_missing_records_prevent_the_export(ada: Employee, path: Path, category: str) -> None:
    filed = Filed(requests=[ASKED], catalogued={"requests": 1, category: 2})
    with pytest.raises(ExportDoesNotAddUp, match=f"^{category}: the catalogue lists 2, but"):
        write(ada, path, filed=filed)
    assert list(path.parent.iterdir()) == []


numbers = st.integers(0, 10**12)


@given(exported=numbers, redacted=numbers, withheld=numbers, off=st.integers(-5, 5))
def test_counts_pass_exactly_when_they_add_up(exported: int, redacted: int, withheld: int, off: int) -> None:
    count = Count("captures", "capture", exported + redacted + withheld + off, exported, redacted, withheld)
    if off:
        with pytest.raises(ExportDoesNotAddUp):
            reconciled([count])
    else:
        assert reconciled([count]) == {"captures": count}


def test_withheld_part_of_a_day_is_counted_exactly(person: Company) -> None:
    eve = person("eve@example.com")
    hours = [timedelta(hours=hour) for hour in (0, 1, 2)] + [timedelta(days=1), timedelta(days=1, hours=1)]
    put(eve, [{"signal": "scroll", "captured_at": FIRST_DAY + hour} for hour in hours])
    put(eve, [{"signal": "mouse_click", "captured_at": FIRST_DAY + hour} for hour in hours[:3]])
    rule(HOLD, eve, signals=["mouse_click"])
    rule(TOMBSTONE, eve, signals=["mouse_click", "scroll"], until_at=FIRST_DAY + timedelta(days=30))
    hour, day = timedelta(hours=1), timedelta(days=1)
    with Snapshot.of(queries.for_request(eve.subject, uuid4())) as snapshot:
        for scope, held, to_be_erased in (
            (Scope(), 3, 5),
            (Scope(signals=("scroll",)), 0, 5),
            (Scope(from_at=FIRST_DAY), 3, 5),
            (Scope(from_at=FIRST_DAY + hour), 2, 4),
            (Scope(until_at=FIRST_DAY + hour), 1, 1),
            (Scope(from_at=FIRST_DAY + hour / 2, until_at=FIRST_DAY + 2 * hour), 1, 1),
            (Scope(from_at=FIRST_DAY - 9 * hour, until_at=FIRST_DAY + 15 * hour), 3, 3),
            (Scope(from_at=FIRST_DAY + day), 0, 2),
            (Scope(until_at=FIRST_DAY + day + hour), 3, 4),
            (Scope(from_at=FIRST_DAY + 9 * day), 0, 0),
        ):
            assert snapshot.withheld(scope) == Withheld(held, to_be_erased), scope
            assert snapshot.catalogued(scope) == held + to_be_erased


def test_a_tombstone_that_ends_within_a_day_adds_up(ada: Employee, path: Path) -> None:
    put(ada, [{"captured_at": FIRST_DAY + timedelta(minutes=minute)} for minute in range(10)])
    rule(TOMBSTONE, ada, signals=None, until_at=FIRST_DAY + timedelta(minutes=5))
    write(ada, path)
    counts = counts_of(unzip(ada, path))
    assert (counts["captures"]["catalogued"], counts["captures"]["withheld"]) == (17, 6)


def test_fully_withheld_captures_are_mentioned(ada: Employee, path: Path) -> None:
    signals = sorted({capture["signal"] for capture in CAPTURES})
    rule(HOLD, ada, signals=signals)
    rule(TOMBSTONE, ada, signals=signals, until_at=FIRST_DAY + timedelta(days=30))
    write(ada, path)
    files = unzip(ada, path)
    counts = counts_of(files)["captures"]
    assert (counts["exported"], counts["withheld"]) == (0, len(CAPTURES))
    assert orjson.loads(files["about.json"])["confirmation"] == "Your employer processes records of your work."
    page = files["index.html"].decode()
    assert "Nothing about you is in this register" not in page
    assert f"{len(CAPTURES)} records are held and not in this folder" in page
