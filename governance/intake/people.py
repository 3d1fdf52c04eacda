"""Whom a record names, looked up once for each name in a body."""

from __future__ import annotations

from contextlib import ExitStack
from uuid import UUID

from directory import Directory, Employee, UnknownEmployee
from governance.intake.records import CaptureRecord
from lake.connectors.records import InvalidRecord

UNKNOWN, LEFT = "unknown_person", "has_left"
IN_QUESTION = "its person has another sub in the HR system's file, so it isn't certain who it is"


class NotCaptured(Exception):
    """Nothing may be captured about whom a record names; `outcome` says how it is counted."""

    def __init__(self, outcome: str) -> None:
        super().__init__(outcome)
        self.outcome = outcome


class People:
    """The directory, while one body is read."""

    def __init__(self) -> None:
        """Raises HomeUnavailable."""
        self._open = ExitStack()
        self._directory = self._open.enter_context(Directory.open())
        self._known: dict[tuple[str | None, str | None], UUID | NotCaptured | InvalidRecord] = {}

    def subject_of(self, record: CaptureRecord) -> UUID:
        """Raises NotCaptured, and InvalidRecord while it isn't certain who it is."""
        name = record.sub, record.email
        if name not in self._known:
            self._known[name] = self._look_up(record)
        found = self._known[name]
        if isinstance(found, UUID):
            return found
        raise found

    def close(self) -> None:
        self._open.close()

    def _look_up(self, record: CaptureRecord) -> UUID | NotCaptured | InvalidRecord:
        if record.sub is not None and self._directory.is_in_question(record.sub):
            return InvalidRecord(IN_QUESTION)
        employee = self._employee(record)
        if employee is None:
            return NotCaptured(UNKNOWN)
        if self._directory.is_about(employee.subject):
            return InvalidRecord(IN_QUESTION)
        return employee.subject if employee.active else NotCaptured(LEFT)

    def _employee(self, record: CaptureRecord) -> Employee | None:
        if record.sub is not None:
            return self._directory.by_sub(record.sub)
        try:
            return self._directory.by_email(record.email or "")
        except UnknownEmployee:
            return None
