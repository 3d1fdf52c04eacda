"""What the commands of `python -m governance` say to programs (docs/commands.md)."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from governance.__main__ import main
from governance.ledger.signing import signer
from tests.support.lake import store_captures
from tests.support.people import Company

Command = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """`command("clock", stream="out")`: exit status, and the only line on that stream."""

    def run(*arguments: str, stream: str = "out") -> tuple[int, dict[str, Any]]:
        monkeypatch.setattr(sys, "argv", ["governance", *arguments, "--json"])
        capsys.readouterr()
        status = main()
        [line] = getattr(capsys.readouterr(), stream).splitlines()
        said = json.loads(line)
        assert said["command"].startswith(f"governance {arguments[0]}")
        assert said["status"] == status
        return status, said.get("result") or said["error"]

    return run


def test_a_backup_and_its_restore(command: Command, person: Company, home: Path, tmp_path: Path) -> None:
    store_captures(person("ada@tessel.example"), 3)
    folder = str(tmp_path / "backups")
    status, made = command("backup", folder)
    assert (status, made["damaged"], made["missing"], made["watched"]) == (0, [], [], False)
    assert made["files"] > 0
    status, refused = command("restore", folder, stream="err")
    assert status == 1
    assert "--replace" in refused["message"]
    status, done = command("restore", folder, "--replace")
    assert (status, done["name"], done["home"], done["records"]) == (0, made["name"], str(home), 3)


def test_keys_tokens_and_letters(command: Command, person: Company) -> None:
    old = str(signer().key)
    assert command("rotate-keys") == (0, {"which": "signing", "replaced": True, "old": old, "new": str(signer().key)})
    _, token = command("token", "pipeline", "--namespace", "airflow")
    assert token["line"].startswith("pipeline:")
    status, refused = command("token", "not a name", "--namespace", "airflow", stream="err")
    assert (status, refused["kind"]) == (2, "refused")
    status, refused = command("letter-code", person("ada@tessel.example").email, "--days", "0", stream="err")
    assert (status, refused["kind"]) == (1, "not_valid")


def test_home_clock_and_releases(command: Command, home: Path) -> None:
    assert command("init")[1]["was_there"] is True
    status, clock = command("clock")
    assert (status, clock["trusted"], clock["confirmed"]) == (0, True, False)
    assert command("clock", "confirm")[1]["confirmed"] is True
    assert command("release", "--list") == (0, {"releases": []})
