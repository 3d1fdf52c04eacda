"""The trials as the README has them, but short: nothing is measured, only that acknowledged work is done, once, and
nothing fails."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pytest

from tests.documents.reading import commands
from tests.trials import __main__ as program
from tests.trials import flood, soak

Result = TypeVar("Result")

ANSWERS = {
    "employee": {200, 201, 409, 422, 429, 503},
    "service": {201, 422, 429, 503},
    "stranger": {200, 401, 429, 503},
}


def run(name: str, *more: str) -> int:
    """The README's command of that trial, with more arguments; its exit status."""
    [command] = [command for command in commands("README.md") if command.startswith(f"python -m tests.trials {name}")]
    return program.main([*shlex.split(command)[3:], *more])


def kept(trial: Callable[..., Result], results: list[Result]) -> Callable[..., Result]:
    """The same trial, which also puts its result there."""

    def tried(*arguments: Any, **named: Any) -> Result:
        results.append(trial(*arguments, **named))
        return results[-1]

    return tried


@pytest.mark.timeout(900)
def test_a_colleague_can_work_during_a_flood(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    results: list[flood.Result] = []
    monkeypatch.setattr(flood, "flood", kept(partial(flood.flood, folder=tmp_path, captures=50), results))
    assert run("flood", "--seconds", "0.5") == 0
    [result] = results
    for who in flood.FLOODERS:
        found = result.floods[who]
        assert found.wrong == []
        assert set(found.statuses) - {0} <= ANSWERS[who]
        assert found.statuses.total() > 0
        assert result.under[who].of.keys() == result.quiet.of.keys()
    assert "ratio" in capsys.readouterr().out


@pytest.mark.timeout(900)
def test_all_kinds_of_work_at_once_end_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    results: list[soak.Soak] = []
    monkeypatch.setattr(soak, "soak", kept(partial(soak.soak, every=0.5), results))
    assert run("soak", "--minutes", "0.7", "--browsers", "1", "--folder", str(tmp_path)) == 0
    [trial] = results
    assert trial.wrong == []
    assert trial.filed
    figures = trial.samples.rows[-1][1]
    assert {"api memory MB", "worker-0 descriptors", "lake files", "queue rows", "work.sqlite kB"} <= figures.keys()
    assert "lake files" in trial.samples.told()
    assert (tmp_path / "samples.csv").read_text().startswith("seconds,")
    assert (tmp_path / "browsing.txt").is_file()
