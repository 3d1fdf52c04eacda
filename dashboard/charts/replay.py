"""A mouse path as a picture that moves: an SVG whose pointer follows the recorded times, without the
rests.

The picture is drawn by the browser from `data:`, so it needs no script. Where a person asked their device for less
motion, the still one is shown instead (`dashboard/theme.py`).
"""

from __future__ import annotations

import base64

import numpy as np
import pandas as pd

from dashboard.charts.pointer import MARK_COLOUR, PATH_COLOURS, PAUSE_SECONDS, screen_of
from dashboard.text import markup

MOST_STOPS = 600
POINTER_RADIUS = 0.011
"""Of the width of the screen."""


def replay(points: pd.DataFrame, alt: str, *, second: float, speed: float, number: int) -> str:
    """HTML of the pointer moving from `second` on, `speed` times as fast as it was, and of where it is at `second`.

    `points`: [captured_at, x, y, signal], ordered by time, at least one row. `number`: another one starts it again."""
    still = svg(points, second)
    moving = svg(points, second, speed=speed, number=number)
    return "".join(
        f'<img class="{kind}" alt="{markup(alt, 400)}" src="data:image/svg+xml;base64,{encoded(picture)}">'
        for kind, picture in (("moving", moving), ("still", still))
    )


def picture(points: pd.DataFrame, alt: str, *, second: float) -> str:
    """HTML of where the pointer is at `second`."""
    return f'<img alt="{markup(alt, 400)}" src="data:image/svg+xml;base64,{encoded(svg(points, second))}">'


def svg(points: pd.DataFrame, second: float, *, speed: float | None = None, number: int = 0) -> str:
    """The picture. Without a `speed` it doesn't move. Numbers are the only thing in it."""
    width, height = screen_of(points)
    left, top = min(0, int(points["x"].min())), min(0, int(points["y"].min()))
    seconds = elapsed(points)
    at = _reached(seconds, second)
    x, y = points["x"].to_numpy(), points["y"].to_numpy()
    thin = np.unique(np.linspace(0, len(points) - 1, MOST_STOPS).astype(int))
    line = " ".join(f"{x[stop]},{y[stop]}" for stop in thin)
    gone = " ".join(f"{x[stop]},{y[stop]}" for stop in [*thin[thin <= at], at])
    stroke = (width - left) / 500
    clicked = points["signal"].to_numpy() == "mouse_click"
    clicks = "".join(
        f'<circle cx="{x[stop]}" cy="{y[stop]}" r="{stroke * 5:.1f}" fill="none" stroke="{MARK_COLOUR}" '
        f'stroke-width="{stroke:.1f}"/>'
        for stop in np.flatnonzero(clicked)[:MOST_STOPS]
    )
    pointer = _pointer(x, y, seconds, thin, at, second, speed, (width - left) * POINTER_RADIUS)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{left} {top} {width - left} {height - top}" '
        f'data-number="{number}">'
        f'<rect x="0" y="0" width="{width}" height="{height}" fill="none" stroke="#888888" '
        f'stroke-width="{stroke:.1f}"/>'
        f'<polyline points="{line}" fill="none" stroke="{PATH_COLOURS[0]}" stroke-opacity="0.5" '
        f'stroke-width="{stroke:.1f}"/>'
        f'<polyline points="{gone}" fill="none" stroke="{PATH_COLOURS[0]}" stroke-width="{stroke * 1.5:.1f}"/>'
        f"{clicks}{pointer}</svg>"
    )


def elapsed(points: pd.DataFrame) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Seconds since the first point, in which rests are shortened to `PAUSE_SECONDS`."""
    between = points["captured_at"].diff().dt.total_seconds().fillna(0).clip(0, PAUSE_SECONDS)
    return np.cumsum(between.to_numpy(dtype=float))


def stop_at(points: pd.DataFrame, second: float) -> int:
    """The number of the point that was reached at `second`."""
    return _reached(elapsed(points), second)


def _reached(seconds: np.ndarray[tuple[int], np.dtype[np.float64]], second: float) -> int:
    return max(0, int(np.searchsorted(seconds, second, side="right")) - 1)


def encoded(picture: str) -> str:
    return base64.b64encode(picture.encode()).decode()


def _pointer(
    x: np.ndarray[tuple[int], np.dtype[np.int64]],
    y: np.ndarray[tuple[int], np.dtype[np.int64]],
    seconds: np.ndarray[tuple[int], np.dtype[np.float64]],
    thin: np.ndarray[tuple[int], np.dtype[np.int64]],
    at: int,
    second: float,
    speed: float | None,
    radius: float,
) -> str:
    moves = ""
    whole = float(seconds[-1])
    if speed is not None and whole > 0:
        times = ";".join(f"{seconds[stop] / whole:.5f}" for stop in thin)
        common = f'keyTimes="{times}" dur="{whole / speed:.3f}s" begin="{-second / speed:.3f}s" fill="freeze"'
        moves = "".join(
            f'<animate attributeName="{name}" values="{";".join(str(places[stop]) for stop in thin)}" {common}/>'
            for name, places in (("cx", x), ("cy", y))
        )
    return (
        f'<circle cx="{x[at]}" cy="{y[at]}" r="{radius:.1f}" fill="{PATH_COLOURS[1]}" stroke="#ffffff" '
        f'stroke-width="{radius / 4:.1f}">{moves}</circle>'
    )
