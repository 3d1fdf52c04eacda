"""Nobody decides about themselves: what concerns a privacy officer in person is for another privacy officer.

That is so for their own requests, for holds on their own captures, and for the plan of a model that learned from
captures which they withdrew. A company therefore names at least two privacy officers; with one, what concerns that
one waits.
"""

from __future__ import annotations

from uuid import UUID

from directory import Employee


class AboutOneself(Exception):
    """Whoever decides is the person it is about. Nothing was changed."""


def refuse_oneself(officer: Employee, subject: UUID) -> None:
    """Raises AboutOneself."""
    if officer.subject == subject:
        raise AboutOneself("This is about you, so another privacy officer has to decide it. Nothing was changed.")
