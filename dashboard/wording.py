"""Screen texts for signals, redactions, evidence, states and causes.

Plain, second person, no legalese. A code without a text is shown as it is and never raises an error.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from dashboard.moments import Zone, moment_words
from dashboard.text import inert
from lake.rules.scope import Scope
from lake.safeguards import counted

SIGNALS = {
    "mouse_move": "mouse movements",
    "mouse_click": "clicks",
    "scroll": "scrolls",
    "keystroke": "typed text",
    "clipboard": "copy and paste",
    "dropdown": "dropdown choices",
    "navigation": "pages visited",
    "form_edit": "form entries",
    "window_focus": "window changes",
    "screenshot": "screenshots",
    "message": "messages",
    "ticket": "tickets",
    "afk": "at the computer or away",
    "erased": "erased",
}

EVIDENCE = {
    "proven": "Proven",
    "possible": "Possible",
    "unknown": "Unknown",
    "made_before": "Older than your records",
    "none": "Not used",
}

NOT_LEARNED = ("made_before", "none")
"""The evidence of model versions that are not shown as having learned from anything of the person."""

EVIDENCE_MEANING = {
    "proven": "One run made this model. It reported that it read a complete data set for training, and the list of "
    "what is in that data set has records of yours.",
    "possible": "A run that may have made this model may have read records of yours: for example from a data set "
    "without a list of its contents, or in a run that several could have been.",
    "unknown": "Nobody recorded what this model, or something it was built from or with, was trained on. We can't "
    "show or rule out that your records were part of it.",
    "made_before": "Everything that had a part in this model had ended, as reported, more than a day before your first "
    "record in this register. This rests on two clocks: that of the training runs and that of the recording program.",
    "none": "Everything that its runs reported reading has a list of its contents, and none of your data is on those "
    "lists; or nothing about you was ever captured in this register. What a run didn't report, or was never entered "
    "here, isn't covered.",
}

LEARNED_STAYS = "What a model learned stays in it until it is retrained without them."

RETENTION_STATES = {
    "retained": "kept under its retention rule",
    "restricted": "kept at your request",
    "held": "kept longer by a legal hold",
    "expired": "past its date, about to be deleted",
}

CAUSES = {"retention": "its time was up", "erasure": "you asked", "source": "edited or deleted where it came from"}


def count(number: int, one: str, many: str | None = None) -> str:
    """`1,204 records`, `1 record`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def listed(words: Sequence[str], limit: int = 4, total: int | None = None) -> str:
    """`a, b and c`; past `limit`, `a, b, c and 5 more`. `total`: the real number, if `words` has only some of them."""
    total = max(len(words), total or 0)
    shown = list(words)
    if total > min(limit, len(words)):
        shown = [*words[: limit - 1]]
        shown += [f"{total - len(shown):,} more"]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}" if shown else ""


def signal_words(signal: str) -> str:
    return SIGNALS.get(signal, signal)


def redaction_words(redactions: dict[str, int]) -> str:
    """`2 e-mail addresses, 1 password`; empty if nothing was removed."""
    return counted(dict(sorted(redactions.items())))


MOMENT = timedelta(milliseconds=1)
"""A shorter time is that of one record."""


def scope_words(scope: Scope, zone: Zone, *, whose: str = "you") -> str:
    """A scope in words, safe for Markdown: `clicks in Excel from 3 May 2026, 14:00 until …`."""
    if scope.everything:
        return f"everything about {whose} in this register"
    signals = listed([signal_words(signal) for signal in scope.signals], 6) if scope.signals else "everything"
    words = signals if scope.applications is None else f"{signals} in {_applications(scope.applications)}"
    return words + _between(scope.from_at, scope.until_at, zone)


def _applications(applications: Sequence[str]) -> str:
    return listed([inert(application, 40) for application in applications], 6)


def _between(from_at: datetime | None, until_at: datetime | None, zone: Zone) -> str:
    if from_at and until_at and until_at - from_at <= MOMENT:
        return f" at {moment_words(from_at, zone)}:{from_at:%S} ({zone.label})"
    after = f" from {moment_words(from_at, zone)}" if from_at else ""
    before = f" until {moment_words(until_at, zone)}" if until_at else ""
    return f"{after}{before} ({zone.label})" if after or before else ""


ROLES = {
    "privacy_officer": "A privacy officer",
    "manager": "A manager",
    "employee": "An employee",
    "controller": "A company that asked on your behalf",
    "operator": "Whoever runs the servers",
    "letter": "You, or whoever else had the code of your letter",
    "worker": "The worker that carries out requests",
    "ingestion": "The program that stores what was captured",
    "dataset": "The program that puts data sets together",
    "release": "The program that computes published numbers",
    "backup": "The backup program",
    "restore": "The restore program",
    "rewrapping": "The program that replaces the master key",
}
"""Roles on the page Who looked."""


def role_words(role: str, system: str | None) -> str:
    """A role that another system reports is in its own words: it must not read like one of Open Book's."""
    return ROLES.get(role, role) if system is None else f"“{role}” in {system}"


ACTIONS = {
    "view": "viewed",
    "search": "searched",
    "export": "exported",
    "copy": "copied",
    "change": "changed",
    "delete": "deleted",
    "back_up": "backed up",
    "restore": "restored",
    "administer": "administered",
}
"""What was done in another system, on the same page."""

KINDS = {"role": "Role", "operators": "Operators", "program": "Program", "company": "Other company"}
"""Kinds of standing access, on the same page."""
