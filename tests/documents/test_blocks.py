"""Every code block in the documents has a tested language."""

from __future__ import annotations

import json
import re
import tomllib

import pytest

from governance.schemas import (
    AccessReport,
    AccessReports,
    CaptureControl,
    NewPauseHours,
    NewRecorderHeartbeat,
    NewRequest,
    SearchFor,
    SearchPage,
)
from queries.search import Query
from tests.documents.reading import DOCUMENTS, ROOT, Block, blocks

ALL = [block for document in DOCUMENTS for block in blocks(document)]
TESTED_BY = {
    "docs/api-client.md": "tests/api_client/test_real_api.py",
    "docs/intake.md": "tests/governance/intake/test_example_sender.py",
    "docs/ledger.md": "tests/governance/ledger/test_acknowledged_notes.py",
    "docs/lineage.md": "tests/governance/lineage/test_official_client.py",
    "docs/recording.md": "tests/governance/recording/test_example_recorder.py",
}
"""Document with a Python program -> the test that runs the program against the real thing."""

LANGUAGES = {"sh", "python", "toml", "json", "text", "mermaid"}
"""Diagrams (mermaid) are compared with their source in tests/conventions/test_imports.py."""


def of(language: str) -> list[Block]:
    return [block for block in ALL if block.language == language]


def test_every_code_block_has_a_tested_language() -> None:
    unknown = [block.place for block in ALL if block.language not in LANGUAGES]
    assert unknown == [], "fence it and mark it; `text` is for what is no program"


@pytest.mark.parametrize("block", of("text"), ids=lambda block: block.place)
def test_no_command_hides_in_a_block_of_text(block: Block) -> None:
    command = r"^\s*(\$ |sudo |(\S*/)?python3? (-m )?\S|(pip|curl|make|export|cd|git|docker|crontab) |([\d*/,-]+ ){5})"
    assert not re.search(command, block.text, re.MULTILINE)


@pytest.mark.parametrize("block", of("toml"), ids=lambda block: block.place)
def test_toml_is_read(block: Block) -> None:
    assert tomllib.loads(block.text)


@pytest.mark.parametrize("block", of("json"), ids=lambda block: block.place)
def test_json_is_what_the_api_takes(block: Block) -> None:
    body = json.loads(block.text)
    if "type" in body:
        assert NewRequest.model_validate(body).type == body["type"]
    elif "reports" in body:
        for report in AccessReports.model_validate(body).reports:
            AccessReport.model_validate(report)
    elif "may_record" in body:
        CaptureControl.model_validate(body)
    elif "hours" in body:
        NewPauseHours.model_validate(body)
    elif "device" in body:
        NewRecorderHeartbeat.model_validate(body)
    elif "words" in body:
        assert Query.of(SearchFor.model_validate(body).words).terms == ("invoice", "final version")
    elif "results" in body:
        assert body.keys() == SearchPage.model_fields.keys()
    elif "schemas" in body:
        assert block.document == "docs/people.md", "tests/documents/test_commands.py sends it"
    else:
        assert {"dataset", "where"} <= body.keys()


def test_every_program_is_run_by_a_test() -> None:
    assert sorted(block.document for block in of("python")) == sorted(TESTED_BY)
    for document, test in TESTED_BY.items():
        source = (ROOT / test).read_text(encoding="utf-8")
        assert document.removeprefix("docs/") in source, f"{test} does not read {document}"
        assert "```python" in source
