"""Asking on the page that one's name be masked in records of others, until it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from api_client import GovernanceClient
from directory import Employee
from governance.requests import decisions
from lake.ingest.archiving import ingest_archive
from law.reasons import Decision
from tests.dashboard.conftest import OpenApp, words
from tests.dashboard.requests.test_answered_requests import client, only, work_on
from tests.dashboard.requests.test_requests import press
from tests.governance.indirect.test_indirect import BOB, workspace
from tests.lake.ingesting import allow

__all__ = ["client"]


def test_a_name_is_masked_once_an_officer_agrees(
    open_app: OpenApp, person: Callable[..., Employee], client: Callable[[Employee], GovernanceClient], tmp_path: Path
) -> None:
    ada, _ = person("ada@example.com", name="Ada Lovelace"), person("bob@example.com")
    olga = person("olga@example.com", role="privacy_officer")
    allow(["Slack"])
    space = workspace()
    space.say("general", BOB, "<@U00000001>: Lovelace knows it")
    ingest_archive("slack", str(space.write(tmp_path / "export.zip")))
    app = press(open_app(ada, page="requests").radio[0].set_value("masking").run(), "Show what this covers")
    assert "1 mention of you by others is listed in this register" in words(app)
    assert "Neither they nor you see the records" in words(app)
    app = press(app, "Ask for this")
    assert "A privacy officer has to review it first." in words(app)
    assert "Covers records of others that mention you." in words(app)
    [listed] = [words(open_app(olga, page="officer"))]
    assert "Covers records of others that mention them." in listed
    request = only(client(ada)).id
    decisions.decide(olga, request, Decision.APPROVE, None)
    work_on(ada, request)
    app = open_app(ada, page="requests")
    assert "**Your name is masked in records of others that mention you, also in later ones." in words(app)
    app = press(app, "Yes, end it")
    assert only(client(ada)).state == "withdrawn"
