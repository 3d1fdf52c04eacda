"""Generates what a person does in their spells of work: the events of three months.

In each spell the person switches to a window, moves the pointer to things and clicks most of them,
types, scrolls, fills in forms and picks from lists. Messages, tickets and page visits depend on the
application.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from demo.company import pointer, rhythm
from demo.company.events import Events
from demo.company.library import Library
from demo.company.people import zone_of
from demo.company.policies import DEPARTMENT_APPLICATIONS, PILOT_WEIGHT

DAYS = 90
REACHES_A_MINUTE = 0.098  # people reach far more often; a capture agent samples

SIGNALS_A_SPELL = {
    "keystroke": 0.55, "scroll": 0.16, "clipboard": 0.1, "dropdown": 0.25, "form_edit": 0.45, "navigation": 0.9,
    "message": 0.8, "ticket": 0.7, "screenshot": 0.35,
}  # fmt: skip
"""The average number per spell, if the application has the signal."""

SCROLL_STEPS = 4


@dataclass(frozen=True)
class Worker:
    """What the generator needs to know about one person."""

    subject: UUID
    department: str
    regime: str
    busyness: float
    """Relative to an average of 1."""
    in_pilot: bool

    @property
    def applications(self) -> dict[str, int]:
        """Their applications, and how often they use each."""
        pilot = {"Word": PILOT_WEIGHT} if self.in_pilot else {}
        return {**DEPARTMENT_APPLICATIONS[self.department], **pilot, "Desktop": 0}


def events(rng: np.random.Generator, library: Library, worker: Worker, today: date) -> Events:
    """Everything the person did in the last `DAYS` days, including today, in chronological order."""
    midnights = rhythm.workdays(rng, today - timedelta(days=DAYS), today, zone_of(worker.regime))
    spells = rhythm.spells(rng, midnights, list(worker.applications.values()))
    choose = _Chooser(rng, library, list(worker.applications))
    parts = [
        Events.of(
            "window_focus",
            spells.start,
            spells.application,
            spells.session,
            choose.entries("window_focus", spells.application),
        ),
        _breaks(spells, choose),
        *_pointer(rng, worker, spells, choose),
        *(_spread(rng, signal, mean * worker.busyness, spells, choose) for signal, mean in SIGNALS_A_SPELL.items()),
    ]
    joined = Events.joined(parts)
    return joined[np.argsort(joined.at, kind="stable")]


class _Chooser:
    """Chooses library entries for one person."""

    def __init__(self, rng: np.random.Generator, library: Library, applications: list[str]) -> None:
        self._rng = rng
        self._library = library
        self.applications = applications

    def entries(self, signal: str, application: NDArray[np.int64]) -> NDArray[np.int64]:
        """An entry for each event, or -1 if the application doesn't have the signal."""
        entry = np.full(len(application), -1)
        for place, name in enumerate(self.applications):
            suiting = self._library.suiting(signal, name)
            chosen = np.flatnonzero(application == place)
            if len(suiting) and len(chosen):
                entry[chosen] = self._rng.choice(suiting, len(chosen))
        return entry


def _pointer(rng: np.random.Generator, worker: Worker, spells: rhythm.Spells, choose: _Chooser) -> list[Events]:
    """Pointer movements, with a click at the end of most reaches."""
    minutes = (spells.end - spells.start) / 60
    spell = np.repeat(np.arange(len(spells)), rng.poisson(minutes * REACHES_A_MINUTE * worker.busyness))
    start = rng.uniform(spells.start[spell], spells.end[spell])
    order = np.argsort(start)
    spell, start = spell[order], start[order]
    application, session = spells.application[spell], spells.session[spell]

    spots = pointer.places(rng, len(choose.applications))
    targets = spots[application, rng.integers(0, pointer.PLACES, len(spell))] + rng.normal(0, 14, (len(spell), 2))
    targets = np.vstack([[pointer.WIDTH / 2, pointer.HEIGHT / 2], targets])
    samples = rng.integers(6, 21, len(spell))
    reach, seconds, x, y = pointer.reaches(rng, targets, samples)
    moves = Events.of("mouse_move", start[reach] + seconds, application[reach], session[reach], x=x, y=y)

    clicked = np.flatnonzero(rng.random(len(samples)) < 0.75)
    end = moves[(np.cumsum(samples) - 1)[clicked]]
    at = end.at + rng.uniform(0.05, 0.3, len(end))
    entry = choose.entries("mouse_click", end.application)
    return [moves, Events.of("mouse_click", at, end.application, end.session, entry, end.x, end.y)]


def _spread(rng: np.random.Generator, signal: str, mean: float, spells: rhythm.Spells, choose: _Chooser) -> Events:
    """Events of one signal, spread over the spells in applications that have it."""
    spell = np.repeat(np.arange(len(spells)), rng.poisson(mean, len(spells)))
    at = rng.uniform(spells.start[spell], spells.end[spell])
    if signal == "scroll":
        spell, at = np.repeat(spell, SCROLL_STEPS), np.repeat(at, SCROLL_STEPS)
        at = at + np.arange(len(at)) % SCROLL_STEPS * 0.12
    entry = choose.entries(signal, spells.application[spell])
    spread = Events.of(signal, at, spells.application[spell], spells.session[spell], entry)
    return spread[entry >= 0]


def _breaks(spells: rhythm.Spells, choose: _Chooser) -> Events:
    """Away from the keyboard: the start of every longer pause within a day."""
    pause = spells.start[1:] - spells.end[:-1]
    paused = np.flatnonzero((pause > 180) & (pause < 4 * rhythm.HOUR))
    desktop = np.full(len(paused), choose.applications.index("Desktop"))
    return Events.of("afk", spells.end[paused], desktop, spells.session[paused], choose.entries("afk", desktop))
