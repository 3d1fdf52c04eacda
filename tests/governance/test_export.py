"""An export against a real lake: complete, of one moment, sealed, and harmless to open."""

from __future__ import annotations

import csv
import hashlib
import io
import re
import zipfile
from datetime import date, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import duckdb
import orjson
import pandas as pd
import pytest

import clock
import queries
from directory import Employee
from directory.keys import KeyRing
from governance.export import (
    ExportDoesNotAddUp,
    ExportFile,
    open_export,
    write_export,
)
from governance.export import captures as forms
from governance.export.page import chart
from governance.export.sealed_file import WrongKey
from lake.connection import LakeUnavailable, writer
from lake.scope import Scope
from queries.snapshot import Snapshot
from tests.governance.captured import CAPTURES, FIRST_DAY, put
from tests.support.people import Company

REQUEST = UUID("7d1b1f0e-3c39-4c0c-9d2f-5a4a3f1f6f00")
ASKED = {"id": str(REQUEST), "type": "export", "state": "in_progress", "received_at": "2026-03-09T10:00:00Z"}
HOLD = (
    "insert into holds values ($id, $subject, 'Case 7', 'GDPR 17(3)(e)', $signals, null, null, null, $now, $now, null)"
)
TOMBSTONE = "insert into tombstones values ($id, $subject, $id, $now, $signals, null, null, $until_at)"


@pytest.fixture
def ada(person: Company) -> Employee:
    """Somebody with the seven awkward captures."""
    ada = person("ada@example.com", name='Ada <img src=x onerror="alert(1)">')
    put(ada)
    return ada


@pytest.fixture
def path(home: Path) -> Path:
    folder = home / "exports"
    folder.mkdir(parents=True)
    return folder / f"{REQUEST}.sealed"


def write(employee: Employee, path: Path, **wanted: Any) -> ExportFile:
    return write_export(queries.for_request(employee.subject), REQUEST, path, **wanted)


def read(employee: Employee, path: Path) -> bytes:
    with open_export(path, employee.subject, REQUEST) as reader:
        return b"".join(reader.read())


def unzip(employee: Employee, path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(read(employee, path))) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def rule(statement: str, employee: Employee, **parameters: Any) -> None:
    """Put a hold or a tombstone into the lake."""
    with writer() as connection:
        now = clock.now_utc()
        connection.execute(statement, {"id": uuid4(), "subject": employee.subject, "now": now, **parameters})


