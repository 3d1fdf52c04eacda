"""The deadline of a request is a day where the person works: when filed, extended, shown and stated on a receipt."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import clock
from governance import receipts
from governance.db import database
from governance.db.database import governance_folder
from governance.receipts.page import render
from tests.governance.conftest import Client
from tests.governance.working import carry_out
from tests.support.earlier import take_back
from tests.support.people import Company

AZORES = "Atlantic/Azores"
FILED = datetime(2026, 3, 1, 0, 30, tzinfo=UTC)
"""28 February, 23:30 in the Azores."""


@pytest.fixture(autouse=True)
def turn(monkeypatch: pytest.MonkeyPatch) -> Any:
    def to(moment: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)

    to(FILED)
    return to


def file(client: Any, kind: str = "export", **more: Any) -> Any:
    answer = client.post("/v1/requests", json={"type": kind, **more})
    assert answer.status_code == 201, answer.text
    return answer.json()


def days(request: Any) -> tuple[str, ...]:
    return tuple(request[name] for name in ("due_on", "first_due_on", "due_at", "zone") if name in request)


def test_a_month_is_counted_in_the_azores(api: Client, person: Company) -> None:
    client, officer = api(person(zone=AZORES)), api(person("olga@example.com", role="privacy_officer"))
    filed = file(client)
    assert days(filed) == ("2026-03-28", "2026-03-28", "2026-03-29T00:59:59.999999Z", AZORES)
    [listed] = officer.get("/v1/officer/requests").json()
    assert days(listed) == ("2026-03-28", "2026-03-29T00:59:59.999999Z", AZORES)


@pytest.mark.parametrize(("regime", "due"), [("gdpr", "2026-03-28"), ("ccpa", "2026-04-14")])
def test_the_setting_counts_where_the_directory_is_silent(
    api: Client, person: Company, monkeypatch: pytest.MonkeyPatch, regime: str, due: str
) -> None:
    monkeypatch.setenv("OPENBOOK_WORKPLACE_ZONE", AZORES)
    assert file(api(person(regime=regime)))["due_on"] == due


def test_an_extension_is_counted_in_the_same_zone(api: Client, person: Company, turn: Any) -> None:
    filed = file(api(person(zone=AZORES)))
    moved = person(zone="Asia/Tokyo")  # who moves later keeps the zone of the request
    turn(datetime.fromisoformat(filed["due_at"]))  # the last moment of the day
    client, officer = api(moved), api(person("olga@example.com", role="privacy_officer"))
    extended = officer.post(f"/v1/requests/{filed['id']}/decision", json={"decision": "extend", "reason": "complex"})
    assert days(extended.json()) == ("2026-05-28", "2026-05-28T23:59:59.999999Z", AZORES)
    told = client.get(f"/v1/requests/{filed['id']}").json()
    assert (told["due_on"], told["first_due_on"]) == ("2026-05-28", "2026-03-28")
    assert "now 28 May 2026; it was 28 March 2026" in told["history"][-1]["note"]


def test_the_day_after_is_late(api: Client, person: Company, turn: Any) -> None:
    filed = file(api(person(zone=AZORES)))
    turn(datetime.fromisoformat(filed["due_at"]) + timedelta(microseconds=1))
    officer = api(person("olga@example.com", role="privacy_officer"))
    refused = officer.post(f"/v1/requests/{filed['id']}/decision", json={"decision": "extend", "reason": "complex"})
    assert refused.status_code == 409


def test_a_receipt_says_the_day(api: Client, person: Company) -> None:
    ada = person(zone=AZORES)
    filed = file(api(ada))
    carry_out(filed["id"])
    [document] = receipts.documents(ada.subject)
    stated = document["statement"]
    assert (stated["due_on"], stated["first_due_on"], stated["zone"]) == ("2026-03-28", "2026-03-28", AZORES)
    page = " ".join(render(document, "Ada").split())
    assert f"Due by the end of 28 March 2026 in the time zone {AZORES}" in page
    for name in ("due_on", "first_due_on", "zone"):  # a receipt of an earlier version
        del stated[name]
    assert "Due by 29 March 2026, 00:59 UTC" in " ".join(render(document, "Ada").split())


@pytest.mark.state_in_files
def test_earlier_requests_keep_their_due_date(api: Client, person: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    client = api(person(zone=AZORES))
    filed = file(client)
    database.close()
    take_back(governance_folder() / "governance.sqlite", "0017")
    monkeypatch.setenv("OPENBOOK_WORKPLACE_ZONE", "Asia/Tokyo")
    kept = client.get(f"/v1/requests/{filed['id']}").json()
    assert kept["due_at"] == filed["due_at"]
    assert (kept["due_on"], kept["first_due_on"], kept["zone"]) == ("2026-03-29", "2026-03-29", "UTC")
