"""Published shares as sentences with their certainty: "about two thirds of them, at least half (24 to 33 of 45)".

A share is named by the nearest plain fraction, and its certain end by the next fraction outward. If the noise leaves
more than a quarter of people open, the sentence says that nothing can be said. A change is told only if the ranges of
two releases don't overlap.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from api_client.models import Area, Programme, ReleasedTable, Share
from dashboard.language import listed, t, tn
from dashboard.releases.wording import MOST_MODELS, title_of
from languages import mark
from law.regimes import REGIMES

WIDEST = 0.25
"""Ranges up to this say something."""
SURE_NAMES = 0.04
"""How far from none or all a share is still called hardly anybody, or nearly everybody."""


@dataclass(frozen=True)
class Fraction:
    """A share's name, and as the least and the most that is certain: nothing is certain of none or all."""

    name: str
    least: str = ""
    most: str = ""


FRACTIONS = {
    0.0: Fraction(mark("hardly anybody")),
    0.1: Fraction(mark("about one in ten of them"), mark("at least one in ten"), mark("at most one in ten")),
    0.2: Fraction(mark("about a fifth of them"), mark("at least a fifth"), mark("at most a fifth")),
    0.25: Fraction(mark("about a quarter of them"), mark("at least a quarter"), mark("at most a quarter")),
    1 / 3: Fraction(mark("about a third of them"), mark("at least a third"), mark("at most a third")),
    0.4: Fraction(mark("about two fifths of them"), mark("at least two fifths"), mark("at most two fifths")),
    0.5: Fraction(mark("about half of them"), mark("at least half"), mark("at most half")),
    0.6: Fraction(mark("about three fifths of them"), mark("at least three fifths"), mark("at most three fifths")),
    2 / 3: Fraction(mark("about two thirds of them"), mark("at least two thirds"), mark("at most two thirds")),
    0.75: Fraction(
        mark("about three quarters of them"), mark("at least three quarters"), mark("at most three quarters")
    ),
    0.8: Fraction(mark("about four fifths of them"), mark("at least four fifths"), mark("at most four fifths")),
    0.9: Fraction(mark("about nine in ten of them"), mark("at least nine in ten"), mark("at most nine in ten")),
    1.0: Fraction(mark("nearly everybody")),
}

QUESTIONS = {
    "volume": (
        "none",
        True,
        mark("Records that may be used are held about {share}."),
        mark("The noise is too large to say about how many people records that may be used are held."),
    ),
    "retention": (
        "within",
        False,
        mark("On {day}, after that day's deletion, no records that may be used were kept too long for {share}."),
        mark("The noise is too large to say for how many people no records that may be used were kept too long."),
    ),
    "detail": (
        "screens",
        False,
        mark("Screenshots that may be used are held about {share}."),
        mark("The noise is too large to say about how many people screenshots that may be used are held."),
    ),
    "answers": (
        "late",
        False,
        mark("An answer to a request was late for {share}."),
        mark("The noise is too large to say for how many people an answer was late."),
    ),
}
"""What managers ask first: the band that answers it, whether it is everybody else, the answer, and what is said if the
noise hides it."""


def says_something(share: Share) -> bool:
    """Whether the noise leaves little enough open."""
    return share.high - share.low <= WIDEST + 1e-9


def certainty(share: Share, people: int, everybody: str = "") -> str:
    """`about two thirds of them, at least half (24 to 33 of 45)`; `everybody` instead of the number of people. Where
    only the range is published, `at least half and at most two thirds (23 to 30 of 45)`."""
    low, high = round(share.low * people), round(share.high * people)
    if share.share is None:
        return t(
            "{ends} ({low} to {high} of {people})", ends=_ends(share), low=low, high=high, people=everybody or people
        )
    middle = share.share
    nearest = _nearest(middle)
    if middle >= 0.5:
        end = max(fraction for fraction in FRACTIONS if fraction <= share.low + 1e-9 and fraction < nearest)
        sure = t(FRACTIONS[end].least)
    else:
        end = min(fraction for fraction in FRACTIONS if fraction >= share.high - 1e-9 and fraction > nearest)
        sure = t(FRACTIONS[end].most)
    values = {"about": t(FRACTIONS[nearest].name), "sure": sure, "people": everybody or people}
    if low == high:
        return t("{about}, {sure} ({number} of {people})", number=low, **values)
    return t("{about}, {sure} ({low} to {high} of {people})", low=low, high=high, **values)


def _ends(share: Share) -> str:
    """The certain ends of a range: the next fractions outward."""
    least = max(fraction for fraction in FRACTIONS if fraction <= share.low + 1e-9 and fraction < 1)
    most = min(fraction for fraction in FRACTIONS if fraction >= share.high - 1e-9 and fraction > 0)
    if not least:
        return t(FRACTIONS[most].most)
    if most == 1:
        return t(FRACTIONS[least].least)
    return t("{least} and {most}", least=t(FRACTIONS[least].least), most=t(FRACTIONS[most].most))


