"""The tables of what pipelines reported, one row per event and one per dataset or model in it. Append-only, except for
whether an event has been folded, and for the time of a heartbeat of which an earlier one arrives.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from governance.db.tables import Base
from governance.lineage.events import Event, Item, Kind, Origin, Role, State


class LineageEventRow(Base):
    """One event."""

    __tablename__ = "lineage_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    origin: Mapped[str] = mapped_column(String(20))
    source: Mapped[str] = mapped_column(String(100))
    """The service that sent it, or the MLflow server that it was read from."""
    received_at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(10))
    run: Mapped[UUID | None] = mapped_column(index=True)
    parent_run: Mapped[UUID | None] = mapped_column(index=True)
    job: Mapped[str | None] = mapped_column(String(200), index=True)
    purpose: Mapped[str | None] = mapped_column(String(200))
    waiting: Mapped[bool] = mapped_column(index=True)
    """Not in the lake yet."""
    failures: Mapped[int] = mapped_column(default=0)
    retry_at: Mapped[datetime | None]

    items: Mapped[list[LineageItemRow]] = relationship(order_by="LineageItemRow.id", lazy="selectin")

    @classmethod
    def of(cls, event: Event, source: str, now: datetime) -> LineageEventRow:
        return cls(
            key=event.key(),
            origin=event.origin.value,
            source=source,
            received_at=now,
            kind=event.kind.value,
            at=event.at,
            state=event.state.value,
            run=event.run,
            parent_run=event.parent_run,
            job=event.job,
            purpose=event.purpose,
            waiting=True,
            items=[LineageItemRow.of(item) for item in event.items],
        )

    def move_to(self, earlier: datetime) -> bool:
        """Give it this time if that is earlier; it then waits to be folded again. Returns whether it is."""
        if earlier >= self.at:
            return False
        self.at, self.waiting, self.retry_at = earlier, True, None
        return True

    def event(self) -> Event:
        return Event(
            Origin(self.origin),
            Kind(self.kind),
            self.at,
            State(self.state),
            self.run,
            self.parent_run,
            self.job,
            self.purpose,
            tuple(row.item() for row in self.items),
            self.received_at,
        )


class LineageItemRow(Base):
    """A dataset or model that an event names (`governance.lineage.events.Item`)."""

    __tablename__ = "lineage_item"

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("lineage_event.id"), index=True)
    role: Mapped[str] = mapped_column(String(10))
    namespace: Mapped[str] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(String(200), index=True)
    version: Mapped[str] = mapped_column(String(200))
    part: Mapped[str | None] = mapped_column(String(200))
    change: Mapped[str | None] = mapped_column(String(10))
    relation: Mapped[str | None] = mapped_column(String(20))
    purpose: Mapped[str | None] = mapped_column(String(200))
    owner: Mapped[str | None] = mapped_column(String(200))
    place: Mapped[str | None] = mapped_column(String(200))
    recipient: Mapped[str | None] = mapped_column(String(200))
    ended: Mapped[bool]

    @classmethod
    def of(cls, item: Item) -> LineageItemRow:
        return cls(**(item.__dict__ | {"role": item.role.value}))

    def item(self) -> Item:
        return Item(
            Role(self.role),
            self.namespace,
            self.name,
            self.version,
            self.part,
            self.change,
            self.relation,
            self.purpose,
            self.owner,
            self.place,
            self.recipient,
            self.ended,
        )


class MlflowServerRow(Base):
    """How far a tracking server has been read."""

    __tablename__ = "mlflow_server"

    url: Mapped[str] = mapped_column(String(500), primary_key=True)
    read_at: Mapped[datetime | None]
    """When it was last read to its end."""
    ended_until: Mapped[datetime | None]
    """Runs that ended before then need not be read again."""
    whole_at: Mapped[datetime | None]
    """When all of its runs were last read."""
