"""Anyone else who views a person's requests or holds leaves an entry that the person can read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import clock
from governance import access_log
from tests.governance.conftest import Client
from tests.support.people import Company

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def log(api: Client, who: Any, **params: object) -> Any:
    return api(who).get("/v1/me/access-log", params=params).json()  # type: ignore[arg-type]


def test_officer_view_is_logged_for_each_person_only(api: Client, person: Company) -> None:
    ada, bob, eve = (person(f"{name}@example.com") for name in ("ada", "bob", "eve"))
    olga = person("olga@example.com", role="privacy_officer")
    for who, kinds in ((ada, ("export", "erasure")), (bob, ("export",)), (olga, ("export",))):
        for kind in kinds:
            assert api(who).post("/v1/requests", json={"type": kind}).status_code == 201
    assert log(api, ada) == {"total": 0, "offset": 0, "entries": []}
    assert len(api(olga).get("/v1/officer/requests").json()) == 4
    [entry] = log(api, ada)["entries"]
    assert (entry["role"], entry["what"], entry["rows"]) == ("privacy_officer", "requests", 2)
    assert entry["purpose"] == "To see which requests are due, and which need a decision"
    assert [entry["rows"] for entry in log(api, bob)["entries"]] == [1]
    assert log(api, eve)["total"] == log(api, olga)["total"] == 0


def test_decisions_and_holds_are_logged(api: Client, person: Company) -> None:
    ada, olga = person("ada@example.com"), person("olga@example.com", role="privacy_officer")
    request_id = api(ada).post("/v1/requests", json={"type": "rectification", "note": "A drill."}).json()["id"]
    api(olga).post(f"/v1/requests/{request_id}/decision", json={"decision": "approve"})
    hold = {"employee": "ada@example.com", "everything": True, "case": "TAX-7", "exception": "gdpr_17_3_b"}
    placed = api(olga).post("/v1/holds", json={**hold, "review_on": "2099-01-01"}).json()["hold"]
    api(olga).get("/v1/holds")
    api(olga).delete(f"/v1/holds/{placed}")
    assert [(entry["what"], entry["purpose"]) for entry in log(api, ada)["entries"]] == [
        ("holds", "To manage legal holds"),
        ("holds", "To manage legal holds"),
        ("holds", "To manage legal holds"),
        ("requests", "To decide about a request"),
    ]


def test_data_is_withheld_if_logging_fails(api: Client, person: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    ada, olga = person("ada@example.com"), person("olga@example.com", role="privacy_officer")
    request_id = api(ada).post("/v1/requests", json={"type": "rectification", "note": "A drill."}).json()["id"]

    def fail(*_: object) -> None:
        raise OSError("the disk is full")

    officer = api(olga)
    with monkeypatch.context() as patch:
        patch.setattr(access_log, "record", fail)
        for answer in (
            officer.get("/v1/officer/requests"),
            officer.post(f"/v1/requests/{request_id}/decision", json={"decision": "approve"}),
        ):
            assert answer.status_code == 500
            assert request_id not in answer.text
    assert api(ada).get(f"/v1/requests/{request_id}").json()["state"] == "verifying"


def test_access_log_filters_by_period_and_page(api: Client, person: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    ada, olga = person("ada@example.com"), person("olga@example.com", role="privacy_officer")
    api(ada).post("/v1/requests", json={"type": "export"})
    for minute in range(5):
        monkeypatch.setattr(clock, "now", lambda minute=minute: NOW + timedelta(minutes=minute))
        api(olga).get("/v1/officer/requests")
    newest = [entry["at"] for entry in log(api, ada)["entries"]]
    assert newest == [f"2026-03-02T12:0{minute}:00Z" for minute in (4, 3, 2, 1, 0)]
    page = log(api, ada, offset=1, limit=2)
    assert (page["total"], page["offset"], [entry["at"] for entry in page["entries"]]) == (5, 1, newest[1:3])
    span = log(api, ada, **{"from": "2026-03-02T12:01:00Z", "until": "2026-03-02T12:03:00Z"})
    assert (span["total"], [entry["at"] for entry in span["entries"]]) == (2, newest[2:4])
    assert api(ada).get("/v1/me/access-log", params={"limit": 1001}).status_code == 422
