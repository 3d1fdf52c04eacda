"""Who looked: nobody, or a role with its reason, but never a name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import delete, func, select

import clock
import queries
from api_client import GovernanceClient
from directory import Employee
from directory.keys import Why
from governance import access_log, access_proofs
from governance.access_log import NOBODY, Purpose, row_for_everybody
from governance.api import service_tokens
from governance.api.service_tokens import Scope
from governance.db.database import writing
from governance.db.tables import AccessRow
from tests.dashboard.conftest import Capture, OpenApp, tables, words

OPERATORS = "Whoever runs the servers and has their keys"


def test_access_without_views(open_app: OpenApp, person: Callable[..., Employee], capture: Capture, api: str) -> None:
    ada = person()
    capture(ada)
    said = words(open_app(ada, page="access"))
    assert "No views by others" in said
    assert "Open Book has shown data about you only to you." in said


def test_a_view_by_an_officer_is_listed(
    open_app: OpenApp, person: Callable[..., Employee], capture: Capture, api: str, token_for: Callable[..., str]
) -> None:
    ada, bob = person("ada@example.com"), person("bob@example.com")
    officer = person("ines@example.com", role="privacy_officer")
    capture(ada)
    with GovernanceClient(api, token_for(ada)) as client:
        client.file_request("export")
    with GovernanceClient(api, token_for(officer)) as client:
        assert client.officer.requests()
    app = open_app(ada, page="access")
    table = tables(app)[0]
    assert table["Who"] == ["A privacy officer"]
    assert "A privacy officer looked last" in words(app)
    assert officer.name not in words(app)
    assert "Open Book's own work is what its programs did without showing anything to anyone" in words(app)
    assert "No views by others" in words(open_app(bob, page="access"))


def test_own_work_of_open_book_is_listed_apart(
    open_app: OpenApp, person: Callable[..., Employee], capture: Capture, api: str
) -> None:
    ada = person("ada@example.com")
    capture(ada)
    queries.for_request(ada.subject, uuid4())
    with writing() as session:
        session.add(row_for_everybody(Why.BACKUP, "backup"))
    app = open_app(ada, page="access")
    assert "No views by others" in words(app)
    app.segmented_control[0].set_value("Open Book's own work").run()
    table = tables(app)[0]
    assert table["Who"] == ["The backup program", "The worker that carries out requests"]
    assert table["What"] == ["all records of all people", "requests"]
    assert "No views by others" not in words(app)


def test_a_report_and_a_silent_system_are_shown(
    open_app: OpenApp, person: Callable[..., Employee], api: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = person("ada@example.com")
    token, line = service_tokens.make("siem", [Scope.ACCESS_REPORT])
    monkeypatch.setenv("OPENBOOK_SERVICE_TOKENS", line)
    monkeypatch.setenv("OPENBOOK_ACCESS_SYSTEMS", "ticketing=Screenshots in tickets;vault=Backups, *encrypted*")
    report = {
        "id": "1", "email": ada.email, "role": "privacy_officer", "system": "ticketing", "action": "view",
        "purpose": "**Nothing** happened", "rows": 2, "time": "2026-03-01T09:30:00Z", "ticket": "SUP-1",
    }  # fmt: skip
    headers = {"Authorization": f"Bearer {token}"}
    sent = httpx.post(f"{api}/v1/access-reports", json={"reports": [report]}, headers=headers, timeout=60)
    assert sent.json()["new"] == 1
    app = open_app(ada, page="access")
    table = tables(app)[0]
    assert table["Who"] == ["“privacy_officer” in ticketing"], "not in Open Book's own words"
    assert table["Source"] == ["Reported by siem"]
    said = words(app)
    assert "looked last, as siem reported, on 1 March 2026" in said
    assert "1 other system with data about people is not reporting who looks." in said
    assert "Open Book can't check them, nor whether any are missing." in said
    _, standing, systems = tables(app)
    assert standing["Who"] == ["Privacy officers (0)", "Managers", OPERATORS, "siem"]
    assert [text.partition(" heard")[0] for text in systems["Reports"]] == ["Last", "Has never reported"]


def test_people_learn_that_views_may_be_shown_later(
    open_app: OpenApp, person: Callable[..., Employee], api: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = person()
    assert "may not be listed yet" not in words(open_app(ada, page="access"))
    monkeypatch.setenv("OPENBOOK_DISCLOSURE_DELAY_DAYS", "30")
    said = words(open_app(ada, page="access"))
    assert "up to 30 days later. So a recent view may not be listed yet." in said


def test_a_view_that_was_withheld_says_so(
    open_app: OpenApp, person: Callable[..., Employee], api: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, now = person("ada@example.com"), clock.now_utc()
    with writing() as session:
        for hours, delayed in ((3, True), (2, False)):
            session.add(
                AccessRow(
                    subject=ada.subject,
                    at=now - timedelta(hours=hours),
                    role="auditor",
                    actor=NOBODY,
                    purpose=Purpose.REPORTED,
                    what="records",
                    rows=1,
                    reported_by="siem",
                    reported_at=now,
                    system="vault",
                    action="view",
                    reason="An investigation",
                    report=bytes([hours]),
                    delay_reason="Section **29**" if delayed else None,
                    disclosed_at=now - timedelta(hours=1) if delayed else None,
                )
            )
    app = open_app(ada, page="access")
    said = words(app)
    assert said.count("shown to you since") == 1
    assert r"Section \*\*29\*\*" in said
    assert tables(app)[0]["Source"] == ["Reported by siem"] * 2


def test_without_listed_systems_nothing_is_promised(
    open_app: OpenApp, person: Callable[..., Employee], api: str
) -> None:
    assert "There may still be some." in words(open_app(person(), page="access"))


def test_without_the_api_the_page_says_so(
    open_app: OpenApp, person: Callable[..., Employee], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENBOOK_API_URL", "http://localhost:1")
    assert "can't be reached right now" in words(open_app(person(), page="access"))


def test_a_removed_entry_is_said_at_the_top(
    open_app: OpenApp, person: Callable[..., Employee], api: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, olga = person("ada@example.com"), person("olga@example.com", role="privacy_officer")
    for _ in range(2):
        access_log.record(olga, Purpose.DEADLINES, "requests", {ada.subject: 1})
    assert access_proofs.record_if_due()
    compared: list[UUID] = []
    proof = access_proofs.proof

    def counted(subject: UUID) -> dict[str, Any]:
        compared.append(subject)
        return proof(subject)

    monkeypatch.setattr(access_proofs, "proof", counted)
    assert "doesn't match the ledger" not in words(open_app(ada, page="access"))
    with writing() as session:
        session.execute(delete(AccessRow).where(AccessRow.id == select(func.min(AccessRow.id)).scalar_subquery()))
    compared.clear()
    app = open_app(ada, page="access")
    [said] = [each.value for each in app.error]
    assert "This list doesn't match the ledger: entries were removed or changed" in said
    assert "Keep every proof of this list that you saved earlier" in said
    assert "privacy office" in said
    app.run()
    assert len(app.error) == 1
    assert len(compared) == 1, "once a visit"


def test_an_unanswered_comparison_is_said(
    open_app: OpenApp, person: Callable[..., Employee], api: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = person("ada@example.com")
    assert "compared with the ledger" not in words(open_app(ada, page="access")), "there is no anchor yet"

    def broken(_: UUID) -> dict[str, Any]:
        raise RuntimeError

    monkeypatch.setattr(access_proofs, "proof", broken)
    assert "could not be compared with the ledger just now" in words(open_app(ada, page="access"))
