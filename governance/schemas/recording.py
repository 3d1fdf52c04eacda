"""Recorders: whether a person's work may be recorded now, and what became of the records that were sent."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from governance.domain.moments import Moment
from governance.schemas.base import Answer


class NewPause(BaseModel):
    """One of the two."""

    model_config = ConfigDict(extra="forbid")

    minutes: int | None = Field(default=None, ge=1, le=527_040, description="From now on.")
    until: Literal["tomorrow"] | None = Field(default=None, description="The next midnight in your time zone.")

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.minutes is None) == (self.until is None):
            raise ValueError("needs either minutes or until")
        return self


Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


class PauseHours(BaseModel):
    """Hours that come again every week, by the clocks of your time zone."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)

    days: list[Weekday] = Field(min_length=1, max_length=7)
    begins: str = Field(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["12:00"])
    ends: str = Field(
        pattern="^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$",
        examples=["13:00"],
        description="Later on the same day; `24:00`: midnight.",
    )


class NewPauseHours(BaseModel):
    """All of them: those that are not listed end."""

    model_config = ConfigDict(extra="forbid")

    hours: list[PauseHours] = Field(max_length=14, description="Empty: none from now on. They must not overlap.")


class SetHours(Answer):
    """Hours in which nothing is stored, every week from `since` on."""

    hours: UUID
    days: list[Weekday]
    begins: str
    ends: str
    zone: str = Field(description="Your time zone (IANA) when you set them: its clocks count.")
    since: Moment
    until: Moment | None = Field(description="Null: in force.")


class Pause(Answer):
    """Nothing that is recorded in it is stored. `until_at` is the first moment after it."""

    pause: UUID
    begins_at: Moment
    until_at: Moment


class WorkingHours(Answer):
    """Hours of some days of the week in which your employer records; others may be listed beside them."""

    days: list[Weekday] = Field(description="On which they begin.")
    begins: str = Field(examples=["08:00"])
    ends: str = Field(
        examples=["18:00"], description="`24:00`: midnight. If that isn't later than `begins`: on the next day."
    )
    zone: str = Field(description="IANA: its clocks count.", examples=["Europe/Berlin"])


WorkingHoursField = Annotated[
    list[WorkingHours],
    Field(description="What is dated outside of all of these is refused. Empty: there is no such restriction."),
]


class Recording(Answer):
    paused_until: Moment | None = Field(description="Null: no pause is in force.")
    longest_pause_hours: int = Field(description="0: your employer's settings allow no pauses.")
    in_set_hours: bool = Field(
        description="Set hours are a part of what is in force now. They end only by setting others."
    )
    set_hours: list[SetHours] = Field(description="Those in force, the earliest first.")
    set_hours_ended_at: Moment | None = Field(
        description="When the last ended, if none is in force. A worker ends those that your employer's settings no "
        "longer allow."
    )
    most_set_hours_a_day: int = Field(description="0: your employer's settings allow no set hours.")
    pauses: list[Pause] = Field(description="The newest first, at most 50.")
    working_hours: WorkingHoursField


class Consent(Answer):
    given_at: Moment
    withdrawn_at: Moment | None = Field(description="Null: it is in force.")


class Notice(Answer):
    """What people were told about a capture policy, one version."""

    notice: UUID
    policy: str
    version: int = Field(description="Of the notices of this policy, from 1.")
    name: str
    text: str = Field(description="In English, with the words of your employer as they are.")
    translation: str = Field(
        description="The same in your language (`Accept-Language`), by this app; empty if there is none."
    )
    sha256: str = Field(description="Of `text` in UTF-8, in hexadecimal.")
    announced_at: Moment | None = Field(
        description="Null: in force before notices were kept here; nothing shows whether people were told."
    )
    announced_by: str = Field(description="How your employer says that it told people elsewhere; empty: in this app.")
    told_from: Moment = Field(description="Nothing dated earlier is stored under these terms.")
    current: bool = Field(description="The newest notice of a policy that has not ended.")
    read_at: Moment | None = Field(description="When you said that you read it.")
    needs_consent: bool = Field(description="Without your consent nothing is stored under this policy.")
    consents: list[Consent] = Field(description="Yours to this notice, the newest first, at most 50.")
    ledger_entry: int | None = Field(description="The public entry with its hash; null: not in the ledger yet.")


class NoticeRead(BaseModel):
    model_config = ConfigDict(extra="forbid")

    sha256: str = Field(pattern="^[0-9a-f]{64}$", description="Of the text that you read.")


