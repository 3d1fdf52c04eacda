"""`python -m lake`: exit status, output, and what stays unchanged."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lake.__main__ import main
from tests.lake.ingesting import stored, ui_log, ui_log_row
from tests.support.people import Company
from tests.support.slack import Workspace

LakeCommand = Callable[..., tuple[int, str, str]]

POLICY = """
[[policy]]
policy = "assistant"
name = "Desktop assistant training"
purpose = "model training"
legal_basis = "works agreement"
signals = ["form_edit"]
applications = ["Chrome"]
safeguards = ["mask", "drop_passwords"]
retention_days = 3650
valid_from = 2019-01-01
announced_on = 2018-12-01
announced_by = "letter"
"""


@pytest.fixture
def lake_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> LakeCommand:
    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["lake", *arguments])
        monkeypatch.setenv("COLUMNS", "160")
        status = main()
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return run


def test_policy_ingest_and_summary(person: Company, tmp_path: Path, lake_command: LakeCommand) -> None:
    ada = person()
    (tmp_path / "policies.toml").write_text(POLICY)
    assert lake_command("policy", "apply", str(tmp_path / "policies.toml"))[0] == 0
    status, out, _ = lake_command("policy", "list")
    assert (status, "assistant" in out, "3,650" in out) == (0, True, True)
    rows = [
        ui_log_row(0, target_value="ada@example.com"),
        ui_log_row(1, targetApp="[red]Solitaire\x1b[2J"),
        "broken",
        ui_log_row(2),
    ]
    log = ui_log(tmp_path / "log.csv", rows)
    status, out, err = lake_command("ingest", "ui-log", str(log), "--employee", ada.email)
    words = " ".join(out.replace("│", " ").split())
    assert (status, err) == (3, "")
    assert "read 4 " in words
    assert "stored 2 " in words
    assert "of them redacted 1 from all records read: 1 e-mail address" in words
    assert "outside policy 1 1 form_edit in [red]Solitaire·[2J" in words
    assert "quarantined 1 record 4: 1 fields instead of 9" in words
    log = ui_log(tmp_path / "log.csv", rows[:2])
    status, out, _ = lake_command("ingest", "ui-log", str(log), "--employee", ada.email)
    assert (status, "already known" in out) == (0, True)
    assert len(stored(ada.subject)) == 2


def test_refusals_go_to_standard_error(person: Company, tmp_path: Path, lake_command: LakeCommand) -> None:
    ada = person()
    log = str(ui_log(tmp_path / "log.csv", [ui_log_row()]))
    (tmp_path / "policies.toml").write_text(POLICY)
    assert lake_command("policy", "list")[::2] == (0, "")
    status, _, err = lake_command("ingest", "ui-log", log, "--employee", ada.email)
    assert (status, "no capture policy yet" in err) == (1, True)
    lake_command("policy", "apply", str(tmp_path / "policies.toml"))
    status, _, err = lake_command("ingest", "ui-log", log, "--employee", "eve@example.com")
    assert (status, "eve@example.com is not in the directory" in err) == (1, True)
    status, _, err = lake_command("ingest", "ui-log", str(tmp_path / "absent.csv"), "--employee", ada.email)
    assert (status, "Nothing was changed" in err) == (1, True)
    assert stored(ada.subject) == []


@pytest.mark.parametrize(
    ("line", "replacement", "said"),
    [
        ('safeguards = ["mask", "drop_passwords"]', 'safeguards = ["blur"]', "unknown safeguards blur"),
        ('signals = ["form_edit"]', 'signals = ["thoughts"]', "unknown signals thoughts"),
        ("retention_days = 3650", "retention_days = 0", "retention_days must be from 1 to"),
        ("[[policy]]", "[policy", "can't be used"),
    ],
)
def test_a_policy_file_with_a_mistake(
    home: Path,
    tmp_path: Path,
    lake_command: LakeCommand,
    line: str,
    replacement: str,
    said: str,
) -> None:
    before = lake_command("policy", "list")
    (tmp_path / "policies.toml").write_text(POLICY.replace(line, replacement))
    status, _, err = lake_command("policy", "apply", str(tmp_path / "policies.toml"))
    assert (status, said in err, "Nothing changed" in err) == (1, True, True)
    assert lake_command("policy", "list") == before


def test_an_unknown_format_is_wrong_usage(home: Path, lake_command: LakeCommand) -> None:
    with pytest.raises(SystemExit) as left:
        lake_command("ingest", "screencast", "film.mp4", "--employee", "ada@example.com")
    assert left.value.code == 2


def test_sweep(person: Company, tmp_path: Path, lake_command: LakeCommand) -> None:
    person()
    (tmp_path / "policies.toml").write_text(POLICY)
    lake_command("policy", "apply", str(tmp_path / "policies.toml"))
    status, out, _ = lake_command("sweep")
    assert (status, "0 records of 0 people removed" in out) == (0, True)


def test_an_archive_of_many_people(person: Company, tmp_path: Path, lake_command: LakeCommand) -> None:
    ada, bob = person("ada@example.com"), person("bob@example.com")
    policy = POLICY.replace("form_edit", "message").replace("Chrome", "Slack")
    (tmp_path / "policies.toml").write_text(policy)
    lake_command("policy", "apply", str(tmp_path / "policies.toml"))
    space = Workspace()
    space.conversation("channels.json", "C00000001", "general")
    users = [space.user(1, "ada@example.com"), space.user(2, None), space.user(3, "eve@elsewhere.com")]
    for number in range(6):
        space.say("general", users[number % 3], f"write to ada@example.com, {number}")
    space.messages["general"].append("broken")
    file = str(space.write(tmp_path / "export.zip"))
    (tmp_path / "accounts.csv").write_text("account,email\nU00000002,Bob@example.com\n")
    status, out, err = lake_command("ingest", "slack", file, "--accounts", str(tmp_path / "accounts.csv"))
    words = " ".join(out.replace("│", " ").split())
    assert (status, err) == (3, "")
    assert "people 2" in words
    assert "read 5 stored 4" in words
    assert "of nobody 2 2: entry of a person whom the directory doesn't know" in words
    assert "record 7 of C00000001/2026-01-05.json: not an object" in words
    assert "eve" not in words
    for someone in (ada, bob):
        assert [each.redactions for each in stored(someone.subject)] == [{"email_address": 1}] * 2
    status, out, _ = lake_command("ingest", "slack", file)
    assert "read 3 stored 0" in " ".join(out.replace("│", " ").split())
    for wrong in (["--employee", ada.email], ["--manifest", file]):
        with pytest.raises(SystemExit) as stopped:
            lake_command("ingest", "slack", file, *wrong)
        assert stopped.value.code == 2
    with pytest.raises(SystemExit):
        lake_command("ingest", "ui-log", file)
