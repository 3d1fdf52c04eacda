"""Requests of every kind, from the form to their end: standing requests, notes, what is kept, receipt checks."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

import clock
from api_client import GovernanceClient, Scope
from api_client.models import Request
from dashboard.verification.ledger_watch import Watched
from demo.company.requests import carry_out
from directory import Employee
from governance.requests import filing as on_disk
from tests.dashboard.conftest import Capture, OpenApp, words
from tests.dashboard.requests.test_requests import choose, press

HOSTILE = "![x](http://evil.example/x.png) <img src=x onerror=alert(1)> :red[x]"


@pytest.fixture
def client(api: str, token_for: Callable[..., str]) -> Callable[[Employee], GovernanceClient]:
    return lambda employee: GovernanceClient(api, token_for(employee))


def work_on(employee: Employee, request_id: UUID) -> None:
    """Does a worker's job, synchronously."""
    carry_out(on_disk.one_of(employee.subject, request_id))


def altered(receipt: bytes) -> bytes:
    document = json.loads(receipt)
    document["statement"]["regime"] = "ccpa"
    return json.dumps(document).encode()


def only(client: GovernanceClient) -> Request:
    with client:
        (request,) = client.requests()
        return client.request(request.id)


def test_an_objection_lasts_until_its_owner_ends_it(
    open_app: OpenApp,
    person: Callable[..., Employee],
    capture: Capture,
    client: Callable[[Employee], GovernanceClient],
) -> None:
    ada = person()
    capture(ada, 9)
    app = press(choose(open_app(ada, page="requests"), "objection"), "Show what this covers")
    assert "9 records would be left out of new training data" in words(app)
    app = press(app, "Stop training on this")
    work_on(ada, only(client(ada)).id)
    app = press(choose(open_app(ada, page="requests"), "objection"), "Show what this covers")
    assert "The same request has been in force since" in words(app)
    app = press(choose(open_app(ada, page="requests"), "restriction"), "Show what this covers")
    assert "The same request has been in force" not in words(app)
    app = open_app(ada, page="requests")
    assert "**No model may be trained on it any more. Capture goes on.**" in words(app)
    app = press(app, "Yes, end it")
    assert "You ended this. It is no longer in force." in words(app)
    assert only(client(ada)).state == "withdrawn"


def test_a_note_waits_for_the_officer_and_is_shown_literally(
    open_app: OpenApp,
    person: Callable[..., Employee],
    capture: Capture,
    client: Callable[[Employee], GovernanceClient],
) -> None:
    ada = person()
    capture(ada, 9)
    app = choose(open_app(ada, page="requests"), "rectification")
    assert "Write what is wrong, in your own words." in words(app)
    app = app.text_area[0].set_value("x" * 2001).run()
    assert "Your note has 2,001 characters; 2,000 are possible. Nothing was submitted" in words(app)
    assert "Show what this covers" not in [button.label for button in app.button]
    app = app.text_area[0].set_value(HOSTILE).run()
    app = press(app, "Show what this covers")
    assert "Your note would be attached to 9 records" in words(app)
    app = press(app, "Attach this note")
    assert only(client(ada)).note == HOSTILE
    said = words(app)
    assert "A privacy officer has to review it first." in said
    assert [text.value for text in app.text] == [HOSTILE], "as plain text"
    assert said.count("evil.example") == 1


def test_consent_to_reading_a_note_can_be_given_later(
    open_app: OpenApp,
    person: Callable[..., Employee],
    client: Callable[[Employee], GovernanceClient],
) -> None:
    ada = person()
    with client(ada) as api:
        filed = api.file_request("rectification", note=HOSTILE)
    app = open_app(ada, page="requests")
    for shared in (True, False):
        app = app.toggle(key=f"share-{filed.id}").set_value(shared).run()
        with client(ada) as api:
            assert api.request(filed.id).note_shared is shared
    with client(person("ines@example.com", role="privacy_officer")) as api:
        api.officer.decide(filed.id, "approve")
    app = app.toggle(key=f"share-{filed.id}").set_value(True).run()
    assert "Only a note that waits for a decision can be shared" in words(app)
    assert [each.key for each in app.toggle if str(each.key).startswith("share-")] == []


