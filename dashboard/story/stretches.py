"""A day's stretches of work, and the breaks between them, from what was recorded in each minute.

A stretch ends when ten minutes pass without a record of something that the person did. Screenshots and notes of being
away are made by programs on their own: they are in no stretch.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

import pandas as pd

from dashboard.language import t, tn
from dashboard.moments import Zone
from dashboard.text import plain

BREAK = timedelta(minutes=10)
MINUTE = timedelta(minutes=1)
MOST_NAMES = 3
BY_PROGRAMS = ("screenshot", "afk")
TYPED = ("keystroke", "clipboard", "form_edit", "dropdown")
POINTED = ("mouse_move", "mouse_click", "scroll")


@dataclass(frozen=True)
class Stretch:
    """Naive UTC times; `until_at` is the end of its last minute."""

    from_at: datetime
    until_at: datetime
    minutes: pd.DataFrame
    """Its part of `Own.minutes`."""

    @property
    def duration(self) -> timedelta:
        return self.until_at - self.from_at

    @property
    def applications(self) -> list[str]:
        """Those of most minutes first."""
        used = self.minutes.groupby("application")["minute"].nunique().sort_values(ascending=False, kind="stable")
        return [plain(str(name), 40) for name in used.index]

    @property
    def where(self) -> str:
        """The most used ones in words."""
        names = self.applications
        said = ", ".join(names[:MOST_NAMES])
        more = len(names) - MOST_NAMES
        return (
            tn("{application} and {n} more", "{application} and {n} more", more, application=said) if more > 0 else said
        )

    def events(self, *signals: str) -> int:
        return int(self.minutes.loc[self.minutes["signal"].isin(signals), "events"].sum())


def stretches_of(minutes: pd.DataFrame) -> list[Stretch]:
    """In order of time. `minutes`: the result of `Own.minutes`."""
    done = minutes[~minutes["signal"].isin(BY_PROGRAMS)].sort_values("minute", kind="stable")
    begins = done["minute"].diff() > BREAK
    return [
        Stretch(part["minute"].iloc[0].to_pydatetime(), part["minute"].iloc[-1].to_pydatetime() + MINUTE, part)
        for _, part in done.groupby(begins.cumsum())
    ]


def in_parts(stretch: Stretch, most: int) -> list[Stretch]:
    """The stretch, or parts of whole minutes with at most `most` records of the pointer each. A minute that has more by
    itself is a part of its own."""
    pointed = stretch.minutes[stretch.minutes["signal"].isin(POINTED)]
    parts: list[list[object]] = [[]]
    so_far = 0
    for minute, events in pointed.groupby("minute")["events"].sum().items():
        if parts[-1] and so_far + events > most:
            parts.append([])
            so_far = 0
        parts[-1].append(minute)
        so_far += events
    if len(parts) == 1:
        return [stretch]
    cut = [pointed[pointed["minute"].isin(minutes)] for minutes in parts]
    return [
        Stretch(part["minute"].min().to_pydatetime(), part["minute"].max().to_pydatetime() + MINUTE, part)
        for part in cut
    ]


def breaks_of(stretches: list[Stretch]) -> list[tuple[datetime, datetime]]:
    """From when until when (naive UTC) nothing was recorded between two stretches."""
    return [(one.until_at, other.from_at) for one, other in pairwise(stretches)]


def time_words(moment: datetime, zone: Zone) -> str:
    return f"{zone.local(moment):%H:%M}"


def length_words(length: timedelta) -> str:
    """In whole minutes: `75 minutes`."""
    return tn("{n} minute", "{n} minutes", int(length / MINUTE))


def day_sentence(day: datetime, stretches: list[Stretch], zone: Zone) -> str:
    """The day in one sentence; at least one stretch. `day`: local."""
    gaps = breaks_of(stretches)
    values = {
        "day": day.date(),
        "first": time_words(stretches[0].from_at, zone),
        "last": time_words(stretches[-1].until_at, zone),
        "zone": zone.label,
        "stretches": tn("{n} stretch of work", "{n} stretches of work", len(stretches)),
    }
    if not gaps:
        return t("On {day} your records show {stretches}, from {first} to {last} ({zone}).", **values)
    longest = max(gaps, key=lambda gap: gap[1] - gap[0])
    return t(
        "On {day} your records show {stretches} between {first} and {last} ({zone}). The longest break in between was "
        "{duration}, from {begin} to {end}.",
        **values,
        duration=length_words(longest[1] - longest[0]),
        begin=time_words(longest[0], zone),
        end=time_words(longest[1], zone),
    )


def stretches_table(stretches: list[Stretch], zone: Zone) -> pd.DataFrame:
    """A row for each stretch and each break, in order of time."""
    return pd.DataFrame(
        [
            {
                t("From ({zone})", zone=zone.label): time_words(from_at, zone),
                t("Until"): time_words(until_at, zone),
                t("What"): t("break") if stretch is None else t("work"),
                t("Duration"): length_words(until_at - from_at),
                t("Applications"): "" if stretch is None else stretch.where,
                **{heading: None if stretch is None else stretch.events(*signals) for heading, signals in _counted()},
            }
            for from_at, until_at, stretch in _in_order(stretches)
        ]
    ).astype({heading: "Int64" for heading, _ in _counted()})


def _counted() -> list[tuple[str, tuple[str, ...]]]:
    return [
        (t("Typed or filled in"), TYPED),
        (t("Clicks"), ("mouse_click",)),
        (t("Pointer movements"), ("mouse_move",)),
    ]


def _in_order(stretches: list[Stretch]) -> Iterator[tuple[datetime, datetime, Stretch | None]]:
    gaps = [*breaks_of(stretches), None]
    for stretch, gap in zip(stretches, gaps, strict=True):
        yield stretch.from_at, stretch.until_at, stretch
        if gap is not None:
            yield (*gap, None)
