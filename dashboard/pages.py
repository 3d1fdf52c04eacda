"""The pages of the dashboard: the name in the address, the title (marked), and the icon of the link."""

from __future__ import annotations

from languages import mark

PAGES = (
    ("overview", mark("Overview"), ":material/auto_stories:"),
    ("captured", mark("Captured"), ":material/timeline:"),
    ("day", mark("Your day"), ":material/today:"),
    ("models", mark("Models"), ":material/model_training:"),
    ("retention", mark("Retention"), ":material/event_available:"),
    ("requests", mark("Requests"), ":material/inbox:"),
    ("access", mark("Who looked"), ":material/visibility:"),
    ("programme", mark("Programme"), ":material/domain:"),
    ("help", mark("Help"), ":material/help:"),
)
FOR_MANAGERS = ("area", mark("My area"), ":material/groups:")
"""Linked for managers only. Anybody else who opens it, and a manager without reports, sees whom it is for."""
FOR_OFFICERS = ("officer", mark("Privacy office"), ":material/shield_person:")
"""Linked for privacy officers only. Anybody else who opens it sees whom it is for."""

EVERY = (*PAGES, FOR_MANAGERS, FOR_OFFICERS)
START = "overview"
"""The page at `/`."""
