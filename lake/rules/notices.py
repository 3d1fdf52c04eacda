"""What people were told about capture policies, and since when what was told is in force.

Applying a policy with new terms adds a version of its notice: the terms, their text, when it was announced, and from
when it is in force (`told_from`). A record may be stored under a policy only if its newest notice that was in force at
the record's time names its signal and application, for the same purpose and on the same legal basis. It is stored
under the stricter of these terms and those of today: whichever keeps it for a shorter time, with the safeguards of
both. So terms can be narrowed at once, and widened only after a notice. What a policy permits besides is permitted for
a record if both do.

A notice is announced in this app the moment that it is applied, and is in force `OPENBOOK_NOTICE_DAYS` days later. An
employer that told people elsewhere before says so in the policy file: then the days count from the end of that day, and
people read how they are said to have been told. Policies from before notices were kept have one without an
announcement, in force since the policy was: nothing shows whether people were told.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, time, timedelta
from itertools import zip_longest
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from duckdb import DuckDBPyConnection

import clock
from lake.connectors.records import FILE_CONTENTS
from lake.rules.scope import SIGNAL_NAMES
from lake.safeguards import SAFEGUARDS
from lake.statements import statement
from languages import DEFAULT, mark
from languages.language import Language, language
from settings import settings

if TYPE_CHECKING:
    from lake.rules.policies import Policy

TERMS = ("name", "purpose", "legal_basis", "signals", "applications", "safeguards", "retention_days", "permits")
"""What a notice has of its policy."""
TRAINING_PICTURES = "training_pictures"
PERMITS = {
    TRAINING_PICTURES: mark(
        "pictures of the screen are given to programs that train models, after names of people in the directory and "
        "contact details were painted over, as far as they are recognised"
    ),
    FILE_CONTENTS: mark("what is in text files and pictures that you sent is stored, too, where an archive has it"),
}
"""What a policy can permit besides storing records, and what people are told of it."""
DAY = timedelta(days=1)
NO_END = datetime(9999, 12, 31)  # noqa: DTZ001 (the lake's times are naive UTC)


@dataclass(frozen=True)
class Notice:
    """One version of what people were told about a policy. Times are naive UTC."""

    notice: UUID
    policy: str
    version: int
    """Counted from 1."""
    name: str
    purpose: str
    legal_basis: str
    signals: list[str]
    applications: list[str]
    safeguards: list[str]
    retention_days: int
    announced_at: datetime | None
    """None: it was in force before notices were kept, and nothing shows whether people were told."""
    announced_by: str
    """How the employer says that it told people elsewhere; empty: in this app."""
    told_from: datetime
    """What is dated earlier isn't stored under these terms."""
    text: str
    """What people read; empty if `announced_at` is None."""
    permits: list[str] = field(default_factory=list)

    @property
    def shown(self) -> str:
        """Its text, in English; for one from before notices were kept, made from its terms now."""
        return self.text or text_of(self, language(DEFAULT))

    def translated(self, wanted: Language) -> str:
        """The same in a language; empty if that is English, or if these terms would have another text today."""
        if wanted.code == DEFAULT or self.shown != text_of(self, language(DEFAULT)):
            return ""
        return text_of(self, wanted)

    @property
    def sha256(self) -> str:
        """Of the text that is shown, in hexadecimal."""
        return hashlib.sha256(self.shown.encode()).hexdigest()

    def allowed(self, policy: Policy, signal: str, application: str) -> Policy | None:
        """The stricter of today's terms and these; None if people weren't told of such records by this notice."""
        same = (self.purpose, self.legal_basis) == (policy.purpose, policy.legal_basis)
        named = replace(policy, applications=self.applications).named(application)
        if not same or signal not in self.signals or named is None:
            return None
        return replace(
            policy,
            retention_days=min(policy.retention_days, self.retention_days),
            safeguards=policy.safeguards + [name for name in self.safeguards if name not in policy.safeguards],
            permits=[name for name in policy.permits if name in self.permits],
        )


