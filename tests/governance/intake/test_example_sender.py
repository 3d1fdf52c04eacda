"""The program in intake.md, against the real thing."""

from __future__ import annotations

import pytest

from governance.intake import storing
from tests.documents.reading import ROOT
from tests.governance.intake.conftest import captures
from tests.governance.lineage.conftest import address
from tests.support.people import Company

__all__ = ["address"]


def test_the_example_sends(address: str, recorder_token: str, person: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    person("ada@example.com")
    monkeypatch.setenv("RECORDER_TOKEN", recorder_token)
    monkeypatch.setenv("OPENBOOK_API_URL", address)
    document = (ROOT / "docs" / "intake.md").read_text(encoding="utf-8")
    program = document.partition("```python")[2].partition("```")[0]
    exec(compile(program, "intake.md", "exec"), {"__name__": "sender"})
    storing.store_due()
    assert len(captures()) == 1