class ControlledPolicy(Answer):
    policy: str
    name: str
    signals: list[str]
    applications: list[str]
    safeguards: list[str]


DEVICE = "^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$"
"""The form of a device's name."""


class CaptureControl(Answer):
    """What a recorder may record of a person now."""

    may_record: bool = Field(
        description="False in a pause, outside working hours, without a policy that they were told of and agreed to, "
        "or if they have left."
    )
    paused_until: Moment | None
    working_hours: WorkingHoursField
    policies: list[ControlledPolicy] = Field(description="The policies in force today.")
    applications: list[str] = Field(description="All applications that one of them lists.")
    poll_seconds: int = Field(
        description="Ask again after so many seconds: fewer just before working hours begin or end."
    )


class SaidState(StrEnum):
    """What a recorder says about itself."""

    RECORDING = "recording"
    PAUSED = "paused"
    STOPPED = "stopped"


class RecorderState(StrEnum):
    """What follows from what it said last."""

    RECORDING = "recording"
    BEFORE_PAUSE = "recording_before_pause"
    DESPITE_PAUSE = "recording_despite_pause"
    PAUSED = "paused"
    STOPPED = "stopped"
    SILENT = "silent"


class NewRecorderHeartbeat(BaseModel):
    """What a recorder says about itself. No field has room for what was captured."""

    model_config = ConfigDict(extra="forbid")

    device: str = Field(
        pattern=DEVICE,
        description="Which one: an asset or serial number, as the person can read it on the device.",
    )
    state: SaidState
    version: str = Field(default="", pattern="^[A-Za-z0-9._+-]{0,40}$", description="Of the recorder.")
    source: str = Field(
        default="intake",
        pattern="^[a-z][a-z0-9-]{0,39}$",
        description="How its records come here: `intake` for `POST /v1/captures`, else the name of the connector.",
    )


class RecorderHeartbeat(Answer):
    heard_at: Moment
    report_again_seconds: int


class Recorder(Answer):
    """A recorder, by what it last said."""

    service: str = Field(description="The name of the service token with which it reports.")
    device: str
    version: str = Field(description="Empty: it did not say.")
    source: str = Field(description="How its records come here, as it says.")
    said: SaidState = Field(description="What it said last, at `heard_at`.")
    state: RecorderState = Field(
        description="`recording`, `paused`, `stopped`: what it said. `recording_before_pause`: it said that it records "
        "before it could know of your pause. `recording_despite_pause`: it says so although you paused; its records "
        "are refused. `silent`: nothing since `heard_at`, for longer than `silent_after_seconds`."
    )
    first_heard_at: Moment
    heard_at: Moment


class UnreportedSource(Answer):
    """Records came in the last 7 days by a connector that no recorder names: whether one runs now isn't known."""

    source: str
    last_stored_at: Moment


class Recorders(Answer):
    recorders: list[Recorder] = Field(description="Those that say that they run, the last heard of first.")
    unreported: list[UnreportedSource]
    silent_after_seconds: int


class QuarantinedLine(Answer):
    line: int = Field(description="Of the body, from 1.")
    reason: str


class CaptureCounts(Answer):
    """Records by what became of them. Together with `waiting` they add up to all lines."""

    stored: int = 0
    already_known: int = Field(0, description="The lake had it already.")
    outside_policy: int = Field(0, description="No policy in force on its day allows it.")
    past_retention: int = Field(0, description="Its retention period is already over.")
    kept_out: int = Field(
        0, description="From a pause, outside working hours, from before people were told, or without consent."
    )
    erased_before: int = Field(0, description="Its person had it erased.")
    quarantined: int = Field(0, description="It can't be used; see `reasons`.")
    unknown_person: int = Field(
        0, description="Nobody in the directory has this `sub` or address, or no recorder reports this device."
    )
    has_left: int = Field(0, description="Its person has left.")


class CaptureBatch(Answer):
    """What became of one body."""

    batch: UUID
    state: Literal["waiting", "stored", "lost"] = Field(
        description="`waiting`: on disk, and not in the lake yet; `stored`: everything that may be stored is; `lost`: "
        "a restored backup doesn't have what waited: send it again with the same key."
    )
    received_at: Moment
    settled_at: Moment | None = Field(description="When nothing of it waited any more.")
    read: int = Field(description="Lines that aren't blank.")
    waiting: int = Field(description="Records that wait to be stored.")
    counts: CaptureCounts
    reasons: dict[str, int] = Field(description="Quarantined records by reason.")
    quarantined: list[QuarantinedLine] = Field(description="The first 100 of them.")
