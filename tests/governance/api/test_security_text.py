"""Who finds a vulnerability learns from API and dashboard whom to tell."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from starlette.testclient import TestClient

import clock
from settings import Settings

PLACE = "/.well-known/security.txt"


@pytest.mark.parametrize("contact", ["mailto:security@example.com", "https://example.com/report"])
def test_the_contact_is_told_with_an_end(unknown: TestClient, monkeypatch: pytest.MonkeyPatch, contact: str) -> None:
    monkeypatch.setenv("OPENBOOK_SECURITY_CONTACT", contact)
    answer = unknown.get(PLACE)
    assert answer.headers["Content-Type"].startswith("text/plain")
    fields = dict(line.split(": ", 1) for line in answer.text.splitlines())
    assert fields["Contact"] == contact
    ends = datetime.fromisoformat(fields["Expires"])
    assert ends.tzinfo == UTC
    assert timedelta(0) < ends - clock.now() < timedelta(days=365)


def test_nobody_is_made_up(unknown: TestClient) -> None:
    answer = unknown.get(PLACE)
    assert (answer.status_code, "OPENBOOK_SECURITY_CONTACT" in answer.json()["detail"]) == (404, True)


@pytest.mark.parametrize("wrong", ["security@example.com", "http://example.com", "mailto:a@b\nContact: c"])
def test_what_is_no_address_is_refused(monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    monkeypatch.setenv("OPENBOOK_SECURITY_CONTACT", wrong)
    with pytest.raises(ValueError, match="security_contact"):
        Settings()
