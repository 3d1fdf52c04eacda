"""Fixtures for the dashboard tests: captures in a real lake, the real app run by AppTest, the real API.

capture   `capture(employee, count, application=…, signal=…, at=…, content=…)`: stores captures in the lake
open_app  `open_app(employee, zone=…, page=…, query=…)`: the app as that person sees it; `open_app(None)`: signed out
api       the governance API on a free port, which the app is configured to use
"""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from xml.etree import ElementTree

import pytest
import uvicorn
from streamlit.testing.v1 import AppTest

import clock
from dashboard.sign_in import sessions
from directory import Employee
from lake.rules.policies import Policy
from queries import loader, rules
from queries.own import sql
from settings import settings
from tests.support.lake import POLICY, START, Application, store_captures

MAIN = Path(__file__).parents[2] / "dashboard" / "main.py"
AT = START

__all__ = ["POLICY"]

Capture = Callable[..., None]
OpenApp = Callable[..., AppTest]


@pytest.fixture(autouse=True)
def main_module() -> Iterator[None]:
    """AppTest replaces the main module with the app; a process started later would run it."""
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main


@pytest.fixture
def capture(home: Path) -> Capture:
    def stored(
        employee: Employee,
        count: int = 1,
        *,
        application: Application = "Excel",
        signal: str = "keystroke",
        at: datetime = AT,
        every: timedelta = timedelta(minutes=1),
        content: dict[str, str] | None = None,
        redactions: dict[str, int] | None = None,
        position: tuple[int, int] | None = None,
        policy: Policy = POLICY,
        session: UUID | None = None,
    ) -> None:
        store_captures(
            employee,
            count,
            application=application,
            signal=signal,
            start=at,
            every=every,
            content=lambda _: content,
            redactions=redactions,
            position=position,
            policy=policy,
            session=session,
        )

    return stored


@pytest.fixture
def open_app(issuer: object, token_for: Callable[..., str]) -> OpenApp:
    def opened(
        employee: Employee | str | None,
        *,
        page: str = "",
        zone: str | None = None,
        locale: str | None = None,
        query: dict[str, Any] | None = None,
        **claims: Any,
    ) -> AppTest:
        app = AppTest.from_file(str(MAIN), default_timeout=60)
        app.context = {name: value for name, value in (("timezone", zone), ("locale", locale)) if value}
        app.user = {"is_logged_in": False}
        if employee is not None:
            expires_at = claims.pop("user_exp", int(clock.now().timestamp()) + 3600)
            token = token_for(employee, **claims)
            app.user = {"is_logged_in": True, "exp": expires_at, "tokens": {"access": token}}
            app.user[sessions.CLAIM] = begin_session(token)
        if page:  # at once, as from a bookmark: the overview first would take as long again
            app.switch_page(f"views/{page}.py")
            app.query_params = query or {}
        return app.run()

    return opened


@pytest.fixture
def api(issuer: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    from governance.db import database, work_queue
    from tests.support import applications

    with socket.socket() as listening:
        listening.bind(("localhost", 0))
        listening.listen()  # a call waits until the server has started, and isn't refused
        server = uvicorn.Server(uvicorn.Config(applications.as_if_new(), log_level="error"))
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


def begin_session(token: str, **claims: Any) -> str:
    """The reference of a session with this access token."""
    cookie = session_cookie(token, **claims)
    found = sessions.find(cookie)
    assert found is not None
    return found.reference


def session_cookie(token: str, **claims: Any) -> str:
    """The cookie for a sign-in with this access token."""
    user = {
        "sub": "somebody",
        "origin": settings().dashboard_base_url,
        "exp": int(clock.now().timestamp()) + 3600,
        "is_logged_in": True,
        "provider": "default",
        **claims,
    }
    return sessions.begin(user, {"access_token": token})[0]


def words(app: AppTest) -> str:
    """All text on the page, except tables and charts."""
    kinds = (
        *("title", "header", "subheader", "markdown", "caption"),
        *("info", "success", "warning", "error", "text", "html"),
    )
    said = (str(getattr(element, "value", "")) for kind in kinds for element in app.get(kind))
    return "\n".join(text for text in said if not text.startswith(("<style", '<div class="rows')))


def tables(app: AppTest) -> list[dict[str, list[str]]]:
    """The real tables on the page: the cells of each column, by heading."""
    drawn = [str(getattr(element, "value", "")) for element in app.get("html")]
    return [_columns(ElementTree.fromstring(text)) for text in drawn if text.startswith('<div class="rows')]


def _columns(table: ElementTree.Element) -> dict[str, list[str]]:
    headings = [heading.text or "" for heading in table.iterfind(".//thead//th")]
    rows = [[cell.text or "" for cell in row] for row in table.iterfind(".//tbody/tr")]
    return {heading: [row[position] for row in rows] for position, heading in enumerate(headings)}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the questions that are asked of the lake, but for those whether it has changed."""
    names: list[str] = []

    def noted(name: str) -> str:
        names.append(name)
        return sql(name)

    for module in (loader, rules):
        monkeypatch.setattr(module, "sql", noted)
    return names
