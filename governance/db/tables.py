"""Tables of the governance database. All times are naive UTC; no captured content and no names."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    pass


class HomeRow(Base):
    """Which home this database belongs to, and what it knows about that home's lake: one row (`databases.known_lake`
    reads it).
    """

    __tablename__ = "home"

    number: Mapped[int] = mapped_column(primary_key=True)
    """Always 1."""
    home: Mapped[str] = mapped_column(String(36))
    lake: Mapped[str] = mapped_column(String(36))
    snapshot: Mapped[int] = mapped_column(BigInteger)
    """The newest one seen."""
    key_service: Mapped[str | None] = mapped_column(String(32))
    """The name of the home's own key in its key service; empty: it has none; NULL: not noted yet."""


class LakeShardRow(Base):
    """What this database knows about a further shard of the lake (`lake.storage.shards`)."""

    __tablename__ = "lake_shard"

    lake: Mapped[str] = mapped_column(String(36), primary_key=True)
    """Its id."""
    snapshot: Mapped[int] = mapped_column(BigInteger)
    """The newest one seen."""


class MigrationsRow(Base):
    """Which programs can use this database: one row (`governance.db.upgrading`)."""

    __tablename__ = "migrations"

    number: Mapped[int] = mapped_column(primary_key=True)
    """Always 1."""
    goes_with: Mapped[str] = mapped_column(String(4))
    """The oldest revision that a program must know."""


class SigningKeyRow(Base):
    """A key that has signed the ledger or receipts. The newest is in force; older ones still verify."""

    __tablename__ = "signing_key"

    number: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(255), unique=True)
    """Its vkey."""
    since: Mapped[datetime]


class RequestRow(Base):
    """One request of one person."""

    __tablename__ = "request"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    subject: Mapped[UUID] = mapped_column(index=True)
    type: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20), index=True)
    scope: Mapped[dict[str, Any]] = mapped_column(JSON)
    regime: Mapped[str] = mapped_column(String(20))
    received_at: Mapped[datetime]
    zone: Mapped[str] = mapped_column(String(60), default="UTC")
    """The IANA time zone in which the days of the deadline are counted."""
    due_at: Mapped[datetime]
    """The end of the day `due_on` in that zone."""
    first_due_at: Mapped[datetime]
    """The deadline at filing; `due_at` is later after an extension."""
    due_on: Mapped[date]
    first_due_on: Mapped[date]
    completed_at: Mapped[datetime | None]
    outcome: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    failure: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(default=0)
    """How often work on it has failed or could not start."""
    retry_at: Mapped[datetime | None]
    buried: Mapped[bool] = mapped_column(default=False)
    """An erasure whose tombstone is in force: everything read from the lake from now on excludes its captures."""
    awaits_decision: Mapped[bool] = mapped_column(default=False)
    """A privacy officer has to approve it first; until then no work is done on it."""
    sealed_note: Mapped[bytes | None]
    """The person's note of a rectification, sealed under their content key for the id of the request."""
    note_shared: Mapped[bool] = mapped_column(default=False)
    """The person lets the privacy officer who decides read that note."""
    rule_stands: Mapped[bool] = mapped_column(default=False)
    """For an objection or restriction: its rule is in force in the lake, or is about to start or end."""
    previewed: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """What the preview at filing said: `events` and `withheld`, in captures."""
    starts_at: Mapped[datetime | None]
    """An erasure whose owner chose a wait: until when they can change their mind."""
    waits: Mapped[bool] = mapped_column(default=False)
    """That time is not over yet: no work is done on it (`governance.fulfilment.waiting`)."""
    language: Mapped[str | None] = mapped_column(String(5))
    """In which it was filed, a code of `languages.NAMES`; None: filed for the person, or before it was kept."""

    history: Mapped[list[EventRow]] = relationship(order_by="EventRow.id", lazy="selectin")
    export: Mapped[ExportRow | None] = relationship(lazy="selectin")
    decisions: Mapped[list[DecisionRow]] = relationship(order_by="DecisionRow.id", lazy="selectin")


class EventRow(Base):
    """One entry of a request's history: a new state, or a note in the current state. Append-only."""

    __tablename__ = "request_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[UUID] = mapped_column(ForeignKey("request.id"), index=True)
    at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(20))
    note: Mapped[str]


class DecisionRow(Base):
    """What a privacy officer decided about a request, and why: codes only. Append-only."""

    __tablename__ = "request_decision"

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[UUID] = mapped_column(ForeignKey("request.id"), index=True)
    at: Mapped[datetime]
    decision: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(String(40))
    role: Mapped[str] = mapped_column(String(40))
    decided_by: Mapped[UUID]
    """The officer's subject; only the directory says who that is."""


