"""The captures in an export: the same in every format, and safe to open."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from pathlib import Path

import duckdb
import orjson
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory import Employee
from directory.keys import KeyRing
from governance.export import captures as forms
from governance.export.third_parties import OwnWords
from queries.export import SCHEMA
from tests.governance.captured import CAPTURES, FIRST_DAY, put
from tests.governance.export.opening import lines, manifest, unzip, write


def test_json_lines_are_the_faithful_copy(ada: Employee, path: Path) -> None:
    write(ada, path)
    copied = lines(unzip(ada, path))
    assert [capture["content"] for capture in copied] == [capture.get("content") for capture in CAPTURES]
    assert [capture["redactions"] for capture in copied] == [capture.get("redactions", {}) for capture in CAPTURES]
    assert [(capture["x"], capture["y"]) for capture in copied[:3]] == [(10, 20), (-5, 7), (None, None)]
    assert copied[0]["captured_at"] == "2026-03-01T09:00:00Z"
    assert {capture["unreadable"] for capture in copied} == {False}


def test_csv_matches_and_is_spreadsheet_safe(ada: Employee, path: Path) -> None:
    write(ada, path)
    files = unzip(ada, path)
    rows = list(csv.DictReader(io.StringIO(files["captures.csv"].decode("utf-8-sig"), newline="")))
    assert [row["capture_id"] for row in rows] == [capture["capture_id"] for capture in lines(files)]
    assert rows[1]["x"] == "-5"
    assert rows[2]["dy"] == "-3"
    assert orjson.loads(files["about.json"])["spreadsheet"]["changed_cells"] == 1
    assert rows[3]["text"] == '\'=HYPERLINK("http://evil")'
    assert rows[4]["redactions"] == "email_address: 1"
    assert rows[5]["url"] == "https://a.example/ä?q=1\n2"
    assert orjson.loads(rows[6]["more"]) == {"cell": "B2", "unit": "€"}
    for row in rows:
        for cell in row.values():
            assert not re.match(r"[=@\t\r\n]|[+-](?!\d+(\.\d+)?$)", cell)


SIGNS = "=+-@＝＋－＠﹢﹣﹦﹫−"  # noqa: RUF001 (what spreadsheets take for signs)


HIDDEN = ("\x00", "\x1f", "\x7f", "\u0600", "\u07b2", "\u200b", "\ufeff", "\u202e", "\U000e0020", " \t \u2060")


@pytest.mark.parametrize(
    "text",
    [
        *(
            "=1+1",
            "+cmd",
            "-cmd",
            "@SUM(A1)",
            "\t=1",
            "\r=1",
            "\n=1",
            "-1+2",
            "+1\n",
            "-",
            "-٣",
            " =1",
            "\xa0=1",
            '"=1',
        ),
        *(f"{hidden}=1" for hidden in HIDDEN),
        *(f"{sign}1" for sign in SIGNS if sign not in "+-"),
    ],
)
def test_possible_formula_cell_gets_an_apostrophe(text: str) -> None:
    safe = forms.safe_cell(text)
    assert safe.startswith("'")
    assert safe.replace("'", "") == text


@pytest.mark.parametrize("inside", ["a;=1", "a\t=1", 'a;"=1"', "a\n=1", "a\r\n \uff20x", "a;;\t =1", "a;\u200b+1"])
def test_a_separator_inside_a_cell_starts_no_formula(inside: str) -> None:
    for separator in (",", ";", "\t"):
        assert formulas(written([{"text": inside, "odd": inside}]), separator) == []


@pytest.mark.parametrize(
    "text", ["", "text", "-12", "+4.5", "a=b", "'quoted", "Inbox - Ada", "https://a/?b=1;c=2", "a, -b"]
)
def test_other_cells_stay_as_they_are(text: str) -> None:
    assert forms.safe_cell(text) == text


PIECES = st.lists(
    st.one_of(
        st.sampled_from([*SIGNS, ";", "\t", ",", '"', "'", "\n", "\r", " ", "\u200b", "\x00", "1"]),
        st.characters(codec="utf-8"),
    )
).map("".join)
FIELDS = st.dictionaries(st.sampled_from([*forms.CONTENT_FIELDS, "odd", "=odd"]), PIECES)


@given(st.lists(FIELDS, max_size=4), st.sampled_from([",", ";", "\t"]))
def test_no_spreadsheet_sees_a_formula_whatever_its_separator(rows: list[dict[str, str]], separator: str) -> None:
    document = written(rows)
    assert formulas(document, separator) == []
    assert len(list(csv.reader(io.StringIO(document, newline="")))) == len(rows) + 1


def written(contents: list[dict[str, str]]) -> str:
    """The CSV file with captures of these contents, whose other texts are difficult as well."""
    plain: dict[str, object] = {"capture_id": "1", "captured_at": FIRST_DAY, "signal": "=", "unreadable": False}
    odd: dict[str, object] = {"application": "a;=1", "source": "\t=1 1", "policy": "\uff1d1", "x": -5, "y": 7}
    batch = pa.RecordBatch.from_pylist(
        [
            {name: (plain | odd).get(name) for name in SCHEMA.names} | {"content": list(content.items())}
            for content in contents
        ],
        schema=SCHEMA,
    )
    sink = io.BytesIO()
    form = forms.Csv(sink)
    form.write(forms.Captures(batch, OwnWords.__new__(OwnWords)))
    return sink.getvalue().decode("utf-8-sig")


def formulas(document: str, separator: str) -> list[str]:
    """Cells that a spreadsheet with this separator may run."""
    cells = [cell for row in csv.reader(io.StringIO(document, newline=""), delimiter=separator) for cell in row]
    unseen = "".join(chr(code) for code in range(0x2100) if not chr(code).isprintable()) + ' "\ufeff'
    seen = [(cell, cell.lstrip(unseen)) for cell in cells]
    return [
        cell for cell, begins in seen if begins[:1] in set(SIGNS) and not re.fullmatch(r"[+-][0-9]+(\.[0-9]+)?", cell)
    ]


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


def test_unreadable_captures_are_reported(ada: Employee, path: Path) -> None:
    ring = KeyRing()
    ring.destroy_content_key(ada.subject)
    write(ada, path)
    files = unzip(ada, path)
    counts = manifest(files)["counts"]["captures"]
    assert (counts["exported"], counts["redacted"], counts["withheld"]) == (1, 6, 0)
    assert counts["redacted_by"] == {"words_of_others": 0, "no_key_opens_it": 6}
    assert [capture["unreadable"] for capture in lines(files)] == [False, *[True] * 6]
    assert "The text of 6 can no longer be opened" in files["index.html"].decode()


def test_all_formats_have_the_same_order(
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
