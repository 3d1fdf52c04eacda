"""Controllers are notified of each change of their requests, in order, signed, and only at allowed addresses."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

import clock
from directory import Employee
from directory.keys import Oneself
from governance.db.database import writing
from governance.db.tables import RequestRow
from governance.domain.lifecycle import State
from governance.opendsr import callbacks
from governance.requests import filing
from tests.governance.opendsr.conftest import PARENT
from tests.governance.opendsr.partner import list_partners
from tests.governance.opendsr.processor import Processor
from tests.support.people import Company

NOW = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture
def controller(home: Path) -> Iterator[Processor]:
    """A controller that also listens for callbacks, and acknowledges them."""
    listening = Processor("parent.example")
    listening.answers = lambda *_: (202, {})
    with listening.serving() as port:
        allow(home, listening, f"localhost:{port}")
        yield listening


def allow(home: Path, controller: Processor, host: str) -> None:
    entry = PARENT.replace('callback_hosts = ["parent.example"]', f'callback_hosts = ["{host}"]')
    list_partners(home / "governance", entry, parent=controller.certificate())


def go(employee: Employee, *states: State) -> None:
    (mine,) = filing.all_of(employee.subject, Oneself(employee.subject))
    with writing() as session:
        row = session.get_one(RequestRow, mine.id)
        for state in states:
            filing.move(row, state, "On.")


def statuses(controller: Processor) -> list[str]:
    return [message["request_status"] for _, _, message in controller.heard]


def test_each_change_is_sent_once_in_order(unknown: TestClient, controller: Processor, person: Company) -> None:
    ada = person()
    url = f"{controller.url}/callbacks"
    question = controller.asks(status_callback_urls=[url])
    controller.post(unknown, question)
    callbacks.send_due()
    assert controller.heard == []
    go(ada, State.VERIFYING, State.IN_PROGRESS, State.FAILED, State.IN_PROGRESS, State.COMPLETED)
    callbacks.send_due()
    callbacks.send_due()
    assert statuses(controller) == ["in_progress", "completed"]
    message = controller.heard[1][2]
    assert message["status_callback_url"] == url
    assert message["subject_request_id"] == question["subject_request_id"]
    assert controller.headers[0]["x-opendsr-processor-domain"] == "localhost"


def test_lifted_hold_is_reported_again(unknown: TestClient, controller: Processor, person: Company) -> None:
    ada = person()
    controller.post(unknown, controller.asks(status_callback_urls=[f"{controller.url}/callbacks"]))
    go(ada, State.VERIFYING, State.IN_PROGRESS, State.PARTIALLY_COMPLETED)
    callbacks.send_due()
    go(ada, State.IN_PROGRESS, State.COMPLETED)
    callbacks.send_due()
    assert statuses(controller) == ["in_progress", "completed", "in_progress", "completed"]
    assert controller.heard[1][2]["extensions"]["localhost"]["state"] == "partially_completed"
    assert "extensions" not in controller.heard[3][2]


def test_failed_callback_is_retried(
    unknown: TestClient, controller: Processor, person: Company, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = person()
    now = NOW
    monkeypatch.setattr(clock, "now", lambda: now)
    (home / "governance" / "parent.pem").write_bytes(controller.certificate(until=NOW + timedelta(days=10)))
    controller.post(unknown, controller.asks(status_callback_urls=[f"{controller.url}/callbacks"]))
    go(ada, State.VERIFYING, State.IN_PROGRESS)
    answers, controller.answers = controller.answers, lambda *_: (500, {})
    callbacks.send_due()
    callbacks.send_due()
    assert statuses(controller) == ["in_progress"]
    now += timedelta(seconds=6)
    controller.answers = answers
    callbacks.send_due()
    callbacks.send_due()
    assert statuses(controller) == ["in_progress", "in_progress"]


def test_redirect_is_not_followed(unknown: TestClient, controller: Processor, person: Company) -> None:
    ada = person()
    controller.post(unknown, controller.asks(status_callback_urls=[f"{controller.url}/callbacks"]))
    go(ada, State.VERIFYING, State.IN_PROGRESS)
    signs = controller.signs
    controller.signs = lambda body: {**signs(body), "Location": f"{controller.url}/elsewhere"}
    controller.answers = lambda *_: (302, {})
    callbacks.send_due()
    assert [path for _, path, _ in controller.heard] == ["/opendsr/v2/callbacks"]


def test_disallowed_address_is_not_called(
    unknown: TestClient, controller: Processor, person: Company, home: Path
) -> None:
    ada = person()
    controller.post(unknown, controller.asks(status_callback_urls=[f"{controller.url}/callbacks"]))
    allow(home, controller, "parent.example")
    go(ada, State.VERIFYING, State.IN_PROGRESS)
    callbacks.send_due()
    allow(home, controller, controller.url.split("/")[2])
    go(ada, State.COMPLETED)
    callbacks.send_due()
    assert controller.heard == []
