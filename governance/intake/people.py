"""Whom a record names, looked up once for each name in a body.

A device stands for the person for whom the same service token reported it (`governance.recording.heartbeats`) when the
record was captured. Where that are two people or none, the record is nobody's.
"""

from __future__ import annotations

from contextlib import ExitStack
from datetime import datetime
from uuid import UUID

from directory import Directory, Employee, UnknownEmployee
from governance.intake.records import CaptureRecord
from governance.recording.heartbeats import Use, uses_of
from lake.connectors.records import InvalidRecord, moment

UNKNOWN, LEFT = "unknown_person", "has_left"
IN_QUESTION = "its person has another sub in the HR system's file, so it isn't certain who it is"
NOT_ONE = "no recorder reported its device for its time, or for more than one person"


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
        self._known: dict[tuple[str | None, str | None] | UUID, UUID | NotCaptured | InvalidRecord] = {}
        self._uses: dict[str, list[Use]] = {}

    def subject_of(self, record: CaptureRecord, service: str) -> UUID:
        """`service`: who sent it. Raises NotCaptured, and InvalidRecord while it isn't certain who it is."""
        if record.device is None:
            name: tuple[str | None, str | None] | UUID = (record.sub, record.email)
            employee = self._employee(record) if name not in self._known else None
        else:
            name = self._user(service, record.device, moment(record.time))
            employee = self._directory.by_subject(name) if name not in self._known else None
        if name not in self._known:
            self._known[name] = self._look_up(record, employee)
        found = self._known[name]
        if isinstance(found, UUID):
            return found
        raise found

    def close(self) -> None:
        self._open.close()

    def _user(self, service: str, device: str, at: datetime) -> UUID:
        """Raises NotCaptured, InvalidRecord."""
        if device not in self._uses:
            self._uses[device] = uses_of(service, device)
        if not self._uses[device]:
            raise NotCaptured(UNKNOWN)
        using = {use.subject for use in self._uses[device] if use.covers(at)}
        if len(using) != 1:
            raise InvalidRecord(NOT_ONE)
        return using.pop()

    def _look_up(self, record: CaptureRecord, employee: Employee | None) -> UUID | NotCaptured | InvalidRecord:
        if record.sub is not None and self._directory.is_in_question(record.sub):
            return InvalidRecord(IN_QUESTION)
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
