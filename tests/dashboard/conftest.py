"""Fixtures of the dashboard tests: captures in a real lake, the real app run by AppTest, the real API.

capture   `capture(employee, count, application=…, signal=…, at=…, content=…)`: puts captures into the lake
open_app  `open_app(employee, zone=…)`: the app as that person sees it; `open_app(None)`: signed out
api       the governance API on a free port, where the app looks for it
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pyarrow as pa
import pytest
import uvicorn
from streamlit.testing.v1 import AppTest

import clock
from directory import Employee
from directory.keys import KeyRing
from directory.sealing import Sealer
from lake.connection import writer
from lake.policies import Policy, apply_policies
from lake.scope import SIGNALS
from lake.store import ARROW_SCHEMA, Batch, store

MAIN = Path(__file__).parents[2] / "dashboard" / "main.py"
AT = datetime(2026, 3, 2, 9, 0)  # noqa: DTZ001 (the lake's times are naive UTC)
POLICY = Policy(
    "desktop", "Desktop assistant", "model training", "GDPR 6(1)(f)", list(SIGNALS),
    ["Excel", "Chrome"], ["mask"], 3650, date(2026, 1, 1),
)  # fmt: skip

Capture = Callable[..., None]
OpenApp = Callable[..., AppTest]


@pytest.fixture
def capture(home: Path) -> Capture:
    def store_captures(
        employee: Employee,
        count: int = 1,
        *,
        application: str = "Excel",
        signal: str = "keystroke",
        at: datetime = AT,
        every: timedelta = timedelta(minutes=1),
        content: dict[str, str] | None = None,
        redactions: dict[str, int] | None = None,
        position: tuple[int, int] | None = None,
        policy: Policy = POLICY,
        session: UUID | None = None,
    ) -> None:
        keys = KeyRing()
        sealer = Sealer(keys.create_content_key(employee.subject))
        keys.close()
        batch = uuid4()
        ids = [uuid4() for _ in range(count)]
        columns: dict[str, list[Any]] = {
            "capture_id": [capture_id.bytes for capture_id in ids],
            "subject": [employee.subject.bytes] * count,
            "captured_at": [at + number * every for number in range(count)],
            "signal": [signal] * count,
            "application": [application] * count,
            "x": [position[0] + number if position else None for number in range(count)],
            "y": [position[1] + number if position else None for number in range(count)],
            "session": [(session or batch).bytes] * count,
            "source": ["test 1"] * count,
            "batch": [batch.bytes] * count,
            "policy": [policy.policy] * count,
            "retained_until": [policy.retained_until(at.date())] * count,
            "redactions": [list(redactions.items()) if redactions else None] * count,
            "sealed": [sealer.seal(capture_id, content) if content else None for capture_id in ids],
        }
        with writer() as connection:
            apply_policies(connection, [policy])
            store(
                connection,
                Batch(batch, employee.subject, "test 1", read=count),
                pa.table(columns, schema=ARROW_SCHEMA),
            )

    return store_captures


@pytest.fixture
def open_app(issuer: object, token_for: Callable[..., str]) -> OpenApp:
    def opened(employee: Employee | str | None, *, page: str = "", zone: str | None = None, **claims: Any) -> AppTest:
        app = AppTest.from_file(str(MAIN), default_timeout=60)
        app.context = {"timezone": zone} if zone else {}
        app.user = {"is_logged_in": False}
        if employee is not None:
            expires_at = claims.pop("user_exp", int(clock.now().timestamp()) + 3600)
            token = token_for(employee, **claims)
            app.user = {"is_logged_in": True, "exp": expires_at, "tokens": {"access": token}}
        app.run()
        return app.switch_page(f"views/{page}.py").run() if page else app

    return opened


@pytest.fixture
def api(issuer: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    from governance import database, work_queue
    from governance.app import create_app

    with socket.socket() as listening:
        listening.bind(("localhost", 0))
        server = uvicorn.Server(uvicorn.Config(create_app(), log_level="error"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        url = f"http://localhost:{listening.getsockname()[1]}"
        monkeypatch.setenv("OPENBOOK_API_URL", url)
        try:
            yield url
        finally:
            server.should_exit = True
            thread.join()
            work_queue.close()
            database.close()


def words(app: AppTest) -> str:
    """Everything that a person reads on the page, tables and charts aside."""
    kinds = (
        *("title", "header", "subheader", "markdown", "caption"),
        *("info", "success", "warning", "error", "text", "html"),
    )
    return "\n".join(str(getattr(element, "value", "")) for kind in kinds for element in app.get(kind))