class HoldChangeRow(Base):
    """A hold that an officer asked to place or lift; the row is there before and after it is done in the lake."""

    __tablename__ = "hold_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    hold: Mapped[UUID]
    subject: Mapped[UUID]
    change: Mapped[str] = mapped_column(String(10))
    """place or lift"""
    terms: Mapped[dict[str, Any]] = mapped_column(JSON)
    role: Mapped[str] = mapped_column(String(40))
    asked_by: Mapped[UUID]
    asked_at: Mapped[datetime]
    done_at: Mapped[datetime | None] = mapped_column(index=True)


class ModelPlanRow(Base):
    """What a privacy officer planned for a model version that learned from withdrawn captures. Append-only."""

    __tablename__ = "model_plan"

    id: Mapped[int] = mapped_column(primary_key=True)
    model_version: Mapped[UUID] = mapped_column(index=True)
    plan: Mapped[str] = mapped_column(String(20))
    promised: Mapped[date | None]
    """The promised date."""
    role: Mapped[str] = mapped_column(String(40))
    made_by: Mapped[UUID]
    made_at: Mapped[datetime]
    ledger_entry: Mapped[int]


class AccessRow(Base):
    """Someone else viewed data of a person, or a job of all people: by role, why, when, how much. Append-only."""

    __tablename__ = "access"
    __table_args__ = (
        Index("ix_access_subject_at", "subject", "at"),
        Index("ix_access_report", "report", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[UUID]
    at: Mapped[datetime]
    role: Mapped[str] = mapped_column(String(40))
    actor: Mapped[UUID]
    purpose: Mapped[str] = mapped_column(String(40))
    what: Mapped[str] = mapped_column(String(40))
    rows: Mapped[int]
    dataset_version: Mapped[UUID | None]
    """Which dataset version, when a program received captures."""
    reported_by: Mapped[str | None] = mapped_column(String(60))
    """The service that reported it; this and the following are null for views of Open Book's own."""
    reported_at: Mapped[datetime | None]
    system: Mapped[str | None] = mapped_column(String(60))
    action: Mapped[str | None] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(String(120))
    ticket: Mapped[str | None] = mapped_column(String(40))
    anchor: Mapped[int | None] = mapped_column(index=True)
    """In which anchor of the ledger it first was (`governance.access_proofs`); None: in none yet."""
    report: Mapped[bytes | None]
    """A digest that keeps an entry from being added twice: of the system and the report's own id, or of a job."""
    delay_reason: Mapped[str | None] = mapped_column(String(120))
    """The legal reason for which the person sees it only from `disclosed_at` on."""
    disclosed_at: Mapped[datetime | None]


class NoteOpeningRow(Base):
    """A privacy officer asked to read a note whose writer didn't allow it, and perhaps another approved."""

    __tablename__ = "note_opening"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    request_id: Mapped[UUID] = mapped_column(ForeignKey("request.id"), index=True)
    reason: Mapped[str] = mapped_column(String(40))
    hours: Mapped[int]
    """How long it is open after the approval."""
    asked_by: Mapped[UUID]
    asked_at: Mapped[datetime]
    approved_by: Mapped[UUID | None]
    approved_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]


class TrainingExportRow(Base):
    """A program asked for the records of a dataset version, and perhaps a privacy officer approved."""

    __tablename__ = "training_export"
    __table_args__ = (Index("ix_training_export_asked", "dataset_version", "program", "pictures", unique=True),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    dataset_version: Mapped[UUID]
    program: Mapped[str] = mapped_column(String(60))
    dataset: Mapped[str] = mapped_column(String(200))
    version: Mapped[str] = mapped_column(String(200))
    purpose: Mapped[str | None] = mapped_column(String(200))
    people: Mapped[int]
    records: Mapped[int]
    pictures: Mapped[bool]
    """It asked for them with pictures of the screen."""
    asked_at: Mapped[datetime] = mapped_column(index=True)
    """Of the latest time."""
    approved_by: Mapped[UUID | None]
    approved_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]


class AccessSystemRow(Base):
    """When another system that can read people's data was last heard of."""

    __tablename__ = "access_system"

    system: Mapped[str] = mapped_column(String(60), primary_key=True)
    first_heard: Mapped[datetime]
    last_heard: Mapped[datetime]


class ExportRow(Base):
    """The file of an export request. The row outlives the file."""

    __tablename__ = "export"

    request_id: Mapped[UUID] = mapped_column(ForeignKey("request.id"), primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    written_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    deleted_at: Mapped[datetime | None]


class IdempotencyRow(Base):
    """An `Idempotency-Key` that a person has used, so that a repeated POST is answered but not executed again."""

    __tablename__ = "idempotency_key"

    subject: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    body_sha256: Mapped[str] = mapped_column(String(64))
    request_id: Mapped[UUID] = mapped_column(ForeignKey("request.id"))
    used_at: Mapped[datetime]
