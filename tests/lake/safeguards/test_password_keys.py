"""Passwords typed key by key where no field says so, and typing that is none."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from lake.connectors.records import Record
from tests.lake.examining import safeguarded

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


@pytest.mark.parametrize(
    "application",
    ["LockApp.exe", "loginwindow", "gnome-screensaver", "pinentry-gtk-2", "GNOME Shell", "gdm3", "sddm-greeter",
     "lightdm", "slock", "hyprlock", "coreautha", "Windows Security", "Bitwarden", "LastPass", "Dashlane",
     "Proton Pass", "Okta Verify", "Cisco AnyConnect"],
)  # fmt: skip
def test_nothing_typed_on_a_lock_screen_is_kept(application: str) -> None:
    assert left(typed([*"sesame", "enter"], application)) == ""


def lines(*typed_lines: str) -> list[str]:
    """The keys of lines that each end with Enter; ⇥ is Tab, ↑ the arrow."""
    names = {" ": "space", "⇥": "tab", "↑": "up"}
    return [names.get(key, key) for line in typed_lines for key in [*line, "enter"]]


@pytest.mark.parametrize(
    "typed_lines",
    [
        ["docker login", "norabot", "velvetmango"], ["passwd", "oldmango", "velvetmango", "velvetmango"],
        ["sudo ls", "velvetmangp", "velvetmango"], ["git push", "nora", "velvetmango"], ["vault login", "velvetmango"],
        ["sudo adduser nora", "oldmango", "velvetmango", "velvetmango"], ["read -s answer", "velvetmango"],
        ["ssh-keygen -t ed25519", "", "velvet mango", "velvet mango"], ["read -rsp word: answer", "velvetmango"],
        ["Get-Credential", "nora", "velvetmango"], ["$c = Get-Credential", "nora", "velvetmango"],
        ["/usr/bin/sudo ls", "velvetmango"], ["time sudo ls", "velvetmango"], ["LANG=C sudo ls", "velvetmango"],
        ["sud⇥ls", "velvetmango"], ["sudo ls", "velvet mango"], ["env A=1 nice -n 5 ssh box", "velvetmango"],
        ["kubectl exec -it p -- passwd", "velvetmango", "velvetmango"], ["sudo -i", "wrong", "wrong", "velvetmango"],
        ["git -C x pu⇥", "nora", "velvetmango"], ["sudo -u bo ls", "no", "velvetmango", "mango7"],
        ["plink nora@box", "velvetmango"], ["virsh console web1", "nora", "velvetmango"],
        ["kpcli --kdb a.kdbx", "velvetmango"], ["x11vnc -storepasswd", "velvetmango"],
        ["cadaver https://d.example", "nora", "velvetmango"], ["initdb -D d -W", "velvetmango"],
        ["ncftp -u nora box", "velvetmango"], ["ipa user-show nora", "velvetmango"],
        ["python3 manage.py createsuperuser", "nora", "n@x.example", "velvetmango", "velvetmango"],
    ],
    ids=lambda typed_lines: typed_lines[0],
)  # fmt: skip
def test_all_that_a_command_asks_for_is_dropped(typed_lines: list[str]) -> None:
    command = typed_lines[0].replace(" ", "").replace("⇥", "")
    assert left(typed(lines(*typed_lines, "ls -la", "make test_all"))) == f"{command}ls-lamaketest_all"


@pytest.mark.parametrize("before", ["↑", "↑↑", "!!"])
def test_a_repeated_command_may_ask(before: str) -> None:
    assert "mango" not in left(typed(lines(before, "velvetmango", "velvetmango"), "Terminal"))


def test_other_commands_are_kept() -> None:
    commands = ["cd docs", "ls", "git status", "make -j2", "cat a.txt", "echo hello", "docker ps", "velvet"]
    assert left(typed(lines(*commands), "Terminal")) == "".join(commands).replace(" ", "")


def test_a_pause_is_no_answer() -> None:
    keys = typed(lines("sudo ls", "velvet", "mango"))
    late = [replace(key, captured_at=key.captured_at + timedelta(minutes=3)) for key in keys[8:]]
    assert left([*keys[:8], *late]) == "sudols"


def test_the_release_of_a_hidden_key_is_hidden_after_the_enter() -> None:
    keys = typed([*lines("sudo ls"), *"mango", "enter"])
    slow = replace(keys[-1], captured_at=keys[-1].captured_at + timedelta(seconds=1), identity=b"r",
                   content={"action": "release", "key": "o"})  # fmt: skip
    assert left([*keys, slow]) == "sudols"


@pytest.mark.parametrize(
    "keys", [["nora", "summer2024"], ["nora@x.example", "summer2024"], ["a", "n@x.example", "mango24"]]
)
def test_a_word_with_digits_behind_a_name_is_dropped(keys: list[str]) -> None:
    assert left(typed(lines("⇥".join(keys)))) == "".join(key for key in keys[:-1] if "@" not in key)


@pytest.mark.parametrize("application", ["EXCEL.EXE", "LibreOffice Calc", "Google Sheets", "Terminal", "Code"])
def test_words_with_digits_in_a_table_are_kept(application: str) -> None:
    assert left(typed(lines("lamp⇥lx2000"), application)) == "lamplx2000"


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


@pytest.mark.parametrize(
    "printed",
    ["'{}'", '"{}"', "u'{}'", "KeyCode(char='{}')", "KeyCode.from_char('{}')", " '{}' "],
)
def test_keys_are_known_by_what_recorders_print(printed: str) -> None:
    shown = typed([*map(printed.format, "ada"), "Key.tab", *map(printed.format, PASSWORD), "<Key.enter: <65293>>"])
    done = [one.content["key"] for one in safeguarded(shown, [["drop_passwords"]] * len(shown)) if one is not None]
    assert done == [
        *map(printed.format, "ada"),
        "Key.tab",
        *["[password removed]"] * len(PASSWORD),
        "<Key.enter: <65293>>",
    ]


@pytest.mark.parametrize("printed", ["U+{:04X}", "0u{:04x}", "\\u{:04x}"])
def test_keys_are_known_by_their_code_points(printed: str) -> None:
    keys = [printed.format(ord(key)) for key in "4111111111111111"]
    done = safeguarded(typed(keys), [["mask"]] * len(keys))
    assert {one.content["key"] for one in done if one is not None} == {"[card number removed]"}


def test_names_of_keys_that_type_signs() -> None:
    keys = ["a", "d", "a", "Tab", "M", "a", "n", "g", "o", "exclam", "numbersign", "7", "Return"]
    assert left(typed(keys)) == "ada"


def test_a_password_that_is_typed_twice_leaves_neither() -> None:
    assert left(typed(lines("Mango-Boat7⇥Mango-Boat7"))) == ""
    assert left(typed(lines("nora@x.example⇥mango77⇥mango77"))).count("mango77") == 0
    assert left(typed(lines("Mango-Boat7", "hello there", "nora⇥Mango-Boat7"))) == "hellothere" + "nora"


@pytest.mark.parametrize("old", ["Old-Boat3", "oldboat33"])
def test_a_change_of_a_password_leaves_neither_old_nor_new(old: str) -> None:
    assert left(typed(lines(f"{old}⇥Mango-Boat7⇥Mango-Boat7"))) == ""


def test_what_is_typed_twice_and_no_password_is_kept() -> None:
    assert left(typed(lines("lisbon⇥lisbon", "12⇥12", "lx2000⇥lx2000⇥lx2000"), "Excel")).endswith("lx2000" * 3)
    assert left(typed(lines("lisbon⇥lisbon"))) == "lisbonlisbon"


def test_a_password_on_the_page_after_an_address_is_dropped() -> None:
    keys = typed(lines("nora@x.example", "Mango-Boat7", "Status-Page9"))
    assert left(keys) == "nora@x.exampleStatus-Page9".replace("nora@x.example", "")


def test_text_given_as_a_key_is_examined() -> None:
    [done] = safeguarded(typed(["my password: Mango-Boat7"]), [["mask"]])
    assert done is not None
    assert done.content["key"] == "my password: [password removed]"
