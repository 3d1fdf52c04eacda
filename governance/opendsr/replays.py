"""Accepted calls: each counts once, for as long as its signed time would be accepted."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Mapped, mapped_column

import clock
from governance.db.database import writing
from governance.db.tables import Base


class CallRow(Base):
    """An accepted call."""

    __tablename__ = "opendsr_call"

    digest: Mapped[bytes] = mapped_column(primary_key=True)
    """SHA-256 of the signer and the signed text."""
    expires_at: Mapped[datetime] = mapped_column(index=True)


def is_new(domain: str, line: bytes, until: datetime) -> bool:
    """Whether this verified call is new; if so, it is recorded as accepted until a moment (aware)."""
    digest = hashlib.sha256(domain.encode() + b"\n" + line).digest()
    with writing() as session:
        session.execute(delete(CallRow).where(CallRow.expires_at < clock.now_utc()))
        if session.get(CallRow, digest) is not None:
            return False
        session.add(CallRow(digest=digest, expires_at=clock.naive(until)))
    return True