class Told:
    """What people had been told at any time."""

    def __init__(self, notices: Sequence[Notice]) -> None:
        self._by_policy: dict[str, list[Notice]] = defaultdict(list)
        for notice in sorted(notices, key=lambda one: one.version, reverse=True):
            self._by_policy[notice.policy].append(notice)
        self._changes = sorted({notice.told_from for notice in notices})

    def period(self, at: datetime) -> int:
        """Times with the same number have the same notices in force."""
        return bisect_right(self._changes, at)

    def notice(self, policy: str, at: datetime) -> Notice | None:
        """The newest notice of a policy that was in force then."""
        return next((one for one in self._by_policy[policy] if one.told_from <= at), None)

    def permitting(self, policies: Sequence[Policy], what: str) -> list[tuple[str, datetime, datetime]]:
        """For records of which policies and times (inclusive, exclusive) it is permitted: the policy does so now, and
        the notice that was in force then said so."""
        found = []
        for policy in policies:
            times = sorted({notice.told_from for notice in self._by_policy[policy.policy]})
            for begin, end in zip_longest(times, times[1:], fillvalue=NO_END):
                notice = self.notice(policy.policy, begin)
                if what in policy.permits and notice is not None and what in notice.permits:
                    found.append((policy.policy, begin, end))
        return found


def read_notices(connection: DuckDBPyConnection) -> list[Notice]:
    """All notices, by policy and version. Works on a reader."""
    return [Notice(*row) for row in connection.execute(statement("policy_notices")).fetchall()]


def announce(connection: DuckDBPyConnection, policy: Policy, known: Sequence[Notice]) -> None:
    """Tell people about a policy that is applied, unless the newest notice has the same terms. In a transaction of the
    caller; `known`: all notices so far."""
    earlier = [notice for notice in known if notice.policy == policy.policy]
    if earlier and all(getattr(earlier[-1], name) == getattr(policy, name) for name in TERMS):
        return
    days = settings().notice_days * DAY
    now = clock.now_utc()
    announced_at, from_at = now, now + days
    if policy.announced_on is not None:
        announced_at = datetime.combine(policy.announced_on, time())
        from_at = announced_at + DAY + days
    notice = Notice(
        uuid4(),
        policy.policy,
        len(earlier) + 1,
        policy.name,
        policy.purpose,
        policy.legal_basis,
        policy.signals,
        policy.applications,
        policy.safeguards,
        policy.retention_days,
        announced_at,
        policy.announced_by.strip(),
        max(from_at, datetime.combine(policy.valid_from, time())),
        "",
        policy.permits,
    )
    values: dict[str, Any] = asdict(replace(notice, text=text_of(notice, language(DEFAULT))))
    connection.execute(statement("add_policy_notice"), values)


def text_of(notice: Notice, wanted: Language) -> str:
    """What people are told, in a language. The words of the employer stay as they are."""
    t = wanted.t
    safeguards = "; ".join(t(SAFEGUARDS.get(name, name)) for name in notice.safeguards)
    signals = ", ".join(t(SIGNAL_NAMES.get(name, name)) for name in notice.signals)
    from_at = t("{day}, {time} UTC", day=notice.told_from.date(), time=f"{notice.told_from:%H:%M}")
    lines = [
        t("{name} ({policy}, version {version})", name=notice.name, policy=notice.policy, version=str(notice.version)),
        t("Purpose: {purpose}", purpose=notice.purpose),
        t("Legal basis: {basis}", basis=notice.legal_basis),
        t("What is recorded: {signals}", signals=signals),
        t("In which applications: {names}", names=", ".join(notice.applications)),
        t("Before anything is stored: {safeguards}.", safeguards=safeguards or t("nothing is masked")),
        *(t("Besides: {permit}.", permit=t(PERMITS.get(name, name))) for name in notice.permits),
        t("Each record is kept for {days}.", days=wanted.tn("{n} day", "{n} days", notice.retention_days)),
        t("Nothing from before {time} is stored under these terms.", time=from_at),
    ]
    return "\n".join(lines) + "\n"
