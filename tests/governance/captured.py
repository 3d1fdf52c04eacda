"""Captures of one person put into a real lake, for the tests of the export."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pyarrow as pa

from directory import Employee
from directory.keys import KeyRing, Oneself
from directory.sealing import Sealer
from lake.rules.policies import Policy, apply_policies
from lake.rules.scope import SIGNALS
from lake.storage.connection import writer
from lake.storage.store import ARROW_SCHEMA, Batch
from tests.lake.rows import store_where_they_are

FIRST_DAY = datetime(2026, 3, 1, 9)  # noqa: DTZ001 (the lake's times are naive UTC)
SESSION = UUID("11111111-2222-4333-8444-555555555555")
POLICY = Policy(
    policy="assistant-2026",
    name="Desktop assistant <b>training</b>",
    purpose="model training",
    legal_basis="GDPR 6(1)(f)",
    signals=list(SIGNALS),
    applications=["Excel", "Chrome"],
    safeguards=["mask"],
    retention_days=36_500,  # real workers sweep by the real clock
    valid_from=date(2026, 1, 1),
)

CAPTURES: list[dict[str, Any]] = [
    {"signal": "mouse_move", "x": 10, "y": 20},
    {"signal": "mouse_click", "x": -5, "y": 7, "content": {"action": "press", "element": "OK, then"}},
    {"signal": "scroll", "content": {"dx": "0", "dy": "-3"}},
    {"signal": "keystroke", "content": {"text": '=HYPERLINK("http://evil")'}},
    {
        "signal": "keystroke",
        "content": {"text": "write to [e-mail address removed]"},
        "redactions": {"email_address": 1},
    },
    {
        "signal": "navigation",
        "application": "Chrome",
        "content": {"url": "https://a.example/ä?q=1\n2", "title": "</title><script>"},
    },
    {"signal": "form_edit", "application": "Chrome", "content": {"text": "7", "cell": "B2", "unit": "€"}},
]
"""Seven captures on consecutive days, one of each difficult kind."""


def put(employee: Employee, captures: Iterable[Mapping[str, Any]] = CAPTURES) -> Batch:
    """Store captures of an employee; missing fields default to a mouse move in Excel, a day after the previous one."""
    ring = KeyRing()
    sealer = Sealer(ring.create_content_key(employee.subject, Oneself(employee.subject)))
    batch = uuid4()
    rows = []
    for number, capture in enumerate(captures):
        capture_id = capture.get("capture_id") or uuid4()
        captured_at = capture.get("captured_at") or FIRST_DAY + timedelta(days=number)
        content = capture.get("content")
        rows.append(
            {
                "capture_id": capture_id.bytes,
                "subject": employee.subject.bytes,
                "captured_at": captured_at,
                "signal": capture.get("signal", "mouse_move"),
                "application": capture.get("application", "Excel"),
                "x": capture.get("x"),
                "y": capture.get("y"),
                "session": SESSION.bytes,
                "source": "opencua 1",
                "batch": batch.bytes,
                "policy": POLICY.policy,
                "retained_until": POLICY.retained_until(captured_at.date()),
                "redactions": list(capture["redactions"].items()) if "redactions" in capture else None,
                "sealed": sealer.seal(capture_id, content) if content is not None else None,
            }
        )
    with writer() as connection:
        apply_policies(connection, [POLICY])
        return store_where_they_are(
            connection,
            Batch(batch, employee.subject, "opencua 1", read=len(rows)),
            pa.Table.from_pylist(rows, schema=ARROW_SCHEMA),
        )
