"""Screen texts for requests: the kinds, their states, deadlines, and what happens to models and at processors.

A code without a text is shown as it is and never raises an error.
"""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.language import t
from dashboard.moments import Zone
from dashboard.text import inert
from dashboard.wording import scope_words
from lake.rules.scope import Scope
from languages import mark, mark_n
from law.regimes import regime


@dataclass(frozen=True)
class Kind:
    """One thing a person can ask for. Its texts are marked."""

    name: str
    """On a request's card."""
    ask: str
    icon: str
    means: str
    """What it does, in a sentence."""
    covers: tuple[str, str]
    """The preview's first sentence, for a number of records."""
    file: str
    """The button of the last step."""
    file_counted: tuple[str, str] | None = None
    """The same, where it says the number of records, if that is known."""
    standing: str = ""
    """The text while it is in force; empty for a kind that is done once."""


KINDS = {
    "export": Kind(
        mark("Copy"),
        mark("A copy"),
        ":material/download:",
        mark("Everything about you in this register, or a part of it, in one ZIP file that is yours to keep."),
        mark_n("{n} record would be in your copy", "{n} records would be in your copy"),
        mark("Ask for this copy"),
    ),
    "erasure": Kind(
        mark("Deletion"),
        mark("Deletion"),
        ":material/delete:",
        mark(
            "The records are deleted from this register. Once its backups are past their time, they can't be brought "
            "back from here."
        ),
        mark_n("{n} record would be deleted from this register", "{n} records would be deleted from this register"),
        mark("Delete what it covers"),
        mark_n("Delete {n} record", "Delete {n} records"),
    ),
    "objection": Kind(
        mark("No training"),
        mark("Stop training on my data"),
        ":material/block:",
        mark(
            "The records stay where you can see them. New datasets leave them out, and this register hands them to no "
            "training any more. What models learned before stays in them. Capture goes on: this stops training, not "
            "recording."
        ),
        mark_n(
            "{n} record would be left out of new training data", "{n} records would be left out of new training data"
        ),
        mark("Stop training on this"),
        standing=mark("No model may be trained on it any more. Capture goes on."),
    ),
    "restriction": Kind(
        mark("Freeze"),
        mark("Freeze it (keep as evidence)"),
        ":material/lock:",
        mark(
            "This register hands it to no training and doesn't delete it when its time is up. Use this if you need it "
            "as evidence."
        ),
        mark_n("{n} record would be kept and not used", "{n} records would be kept and not used"),
        mark("Freeze this"),
        standing=mark("It is kept and not used."),
    ),
    "rectification": Kind(
        mark("Note"),
        mark("Attach a note because something is wrong"),
        ":material/edit_note:",
        mark("The records stay as they are. Your note says what is wrong and is included with them in every copy."),
        mark_n("Your note would be attached to {n} record", "Your note would be attached to {n} records"),
        mark("Attach this note"),
        standing=mark("Your note is attached."),
    ),
    "masking": Kind(
        mark("Masking of your name"),
        mark("Mask my name in records of others"),
        ":material/person_off:",
        mark(
            "In records of others that mention you, your name and your e-mail address are replaced by “[name "
            "removed]”. The records stay, because they are other people's."
        ),
        mark_n(
            "{n} mention of you by others is listed in this register",
            "{n} mentions of you by others are listed in this register",
        ),
        mark("Ask for this"),
        standing=mark(
            "Your name is masked in records of others that mention you, also in later ones. In records that a legal "
            "hold keeps as they are, it is masked once the hold ends."
        ),
    ),
}

STATES = {
    "received": mark("Received"),
    "verifying": mark("Being checked"),
    "in_progress": mark("In progress"),
    "extended": mark("Extended"),
    "completed": mark("Done"),
    "partially_completed": mark("Partly done"),
    "denied": mark("Denied"),
    "withdrawn": mark("Withdrawn"),
    "failed": mark("Retrying"),
}

MODEL_STATES = {
    "never_included": (mark("Never had it"), "green"),
    "made_before": (mark("Made before it"), "gray"),
    "excluded_before_training": (mark("Removed before training"), "green"),
    "excluded_from_next_run": (mark("Left out of its next training"), "blue"),
    "retrain_scheduled": (mark("Will be retrained without it"), "blue"),
    "retrained_without": (mark("Retrained without it"), "green"),
    "retained_in_weights": (mark("Still in the model"), "orange"),
    "model_retired": (mark("No longer used"), "gray"),
}
"""A model's state after a request: its text (marked) and the colour of its badge."""

MODEL_ORDER = (
    "retained_in_weights",
    "retrain_scheduled",
    "excluded_from_next_run",
    "excluded_before_training",
    "retrained_without",
    "model_retired",
    "made_before",
    "never_included",
)
"""Most important first."""

PROCESSOR_STATES = {
    "told": mark("**{domain}** was notified, but hasn't confirmed it yet"),
    "acknowledged": mark("**{domain}** has confirmed that it received this"),
    "completed": mark("**{domain}** has confirmed that it is done"),
    "cancelled": mark("**{domain}** has refused or stopped"),
    "unreachable": mark("**{domain}** can't be reached; we keep trying"),
    "not_known": mark("**{domain}** says that it holds nothing about you"),
    "not_told": mark("**{domain}** could not be notified: it can't erase just this, or doesn't know you"),
}


def covered_words(kind: str, scope: Scope, zone: Zone, *, theirs: bool = False) -> str:
    """What a request covers, safe for Markdown. `theirs`: of somebody else than the reader."""
    if kind == "masking":
        return t("records of others that mention them") if theirs else t("records of others that mention you")
    return scope_words(scope, zone, theirs=theirs)


def because(reason: str, exception: str) -> str:
    """Why something is kept, to follow "because"; safe for Markdown. Both as in `law.exceptions`."""
    return f"{inert(t(reason), 300).rstrip('.')} ({inert(t(exception), 80)})"


def deadline_of(key: str, *, extended: bool) -> str:
    """The law and its deadline in words, such as `GDPR: one calendar month`. `key`: of `law.regimes`."""
    rules = regime(key)
    period = rules.extension_words if extended else rules.deadline_words
    return t("{law}: {period}", law=t(rules.law), period=t(period))
