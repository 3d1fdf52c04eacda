"""Published shares as sentences with their certainty: "about two thirds of them, at least half (24 to 33 of 45)".

A share is named by the nearest plain fraction, and its certain end by the next fraction outward. If the noise leaves
more than a quarter of people open, the sentence says that nothing can be said. A change is told only if the ranges of
two releases don't overlap.
"""

from __future__ import annotations

from collections.abc import Sequence

from api_client.models import Area, Programme, ReleasedTable, Share
from dashboard.moments import day_words
from dashboard.wording import count
from law.regimes import REGIMES

WIDEST = 0.25
"""Ranges up to this say something."""
SURE_NAMES = 0.04
"""How far from none or all a share is still called hardly anybody, or nearly everybody."""

FRACTIONS = {
    0.0: "hardly anybody", 0.1: "one in ten", 0.2: "a fifth", 0.25: "a quarter", 1 / 3: "a third", 0.4: "two fifths",
    0.5: "half", 0.6: "three fifths", 2 / 3: "two thirds", 0.75: "three quarters", 0.8: "four fifths",
    0.9: "nine in ten", 1.0: "nearly everybody",
}  # fmt: skip

QUESTIONS = {
    "volume": ("none", True, "Records are held about {}", "about how many people records are held"),
    "retention": ("within", False, "Nothing was kept too long for {}", "for how many people nothing was kept too long"),
    "detail": ("screens", False, "Screenshots are held about {}", "about how many people screenshots are held"),
    "answers": ("late", False, "An answer to a request was late for {}", "for how many people an answer was late"),
}
"""What managers ask first: the band that answers it, whether it is everybody else, the sentence and its subject."""


def says_something(share: Share) -> bool:
    """Whether the noise leaves little enough open."""
    return share.high - share.low <= WIDEST + 1e-9


def certainty(share: Share, people: int, whose: str = "") -> str:
    """`about two thirds of them, at least half (24 to 33 of 45)`; `whose` follows the number of people."""
    low, high = round(share.low * people), round(share.high * people)
    counted = f"{low:,} to {high:,}" if low != high else f"{low:,}"
    middle = (share.low + share.high) / 2 if share.share is None else share.share
    nearest = _nearest(middle)
    if middle >= 0.5:
        end = max(fraction for fraction in FRACTIONS if fraction <= share.low + 1e-9 and fraction < nearest)
    else:
        end = min(fraction for fraction in FRACTIONS if fraction >= share.high - 1e-9 and fraction > nearest)
    name = FRACTIONS[nearest] if nearest in (0.0, 1.0) else f"about {FRACTIONS[nearest]} of them"
    sure = f"at {'least' if middle >= 0.5 else 'most'} {FRACTIONS[end]}"
    return f"{name}, {sure} ({counted} of {'the ' if whose else ''}{people:,}{whose})"


def _nearest(middle: float) -> float:
    nearest = min(FRACTIONS, key=lambda fraction: abs(fraction - middle))
    if nearest in (0.0, 1.0) and abs(nearest - middle) > SURE_NAMES:
        return 0.1 if nearest == 0.0 else 0.9
    return nearest


def answers_of(tables: Sequence[ReleasedTable], whose: str = "") -> list[str]:
    """A sentence for each question that the tables of an area in one release answer, or can't; the first says whose."""
    named = {table.name: table for table in tables}
    said: list[str] = []
    unsaid: list[str] = []
    for name, (band, others, sentence, subject) in QUESTIONS.items():
        share = next((one for one in named[name].shares if one.band == band), None) if name in named else None
        if share is None:
            continue
        if others:
            share = Share(band, None if share.share is None else 1 - share.share, 1 - share.high, 1 - share.low)
        if says_something(share):
            words = sentence.format(f"**{certainty(share, named[name].people, '' if said else whose)}**")
            said.append(f"{words.replace('about **about ', '**about ')}.")
        else:
            unsaid.append(f"Nothing can be said {subject}: the noise leaves almost everything possible.")
    return said + unsaid


def changed(newer: ReleasedTable, older: ReleasedTable) -> bool:
    """Whether a share changed by more than the noise: their ranges don't overlap."""
    before = {share.band: share for share in older.shares}
    return any(
        share.low > before[share.band].high or share.high < before[share.band].low
        for share in newer.shares
        if share.band in before
    )


def trend_of(tables: Sequence[ReleasedTable], newest: Sequence[ReleasedTable]) -> str:
    """Whether anything changed since the release before, in a sentence; empty if there was none.

    `tables`: of all releases, newest first."""
    pairs = [(one, _before(one, tables)) for one in newest]
    known = [(one, before) for one, before in pairs if before is not None]
    if not known:
        return ""
    since = day_words(known[0][1].as_of)
    if not any(changed(one, before) for one, before in known):
        return f"Since {since}, nothing changed by more than the noise."
    return f"Since {since}, some of it changed by more than the noise: what did is said below."


def _before(one: ReleasedTable, tables: Sequence[ReleasedTable]) -> ReleasedTable | None:
    return next((table for table in tables if table.name == one.name and table.as_of < one.as_of), None)


def certain_of(found: Area | Programme) -> list[str]:
    """What applies to everybody, without noise: policies, purposes, days, models and deadlines."""
    if found.told_at is None:
        return []
    days = [policy.retention_days for policy in found.policies]
    purposes = len({policy.purpose for policy in found.policies})
    in_use = sum(model.retired_on is None for model in found.models)
    said = [
        f"{count(len(days), 'capture policy is', 'capture policies are')} in force, for {count(purposes, 'purpose')}."
    ]
    if days:
        shortest, longest = min(days), max(days)
        said.append(
            f"Each policy says how long records are kept: {f'{shortest:,} to ' if shortest < longest else ''}"
            f"{count(longest, 'day')}."
        )
    said.append(f"{count(in_use, 'model version built under them is', 'model versions built under them are')} in use.")
    deadlines = "; ".join(f"{regime.deadline_words} ({regime.law})" for regime in REGIMES.values())
    said.append(f"The deadline for answers to requests: {deadlines}.")
    return said
