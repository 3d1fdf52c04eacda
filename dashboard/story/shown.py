"""What a day and the days around it show about a person: what could be inferred, how sure that is, and why.

Everything is computed from the person's own answers. The error rates of published models are cited, not measured.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd

from dashboard.language import listed, t, tn
from dashboard.moments import Zone
from dashboard.story.stretches import BY_PROGRAMS, TYPED, Stretch, breaks_of, length_words
from dashboard.text import inert
from languages import mark
from queries import Record

FAIRLY, UNSURE = mark("Fairly sure"), mark("Unsure")
FEW_DAYS, MANY_DAYS = 5, 20
KEYS_IN_A_ROW = 50
"""What TypeNet compares."""
FEW_MOVES = 100
TYPENET_ERROR = 2.2
SHEN_FALSE_ACCEPTANCE, SHEN_FALSE_REJECTION = 8.74, 7.69
MOST_NAMES = 8


@dataclass(frozen=True)
class Shown:
    """One inference; all of it safe for Markdown. `sure`: marked."""

    title: str
    what: str
    sure: str
    why: str


def usual_hours(slices: pd.DataFrame, zone: Zone) -> Shown:
    """`slices`: the result of `Own.slices` by days of the zone."""
    own = slices[~slices["hidden"] & ~slices["signal"].isin(BY_PROGRAMS)]
    days = own.groupby("start").agg(first=("first_at", "min"), last=("last_at", "max"))
    number = tn("{n} day", "{n} days", len(days))
    title = t("Your usual hours")
    if len(days) < FEW_DAYS:
        return Shown(title, t("Too few days to tell your usual hours."), UNSURE, t("From {days} only.", days=number))
    first, last = (_minutes(days[name], zone) for name in ("first", "last"))
    return Shown(
        title,
        t(
            "You usually begin at about {first} and stop at about {last} ({zone}).",
            first=_clock(first.median()),
            last=_clock(last.median()),
            zone=zone.label,
        ),
        FAIRLY if len(days) >= MANY_DAYS else UNSURE,
        t(
            "From {days} with records. On half of them you began between {first} and {last}.",
            days=number,
            first=_clock(first.quantile(0.25)),
            last=_clock(first.quantile(0.75)),
        ),
    )


def breaks(stretches: list[Stretch]) -> Shown:
    gaps = [end - begin for begin, end in breaks_of(stretches)]
    what = t("You took no break of ten minutes or longer on this day.")
    if gaps:
        what = t(
            "You took {breaks} of ten minutes or longer on this day, {length} in total.",
            breaks=tn("{n} break", "{n} breaks", len(gaps)),
            length=length_words(sum(gaps, timedelta())),
        )
    why = t("A gap in the records is not always a break. Calls, reading and work on paper leave no records here.")
    return Shown(t("Your breaks"), what, UNSURE, why)


def speed(minutes: pd.DataFrame) -> Shown:
    """`minutes`: the result of `Own.minutes`."""
    typed = minutes[minutes["signal"].isin(TYPED)]
    clicked = minutes[minutes["signal"] == "mouse_click"]
    of_typing = tn("{n} minute", "{n} minutes", typed["minute"].nunique())
    what = t("You typed or filled in something in {minutes}. No click is in the records.", minutes=of_typing)
    if len(clicked):
        what = t(
            "You typed or filled in something in {minutes}, and clicked {clicks}: {rate} in each minute with a click.",
            minutes=of_typing,
            clicks=tn("{n} time", "{n} times", int(clicked["events"].sum())),
            rate=round(float(clicked["events"].sum()) / clicked["minute"].nunique(), 1),
        )
    return Shown(
        t("Your pace"),
        what,
        FAIRLY,
        t("Counted from the records of this day. Whatever the recording program left out is missing."),
    )


def people(records: Iterable[Record], mentions: int, *, more: bool) -> Shown:
    """`records`: messages and tickets of the day. `mentions`: records of others that are about the person. `more`:
    there are more messages than these."""
    read = list(records)
    names = Counter(author for one in read if (author := (one.content or {}).get("author")))
    said = [inert(name, 40) for name, _ in names.most_common()]
    what = t("No message or ticket of this day is in the records.")
    why = t("Counted from the records of this day. Whatever the recording program left out is missing.")
    if read:
        what = t("Messages and tickets of this day name nobody.")
        why = tn(
            "From the author of {n} message or ticket. You may not have answered them.",
            "From the authors of {n} messages and tickets. You may not have answered them.",
            len(read),
        )
    if said:
        what = t("Messages and tickets of this day name {people}.", people=listed(said, MOST_NAMES))
    if mentions:
        about = tn(
            "On this day {n} record of somebody else is about you.",
            "On this day {n} records of somebody else are about you.",
            mentions,
        )
        what = f"{what} {about}"
    if more:
        why = f"{why} {t('Only the first of this day were read.')}"
    return Shown(t("Who you write with"), what, UNSURE, why)


def typing_rhythm(pace: pd.DataFrame) -> Shown:
    """`pace`: the result of `Own.pace`."""
    title = t("Your typing rhythm")
    close, lower, upper = _close(pace, "keystroke")
    if close < KEYS_IN_A_ROW:
        what = t("No two keys that follow closely are in the records of this day: nothing that could be compared.")
        if close:
            what = t(
                "Hardly recognisable from the records of this day: only {times} between two keys can be read from "
                "them. Published methods compare about {n} keys in a row.",
                times=tn("{n} short time", "{n} short times", close),
                n=KEYS_IN_A_ROW,
            )
        return Shown(
            title,
            what,
            FAIRLY,
            t(
                "From the times of the records. The program that recorded your work, or the files that it wrote, may "
                "have the time of every key."
            ),
        )
    return Shown(
        title,
        t(
            "Possibly enough to recognise you: {times} between two keys are in the records of this day, half of them "
            "from {lower} to {upper} milliseconds. A published model, TypeNet (2021), that knew five samples of {n} "
            "keys of somebody was wrong in {rate} % of comparisons (equal error rate).",
            times=tn("{n} short time", "{n} short times", close),
            lower=round(lower * 1000),
            upper=round(upper * 1000),
            n=KEYS_IN_A_ROW,
            rate=TYPENET_ERROR,
        ),
        UNSURE,
        t(
            "The error rate is a published figure for other people, typing on their own keyboards. It was not measured "
            "on your records, which may be coarser."
        ),
    )


def pointer_dynamics(pace: pd.DataFrame) -> Shown:
    """`pace`: the result of `Own.pace`."""
    title = t("How you move the pointer")
    close, *_ = _close(pace, "mouse_move")
    number = tn("{n} movement", "{n} movements", close)
    if close < FEW_MOVES:
        what = t("No movements that follow closely are in the records of this day: nothing that could be compared.")
        if close:
            what = t(
                "Hardly recognisable from the records of this day: only {moves} that follow closely.", moves=number
            )
        return Shown(
            title,
            what,
            FAIRLY,
            t(
                "From the times of the records. The program that recorded your work, or the files that it wrote, may "
                "have more."
            ),
        )
    return Shown(
        title,
        t(
            "Possibly enough to recognise you: {moves} that follow closely are in the records of this day. A published "
            "method (Shen et al., 2013) took somebody else for the right person in {accepted} % of attempts, and the "
            "right person for somebody else in {rejected} %.",
            moves=number,
            accepted=SHEN_FALSE_ACCEPTANCE,
            rejected=SHEN_FALSE_REJECTION,
        ),
        UNSURE,
        t(
            "These are published figures for 37 other people doing one fixed task. They were not measured on your "
            "records."
        ),
    )


def _close(pace: pd.DataFrame, signal: str) -> tuple[int, float, float]:
    rows = pace[pace["signal"] == signal]
    return (0, 0.0, 0.0) if rows.empty else (int(rows["close"].iloc[0]), rows["lower"].iloc[0], rows["upper"].iloc[0])


def _minutes(moments: pd.Series[pd.Timestamp], zone: Zone) -> pd.Series[int]:
    local = zone.local_series(moments)
    return local.dt.hour * 60 + local.dt.minute


def _clock(minutes: float | np.floating[Any]) -> str:
    return f"{int(minutes) // 60:02}:{int(minutes) % 60:02}"
