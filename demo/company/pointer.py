"""Simulates pointer movement: smooth reaches between the places on a screen where things are.

A reach follows the minimum-jerk profile (Flash and Hogan, 1985): slow, fast, slow, along a slightly bent line.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT = 1920, 1080
SAMPLE_SECONDS = 0.06
PLACES = 9
"""Places of interest on the screen of one application."""


def places(rng: np.random.Generator, applications: int) -> NDArray[np.float64]:
    """Where people click in each application: shape [applications, PLACES, 2], pixels."""
    spots = rng.uniform((0.08, 0.12), (0.92, 0.92), (applications, PLACES, 2))
    spots[:, :3, 1] = rng.uniform(0.03, 0.1, (applications, 3))  # a menu along the top
    spots[:, 3:5, 0] = rng.uniform(0.03, 0.08, (applications, 2))  # a list along the left
    return spots * (WIDTH, HEIGHT)


def reaches(
    rng: np.random.Generator, targets: NDArray[np.float64], samples: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int32], NDArray[np.int32]]:
    """Moves from each target to the next.

    `targets` is [n + 1, 2] pixels, `samples` is [n], the number of positions per reach. Returns, for every
    position: the reach's number, seconds since its start, x, y.
    """
    reach = np.repeat(np.arange(len(samples)), samples)
    step = np.arange(len(reach)) - np.repeat(np.cumsum(samples) - samples, samples)
    done = (step + 1) / samples[reach]
    eased = done**3 * (10 - 15 * done + 6 * done**2)
    way = np.diff(targets, axis=0)
    bend = rng.normal(0, 0.08, len(samples))[reach] * np.sin(np.pi * done)
    x = targets[reach, 0] + way[reach, 0] * eased - way[reach, 1] * bend
    y = targets[reach, 1] + way[reach, 1] * eased + way[reach, 0] * bend
    seconds = step * SAMPLE_SECONDS + rng.uniform(0, SAMPLE_SECONDS / 2, len(reach))
    return reach, seconds, _pixels(x, WIDTH), _pixels(y, HEIGHT)


def _pixels(values: NDArray[np.float64], limit: int) -> NDArray[np.int32]:
    return np.clip(np.rint(values), 0, limit - 1).astype(np.int32)
