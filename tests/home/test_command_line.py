from __future__ import annotations

import errno

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
