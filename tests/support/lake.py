"""Test data for a real lake, stored the way the product does."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pyarrow as pa

import clock
from directory import Employee
from directory.keys import KeyRing, Oneself
from directory.sealing import Sealer
from lake.rules import holds
from lake.rules.policies import Policy, apply_policies
from lake.rules.scope import SIGNALS, Scope
from lake.storage.connection import transaction, writer
from lake.storage.store import ARROW_SCHEMA, Batch
from law.exceptions import LegalException
from tests.lake.rows import store_where_they_are

START = datetime(2026, 3, 2, 9, 0)  # noqa: DTZ001 (the lake's times are naive UTC)
POLICY = Policy(
    "desktop", "Desktop assistant", "model training", "GDPR 6(1)(f)", list(SIGNALS),
    ["Excel", "Chrome"], ["mask"], 3650, date(2026, 1, 1),
    announced_on=date(2025, 12, 1), announced_by="letter",
)  # fmt: skip

Content = Callable[[int], Mapping[str, str] | None]
Application = str | Callable[[int], str]


def store_captures(
    employee: Employee,
    count: int,
    *,
    application: Application = "Excel",
    signal: str = "keystroke",
    start: datetime = START,
    every: timedelta = timedelta(minutes=1),
    content: Content = lambda _: None,
    redactions: Mapping[str, int] | None = None,
    position: tuple[int, int] | None = None,
    policy: Policy = POLICY,
    session: UUID | None = None,
) -> None:
    """Store `count` captures as one batch; `content` gives the text of the capture of a number, `application` may
    give its application, and the mouse moves a pixel at each."""
    keys = KeyRing()
    sealer = Sealer(keys.create_content_key(employee.subject, Oneself(employee.subject)))
    batch = uuid4()
    ids = [uuid4() for _ in range(count)]
    texts = [content(number) for number in range(count)]
    columns: dict[str, list[Any]] = {
        "capture_id": [capture_id.bytes for capture_id in ids],
        "subject": [employee.subject.bytes] * count,
        "captured_at": [start + number * every for number in range(count)],
        "signal": [signal] * count,
        "application": [application if isinstance(application, str) else application(n) for n in range(count)],
        "x": [position[0] + number if position else None for number in range(count)],
        "y": [position[1] + number if position else None for number in range(count)],
        "session": [(session or batch).bytes] * count,
        "source": ["test 1"] * count,
        "batch": [batch.bytes] * count,
        "policy": [policy.policy] * count,
        "retained_until": [policy.retained_until(start.date())] * count,
        "redactions": [list(redactions.items()) if redactions else None] * count,
        "sealed": [
            sealer.seal(capture_id, dict(text)) if text else None for capture_id, text in zip(ids, texts, strict=True)
        ],
    }
    with writer() as connection:
        apply_policies(connection, [policy])
        store_where_they_are(
            connection, Batch(batch, employee.subject, "test 1", read=count), pa.table(columns, schema=ARROW_SCHEMA)
        )


def hold(
    employee: Employee,
    applications: Sequence[str] | None = None,
    *,
    signals: Sequence[str] | None = None,
    exception: LegalException = LegalException.GDPR_17_3_B,
) -> UUID:
    """Place a legal hold for the case TAX-7, to be reviewed on 31 January 2027."""
    scope = Scope(tuple(signals) if signals else None, tuple(applications) if applications else None)
    with writer() as connection, transaction(connection):
        return holds.place_hold(
            connection,
            employee.subject,
            scope,
            case="TAX-7",
            exception=exception,
            placed_at=clock.now_utc(),
            review_on=date(2027, 1, 31),
        )
