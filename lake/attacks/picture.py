"""The accuracy curve as a picture (SVG): a line per table, filled dots for numbers, open ones for ranges."""

from __future__ import annotations

from collections.abc import Sequence
from math import log
from xml.sax.saxutils import escape

from lake.attacks.accuracy import SIZES, TABLES, Accuracy

WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 760, 400, 64, 48, 130, 56
HIGHEST = 25
COLOURS = dict(zip(TABLES, ("#0b6e99", "#7a4fbf", "#b35900", "#4d4d4d"), strict=True))
LABELLED = (30, 50, 100, 200, 500, 1000, 2500, 5000)
AIM = 5


def curve(points: Sequence[Accuracy]) -> str:
    """The picture."""
    parts = [*_frame()]
    for table in TABLES:
        mine = sorted(
            (point for point in points if point.table == table and point.published), key=lambda one: one.people
        )
        if not mine:
            continue
        places = [(_across(point.people), _up(point.error * 100)) for point in mine]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{COLOURS[table]}" stroke-width="2"/>')
        for point, (x, y) in zip(mine, places, strict=True):
            fill = COLOURS[table] if point.numbers else "white"
            parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{fill}" stroke="{COLOURS[table]}"/>')
    parts += _legend()
    title = "Distance of published shares from the truth, by size of the area"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{title}"'
        f' font-family="sans-serif" font-size="12">\n<title>{title}</title>\n'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def _across(people: int) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * log(people / SIZES[0]) / log(SIZES[-1] / SIZES[0])


def _up(points: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * min(points, HIGHEST) / HIGHEST


def _text(x: float, y: float, words: str, anchor: str = "middle", more: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="#222"{more}>{escape(words)}</text>'


def _frame() -> list[str]:
    parts = [_text(LEFT, 24, "Distance from the truth that 95 % of published shares stay within", "start")]
    for points in range(0, HIGHEST + 1, 5):
        y = _up(points)
        dashes = ' stroke-dasharray="5 4"' if points == AIM else ""
        colour = "#c00000" if points == AIM else "#dddddd"
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="{colour}"{dashes}/>')
        parts.append(_text(LEFT - 8, y + 4, str(points), "end"))
    parts += [_text(_across(people), HEIGHT - BOTTOM + 18, f"{people:,}") for people in LABELLED]
    parts.append(_text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 14, "people in the area"))
    turned = f' transform="rotate(-90 18 {HEIGHT / 2})"'
    parts.append(_text(18, HEIGHT / 2, "percentage points", more=turned))
    parts.append(_text(WIDTH - RIGHT + 8, _up(AIM) + 4, "goal", "start"))
    return parts


def _legend() -> list[str]:
    parts = []
    for row, table in enumerate(TABLES):
        y = TOP + 10 + 20 * row
        parts.append(f'<circle cx="{WIDTH - RIGHT + 14}" cy="{y}" r="4" fill="{COLOURS[table]}"/>')
        parts.append(_text(WIDTH - RIGHT + 24, y + 4, table, "start"))
    y = TOP + 10 + 20 * len(TABLES)
    parts.append(f'<circle cx="{WIDTH - RIGHT + 14}" cy="{y}" r="4" fill="white" stroke="#222"/>')
    parts.append(_text(WIDTH - RIGHT + 24, y + 4, "ranges only", "start"))
    return parts
