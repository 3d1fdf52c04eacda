"""Who could look: each row says what it is, and nobody who is told something is missing."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from governance.api import service_tokens
from governance.api.service_tokens import Scope
from tests.governance.conftest import Client
from tests.support.people import Company


def test_a_system_and_its_token_are_told_apart(api: Client, person: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [
        service_tokens.make("ticketing", [Scope.ACCESS_REPORT], ["*"], date(2100, 1, 1))[1],
        service_tokens.make("vault", [Scope.CAPTURES_READ], ["*"], date(2100, 1, 1))[1],
        service_tokens.make("other", [Scope.ACCESS_REPORT], ["*"], date(2100, 1, 1))[1],
    ]
    monkeypatch.setenv("OPENBOOK_SERVICE_TOKENS", ",".join(lines))
    monkeypatch.setenv("OPENBOOK_ACCESS_SYSTEMS", "ticketing=Screenshots;vault=Backups")
    possible = api(person("ada@example.com")).get("/v1/me/possible-access").json()
    programs = {each["who"]: each["reads"] for each in possible["standing"] if each["kind"] == "program"}
    assert list(programs) == ["other", "ticketing (its token for Open Book)", "vault (its token for Open Book)"]
    assert not programs.keys() & {each["system"] for each in possible["systems"]}
    assert programs["ticketing (its token for Open Book)"] == (
        "Nothing about you: it only reports to Open Book. What the system ticketing has itself is listed under Other "
        "systems."
    )
    assert "without names" in programs["vault (its token for Open Book)"]


def test_the_receiver_of_security_events_is_listed(
    api: Client, person: Company, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ada = person("ada@example.com")

    def monitoring() -> list[str]:
        found = api(ada).get("/v1/me/possible-access").json()["standing"]
        return [each["reads"] for each in found if each["who"] == "Your employer's security monitoring"]

    assert monitoring() == []
    monkeypatch.setenv("OPENBOOK_SECURITY_EVENTS", str(tmp_path / "events.jsonl"))
    [reads] = monitoring()
    assert "when you sign in and out, what you were refused" in reads
    assert len(reads) <= 300, "the screen cuts it there"
