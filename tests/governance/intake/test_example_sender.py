"""The program in docs/intake.md, against the real thing."""

from __future__ import annotations

import pytest

from governance.intake import storing
from tests.documents.reading import blocks
from tests.governance.intake.conftest import captures
from tests.governance.lineage.conftest import address
from tests.support.people import Company

__all__ = ["address"]


def test_the_example_sends(address: str, recorder_token: str, person: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    person("ada@example.com")
    monkeypatch.setenv("RECORDER_TOKEN", recorder_token)
    monkeypatch.setenv("OPENBOOK_API_URL", address)
    (program,) = (block for block in blocks("docs/intake.md") if block.language == "python")
    exec(compile(program.text, "docs/intake.md", "exec"), {"__name__": "sender"})
    storing.passes.make()
    assert len(captures()) == 1
