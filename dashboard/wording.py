"""Screen texts for signals, redactions, evidence, states and causes.

Plain, second person, no legalese. A code without a text is shown as it is and never raises an error.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from dashboard.language import listed, t, tn
from dashboard.moments import Zone, moment_words
from dashboard.text import inert
from lake.rules.scope import Scope
from lake.safeguards import ON_REQUEST, masked
from languages import mark

SIGNALS = {
    "mouse_move": mark("mouse movements"),
    "mouse_click": mark("clicks"),
    "scroll": mark("scrolls"),
    "keystroke": mark("typed text"),
    "clipboard": mark("copy and paste"),
    "dropdown": mark("dropdown choices"),
    "navigation": mark("pages visited"),
    "form_edit": mark("form entries"),
    "window_focus": mark("window changes"),
    "screenshot": mark("screenshots"),
    "message": mark("messages"),
    "ticket": mark("tickets"),
    "afk": mark("at the computer or away"),
    "erased": mark("erased"),
}

EVIDENCE = {
    "proven": mark("Proven"),
    "possible": mark("Possible"),
    "unknown": mark("Unknown"),
    "made_before": mark("Older than your records"),
    "none": mark("Not used"),
}

NOT_LEARNED = ("made_before", "none")
"""The evidence of model versions that are not shown as having learned from anything of the person."""

EVIDENCE_MEANING = {
    "proven": mark(
        "One run made this model. It reported that it read a complete dataset for training, and the list of "
        "what is in that dataset has records of yours."
    ),
    "possible": mark(
        "A run that may have made this model may have read records of yours: for example, its dataset has no list "
        "of its contents, or several runs could have made the model."
    ),
    "unknown": mark(
        "Nobody recorded what this model, or something it was built from or with, was trained on. We can't "
        "show or rule out that your records were part of it."
    ),
    "made_before": mark(
        "Everything that had a part in this model had ended, as reported, more than a day before your first "
        "record in this register. This rests on two clocks: that of the training runs and that of the recording "
        "program."
    ),
    "none": mark(
        "Everything that its runs reported reading has a list of its contents, and none of your data is on those "
        "lists; or nothing about you was ever captured in this register. What a run didn't report, or was never "
        "entered here, isn't covered."
    ),
}

LEARNED_STAYS = mark("What a model learned stays in it until it is retrained without them.")

RETENTION_STATES = {
    "retained": mark("kept under its policy"),
    "restricted": mark("kept at your request"),
    "held": mark("kept longer by a legal hold"),
    "expired": mark("past its date, about to be deleted"),
}

CAUSES = {
    "retention": mark("its time was up"),
    "erasure": mark("you asked"),
    "source": mark("edited or deleted where it came from"),
}


def signal_words(signal: str) -> str:
    return t(SIGNALS[signal]) if signal in SIGNALS else signal


def held_words(records: int) -> str:
    return tn(
        "{n} record can't be deleted for now because of a legal hold.",
        "{n} records can't be deleted for now because of a legal hold.",
        records,
    )


def frozen_words(records: int) -> str:
    return tn("{n} record stays at your request.", "{n} records stay at your request.", records)


def redaction_words(redactions: dict[str, int]) -> str:
    """`2 e-mail addresses, 1 password`; empty if nothing was removed."""
    return masked(dict(sorted(redactions.items())), tn)


def masked_words(redactions: dict[str, int]) -> str:
    """What was masked in a record, and when, in sentences."""
    before = {kind: number for kind, number in redactions.items() if kind != ON_REQUEST}
    said = [t("Masked before storage: {what}.", what=redaction_words(before))] if before else []
    if number := redactions.get(ON_REQUEST):
        said.append(
            tn(
                "Masked later: {n} name, on somebody's request.",
                "Masked later: {n} names, on somebody's request.",
                number,
            )
        )
    return " ".join(said)


MOMENT = timedelta(milliseconds=1)
"""A shorter time is that of one record."""


def scope_words(scope: Scope, zone: Zone, *, theirs: bool = False) -> str:
    """A scope in words, safe for Markdown: `clicks in Excel from 3 May 2026, 14:00 until …`. `theirs`: of somebody
    else than the reader."""
    if scope.everything:
        return t("everything about them in this register") if theirs else t("everything about you in this register")
    what = listed([signal_words(signal) for signal in scope.signals], 6) if scope.signals else t("everything")
    if scope.applications is not None:
        names = listed([inert(application, 40) for application in scope.applications], 6)
        what = t("{what} in {applications}", what=what, applications=names)
    return _within(what, scope.from_at, scope.until_at, zone)


def _within(what: str, from_at: datetime | None, until_at: datetime | None, zone: Zone) -> str:
    """`what` with its time, if it has one."""
    first, last = (moment_words(at, zone) if at else "" for at in (from_at, until_at))
    if from_at and until_at and until_at - from_at <= MOMENT:
        return t("{what} at {time} ({zone})", what=what, time=f"{first}:{from_at:%S}", zone=zone.label)
    if from_at and until_at:
        words = t("{what} from {first} until {last} ({zone})", what=what, first=first, last=last, zone=zone.label)
    elif from_at:
        words = t("{what} from {first} ({zone})", what=what, first=first, zone=zone.label)
    elif until_at:
        words = t("{what} until {last} ({zone})", what=what, last=last, zone=zone.label)
    else:
        words = what
    return words


ROLES = {
    "privacy_officer": mark("A privacy officer"),
    "manager": mark("A manager"),
    "employee": mark("An employee"),
    "controller": mark("A company that asked on your behalf"),
    "operator": mark("Whoever runs the servers"),
    "letter": mark("You, or whoever else had the code of your letter"),
    "worker": mark("The worker that carries out requests"),
    "ingestion": mark("The program that stores what was captured"),
    "dataset": mark("The program that puts datasets together"),
    "release": mark("The program that computes published numbers"),
    "backup": mark("The backup program"),
    "restore": mark("The restore program"),
    "rewrapping": mark("The program that replaces the master key"),
}
"""Roles on the page Who looked."""


def role_words(role: str, system: str | None) -> str:
    """A role that another system reports is in its own words: it must not read like one of Open Book's."""
    if system is not None:
        return t("“{role}” in {system}", role=role, system=system)
    return t(ROLES[role]) if role in ROLES else role


ACTIONS = {
    "view": mark("viewed"),
    "search": mark("searched"),
    "export": mark("exported"),
    "copy": mark("copied"),
    "change": mark("changed"),
    "delete": mark("deleted"),
    "back_up": mark("backed up"),
    "restore": mark("restored"),
    "administer": mark("administered"),
}
"""What was done in another system, on the same page."""


def action_words(action: str) -> str:
    return t(ACTIONS[action]) if action in ACTIONS else action


KINDS = {
    "role": mark("Role"),
    "operators": mark("Operators"),
    "program": mark("Program"),
    "company": mark("Other company"),
}
"""Kinds of standing access, on the same page."""
