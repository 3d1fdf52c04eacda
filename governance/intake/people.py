"""Whom records name, looked up for many records at once, and once for each name in a body.

A device stands for the person for whom the same service token reported it (`governance.recording.heartbeats`) when the
record was captured. Where that are two people or none, the record is nobody's.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from typing import Literal, Protocol, TypeAlias
from uuid import UUID

from directory import Directory
from directory.people import Found
from governance.recording.heartbeats import Use, uses_of
from lake.connectors.records import InvalidRecord, moment

UNKNOWN, LEFT = "unknown_person", "has_left"
IN_QUESTION = "its person has another sub in the HR system's file, so it isn't certain who it is"
NOT_ONE = "no recorder reported its device for its time, or for more than one person"

Kind: TypeAlias = Literal["sub", "email", "subject"]
Name: TypeAlias = tuple[Kind, str]


class Naming(Protocol):
    """A record, as far as it says whose it is: by one of `sub`, `email` and `device`."""

    @property
    def sub(self) -> str | None: ...
    @property
    def email(self) -> str | None: ...
    @property
    def device(self) -> str | None: ...
    @property
    def time(self) -> str: ...


class NotCaptured(Exception):
    """Nothing may be captured about whom a record names; `outcome` says how it is counted."""

    def __init__(self, outcome: str) -> None:
        super().__init__(outcome)
        self.outcome = outcome


class People:
    """The directory, while one body is read."""

    def __init__(self, service: str) -> None:
        """`service`: who sent the body. Raises HomeUnavailable."""
        self._open = ExitStack()
        self._directory = self._open.enter_context(Directory.open())
        self._service = service
        self._known: dict[Name, UUID | NotCaptured | InvalidRecord] = {}
        self._uses: dict[str, list[Use]] = {}

    def learn(self, records: Iterable[Naming]) -> None:
        """Look up everyone whom these records name, all at once."""
        records = list(records)
        devices = {record.device for record in records if record.device is not None} - self._uses.keys()
        if devices:
            self._uses |= uses_of(self._service, devices)
        names = {name for record in records if isinstance(name := self._name(record), tuple)} - self._known.keys()
        if not names:
            return
        found = self._directory.find(
            subs={value for kind, value in names if kind == "sub"},
            emails={value for kind, value in names if kind == "email"},
            subjects={UUID(value) for kind, value in names if kind == "subject"},
        )
        self._known |= {name: _captured(found, *name) for name in names}

    def subject_of(self, record: Naming) -> UUID:
        """Whose it is, of a record that was learned. Raises NotCaptured, and InvalidRecord while that isn't certain."""
        name = self._name(record)
        found = self._known[name] if isinstance(name, tuple) else name
        if isinstance(found, UUID):
            return found
        raise found

    def close(self) -> None:
        self._open.close()

    def _name(self, record: Naming) -> Name | NotCaptured | InvalidRecord:
        if record.sub is not None:
            return "sub", record.sub
        if record.email is not None:
            return "email", record.email
        uses = self._uses[record.device or ""]
        if not uses:
            return NotCaptured(UNKNOWN)
        using = {use.subject for use in uses if use.covers(moment(record.time))}
        return ("subject", str(using.pop())) if len(using) == 1 else InvalidRecord(NOT_ONE)


def _captured(found: Found, kind: Kind, value: str) -> UUID | NotCaptured | InvalidRecord:
    if kind == "sub" and value in found.subs_in_question:
        return InvalidRecord(IN_QUESTION)
    employee = found.employee(kind, value)
    if employee is None:
        return NotCaptured(UNKNOWN)
    if employee.subject in found.in_question:
        return InvalidRecord(IN_QUESTION)
    return employee.subject if employee.active else NotCaptured(LEFT)
