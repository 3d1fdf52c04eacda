"""No one decides about themselves: what concerns a privacy officer personally is for another privacy officer.

This covers their own requests, holds on their own captures, and the plan for a model that learned from captures that
they withdrew. A company should therefore have at least two privacy officers; with one, such decisions wait.
"""

from __future__ import annotations

from uuid import UUID

from directory import Employee
from errors import Forbidden
from languages import mark


class AboutOneself(Forbidden):
    """The decision is about the person who decides. Nothing was changed."""


def refuse_oneself(officer: Employee, subject: UUID) -> None:
    """Raises AboutOneself."""
    if officer.subject == subject:
        raise AboutOneself(mark("This is about you, so another privacy officer has to decide. Nothing was changed."))
