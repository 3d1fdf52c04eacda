"""What is held about a person, what used it, and how long it stays."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from governance.domain.moments import Moment
from governance.domain.scopes import RequestScope
from governance.schemas.base import Answer, ForPeople


class Me(Answer):
    """The token's owner, according to the directory."""

    name: str
    email: str
    department: str
    team: str
    role: str = Field(validation_alias="current_role")
    regime: str
    zone: str = Field(description="IANA time zone of your workplace, in which your deadlines are counted.")
    subject: UUID = Field(description="Your pseudonymous key in the lake.")


class Summary(Answer):
    """What is held about you, in numbers."""

    captures: int
    first_at: Moment | None
    last_at: Moment | None
    days: int = Field(description="Days with at least one record.")
    applications: int = Field(description="From how many applications.")
    signals: int = Field(description="How many kinds of record.")
    redacted: int = Field(description="Records in which something was masked before storage.")
    kept_until: date | None = Field(
        description="The last day on which any of them is kept that is neither under a hold nor under a restriction."
    )
    next_expiry_day: date | None
    next_expiry_events: int
    removed_by_retention: int
    removed_by_request: int
    held: int = Field(description="Records under a legal hold.")
    restricted: int = Field(description="Records without a hold that stay because you asked for a restriction.")
    models: int = Field(description="Model versions that provably used records of yours.")
    model_captures: int = Field(
        description="Records that at least one of them used; at least so many if days of them were erased."
    )


class Capture(Answer):
    """One record of what was captured."""

    capture_id: UUID
    captured_at: Moment
    signal: str
    application: str
    x: int | None = Field(description="Screen pixels, from the left.")
    y: int | None = Field(description="Screen pixels, from the top.")
    session: UUID | None
    source: str = Field(description="Connector and its version.")
    policy: str
    retained_until: date
    redactions: dict[str, int] = Field(description="How many pieces were masked before storage, by kind.")
    content: dict[str, str] | None = Field(description="Free text by field, null where there is none.")
    unreadable: bool = Field(description="True: there was text, but its key was destroyed.")


class CapturePage(Answer):
    """Captures in order of time; for the next page, set `cursor` to `next`."""

    captures: list[Capture]
    next: str | None


class SearchFor(BaseModel):
    """What to search for in your own records, and in which of them."""

    model_config = ConfigDict(extra="forbid")

    words: str = Field(
        max_length=200,
        description="All of these words, in any order, also within longer words; case and accents don't matter. Words "
        "in double quotes are one phrase.",
    )
    scope: RequestScope = Field(default_factory=RequestScope)
    masked: bool | None = Field(None, description="Only records in which something was masked, or only the others.")
    session: UUID | None = Field(None, description="Only records of this session.")
    cursor: str | None = Field(None, max_length=200, description="`next` of the previous page.")
    limit: int = Field(20, ge=1, le=100, description="Results per page.")


class Match(Answer):
    """Where a word was found: characters `start` to `end` (not included) of a field of `content`."""

    field: str
    start: int
    end: int


class SearchResult(Answer):
    """A record that was found; its first 20 places."""

    capture: Capture
    matches: list[Match]


class SearchPage(Answer):
    """Results, newest first. To go on, set `cursor` to `next`: there may be no result on a page that isn't the last."""

    results: list[SearchResult]
    next: str | None = Field(description="Null: everything was searched.")
    searched: int = Field(description="Records that were searched so far, on this and the pages before.")
    total: int = Field(description="Records that the scope has.")
    back_to: Moment | None = Field(description="Everything since then was searched. Null: everything was.")


