from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

import command_line
from errors import Conflict, OpenBookError
from parts import Busy


def failing(error: Exception) -> int:
    raise error


def test_a_command_that_succeeds_keeps_its_status(capsys: pytest.CaptureFixture[str]) -> None:
    assert [command_line.run(lambda status=status: status) for status in (0, 3)] == [0, 3]  # type: ignore[misc]
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("error", [OpenBookError("Refused. Nothing was changed."), Conflict("Not now."), Busy("It")])
def test_an_error_for_people_is_printed(error: OpenBookError, capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line.run(lambda: failing(error)) == 1
    assert capsys.readouterr() == ("", f"{error}\n")


def test_a_full_disk_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line.run(lambda: failing(OSError(errno.ENOSPC, "raw words"))) == 1
    shown = capsys.readouterr().err
    assert "The disk is full" in shown
    assert "raw words" not in shown


def test_an_unexpected_error_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        command_line.run(lambda: failing(ZeroDivisionError()))


PRINTING = """
import argparse, sys
import command_line
answer = command_line.Answer({"rows": ["x" * 99] * 9999}, ["words", command_line.Table((), [("x" * 99, "")] * 9999)], 3)
as_json = sys.argv[1] == "json"
command_line.program(lambda: command_line.show(argparse.Namespace(json=as_json, called="x"), answer))
"""


@pytest.mark.parametrize("form", ["json", "words"])
def test_a_reader_that_stops_early_changes_nothing(form: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    ended = subprocess.run([sys.executable, "-c", PRINTING, form], stdout=writing, stderr=subprocess.PIPE, check=False)
    os.close(writing)
    assert (ended.returncode, ended.stderr) == (3, b"")


def test_help_for_a_reader_that_stops_early() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "lake", "--help"]
    ended = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, check=False)
    os.close(writing)
    assert (ended.returncode, ended.stderr) == (0, b"")


@pytest.mark.parametrize("module", ["governance", "lake", "directory"])
def test_an_invalid_setting_is_named_and_not_quoted(module: str, home: Path) -> None:
    command = {"governance": ["clock"], "lake": ["policy", "list"], "directory": ["leaving"]}[module]
    wrong = {"OPENBOOK_RECEIPT_DAYS": "a secret in the wrong place", "OPENBOOK_WORKPLACE_ZONE": "Mars"}
    environment = {**os.environ, **wrong}
    done = subprocess.run(
        [sys.executable, "-m", module, *command], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "OPENBOOK_RECEIPT_DAYS: " in done.stderr
    assert "OPENBOOK_WORKPLACE_ZONE: It is not an IANA time zone" in done.stderr
    assert "Mars" not in done.stderr
    assert "Traceback" not in done.stderr
    assert "a secret in the wrong place" not in done.stdout + done.stderr
