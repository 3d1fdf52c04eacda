"""Whether your work may be recorded now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True)
class Pause:
    """`until_at` is the first moment that is not in it."""

    pause: UUID
    begins_at: datetime
    until_at: datetime


@dataclass(frozen=True)
class PauseHours:
    """Hours that come again every week: `days` are English names in small letters, times `HH:MM`."""

    days: tuple[str, ...]
    begins: str
    ends: str
    """`24:00`: midnight."""


@dataclass(frozen=True)
class SetHours(PauseHours):
    zone: str
    """IANA: its clocks count."""
    since: datetime


@dataclass(frozen=True)
class WorkingHours(PauseHours):
    """Hours in which the employer records. If they don't end after they begin, they end on the next day."""

    zone: str
    """IANA: its clocks count."""


@dataclass(frozen=True)
class Consent:
    given_at: datetime
    withdrawn_at: datetime | None
    """None: it is in force."""


@dataclass(frozen=True)
class Notice:
    """What people were told about a capture policy, one version."""

    notice: UUID
    policy: str
    version: int
    name: str
    text: str
    """In English, with the employer's words as they are."""
    translation: str
    """The same in the language that was asked for; empty if there is none."""
    sha256: str
    """Of `text` in UTF-8, in hexadecimal."""
    announced_at: datetime | None
    """None: in force before notices were kept; nothing shows whether people were told."""
    announced_by: str
    """How the employer says that it told people elsewhere; empty: in the app."""
    told_from: datetime
    """Nothing dated earlier is stored under these terms."""
    current: bool
    """The newest notice of a policy that has not ended."""
    read_at: datetime | None
    needs_consent: bool
    """Without the person's consent nothing is stored under the policy."""
    consents: tuple[Consent, ...]
    """To this notice, the newest first."""
    ledger_entry: int | None

    @property
    def consented(self) -> bool:
        return any(consent.withdrawn_at is None for consent in self.consents)


@dataclass(frozen=True)
class Recorder:
    """A recorder, by what it last said, at `heard_at`."""

    service: str
    device: str
    version: str
    """Empty: it did not say."""
    said: str
    """recording, paused or stopped."""
    state: str
    """What it said, or recording_before_pause, recording_despite_pause, silent."""
    heard_at: datetime


@dataclass(frozen=True)
class UnreportedSource:
    """Records came by this connector in the last 7 days, and no recorder says that it sends them."""

    source: str
    last_stored_at: datetime


@dataclass(frozen=True)
class Recorders:
    recorders: tuple[Recorder, ...]
    unreported: tuple[UnreportedSource, ...]
    silent_after_seconds: int


@dataclass(frozen=True)
class Recording:
    paused_until: datetime | None
    """None: no pause is in force."""
    longest_pause_hours: int
    """0: your employer's settings allow no pauses."""
    pauses: tuple[Pause, ...]
    in_set_hours: bool
    """Set hours are in force now; they end only by setting others."""
    set_hours: tuple[SetHours, ...]
    set_hours_ended_at: datetime | None
    """When the last ended, if none is in force."""
    most_set_hours_a_day: int
    """0: your employer's settings allow no set hours."""
    working_hours: tuple[WorkingHours, ...]
    """What is dated outside of all of these is refused; empty: there is no such restriction."""
