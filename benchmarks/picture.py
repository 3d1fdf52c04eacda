"""The ratios of `results.json` as a picture: `python -m benchmarks.picture` draws docs/benchmarks.svg.

A bar for each comparison, on a logarithmic axis; it begins at 1, where both sides take as long.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from math import log
from pathlib import Path
from xml.sax.saxutils import escape

from benchmarks.timing import Result

RESULTS = Path(__file__).parent / "results.json"
PICTURE = Path(__file__).parents[1] / "docs" / "benchmarks.svg"
TITLE = "How many times as long Open Book takes as what it is compared with"
WIDTH, LEFT, RIGHT, TOP, ROW = 1000, 660, 60, 56, 20
LOWEST, HIGHEST = 0.1, 50.0
LABELLED = (0.1, 0.5, 1, 2, 5, 10, 20, 50)
LONGEST = 110
"""Letters of a comparison."""


def main() -> int:
    PICTURE.write_text(picture(read()), encoding="utf-8")
    return 0


def read() -> list[Result]:
    """The results of the last run that was kept."""
    return [Result(**each) for each in json.loads(RESULTS.read_text(encoding="utf-8"))]


def picture(results: Sequence[Result]) -> str:
    """As SVG."""
    height = TOP + ROW * len(results) + 16
    parts = [_text(16, 24, TITLE, "start")]
    for ratio in LABELLED:
        x = _across(ratio)
        parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 6}" y2="{height - 12}" stroke="#dddddd"/>')
        parts.append(_text(x, TOP - 12, f"{ratio:g}"))
    for place, result in enumerate(results):
        parts += _row(result, TOP + ROW * place)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{TITLE}"'
        f' font-family="sans-serif" font-size="12">\n<title>{TITLE}</title>\n'
        f'<rect width="{WIDTH}" height="{height}" fill="white"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def _row(result: Result, top: int) -> list[str]:
    start, end = sorted((_across(1), _across(result.ratio)))
    colour = "#0b6e99" if result.ratio <= 1 else "#b35900"
    said = f"{result.name}: {result.against}"
    if len(said) > LONGEST:
        said = said[: LONGEST - 1] + "…"
    return [
        _text(LEFT - 8, top + 14, said, "end"),
        f'<rect x="{start:.1f}" y="{top + 4}" width="{end - start:.1f}" height="{ROW - 8}" fill="{colour}"/>',
        _text(end + 6, top + 14, f"{result.ratio:.2f}", "start"),
    ]


def _across(ratio: float) -> float:
    share = log(min(max(ratio, LOWEST), HIGHEST) / LOWEST) / log(HIGHEST / LOWEST)
    return LEFT + (WIDTH - LEFT - RIGHT) * share


def _text(x: float, y: float, words: str, anchor: str = "middle") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="#222">{escape(words)}</text>'


if __name__ == "__main__":
    sys.exit(main())
