"""The connector `balabit`, and recordings whose times count from a start that the caller gives."""

from __future__ import annotations

from pathlib import Path

import pytest

from lake.connectors import CONNECTORS, InvalidSource, Quarantined, Record
from lake.ingest.ingesting import NotIngested, connector_of, ingest
from tests.lake.ingest.test_command import POLICY, LakeCommand, lake_command
from tests.lake.ingesting import START, allow, stored
from tests.support.people import Company

__all__ = ["lake_command"]

HEADER = "record timestamp,client timestamp,button,state,x,y"
ROWS = [
    "0.0,0.0,NoButton,Move,1043,410",
    "0.231999874115,0.0939999999828,NoButton,Move,1024,410",
    "0.5,0.4,Left,Pressed,1024,410",
    "0.6,0.5,NoButton,Drag,1030,411",
    "0.7,0.6,Left,Released,1030,411",
    "1.0,0.9,Scroll,Down,1030,411",
    "1.1,1.0,Scroll,Up,1030,411",
]


def session(file: Path, *rows: str, header: str = HEADER) -> Path:
    file.write_text("\n".join([header, *rows]) + "\n")
    return file


def read(file: Path) -> list[Record | Quarantined]:
    return [item for item in connector_of("balabit", START).read(str(file)) if isinstance(item, Record | Quarantined)]


def test_rows_become_pointer_events(tmp_path: Path) -> None:
    items = [item for item in read(session(tmp_path / "session_1", *ROWS)) if isinstance(item, Record)]
    assert [(item.signal, item.content) for item in items] == [
        ("mouse_move", {}),
        ("mouse_move", {}),
        ("mouse_click", {"action": "press", "button": "left"}),
        ("mouse_move", {}),
        ("mouse_click", {"action": "release", "button": "left"}),
        ("scroll", {"action": "scroll", "dx": "0", "dy": "-1"}),
        ("scroll", {"action": "scroll", "dx": "0", "dy": "1"}),
    ]
    assert [(item.captured_at - START).total_seconds() for item in items[:3]] == [0.0, 0.094, 0.4]
    assert {(item.application, item.session) for item in items} == {("Unknown", START.isoformat())}
    assert (items[0].x, items[0].y) == (1043, 410)


def test_loggers_with_one_time_and_their_own_names(tmp_path: Path) -> None:
    file = session(tmp_path / "log", "1.5;10;20;NoButton;Move", header="time;mouse_x;mouse_y;button;state")
    (item,) = read(file)
    assert isinstance(item, Record)
    assert ((item.captured_at - START).total_seconds(), item.x, item.y) == (1.5, 10, 20)


def test_broken_rows_cost_only_themselves(tmp_path: Path) -> None:
    broken = ["0.1,soon,NoButton,Move,1,1", "0.1,-3,NoButton,Move,1,1", "1,1,NoButton,Jump,1,1", "1,1,NoButton,Move,,1",
              "1,1,NoButton,Move,65535,65535", "malformed,row,here", "1,inf,NoButton,Move,1,1"]  # fmt: skip
    items = read(session(tmp_path / "s", ROWS[0], *broken, ROWS[1]))
    assert [(item.line, item.reason) for item in items if isinstance(item, Quarantined)] == [
        (3, "the time can't be read"),
        (4, "the time can't be read"),
        (5, "unknown state"),
        (6, "the position can't be read"),
        (7, "the pointer isn't on the screen"),
        (8, "3 fields instead of 6"),
        (9, "the time can't be read"),
    ]
    assert len(items) == 9


def test_without_a_start_it_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(InvalidSource, match=r"--start.*column start"):
        list(CONNECTORS["balabit"].read(str(session(tmp_path / "s", *ROWS))))


def test_times_since_1970_need_none(tmp_path: Path) -> None:
    rows = [f"{time},{time},NoButton,Move,1,1" for time in ("1767603600.5", "1767603600500", "1767603600500000000")]
    items = list(CONNECTORS["balabit"].read(str(session(tmp_path / "s", *rows))))
    assert [str(item.captured_at) for item in items if isinstance(item, Record)] == ["2026-01-05 09:00:00.500000"] * 3


def test_a_start_for_what_has_times_is_refused() -> None:
    with pytest.raises(NotIngested, match="Leave out"):
        connector_of("ui-log", START)


def test_equal_rows_and_longer_files_are_stored_once(person: Company, tmp_path: Path) -> None:
    ada = person()
    allow(["Unknown"])
    file = session(tmp_path / "s", *ROWS[:4], ROWS[3])
    assert ingest("balabit", str(file), ada.email, start=START).batch.stored == 4
    session(file, *ROWS)
    again = ingest("balabit", str(file), ada.email, start=START).batch
    assert (again.read, again.stored, again.already_known) == (7, 3, 4)
    assert len(stored(ada.subject)) == 7


def test_the_command_and_a_manifest_take_a_start(person: Company, tmp_path: Path, lake_command: LakeCommand) -> None:
    ada, bob = person("ada@example.com"), person("bob@example.com")
    (tmp_path / "policies.toml").write_text(POLICY.replace("form_edit", "mouse_move").replace("Chrome", "Unknown"))
    lake_command("policy", "apply", str(tmp_path / "policies.toml"))
    file = str(session(tmp_path / "s", *ROWS))
    to_ada = "ingest", "balabit", file, "--employee", ada.email
    status, _, err = lake_command(*to_ada)
    assert (status, "--start" in err) == (1, True)
    assert lake_command(*to_ada, "--start", "2026-01-05T10:00:00+01:00")[0] == 0
    assert stored(ada.subject)[0].captured_at == START
    people = tmp_path / "people.csv"
    people.write_text(
        "source,email,start\ns,bob@example.com,2026-01-06 09:00\ns,bob@example.com,\ns,bob@example.com,soon\n"
    )
    for dry in (["--dry-run"], []):
        status, out, _ = lake_command("ingest", "balabit", str(tmp_path), "--manifest", str(people), *dry)
        words = " ".join(out.replace("│", " ").split())
        assert (status, "line 3, s: The times of this recording count" in words, "line 4, s: Its start" in words) == (
            3,
            True,
            True,
        )
    assert [str(each.captured_at.date()) for each in stored(bob.subject)] == ["2026-01-06"] * 3


def test_a_start_beside_a_manifest_is_wrong_usage(lake_command: LakeCommand) -> None:
    with pytest.raises(SystemExit):
        lake_command("ingest", "balabit", ".", "--manifest", "people.csv", "--start", "2026-01-05")
