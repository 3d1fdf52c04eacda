"""Short versions of the trials: nothing is measured, only that acknowledged work is done, once, and nothing fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.trials.flood import FLOODERS, flood, told
from tests.trials.soak import soak

FLOOD_SECONDS = 2.0
SOAK_SECONDS = 20.0
ANSWERS = {
    "employee": {200, 201, 409, 422, 429, 503},
    "service": {201, 422, 429, 503},
    "stranger": {200, 401, 429, 503},
}


@pytest.mark.timeout(900)
def test_a_colleague_can_work_during_a_flood(tmp_path: Path) -> None:
    result = flood(FLOOD_SECONDS, tmp_path, captures=50)
    for who in FLOODERS:
        found = result.floods[who]
        assert found.wrong == []
        assert set(found.statuses) - {0} <= ANSWERS[who]
        assert found.statuses.total() > 0
        assert result.under[who].of.keys() == result.quiet.of.keys()
    assert "ratio" in told(result)


@pytest.mark.timeout(900)
def test_all_kinds_of_work_at_once_end_once(tmp_path: Path) -> None:
    trial = soak(SOAK_SECONDS, folder=tmp_path, every=5)
    assert trial.wrong == []
    assert trial.filed
    figures = trial.samples.rows[-1][1]
    assert {"api memory MB", "worker-0 descriptors", "lake files", "queue rows", "work.sqlite kB"} <= figures.keys()
    assert "lake files" in trial.samples.told()
    assert (tmp_path / "samples.csv").read_text().startswith("seconds,")