def test_a_duplicate_request_leads_to_the_open_one(
    open_app: OpenApp,
    person: Callable[..., Employee],
    capture: Capture,
    client: Callable[[Employee], GovernanceClient],
) -> None:
    ada = person()
    capture(ada, 9)
    app = press(choose(open_app(ada, page="requests"), "export"), "Show what this covers")
    with client(ada) as api:
        filed = api.file_request("export")
    app = press(app, "Ask for this copy")
    assert "**You already asked for this, and it is in progress.**" in words(app)
    assert f"(#request-{filed.id})" in words(app)
    assert only(client(ada)).id == filed.id
    assert "already asked for this" not in words(choose(app, "erasure"))


def test_a_partial_deletion_and_its_receipt_check(
    open_app: OpenApp,
    person: Callable[..., Employee],
    capture: Capture,
    client: Callable[[Employee], GovernanceClient],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ada, officer = person("ada@example.com"), person("ines@example.com", role="privacy_officer")
    capture(ada, 9)
    capture(ada, 5, application="Chrome")
    review_on = clock.today() + timedelta(days=30)
    with client(officer) as api:
        api.officer.place_hold(
            ada.email,
            case="HR-2026/17",
            exception="gdpr_17_3_e",
            review_on=review_on,
            scope=Scope(applications=["Chrome"]),
        )
    with client(ada) as api:
        filed = api.file_request("erasure")
    work_on(ada, filed.id)
    app = open_app(ada, page="requests")
    said = words(app)
    assert "**9 records deleted from this register.** 5 records had to stay for now." in said
    assert "**5 records stayed**, because this is needed to establish" in said
    assert "the rest is deleted automatically" in said
    assert "The public record of requests has" in said
    app = press(app, "Check it here")
    said = words(app)
    assert "**The receipt checks out.**" in said
    assert "**Proven**" in said
    assert "**Not proven**" in said

    real = GovernanceClient.receipt
    monkeypatch.setattr(GovernanceClient, "receipt", lambda *given: altered(real(*given)))
    said = words(press(open_app(ada, page="requests"), "Check it here"))
    assert "**This receipt does not check out.**" in said
    assert "**The receipt checks out.**" not in said


def test_a_changed_ledger_warns_on_every_page(
    open_app: OpenApp,
    person: Callable[..., Employee],
    capture: Capture,
    api: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ada = person()
    capture(ada)
    monkeypatch.setattr(
        "dashboard.verification.ledger_watch.compare", lambda *_, **__: Watched(3, fault="It was REWRITTEN.")
    )
    app: Any = open_app(ada, page="requests")
    loud = "**The record of requests was changed. It must only ever grow.** It was REWRITTEN"
    assert loud in words(app)
    assert loud in words(app.switch_page("views/overview.py").run())


def test_a_note_is_shown_with_its_captures(
    open_app: OpenApp,
    person: Callable[..., Employee],
    capture: Capture,
    client: Callable[[Employee], GovernanceClient],
) -> None:
    ada = person()
    capture(ada, 3, application="Excel")
    capture(ada, 2, application="Chrome")
    with client(ada) as api:
        filed = api.file_request("rectification", Scope(applications=["Excel"]), note=HOSTILE)
    assert not any("Your note" in expander.label for expander in open_app(ada, page="captured").expander)
    with client(person("ines@example.com", role="privacy_officer")) as api:
        api.officer.decide(filed.id, "approve")
    work_on(ada, filed.id)
    app = open_app(ada, page="captured")
    (expander,) = (each for each in app.expander if "Your note" in each.label)
    assert expander.label == "Your note on some of these"
    assert HOSTILE in [code.value for code in expander.code], "as plain text"
    assert "everything in Excel" in expander.caption[0].value
    app = app.multiselect(key="captured_applications").select("Chrome").run()
    assert not any("Your note" in expander.label for expander in app.expander)
