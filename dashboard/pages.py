"""The pages of the dashboard: the name in the address, the title, and the icon of the link."""

from __future__ import annotations

PAGES = (
    ("overview", "Overview", ":material/auto_stories:"),
    ("captured", "Captured", ":material/timeline:"),
    ("models", "Models", ":material/model_training:"),
    ("retention", "Retention", ":material/event_available:"),
    ("requests", "Requests", ":material/inbox:"),
    ("access", "Who looked", ":material/visibility:"),
    ("programme", "Programme", ":material/domain:"),
)
FOR_MANAGERS = ("area", "My area", ":material/groups:")
"""Linked for managers only. Anybody else who opens it, and a manager without reports, sees whom it is for."""
FOR_OFFICERS = ("officer", "Privacy office", ":material/shield_person:")
"""Linked for privacy officers only. Anybody else who opens it sees whom it is for."""

EVERY = (*PAGES, FOR_MANAGERS, FOR_OFFICERS)
START = "overview"
"""The page at `/`."""
