"""Tables of the ledger. Only hashes stay forever; salt and body of an entry can be destroyed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from governance.db.tables import Base


class EntryRow(Base):
    """One entry: its commitment stays; salt and body can be destroyed. Leaves that only pad a batch are no entries."""

    __tablename__ = "ledger_entry"
    __table_args__ = (Index("ix_ledger_entry_listed", "public", "leaf"),)

    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Counted from 0 without gaps, in the order of their events."""
    leaf: Mapped[int | None] = mapped_column(index=True, unique=True)
    """The index of its leaf in the tree; None while it waits for its batch (`governance.ledger.batches`)."""
    commitment: Mapped[bytes] = mapped_column(LargeBinary(32))
    salt: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    """Empty for a public entry, None if destroyed."""
    statement: Mapped[str | None]
    """Canonical JSON."""
    request_id: Mapped[UUID | None] = mapped_column(Uuid, index=True)
    """The request that it is about: salt and statement are destroyed together with the request's record."""
    whose: Mapped[bytes | None] = mapped_column(LargeBinary(8))
    """A pseudonym of the person who caused it, until it is in the tree; None: nobody's."""
    public: Mapped[bool] = mapped_column(default=False)
    """Everybody may list it: it has no salt and is about no person."""


class NodeRow(Base):
    """One complete subtree; never changed once stored."""

    __tablename__ = "ledger_node"

    level: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))


class ScheduleRow(Base):
    """When a batch was last added to the tree; one row at most."""

    __tablename__ = "ledger_schedule"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sealed_at: Mapped[datetime]


class CosignatureRow(Base):
    """A witness's signature of a head of the ledger."""

    __tablename__ = "ledger_cosignature"

    size: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    key: Mapped[str] = mapped_column(primary_key=True)
    """The witness's vkey; one of ML-DSA has 1,800 characters."""
    signature: Mapped[bytes] = mapped_column(LargeBinary)


class SeenRow(Base):
    """The newest head that a person has verified."""

    __tablename__ = "seen_checkpoint"

    subject: Mapped[UUID] = mapped_column(primary_key=True)
    size: Mapped[int]
    root: Mapped[bytes] = mapped_column(LargeBinary(32))
    seen_at: Mapped[datetime]


class DatasetRow(Base):
    """A dataset version whose manifest is recorded in the ledger."""

    __tablename__ = "dataset_told"

    dataset_version: Mapped[UUID] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(ForeignKey("ledger_entry.position"))
    """The first entry about it. Earlier versions salted it, and it had the number of people."""
    listed: Mapped[int | None]
    """The position of the public entry about it; None until one is recorded."""
    root: Mapped[str | None] = mapped_column(String(64))
    """The root in the public entry."""


class ReceiptRow(Base):
    """A receipt of a request; its statement is that of its ledger entry."""

    __tablename__ = "receipt"
    __table_args__ = (Index("ix_receipt_kept_until", "kept_until"),)

    request_id: Mapped[UUID] = mapped_column(ForeignKey("request.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Counted from 1 within the request."""
    position: Mapped[int] = mapped_column(ForeignKey("ledger_entry.position"))
    issued_at: Mapped[datetime]
    key: Mapped[str] = mapped_column(String(255))
    signature: Mapped[bytes | None] = mapped_column(LargeBinary(64))
    """Destroyed with the statement: otherwise a guess of the statement could be confirmed."""
    kept_until: Mapped[datetime]
    destroyed_at: Mapped[datetime | None]
