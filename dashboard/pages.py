"""The pages of the dashboard: name in the address, title (marked), and icon of the link (from Material Symbols)."""

from __future__ import annotations

from languages import mark

PAGES = (
    ("overview", mark("Overview"), "auto_stories"),
    ("captured", mark("Captured"), "timeline"),
    ("day", mark("Your day"), "today"),
    ("models", mark("Models"), "model_training"),
    ("retention", mark("Retention"), "event_available"),
    ("requests", mark("Requests"), "inbox"),
    ("access", mark("Who looked"), "visibility"),
    ("programme", mark("Programme"), "domain"),
    ("help", mark("Help"), "help"),
)
FOR_MANAGERS = ("area", mark("My area"), "groups")
"""Linked for managers only. Anybody else who opens it, and a manager without reports, sees whom it is for."""
FOR_OFFICERS = ("officer", mark("Privacy office"), "shield_person")
"""Linked for privacy officers only. Anybody else who opens it sees whom it is for."""

EVERY = (*PAGES, FOR_MANAGERS, FOR_OFFICERS)
START = "overview"
"""The page at `/`."""
