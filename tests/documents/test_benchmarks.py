"""The picture in docs/benchmarks.md shows the results that are kept."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

from benchmarks import picture

ROOT = Path(__file__).parents[2]


def test_the_picture_shows_the_results() -> None:
    results = picture.read()
    drawn = picture.PICTURE.read_text(encoding="utf-8")
    assert drawn == picture.picture(results), "run python -m benchmarks.picture"
    words = [each.text for each in ElementTree.fromstring(drawn).iter("{http://www.w3.org/2000/svg}text")]
    assert [f"{each.ratio:.2f}" for each in results] == words[-2 * len(results) + 1 :: 2]
    assert "(benchmarks.svg)" in (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")
