"""Accuracy after noise, and the commands that anyone can repeat."""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from lake.__main__ import main
from lake.attacks import accuracy
from lake.attacks.accuracy import Accuracy, measure, published_areas
from lake.attacks.ours import APPLICATIONS
from lake.attacks.picture import curve
from lake.releases import accounting
from lake.releases.noise import Draw
from tests.conventions.sources import ROOT

COST = accounting.rho_of()
SVG = "{http://www.w3.org/2000/svg}"


def noise(seed: int) -> Draw:
    """Noise that is the same in each run."""
    rng = np.random.default_rng(seed)

    def draw(values: Sequence[int], deviation: float) -> list[int]:
        errors = rng.normal(0, deviation, len(values))
        return [round(value + error) for value, error in zip(values, errors, strict=True)]

    return draw


@pytest.mark.parametrize(("people", "within"), [(50, 0.10), (100, 0.05)])
def test_volume_and_retention_of_small_areas_are_within_the_aim(people: int, within: float) -> None:
    """Beside 400 others, who have other tables too; with so few areas the error varies by some tenths of a point."""
    found = {one.table: one for one in measure(np.random.default_rng(1), people, 150, COST, APPLICATIONS, noise(3))}
    for table in ("volume", "retention"):
        one = found[table]
        assert one.numbers
        assert one.error <= within * 1.2
        assert one.half_width <= within + 1e-9
        assert one.inside > 0.9
        assert one.published == one.areas
    assert (found["detail"].published > 75) == (people == 100)


def test_areas_of_thirty_have_nothing() -> None:
    assert not any(one.published for one in measure(np.random.default_rng(1), 30, 5, COST, APPLICATIONS, noise(2)))


def test_too_noisy_numbers_are_published_as_ranges() -> None:
    found = {one.table: one for one in measure(np.random.default_rng(1), 200, 60, COST, APPLICATIONS, noise(2))}
    one = found["applications"]
    assert not one.numbers
    assert one.error > 0.05
    assert one.inside > 0.9


def test_published_intervals_match_the_noise() -> None:
    """Without noise, nothing is off; with noise of the size paid for, the truth is inside."""
    exact = measure(np.random.default_rng(1), 1000, 2, COST, APPLICATIONS, lambda values, _deviation: values)
    assert {one.table: round(one.error, 9) for one in exact if one.numbers} == dict.fromkeys(accuracy.TABLES, 0.0)
    assert all(one.inside == 1 for one in exact)


def test_small_areas_have_some_numbers_large_ones_most() -> None:
    shares = {(one.people, one.table): one for one in published_areas(np.random.default_rng(1), 25, COST, APPLICATIONS)}
    assert shares[50, "volume"].numbers > shares[50, "volume"].areas / 4
    assert shares[50, "applications"].numbers == 0 <= shares[100, "applications"].ranges
    assert shares[200, "volume"].numbers > shares[200, "volume"].areas / 3
    assert all(one.numbers + one.ranges <= one.areas for one in shares.values())


def test_the_curve_shows_each_point_and_which_are_ranges() -> None:
    points = [
        Accuracy(200, "volume", True, 10, 10, 0.045, 0.049, 0.95),
        Accuracy(50, "volume", False, 10, 4, 0.16, 0.22, 0.97),
        Accuracy(50, "detail", False, 10, 0, 0.0, 0.0, 0.0),
    ]
    drawn = ElementTree.fromstring(curve(points))
    [line] = drawn.findall(f"{SVG}polyline")
    assert len(line.attrib["points"].split()) == 2
    filled = [dot.attrib["fill"] for dot in drawn.findall(f"{SVG}circle")][:2]
    assert filled[0] == "white" != filled[1]


def test_the_curve_in_the_docs_is_one_that_the_command_draws() -> None:
    committed = ElementTree.parse(ROOT / "docs" / "accuracy.svg").getroot()
    assert len(committed.findall(f"{SVG}polyline")) == len(accuracy.TABLES)
    assert "accuracy.svg" in (ROOT / "docs" / "attacks.md").read_text(encoding="utf-8")


def test_the_attack_commands_print_their_results(
    no_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr(sys, "argv", ["lake", "attack", "--companies", "2", "--seed", "3", "--trials", "500"])
    assert main() == 0
    said = capsys.readouterr().out
    assert "row_space" in said
    assert "we claim 3.00" in said
    monkeypatch.setattr(accuracy, "SIZES", (50, 200))
    picture = tmp_path / "curve.svg"
    monkeypatch.setattr(
        sys, "argv", ["lake", "accuracy", "--times", "2", "--companies", "2", "--picture", str(picture)]
    )
    assert main() == 0
    assert "applications" in capsys.readouterr().out
    assert picture.read_text().startswith("<svg")
    assert not no_home.exists()