def _nearest(middle: float) -> float:
    nearest = min(FRACTIONS, key=lambda fraction: abs(fraction - middle))
    if nearest in (0.0, 1.0) and abs(nearest - middle) > SURE_NAMES:
        return 0.1 if nearest == 0.0 else 0.9
    return nearest


def answers_of(tables: Sequence[ReleasedTable], *, company: bool) -> list[str]:
    """A sentence for each question that the tables of the company, or of an area, in one release answer, or can't; the
    first says whose."""
    named = {table.name: table for table in tables}
    said: list[str] = []
    unsaid: list[str] = []
    for name, (band, others, sentence, nothing) in QUESTIONS.items():
        share = next((one for one in named[name].shares if one.band == band), None) if name in named else None
        if share is None:
            continue
        if others:
            share = Share(band, None if share.share is None else 1 - share.share, 1 - share.high, 1 - share.low)
        if says_something(share):
            everybody = "" if said else _everybody(named[name], company=company)
            words = t(sentence, share=f"**{certainty(share, named[name].people, everybody)}**", day=named[name].as_of)
            said.append(words.replace("about **about ", "**about "))  # only in English
        else:
            unsaid.append(t(nothing))
    return said + unsaid


def _everybody(table: ReleasedTable, *, company: bool) -> str:
    """`the 45 people in the company`."""
    if company:
        return tn("the {n} person in the company", "the {n} people in the company", table.people)
    return tn("the {n} person who was in it on {day}", "the {n} who were in it on {day}", table.people, day=table.as_of)


def changed(newer: ReleasedTable, older: ReleasedTable) -> bool:
    """Whether a share changed by more than the noise: their ranges don't overlap."""
    before = {share.band: share for share in older.shares}
    return any(
        share.low > before[share.band].high or share.high < before[share.band].low
        for share in newer.shares
        if share.band in before
    )


def trend_of(tables: Sequence[ReleasedTable], newest: Sequence[ReleasedTable]) -> str:
    """What changed since the release before, in a sentence; empty if there was none.

    `tables`: of all releases, newest first."""
    pairs = [(one, _before(one, tables)) for one in newest]
    known = [(one, before) for one, before in pairs if before is not None]
    if not known:
        return ""
    since = known[0][1].as_of
    told = [title_of(one.name) for one, before in known if changed(one, before)]
    if not told:
        return t("Since {day}, nothing changed by more than the noise.", day=since)
    return t("Since {day}, this changed by more than the noise: {tables}.", day=since, tables=listed(told, 9))


def _before(one: ReleasedTable, tables: Sequence[ReleasedTable]) -> ReleasedTable | None:
    return next((table for table in tables if table.name == one.name and table.as_of < one.as_of), None)


def certain_of(found: Area | Programme) -> list[str]:
    """What applies to everybody, without noise: policies, purposes, days, models and deadlines."""
    if found.told_at is None:
        return []
    days = [policy.retention_days for policy in found.policies]
    purposes = len({policy.purpose for policy in found.policies})
    said = [policies_words(len(days), purposes)]
    if days:
        shortest, longest = min(days), max(days)
        kept = tn("{n} day", "{n} days", longest)
        said.append(
            t("Each policy says how long records are kept: {least} to {days}.", least=shortest, days=kept)
            if shortest < longest
            else t("Each policy says how long records are kept: {days}.", days=kept)
        )
    said.append(models_words(found))
    deadlines = [
        t("{deadline} ({law})", deadline=t(regime.deadline_words), law=t(regime.law)) for regime in REGIMES.values()
    ]
    said.append(
        t(
            "The deadline for answers to requests depends on the law that applies to a person, and can be extended: "
            "{deadlines}.",
            deadlines="; ".join(deadlines),
        )
    )
    return said


def models_words(found: Area | Programme) -> str:
    """How many model versions are listed, and for how many no retirement was reported."""
    counts = {"listed": len(found.models), "number": sum(model.retired_on is None for model in found.models)}
    if len(found.models) >= MOST_MODELS:
        return t("Of the newest {listed} model versions, {number} have no reported retirement.", **counts)
    return t("Model versions: {listed}. Without a reported retirement: {number}.", **counts)


def policies_words(policies: int, purposes: int) -> str:
    """How many there are."""
    return tn(
        "{n} capture policy is in force, for {purposes}.",
        "{n} capture policies are in force, for {purposes}.",
        policies,
        purposes=tn("{n} purpose", "{n} purposes", purposes),
    )
