"""People files as spreadsheets leave them: titles, workbooks, lost ids, `mailto:`, managers in a circle."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from directory.hr_file import HrFile, read_hr_file
from directory.hr_table import InvalidDirectoryFile, Reading

HEADER = "email,name,sub,department,team,role,manager,regime"


def read(folder: Path, content: str | bytes, reading: Reading | None = None) -> HrFile:
    file = folder / "people.csv"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_hr_file(file, reading)


def refused(folder: Path, content: str | bytes, reading: Reading | None = None) -> str:
    with pytest.raises(InvalidDirectoryFile) as refusal:
        read(folder, content, reading)
    return str(refusal.value)


def row(name: str, sub: str = "", manager: str = "") -> str:
    return f"{name}@t.example,{name.title()},{sub},D,T,employee,{manager},gdpr"


def file_of(*rows: str) -> str:
    return "\n".join((HEADER, *rows, ""))


def test_mailto_is_taken_off(tmp_path: Path) -> None:
    found = read(tmp_path, file_of("MailTo:" + row("ada", manager="mailto:Bob@t.example"), row("bob")))
    assert [line.email for line in found.lines] == ["ada@t.example", "bob@t.example"]
    assert found.lines[0].values["manager_email"] == "bob@t.example"
    assert found.notices == []


DAMAGED = [
    "#N/A", "#n/a", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NV", "#BEZUG!", "########", "NULL", "null", "(null)",
    "<NULL>", "N/A", "None", "1.23457E+11", "1,23457E+11", "1E+11", "5e-07",
]  # fmt: skip


@pytest.mark.parametrize("sub", DAMAGED)
def test_what_is_left_of_an_id_is_no_id(tmp_path: Path, sub: str) -> None:
    said = refused(tmp_path, file_of(row("ada", f'"{sub}"'), row("bob", "bob")))
    assert "line 2: sub: this is no id" in said
    assert "line 3" not in said


@pytest.mark.parametrize("sub", ["", "00123", "123", "#123", "nan", "na", "e11", "1e5f", "12E4-77", "ann.null", "N-A"])
def test_odd_ids_are_ids(tmp_path: Path, sub: str) -> None:
    assert read(tmp_path, file_of(row("ada", sub))).lines[0].sub == (sub or None)


@pytest.mark.parametrize(
    ("managers", "circles"),
    [
        (["bob", "ada"], ["2, 3"]),
        (["bob", "cid", "ada", "ada"], ["2, 3, 4"]),
        (["bob", "cid", "bob"], ["3, 4"]),
        (["bob", "ada", "dan", "cid", "dan"], ["2, 3", "4, 5"]),
        (["bob", "cid", "", "cid"], []),
        (["bob", "eve@x"], []),
    ],
)
def test_managers_in_a_circle_are_reported(tmp_path: Path, managers: Sequence[str], circles: list[str]) -> None:
    names = ["ada", "bob", "cid", "dan", "eve"]
    address = [each and (each if "@" in each else f"{each}@t.example") for each in managers]
    rows = [row(name, manager=manager) for name, manager in zip(names, address, strict=False)]
    notices = [each for each in read(tmp_path, file_of(*rows)).notices if "circle" in each]
    assert [each.partition("circle: lines ")[2].partition(".")[0] for each in notices] == circles


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_title_above_the_header_is_said(tmp_path: Path, separator: str) -> None:
    table = file_of(row("ada")).replace(",", separator)
    title = f"Employee report 2026{separator * 7}\n"
    assert "delete the line above them" in refused(tmp_path, title + table)
    assert "delete the 3 lines above them" in refused(tmp_path, f"{title}as of January\n\n{table}")
    other = Reading(columns={"email": "Work address"})
    assert "delete the line above them" in refused(tmp_path, title + table.replace("email", "Work address", 1), other)
    assert "missing columns" in refused(tmp_path, title + table.replace("role", "rank", 1))


@pytest.mark.parametrize("start", [b"PK\x03\x04\x14\x00", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"])
def test_a_workbook_is_no_csv_file(tmp_path: Path, start: bytes) -> None:
    for reading in (None, Reading(encoding="cp1250")):
        said = refused(tmp_path, start + bytes(200), reading)
        assert "workbook" in said
        assert "save the sheet as “CSV UTF-8”" in said
