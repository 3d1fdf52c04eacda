"""The words of requests: the five kinds, their states, decisions and their reasons, and what becomes of models.

A code that is missing here falls back to the code itself, never to an error.
"""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.text import inert


@dataclass(frozen=True)
class Kind:
    """One thing that a person can ask for. `{captures}` stands for a count such as `1,204 captures`."""

    name: str
    """On a request's card."""
    ask: str
    icon: str
    means: str
    """What it does, in a sentence."""
    covers: str
    """What the preview says of the captures."""
    file: str
    """The button of the last step."""
    standing: str = ""
    """What goes on for as long as it is in force; empty for what is done once."""


KINDS = {
    "export": Kind(
        "Copy",
        "A copy",
        ":material/download:",
        "Everything held about you, or a part of it, in one ZIP file that is yours to keep.",
        "{captures} would be in your copy",
        "Ask for this copy",
    ),
    "erasure": Kind(
        "Deletion",
        "Deletion",
        ":material/delete:",
        "The captures go for good. Nobody can bring them back afterwards, we included.",
        "{captures} would be deleted for good",
        "Delete {captures}",
    ),
    "objection": Kind(
        "No training",
        "Stop training on it",
        ":material/block:",
        "The captures stay where you can see them, but no model is trained on them from now on.",
        "{captures} would be left out of every later training",
        "Stop training on this",
        "No model may be trained on it any more.",
    ),
    "restriction": Kind(
        "Keep, don't use",
        "Keep it, but don't use it",
        ":material/lock:",
        "Nobody trains on it and it isn't deleted when its time is over: for when you need it as proof.",
        "{captures} would be kept and not used",
        "Keep this, unused",
        "It is kept, and not used.",
    ),
    "rectification": Kind(
        "Note",
        "Attach a note because something is wrong",
        ":material/edit_note:",
        "The captures stay as they are. Your note says what is wrong, and goes along with them in every copy.",
        "Your note would be attached to {captures}",
        "Attach this note",
        "Your note is attached.",
    ),
}

STATES = {
    "received": "Received",
    "verifying": "Being checked",
    "in_progress": "Under way",
    "extended": "Extended",
    "completed": "Done",
    "partially_completed": "Done in part",
    "denied": "Denied",
    "withdrawn": "Withdrawn",
    "failed": "We try again",
}

MODEL_STATES = {
    "never_included": ("Never had it", "green"),
    "excluded_before_training": ("Taken out before training", "green"),
    "excluded_from_next_run": ("Left out of its next training", "blue"),
    "retrain_scheduled": ("Will be trained anew without it", "blue"),
    "retrained_without": ("Trained anew without it", "green"),
    "retained_in_weights": ("Keeps what it learned", "orange"),
    "model_retired": ("No longer used", "gray"),
}
"""A model's state after a request: what to call it, and the colour of its badge."""

MODEL_ORDER = (
    "retained_in_weights",
    "retrain_scheduled",
    "excluded_from_next_run",
    "excluded_before_training",
    "retrained_without",
    "model_retired",
    "never_included",
)
"""What a person has to know first comes first."""

PROCESSOR_STATES = {
    "told": "was told, and hasn't confirmed it yet",
    "acknowledged": "has confirmed that it got this",
    "completed": "has confirmed that it is done there",
    "cancelled": "has refused, or stopped",
    "unreachable": "can't be reached; we keep trying",
    "not_known": "holds nothing about you",
    "not_told": "could not be told: it can't erase just this, or doesn't know you",
}


def because(reason: str, exception: str) -> str:
    """Why something stays, as it is said after "because"; safe for Markdown."""
    return f"{inert(reason, 300).rstrip('.')} ({inert(exception, 80)})"
