"""Reads the items of one person's source, and decides what may be stored.

Every item is counted exactly once: as one that may be stored, as quarantined, or as refused with the reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import tee
from typing import Generic, TypeVar
from uuid import UUID

import clock
from directory.consenting import Consents
from directory.pausing import Pauses
from lake.archives.items import newest
from lake.connectors import LeftOut, Quarantined, Record, private_windows
from lake.ingest.kept import Records
from lake.ingest.refusals import Refusals
from lake.rules.consents import needs_consent
from lake.rules.notices import Notice, Told
from lake.rules.policies import Policy, strictness
from lake.rules.refusing import Reason
from lake.rules.scope import CLOCK_TOLERANCE
from lake.rules.working_hours import working_hours
from lake.safeguards.keyboard.typed import Find
from lake.safeguards.redaction import Examination, Safeguarded
from lake.spools.ordinals import Ordinals

SHOWN_QUARANTINED = 100
UNCHANGED = newest({})

Key = TypeVar("Key")
Item = Record | Quarantined | LeftOut
Progress = Callable[[str, int, int | None], None]
"""Called with the current activity, the number of records done, and the total (None: unknown)."""


@dataclass(frozen=True)
class Allowed:
    """What the rules say about a record."""

    policies: tuple[Policy, ...]
    """Those that allow it, with the terms that apply to it; the strictest first."""
    consent: Mapping[str, UUID]
    """Those of them that need the person's consent, and to which notice."""
    application: str
    """Its application, as they list it."""
    otherwise: Reason
    """Why it is refused if none allows it."""
    over: frozenset[str]
    """Those of them after which it would be kept no longer today."""

    def policy(self, consents: Consents, at: datetime) -> Policy | None:
        """The first that applies to somebody who consented to these."""
        for policy in self.policies:
            notice = self.consent.get(policy.policy)
            if notice is None or consents.cover(notice, at):
                return policy
        return None

    @property
    def refusal(self) -> Reason:
        """Why a record is refused to which no policy applies."""
        return Reason.NO_CONSENT if self.policies else self.otherwise


class Admission:
    """The rules in force when a source is read."""

    def __init__(self, policies: list[Policy], notices: list[Notice]) -> None:
        self._policies, self._told = policies, Told(notices)
        self.latest: datetime = clock.now_utc() + CLOCK_TOLERANCE
        self.today: date = clock.today()
        self.hours = working_hours()
        self._applying: dict[tuple[date, int, str, str, str], Allowed] = {}

    def allowed(self, record: Record) -> Allowed:
        at = record.captured_at
        key = (at.date(), self._told.period(at), record.signal, record.application, record.needs)
        if key not in self._applying:
            self._applying[key] = self._decide(record)
        return self._applying[key]

    def _decide(self, record: Record) -> Allowed:
        day, signal, application = record.captured_at.date(), record.signal, record.application
        permitting = [policy for policy in self._policies if not record.needs or record.needs in policy.permits]
        listing = [policy for policy in permitting if policy.allows(day, signal, application)]
        notices = [(policy, self._told.notice(policy.policy, record.captured_at)) for policy in listing]
        told = [notice.allowed(policy, signal, application) for policy, notice in notices if notice is not None]
        allowed = [policy for policy in told if policy and (not record.needs or record.needs in policy.permits)]
        allowing = sorted(allowed, key=strictness)
        named = [policy.named(application) for policy in allowing or listing]
        return Allowed(
            tuple(allowing),
            {one.policy: notice.notice for one, notice in notices if notice is not None and needs_consent(one)},
            (named and named[0]) or application,
            Reason.NOT_TOLD if listing else Reason.POLICY,
            frozenset(policy.policy for policy in allowing if policy.retained_until(day) < self.today),
        )


@dataclass
class Reading:
    """All records of a source that a policy allows, and the counts of the others."""

    read: int = 0
    allowed: int = 0
    plain: Records = field(default_factory=Records)
    """Without content."""
    examined: Records = field(default_factory=Records)
    """With content, also refused ones."""
    versions: Records = field(default_factory=Records)
    """Those of the refused ones that say that something was edited or deleted."""
    ordinals: Ordinals = field(default_factory=Ordinals)
    outside_policy: Counter[tuple[str, str]] = field(default_factory=Counter)
    past_retention: int = 0
    kept_out: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    quarantined: list[Quarantined] = field(default_factory=list)
    refusals: Refusals = field(default_factory=Refusals)

    def quarantine(self, item: Quarantined) -> None:
        self.reasons[item.reason] += 1
        if len(self.quarantined) < SHOWN_QUARANTINED:
            self.quarantined.append(item)

    def refused_versions(self) -> list[tuple[Record, int]]:
        """Each record, with its ordinal, that says that something was edited or deleted, and that isn't stored."""
        return [(record, ordinal) for record, ordinal, _ in self.numbered(self.versions)]

    def refuse_picture(self, record: Record, ordinal: int, reason: str) -> None:
        """The whole record is quarantined, because its picture can't be made safe."""
        self.quarantine(Quarantined(record.line, reason))
        self.refusals.add_examined(record, ordinal)

    def numbered(self, records: Records) -> Iterator[tuple[Record, int, Policy | None]]:
        """Each with the number of equal ones before it, and its policy."""
        ordinal = self.ordinals.ascending()
        return ((record, ordinal(place) if place >= 0 else 0, policy) for record, place, policy in records)


