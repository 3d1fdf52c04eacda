"""Tables of the content keys (`directory.keys`)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

import clock
from directory.tables import Base


class ContentKeyRow(Base):
    """The key that seals one subject's free text, wrapped (AES key wrap, RFC 3394) by the master key."""

    __tablename__ = "content_key"

    subject: Mapped[UUID] = mapped_column(primary_key=True)
    wrapped: Mapped[bytes]
    created_at: Mapped[datetime] = mapped_column(default=clock.now_utc)
    first_print: Mapped[str | None]
    """Its fingerprint, once it was wrapped anew; None: it is that of `wrapped`."""
    service_key: Mapped[str | None]
    """The person's key in the key service, which seals what the master key wraps; None: the home has none."""


class RewrappingRow(Base):
    """A change of the master key that is done here and not yet everywhere else (`directory.keys.rewrapping`)."""

    __tablename__ = "rewrapping"

    change: Mapped[UUID] = mapped_column(primary_key=True)
