"""How much a service may send: events per minute and per day, bytes per day, and how many runs, datasets and model
versions it may be the first to name.

Usage is counted in the transaction that stores what was sent, so it holds across restarts and for all processes
together. Refused input is not counted. Tokens with the same name share one quota. An MLflow server that is imported
from has no time-based limits; how many datasets and model versions it may name is limited too.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from math import ceil
from uuid import uuid4

from sqlalchemy import Index, String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

import clock
from errors import TooMany
from governance.db.database import writing
from governance.db.tables import Base
from governance.lineage.events import Event, Role
from settings import settings

MEGABYTE = 1_000_000
AT_ONCE = 500
SPANS = {"minute": timedelta(minutes=1), "day": timedelta(days=1)}
DATASETS, MODELS = "OPENBOOK_SERVICE_DATASETS", "OPENBOOK_SERVICE_MODELS"
NAMES = {
    Role.READ: "dataset",
    Role.WROTE: "dataset",
    Role.MADE: "model",
    Role.PARENT: "model",
    Role.DEPLOYED: "model",
    Role.ALIAS: "model",
    Role.PART_OF: "run",
}


class ServiceUseRow(Base):
    """What a service has sent in its most recent minute and UTC day."""

    __tablename__ = "service_use"

    service: Mapped[str] = mapped_column(String(100), primary_key=True)
    span: Mapped[str] = mapped_column(String(10), primary_key=True)
    since: Mapped[datetime]
    events: Mapped[int]
    size: Mapped[int]
    """In bytes."""
    runs: Mapped[int]
    """New ones."""


class ServiceNameRow(Base):
    """A run, dataset or model version, by a digest of its name, and which service named it first."""

    __tablename__ = "service_name"
    __table_args__ = (Index("ix_service_name_service_kind", "service", "kind"),)

    digest: Mapped[bytes] = mapped_column(primary_key=True)
    service: Mapped[str] = mapped_column(String(100))
    kind: Mapped[str] = mapped_column(String(10))


class QuotaUsed(TooMany):
    """A service has used up its quota. Nothing was stored."""


def charge(session: Session, service: str, events: Sequence[Event], size: int) -> None:
    """Count events, in the writing session that stores them. Raises QuotaUsed."""
    new = _first_named(session, service, dict(_names(events)))
    _count(session, service, len(events), size, new["run"])
    _limit_names(session, service, new)


def charge_import(session: Session, server: str, events: Sequence[Event]) -> None:
    """Count what an MLflow server names, in the writing session that stores it. Raises QuotaUsed."""
    _limit_names(session, server, _first_named(session, server, dict(_names(events))))


def _limit_names(session: Session, service: str, new: Counter[str]) -> None:
    """Check whether names added just now are too many. Raises QuotaUsed."""
    most = {"dataset": settings().service_datasets, "model": settings().service_models}
    for kind, limit in most.items():
        if not new[kind]:
            continue
        session.flush()
        mine = ServiceNameRow.service == service, ServiceNameRow.kind == kind
        if (session.scalar(select(func.count()).where(*mine)) or 0) > limit:
            what, setting = ("datasets", DATASETS) if kind == "dataset" else ("model versions", MODELS)
            raise QuotaUsed(
                f"{service} was the first to name {limit:,} {what}, its limit ({setting}). Nothing was saved.",
                int(SPANS["day"].total_seconds()),
            )


def charge_call(service: str, *, parts: int = 1, makes_dataset: bool = False) -> None:
    """Count a call that is not an event, or the `parts` of one. Raises QuotaUsed."""
    with writing() as session:
        _count(session, service, parts, 0, 0)
        if makes_dataset:
            session.add(ServiceNameRow(digest=uuid4().bytes, service=service, kind="dataset"))
            _limit_names(session, service, Counter(dataset=1))


def _count(session: Session, service: str, events: int, size: int, runs: int) -> None:
    now = clock.now_utc()
    most = settings()
    for span, length in SPANS.items():
        used = _used(session, service, span, _start(now, length))
        used.events += events
        used.size += size
        used.runs += runs
        left = ceil((used.since + length - now).total_seconds())
        limit = most.service_events_minute if span == "minute" else most.service_events_day
        if used.events > limit:
            raise _too_many(f"{limit:,} events and calls per {span}", f"service_events_{span}", left)
        if span == "day" and used.size > most.service_megabytes_day * MEGABYTE:
            raise _too_many(f"{most.service_megabytes_day:,} MB per day", "service_megabytes_day", left)
        if span == "day" and used.runs > most.service_runs_day:
            raise _too_many(f"{most.service_runs_day:,} new runs per day", "service_runs_day", left)


def _too_many(what: str, setting: str, left: int) -> QuotaUsed:
    words = f"A service may send {what} (OPENBOOK_{setting.upper()}). Nothing was saved; send it again later."
    return QuotaUsed(words, max(left, 1))


def _used(session: Session, service: str, span: str, since: datetime) -> ServiceUseRow:
    row = session.get(ServiceUseRow, (service, span))
    if row is None:
        row = ServiceUseRow(service=service, span=span, since=since, events=0, size=0, runs=0)
        session.add(row)
    elif row.since != since:
        row.since, row.events, row.size, row.runs = since, 0, 0, 0
    return row


def _start(now: datetime, length: timedelta) -> datetime:
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + (now - midnight) // length * length


def _names(events: Sequence[Event]) -> Iterator[tuple[bytes, str]]:
    """A digest of each run, dataset and model version that the events name, and which of these it is."""
    for event in events:
        if event.run is not None:
            yield _digest("run", str(event.run)), "run"
        for item in event.items:
            kind = NAMES[item.role]
            yield _digest(kind, item.namespace, item.name, item.version), kind


def _digest(*parts: str) -> bytes:
    return hashlib.sha256(json.dumps(parts).encode()).digest()[:16]


def _first_named(session: Session, service: str, names: dict[bytes, str]) -> Counter[str]:
    digests = list(names)
    for start in range(0, len(digests), AT_ONCE):
        some = digests[start : start + AT_ONCE]
        for known in session.scalars(select(ServiceNameRow.digest).where(ServiceNameRow.digest.in_(some))):
            del names[known]
    session.add_all(ServiceNameRow(digest=digest, service=service, kind=kind) for digest, kind in names.items())
    return Counter(names.values())