class ModelUse(Answer):
    """A dataset version, the model version it produced, and how certain it is that your data is in it."""

    model_version: UUID | None
    model: str | None
    version: str | None
    purpose: str | None
    owner: str | None = Field(description="The team or vendor that has the model.")
    released_at: Moment | None
    retired_at: Moment | None
    model_evidence: str = Field(
        description="For the model version, by any path: proven, possible, unknown, made_before or none."
    )
    through: str | None = Field(description="The model it was made from, if that says more than its own training.")
    relation: str | None = Field(description="How: fine_tuned, distilled or derived.")
    dataset: str | None
    dataset_version: UUID | None
    dataset_release: str | None = Field(description="The name of the dataset version.")
    dataset_purpose: str | None
    datasets: int = Field(description="More than 1: this many datasets without a manifest. 0: none was recorded.")
    evidence: str = Field(description="For that dataset version: proven, possible, unknown or none.")
    captures: int = Field(description="Yours in that dataset version.")
    model_captures: int = Field(
        description="Yours in all dataset versions of that model version together; at least so many if days of them "
        "were erased."
    )
    first_day: date | None
    last_day: date | None
    finished_at: Moment | None = Field(description="When the training run ended.")


class Upcoming(Answer):
    """Captures to be deleted on the day after `retained_until`, unless held."""

    retained_until: date
    policy: str
    policy_name: str | None
    signal: str
    application: str
    events: int
    state: str = Field(description="retained, restricted (kept because you asked for it), held or expired.")


class Removal(Answer):
    """Deleted records. After an erasure of everything, only totals are left: `policy`, `signal` and `application` are
    then `erased`, and there are no days."""

    removed_at: Moment
    cause: str = Field(description="retention, erasure, or source (edited or deleted where it came from).")
    request: UUID | None
    policy: str
    policy_name: str | None
    retention_days: int | None
    signal: str
    application: str
    first_day: date | None
    last_day: date | None
    events: int


class Hold(Answer):
    """A legal hold: what must not be removed for now, and under which exception."""

    hold: UUID
    case: str = Field(description="The employer's reference of the case it is for.")
    reason: ForPeople = Field(description="What the exception means, in words.")
    exception: str = Field(description="The article, such as GDPR 17(3)(e).")
    signals: list[str] | None
    applications: list[str] | None
    from_at: Moment | None
    until_at: Moment | None
    review_on: date
    events: int


class Retention(Answer):
    """What will be deleted when, what was deleted, what is held."""

    upcoming: list[Upcoming]
    removals: list[Removal]
    holds: list[Hold]


class Refused(Answer):
    """Records that were refused before anything of them was stored."""

    day: date | None = Field(description="Null: not known, or an erasure of everything left only the number.")
    application: str | None = Field(description="Only you are told the name. Null: not known, or erased.")
    what: str | None = Field(description="A kind that is always left out, such as private browsing.")
    signal: str | None
    reason: str
    words: ForPeople = Field(description="The reason, for people.")
    records: int

    @classmethod
    def of(cls, found: Any) -> Refused:
        values = {name: getattr(found, name) for name in cls.model_fields if name != "words"}
        return cls(**values, words=found.reason.words)


class Indirect(Answer):
    """Mentions of you in records of others: not whose they are, what they say, or whether they are kept."""

    day: date = Field(description="In UTC.")
    application: str
    role: str
    words: ForPeople = Field(description="The role, for people.")
    records: int


class IndirectRole(Answer):
    role: str
    words: ForPeople
    records: int


class AllIndirect(Answer):
    """In which records of others you are mentioned, quoted, answered or assigned, as far as archives mark it."""

    records: int = Field(description="One that concerns you in two ways counts for both.")
    roles: list[IndirectRole] = Field(description="The total for each role, the largest first.")
    indirect: list[Indirect] = Field(description="A page, the newest day first.")


class RefusedReason(Answer):
    reason: str
    words: ForPeople
    records: int


class AllRefused(Answer):
    """Each refused record is counted once, however often it was sent."""

    records: int
    reasons: list[RefusedReason] = Field(description="The total for each reason, the largest first.")
    refused: list[Refused] = Field(description="A page, the newest day first.")
