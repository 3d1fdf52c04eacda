"""Whom else the records of an archive concern: people of the directory who are mentioned, quoted or assigned in them.

Only that is stored, never words. Nobody whom the directory doesn't know, who has left, or about whom a privacy officer
still has to decide. Whether the record itself is stored makes no difference to whom it concerns: that may be its
author's choice, and nobody else learns it. A mention is identified by a hash under the key of who is mentioned, so that
an archive that is read again adds none, even if its author's key is gone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from directory import Directory, Employee
from directory.keys import INGESTION, Job, KeyRing, Why, derive
from lake.archives.items import Of
from lake.connectors import Record
from lake.ingest.reading import Admission
from lake.ingest.rows import CAPTURE_ID, capture_id_of, hash_of
from lake.spools.tables import table_of
from lake.storage.store import INDIRECT_SCHEMA, MENTIONS_SCHEMA, Others


@dataclass(frozen=True, slots=True)
class _Mention:
    subject: UUID
    capture: bytes
    owner: bytes
    session: str
    role: str
    captured_at: datetime
    signal: str
    application: str
    retained_until: date | None
    """None: no policy allows such records, or not at that time."""


class Concerning:
    """Collects it, person by person."""

    def __init__(self, people: Mapping[str, Employee], admission: Admission) -> None:
        self._admission = admission
        with Directory.open() as directory:
            self._subjects = {
                email: employee.subject
                for email, employee in people.items()
                if employee.active and not directory.is_about(employee.subject)
            }
        self._found: list[_Mention] = []

    def add(self, employee: Employee, content_key: bytes, items: Iterable[Of]) -> None:
        """What the items of a person say about others. `content_key`: what their records are sealed under."""
        key = derive(content_key, CAPTURE_ID)
        for each in items:
            if not each.concerns or not isinstance(each.item, Record):
                continue
            capture = capture_id_of(key, each.item.identity, 0)  # equal records of an archive are copies of one
            record, until = _as_allowed(each.item, self._admission)
            for email, role in each.concerns:
                subject = self._subjects.get(email)
                if subject is not None and subject != employee.subject:
                    said = record.session, role.value, record.captured_at, record.signal, record.application, until
                    self._found.append(_Mention(subject, capture, employee.subject.bytes, *said))

    def tables(self) -> Others:
        """To be stored. Writes to the access logs of who is mentioned. Raises PartUnavailable."""
        shown = [each for each in self._found if each.retained_until is not None]
        counts = Counter(each.subject for each in shown)
        job = Job(uuid4(), INGESTION, Why.INGESTION, "mentions")
        keys = KeyRing().create_content_keys(job, counts) if counts else {}
        hashing = {subject: derive(key, "mention") for subject, key in keys.items()}
        links = [(each.subject.bytes, each.capture, each.owner, each.role) for each in self._found]
        mentions = [_row(each, hashing[each.subject]) for each in shown]
        return Others(table_of(links, INDIRECT_SCHEMA), table_of(mentions, MENTIONS_SCHEMA))


def _as_allowed(record: Record, admission: Admission) -> tuple[Record, date | None]:
    """The record with its application as policies list it; and until when it may be known that it mentions somebody,
    whatever its author consented to."""
    allowed = admission.allowed(record)
    until = allowed.policies[0].retained_until(record.captured_at.date()) if allowed.policies else None
    at = record.captured_at
    if until is None or until < admission.today or at > admission.latest or not admission.hours.cover(at):
        return record, None
    return replace(record, application=allowed.application), until


def _row(mention: _Mention, key: bytes) -> tuple[Any, ...]:
    at = mention.captured_at
    starts_at = at.replace(minute=at.minute - at.minute % 15, second=0, microsecond=0)
    identity = f"{mention.session}\0{mention.role}".encode("utf-8", "replace")
    return (
        hash_of(key, identity), mention.subject.bytes, starts_at, mention.signal, mention.application,
        mention.role, mention.retained_until,
    )  # fmt: skip