def safe_of(
    readings: Mapping[Key, Reading], personal: Callable[[], Find]
) -> Iterator[tuple[Key, Record, int, Policy, Safeguarded | None]]:
    """Every record that may be stored, with the content that may be stored (None if it has none). What several readings
    have of a person is examined together, in the order of time: a secret may be typed across two of them. `personal`:
    as `safeguarded` takes it.
    """
    for key, reading in readings.items():
        for record, ordinal, policy in reading.numbered(reading.plain):
            assert policy is not None, "what has no content is only kept to be stored"
            yield key, record, ordinal, policy, None
    examined = _Examined(readings)
    named = set[str]().union(*(reading.examined.safeguards for reading in readings.values()))
    examination = Examination((record for _, record, *_ in examined), named, personal)
    ours, theirs = tee(examined)
    safe = examination.applied(
        (record, None if policy is None else policy.safeguards) for _, record, _, policy in theirs
    )
    for (key, record, ordinal, allowed), content in zip(ours, safe, strict=True):
        if allowed is not None:
            yield key, record, ordinal, allowed, content


class _Examined(Generic[Key]):
    """What all readings have to be examined; may be read more than once."""

    def __init__(self, readings: Mapping[Key, Reading]) -> None:
        self._readings = readings
        self._in_order = sorted(self._each(), key=lambda one: one[1].captured_at) if len(readings) > 1 else None

    def __iter__(self) -> Iterator[tuple[Key, Record, int, Policy | None]]:
        return self._each() if self._in_order is None else iter(self._in_order)

    def _each(self) -> Iterator[tuple[Key, Record, int, Policy | None]]:
        return ((key, *one) for key, reading in self._readings.items() for one in reading.numbered(reading.examined))


def read_items(
    items: Iterable[Item], admission: Admission, pauses: Pauses, consents: Consents, *, copies: bool, progress: Progress
) -> Reading:
    """`copies`: two equal records are copies of one. Raises what `items` raises."""
    reading = Reading()
    may_pause = pauses.number > 0
    for item in items:
        reading.read += 1
        if reading.read % 1000 == 0:
            progress("Reading", reading.read, None)
        reading.refusals.read(item)
        if isinstance(item, Quarantined):
            reading.quarantine(item)
            reading.refusals.add_unreadable(item)
            continue
        if isinstance(item, Record):
            item = private_windows.left_out(item) or item
        if isinstance(item, LeftOut):
            reading.outside_policy[item.application, item.what] += 1
            reading.refusals.add_left_out(item)
            continue
        if item.captured_at > admission.latest:
            reading.quarantine(Quarantined(item.line, "its time is in the future"))
            reading.refusals.add(item, -1, Reason.FUTURE)
            continue
        place = -1 if copies else reading.ordinals.add(item.identity)
        allowed = admission.allowed(item)
        policy, listed = allowed.policy(consents, item.captured_at), allowed.application
        paused = may_pause and pauses.cover(item.captured_at)
        if listed != item.application:
            item = replace(item, application=listed)
        if paused:
            reading.kept_out += 1
            reading.refusals.add(item, place, Reason.PAUSED)
            policy = None
        elif not admission.hours.cover(item.captured_at):
            reading.kept_out += 1
            reading.refusals.add(item, place, Reason.OUTSIDE_HOURS)
            policy = None
        elif policy is None and allowed.refusal is not Reason.POLICY:
            reading.kept_out += 1
            reading.refusals.add(item, place, allowed.refusal)
        elif policy is None:
            reading.outside_policy[item.application, item.signal] += 1
            reading.refusals.add(item, place, Reason.POLICY)
        elif policy.policy in allowed.over:
            reading.past_retention += 1
            reading.refusals.add(item, place, Reason.RETENTION)
            policy = None
        reading.allowed += policy is not None
        if item.content:
            reading.examined.add(item, place, policy)
            if policy is None and newest(item.content) > UNCHANGED:
                reading.versions.add(item, place, None)
        elif policy is not None:
            reading.plain.add(item, place, policy)
    progress("Reading", reading.read, reading.read)
    return reading