class Elements(HTMLParser):
    """The names of all elements and attributes of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes.update(name for name, _ in attrs)


def lines(files: dict[str, bytes]) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in files["captures.jsonl"].splitlines()]


def test_everything_that_is_promised_is_in_it(ada: Employee, path: Path) -> None:
    export = write(ada, path, requests=[ASKED])
    files = unzip(ada, path)
    assert list(files) == [
        "captures.jsonl",
        "captures.csv",
        "captures.parquet",
        "models.json",
        "retention.json",
        "requests.json",
        "about.json",
        "index.html",
        "manifest.json",
    ]
    assert orjson.loads(files["requests.json"])[0]["id"] == str(REQUEST)
    plain = read(ada, path)
    assert (export.size, export.sha256) == (len(plain), hashlib.sha256(plain).hexdigest())
    assert export.counts["catalogued"] == len(CAPTURES)


def test_json_lines_are_the_faithful_copy(ada: Employee, path: Path) -> None:
    write(ada, path)
    copied = lines(unzip(ada, path))
    assert [capture["content"] for capture in copied] == [capture.get("content") for capture in CAPTURES]
    assert [capture["redactions"] for capture in copied] == [capture.get("redactions", {}) for capture in CAPTURES]
    assert [(capture["x"], capture["y"]) for capture in copied[:3]] == [(10, 20), (-5, 7), (None, None)]
    assert copied[0]["captured_at"] == "2026-03-01T09:00:00Z"
    assert {capture["unreadable"] for capture in copied} == {False}


def test_a_colleagues_captures_are_not_in_it(ada: Employee, person: Company, path: Path) -> None:
    put(person("bob@example.com"), [{"content": {"text": "a secret of Bob"}}] * 3)
    write(ada, path)
    assert not any(b"a secret of Bob" in content for content in unzip(ada, path).values())


def test_csv_says_the_same_and_runs_nothing_in_a_spreadsheet(ada: Employee, path: Path) -> None:
    write(ada, path)
    files = unzip(ada, path)
    rows = list(csv.DictReader(io.StringIO(files["captures.csv"].decode("utf-8-sig"), newline="")))
    assert [row["capture_id"] for row in rows] == [capture["capture_id"] for capture in lines(files)]
    assert rows[1]["x"] == "-5"
    assert rows[2]["dy"] == "-3"
    assert rows[3]["text"] == '\'=HYPERLINK("http://evil")'
    assert rows[4]["redactions"] == "email_address: 1"
    assert rows[5]["url"] == "https://a.example/ä?q=1\n2"
    assert orjson.loads(rows[6]["more"]) == {"cell": "B2", "unit": "€"}
    for row in rows:
        for cell in row.values():
            assert not re.match(r"[=@\t\r\n]|[+-](?!\d+(\.\d+)?$)", cell)


@pytest.mark.parametrize(
    "text", ["=1+1", "+cmd", "-cmd", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "-1+2", "+1\n", "-", "-٣"]
)
def test_a_cell_that_may_be_a_formula_gets_an_apostrophe(text: str) -> None:
    assert forms.safe_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "text", "-12", "+4.5", "a=b", "'quoted", " =1"])
def test_other_cells_stay_as_they_are(text: str) -> None:
    assert forms.safe_cell(text) == text


def test_parquet_is_read_by_pandas_and_duckdb(ada: Employee, path: Path, tmp_path: Path) -> None:
    write(ada, path)
    file = tmp_path / "captures.parquet"
    file.write_bytes(unzip(ada, path)["captures.parquet"])
    table = pd.read_parquet(file)
    assert list(table["signal"]) == [capture["signal"] for capture in CAPTURES]
    assert table["captured_at"][0] == pd.Timestamp("2026-03-01T09:00:00Z")
    read_by_duckdb = duckdb.sql(f"select text, redactions, more from '{file}' order by captured_at").fetchall()
    assert read_by_duckdb[3][0] == '=HYPERLINK("http://evil")'
    assert read_by_duckdb[4][1] == {"email_address": 1}
    assert read_by_duckdb[6][2] == {"cell": "B2", "unit": "€"}


def test_the_manifest_has_size_and_hash_of_every_other_file(ada: Employee, path: Path) -> None:
    write(ada, path)
    files = unzip(ada, path)
    manifest = orjson.loads(files.pop("manifest.json"))
    assert {entry["name"]: (entry["bytes"], entry["sha256"]) for entry in manifest["files"]} == {
        name: (len(content), hashlib.sha256(content).hexdigest()) for name, content in files.items()
    }
    assert {entry["name"]: entry["rows"] for entry in manifest["files"] if entry["name"].startswith("captures")} == {
        name: len(CAPTURES) for name in ("captures.jsonl", "captures.csv", "captures.parquet")
    }
    assert (manifest["schema"], manifest["schema_version"], manifest["scope"]) == ("open-book-export", 1, {})


def test_counts_reconcile_with_what_is_withheld(ada: Employee, path: Path) -> None:
    rule(HOLD, ada, signals=["mouse_click"])
    rule(TOMBSTONE, ada, signals=["mouse_click", "scroll"], until_at=FIRST_DAY + timedelta(days=30))
    write(ada, path)
    files = unzip(ada, path)
    assert {capture["signal"] for capture in lines(files)}.isdisjoint({"mouse_click", "scroll"})
    assert orjson.loads(files["manifest.json"])["captures"] == {
        "catalogued": 7,
        "exported": 4,
        "redacted": 1,
        "withheld": 2,
        "withheld_by": {"legal_hold": 1, "erasure_under_way": 1},
        "redactions": {"email_address": 1},
        "unreadable": 0,
    }
    page = files["index.html"].decode()
    assert "2 more are not in this folder" in page
    assert "4 whole + 1 with something taken out + 2 left out = 7" in page
    assert "Case 7" in page


@pytest.mark.parametrize(
    ("scope", "days"),
    [
        (Scope(signals=("keystroke",)), [3, 4]),
        (Scope(applications=("Chrome",)), [5, 6]),
        (Scope(from_at=FIRST_DAY + timedelta(days=2)), [2, 3, 4, 5, 6]),
        (Scope(from_at=FIRST_DAY + timedelta(days=2, seconds=1)), [3, 4, 5, 6]),
        (Scope(until_at=FIRST_DAY + timedelta(days=2)), [0, 1]),
        (Scope(from_at=FIRST_DAY, until_at=FIRST_DAY + timedelta(seconds=1)), [0]),
        (Scope(("mouse_move",), ("Chrome",)), []),
    ],
)
def test_a_part_of_it_adds_up_too(ada: Employee, path: Path, scope: Scope, days: list[int]) -> None:
    export = write(ada, path, scope=scope)
    files = unzip(ada, path)
    assert [capture["signal"] for capture in lines(files)] == [CAPTURES[day]["signal"] for day in days]
    assert export.counts["catalogued"] == len(days)
    assert "You asked for a part" in files["index.html"].decode()


def test_an_export_that_does_not_add_up_is_not_made(ada: Employee, path: Path) -> None:
    with writer() as connection:
        connection.execute("update capture_daily set events = events + 1 where signal = 'scroll'")
    with pytest.raises(ExportDoesNotAddUp, match="list 8 captures, but 7 were written and 0 withheld"):
        write(ada, path)
    assert list(path.parent.iterdir()) == []


def test_all_parts_are_of_one_moment(ada: Employee, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """More is captured, and a hold placed, while the export is being written."""
    number = Snapshot.number

    def then_the_lake_changes(snapshot: Snapshot) -> int:
        seen = number(snapshot)
        put(ada, [{"captured_at": FIRST_DAY + timedelta(days=1, hours=hour)} for hour in range(5)])
        rule(HOLD, ada, signals=None)
        return seen

    monkeypatch.setattr(Snapshot, "number", then_the_lake_changes)
    export = write(ada, path)
    assert (export.counts["catalogued"], export.counts["holds"]) == (7, 0)


def test_it_is_begun_again_when_files_were_cleaned_up_under_it(
    ada: Employee, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    withheld = Snapshot.withheld
    failures = [LakeUnavailable("cleaned up"), LakeUnavailable("cleaned up")]

    def failing_twice(snapshot: Snapshot, scope: Scope) -> Any:
        if failures:
            raise failures.pop()
        return withheld(snapshot, scope)

    monkeypatch.setattr(Snapshot, "withheld", failing_twice)
    write(ada, path)
    assert len(lines(unzip(ada, path))) == len(CAPTURES)
    assert list(path.parent.iterdir()) == [path]


def test_nothing_in_clear_touches_the_disk(
    ada: Employee, path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    withheld = Snapshot.withheld
    seen: list[str] = []

    def looking_at_the_disk(snapshot: Snapshot, scope: Scope) -> Any:
        for file in filter(Path.is_file, home.rglob("*")):
            seen.append(file.name)
            assert b"HYPERLINK" not in file.read_bytes()
        return withheld(snapshot, scope)

    monkeypatch.setattr(Snapshot, "withheld", looking_at_the_disk)
    write(ada, path)
    assert any(name.endswith(".draft") for name in seen)
    sealed = path.read_bytes()
    assert not any(word in sealed for word in (b"HYPERLINK", b"captures.jsonl", b"PK\x03\x04", b"PAR1"))


def test_it_dies_with_the_key_of_its_owner(ada: Employee, path: Path) -> None:
    write(ada, path)
    ring = KeyRing()
    ring.destroy_content_key(ada.subject)
    with pytest.raises(WrongKey, match="destroyed"):
        open_export(path, ada.subject, REQUEST)
    ring.create_content_key(ada.subject)
    with pytest.raises(WrongKey):
        open_export(path, ada.subject, REQUEST)
    ring.close()


def test_captures_whose_text_no_key_opens_are_told(ada: Employee, path: Path) -> None:
    ring = KeyRing()
    ring.destroy_content_key(ada.subject)
    ring.close()
    write(ada, path)
    files = unzip(ada, path)
    assert orjson.loads(files["manifest.json"])["captures"]["unreadable"] == 6
    assert [capture["unreadable"] for capture in lines(files)] == [False, *[True] * 6]
    assert "The text of 6 can't be opened any more" in files["index.html"].decode()


def test_somebody_of_whom_nothing_is_held_gets_an_answer(ada: Employee, person: Company, path: Path) -> None:
    eve = person("eve@example.com", regime="ccpa")
    export = write(eve, path)
    files = unzip(eve, path)
    assert "Nothing is held about you" in files["index.html"].decode()
    assert files["captures.jsonl"] == b""
    assert export.counts["catalogued"] == 0
    assert "California" in orjson.loads(files["about.json"])["complaint"]


def test_the_page_runs_and_loads_nothing(ada: Employee, path: Path) -> None:
    write(ada, path, requests=[{**ASKED, "id": "<script>"}])
    page = unzip(ada, path)["index.html"].decode()
    elements = Elements()
    elements.feed(page)
    assert elements.names.isdisjoint({"script", "img", "iframe", "link", "object", "embed", "form", "base"})
    assert elements.attributes.isdisjoint({"src", "srcset", "style", "action", "background"})
    assert not any(name.startswith("on") for name in elements.attributes)
    assert elements.names >= {"style", "table", "svg"}
    assert not re.search(r"url\(|@import", page.partition("</style>")[0])
    assert "&lt;img src=x onerror=" in page
    assert "Desktop assistant &lt;b&gt;training&lt;/b&gt;" in page
    assert "default-src 'none'" in page


def test_the_page_gives_the_answer_first(ada: Employee, path: Path) -> None:
    write(ada, path)
    page = " ".join(re.sub(r"<[^>]+>", " ", unzip(ada, path)["index.html"].decode().partition("<main>")[2]).split())
    assert page.index("7 captures of your work are held, and they are all in this folder.") < 200
    assert "They reach from 1 March 2026 to 7 March 2026 and come from 2 applications" in page


def test_the_list_of_article_15_is_complete(ada: Employee, path: Path) -> None:
    write(ada, path)
    about = orjson.loads(unzip(ada, path)["about.json"])
    assert set(about) == {
        "confirmation",
        "person",
        "purposes",
        "categories",
        "recipients",
        "retention",
        "rights",
        "complaint",
        "source",
        "automated_decisions",
        "transfers",
        "safeguards",
        "third_parties",
        "not_searched",
    }
    assert about["purposes"] == [
        {"policy": "assistant-2026", "purpose": "model training", "legal_basis": "GDPR 6(1)(f)"}
    ]
    assert about["source"] == [{"connector": "opencua 1", "captures": 7}]
    assert sum(category["captures"] for category in about["categories"]) == 7


def test_a_long_history_is_drawn_by_month() -> None:
    bars, by = chart({date(2025, 12, 31): 3, date(2026, 7, 1): 6})
    assert by == "a month"
    assert [(bar.label, bar.events) for bar in (bars[0], bars[1], bars[-1])] == [
        ("December 2025", 3),
        ("January 2026", 0),
        ("July 2026", 6),
    ]


def test_many_captures_come_in_the_same_order_in_every_form(
    ada: Employee, path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(forms, "PIECE", 7)
    monkeypatch.setattr(forms, "ROW_GROUP", 20)
    put(ada, [{"captured_at": FIRST_DAY + timedelta(seconds=number % 50), "x": number} for number in range(200)])
    write(ada, path)
    files = unzip(ada, path)
    (tmp_path / "captures.parquet").write_bytes(files["captures.parquet"])
    ids = [capture["capture_id"] for capture in lines(files)]
    assert len(ids) == 207
    assert list(pd.read_parquet(tmp_path / "captures.parquet")["capture_id"]) == ids
    assert list(pd.read_csv(io.BytesIO(files["captures.csv"]))["capture_id"]) == ids
