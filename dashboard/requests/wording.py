"""Screen texts for requests: the five kinds, their states, deadlines, and what happens to models and at processors.

A code without a text is shown as it is and never raises an error.
"""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.text import inert


@dataclass(frozen=True)
class Kind:
    """One thing a person can ask for. `{records}` is replaced by a count such as `1,204 records`."""

    name: str
    """On a request's card."""
    ask: str
    icon: str
    means: str
    """What it does, in a sentence."""
    covers: str
    """The preview's first sentence."""
    file: str
    """The button of the last step."""
    standing: str = ""
    """The text while it is in force; empty for a kind that is done once."""


KINDS = {
    "export": Kind(
        "Copy",
        "A copy",
        ":material/download:",
        "Everything about you in this register, or a part of it, in one ZIP file that is yours to keep.",
        "{records} would be in your copy",
        "Ask for this copy",
    ),
    "erasure": Kind(
        "Deletion",
        "Deletion",
        ":material/delete:",
        "The records are deleted from this register. Once its backups are past their time, they can't be brought "
        "back from here.",
        "{records} would be deleted from this register",
        "Delete {records}",
    ),
    "objection": Kind(
        "No training",
        "Stop training on my data",
        ":material/block:",
        "The records stay where you can see them. New data sets leave them out, and this register hands them to no "
        "training any more. What models learned before stays in them. Capture goes on: this stops training, not "
        "recording.",
        "{records} would be left out of new training data",
        "Stop training on this",
        "No model may be trained on it any more. Capture goes on.",
    ),
    "restriction": Kind(
        "Freeze",
        "Freeze it (keep as evidence)",
        ":material/lock:",
        "This register hands it to no training and doesn't delete it when its time is up. Use this if you need it as "
        "evidence.",
        "{records} would be kept and not used",
        "Freeze this",
        "It is kept and not used.",
    ),
    "rectification": Kind(
        "Note",
        "Attach a note because something is wrong",
        ":material/edit_note:",
        "The records stay as they are. Your note says what is wrong and is included with them in every copy.",
        "Your note would be attached to {records}",
        "Attach this note",
        "Your note is attached.",
    ),
}

STATES = {
    "received": "Received",
    "verifying": "Being checked",
    "in_progress": "In progress",
    "extended": "Extended",
    "completed": "Done",
    "partially_completed": "Partly done",
    "denied": "Denied",
    "withdrawn": "Withdrawn",
    "failed": "Retrying",
}

MODEL_STATES = {
    "never_included": ("Never had it", "green"),
    "made_before": ("Made before it", "gray"),
    "excluded_before_training": ("Removed before training", "green"),
    "excluded_from_next_run": ("Left out of its next training", "blue"),
    "retrain_scheduled": ("Will be retrained without it", "blue"),
    "retrained_without": ("Retrained without it", "green"),
    "retained_in_weights": ("Still in the model", "orange"),
    "model_retired": ("No longer used", "gray"),
}
"""A model's state after a request: its text and the colour of its badge."""

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
    "told": "was notified, but hasn't confirmed it yet",
    "acknowledged": "has confirmed that it received this",
    "completed": "has confirmed that it is done",
    "cancelled": "has refused or stopped",
    "unreachable": "can't be reached; we keep trying",
    "not_known": "says that it holds nothing about you",
    "not_told": "could not be notified: it can't erase just this, or doesn't know you",
}


def because(reason: str, exception: str) -> str:
    """Why something is kept, to follow "because"; safe for Markdown."""
    return f"{inert(reason, 300).rstrip('.')} ({inert(exception, 80)})"
