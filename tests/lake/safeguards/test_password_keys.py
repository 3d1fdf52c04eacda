"""Passwords typed key by key where no field says so, and typing that is none."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from lake.connectors.records import Record
from lake.safeguards.redaction import safeguarded

START = datetime.fromisoformat("2026-01-05T09:00:00")
PASSWORD = "Hunter2Secret!"


def typed(keys: list[str], application: str = "Chrome") -> list[Record]:
    return [
        Record(
            line=number,
            captured_at=START + timedelta(seconds=number / 5),
            signal="keystroke",
            application=application,
            session="s",
            identity=number.to_bytes(4, "big"),
            content={"action": "press", "key": key},
        )
        for number, key in enumerate(keys, start=1)
    ]


def left(records: list[Record]) -> str:
    """The keys that are stored."""
    done = [one for one in safeguarded(records, [["mask", "drop_passwords"]] * len(records)) if one is not None]
    return "".join(one.content["key"] for one in done if len(one.content["key"]) == 1)


@pytest.mark.parametrize("tab", ["tab", "Key.tab", "Tab"])
def test_a_password_after_tab_is_dropped(tab: str) -> None:
    assert left(typed([*"ada", tab, *PASSWORD, "enter", *"hello"])) == "adahello"


@pytest.mark.parametrize("command", ["sudo apt update", "ssh ada@server", "su", "cd x && sudo ls", "passwd"])
def test_a_password_after_a_command_is_dropped(command: str) -> None:
    keys = ["space" if key == " " else key for key in command]
    assert left(typed([*keys, "enter", *"sesame", "enter", *"ls"])) == command.replace(" ", "") + "ls"


@pytest.mark.parametrize("application", ["LockApp.exe", "loginwindow", "gnome-screensaver", "pinentry-gtk-2"])
def test_nothing_typed_on_a_lock_screen_is_kept(application: str) -> None:
    assert left(typed([*"sesame", "enter"], application)) == ""


def test_ordinary_words_after_tab_are_kept() -> None:
    assert left(typed([*"name", "tab", *"lisbon", "tab", *"Total", "enter"])) == "namelisbonTotal"


def test_a_typed_password_is_dropped_from_other_text() -> None:
    keys = typed([*"ada", "tab", *PASSWORD, "enter"])
    note = Record(99, START + timedelta(seconds=60), "message", "Chrome", "s", b"n", {"text": f"it is {PASSWORD} ok"})
    *_, last = safeguarded([*keys, note], [["drop_passwords"]] * (len(keys) + 1))
    assert last is not None
    assert last.content["text"] == "it is [password removed] ok"
    assert last.redactions == {"password": 1}


def test_corrected_keys_of_a_password_are_dropped_too() -> None:
    assert left(typed([*"ada", "tab", *"Hunteq", "backspace", *"r2Secret!", "enter"])) == "ada"


def test_the_number_pads_five_counts_as_a_digit() -> None:
    unknown = "$Unknown (65437)$"
    assert left(typed([*[unknown] * 12, *"4444"])) == ""
