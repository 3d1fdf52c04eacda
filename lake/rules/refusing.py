"""Why a record was refused at ingestion, before anything of it was stored."""

from __future__ import annotations

from enum import StrEnum

from languages import mark


class Reason(StrEnum):
    POLICY = "policy"
    LEFT_OUT = "left_out"
    """The connector leaves it out, whatever the policies say: private browsing, an unknown kind of event."""
    RETENTION = "retention"
    UNREADABLE = "unreadable"
    FUTURE = "future"
    PAUSED = "paused"
    OUTSIDE_HOURS = "outside_hours"
    NOT_TOLD = "not_told"
    NO_CONSENT = "no_consent"

    @property
    def words(self) -> str:
        return WORDS[self]


WORDS = {
    Reason.POLICY: mark("not on your employer's list"),
    Reason.LEFT_OUT: mark("never stored, whatever the policies say"),
    Reason.RETENTION: mark("too old to be kept"),
    Reason.UNREADABLE: mark("could not be read"),
    Reason.FUTURE: mark("dated in the future"),
    Reason.PAUSED: mark("recording was paused"),
    Reason.OUTSIDE_HOURS: mark("outside your employer's working hours"),
    Reason.NOT_TOLD: mark("from before you were told"),
    Reason.NO_CONSENT: mark("you have not consented"),
}
KEPT_OUT = frozenset((Reason.PAUSED, Reason.OUTSIDE_HOURS, Reason.NOT_TOLD, Reason.NO_CONSENT))
"""Those that a batch counts together."""
