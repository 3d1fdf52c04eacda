"""The program in recording.md, against the real thing."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

import clock
from governance.api import service_tokens
from governance.api.service_tokens import Scope
from tests.documents.reading import ROOT
from tests.governance.conftest import Client
from tests.governance.lineage.conftest import address
from tests.lake.ingesting import allow
from tests.support.people import Company

__all__ = ["address"]


def test_the_example_follows_a_pause_and_working_hours(
    address: str, api: Client, person: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = person("ada@example.com")
    allow(["Excel"])
    token, line = service_tokens.make(
        "recorder", [Scope.CAPTURE_CONTROL, Scope.RECORDERS_REPORT], until=date(2100, 1, 1)
    )
    monkeypatch.setenv("OPENBOOK_SERVICE_TOKENS", line)
    monkeypatch.setenv("CONTROL_TOKEN", token)
    monkeypatch.setenv("OPENBOOK_API_URL", address)
    document = (ROOT / "docs" / "recording.md").read_text(encoding="utf-8")
    program = document.partition("```python")[2].partition("```")[0]
    names: dict[str, Any] = {"__name__": "recorder"}
    exec(compile(program, "recording.md", "exec"), names)
    control = names["Control"](ada.email)
    stored: list[str] = []
    said: list[str] = []
    tell = control.tell

    def tell_and_look(state: str) -> None:
        tell(state)
        said.append(state_of())

    monkeypatch.setattr(control, "tell", tell_and_look)

    def state_of() -> str:
        [recorder] = api(ada).get("/v1/me/recorders").json()["recorders"]
        assert recorder["device"] == "PC-0417"
        return str(recorder["state"])

    def run(word: str) -> None:
        seen = [("keystroke", "Excel", word), ("keystroke", "Telegram", word)]
        names["run"](control, lambda: seen, lambda *one: stored.append(one[2]), lambda _: None)

    run("before")
    run("unchanged")
    api(ada).put("/v1/me/pause", json={"minutes": 5})
    run("paused")
    api(ada).delete("/v1/me/pause")
    run("after")
    in_two_days = f"{clock.now_utc() + timedelta(days=2):%a}".lower()
    monkeypatch.setenv("OPENBOOK_WORKING_HOURS", f"{in_two_days} 00:00-24:00 UTC")
    run("outside working hours")
    monkeypatch.delenv("OPENBOOK_WORKING_HOURS")
    run("without them")
    monkeypatch.setattr(control, "url", "http://localhost:1")
    run("unreachable")
    obeyed = ["paused", "stopped", "recording", "stopped"]
    assert said == ["recording", "stopped"] * 2 + obeyed * 2 + ["paused", "stopped"]
    assert stored == ["before", "unchanged", "after", "without them"]
