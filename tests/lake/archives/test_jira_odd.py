"""Files of Jira as Windows and other tools write them."""

from __future__ import annotations

import codecs
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from lake.ingest.archiving import GONE, ingest_archive
from tests.lake.archives.test_jira import ADA, had, people
from tests.lake.archives.test_jira_deleted import webhook
from tests.support.jira import at, issue
from tests.support.people import signing_in

__all__ = ["people"]

ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"]


def marked(text: str, encoding: str) -> bytes:
    marks = {"utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}
    return marks.get(encoding, b"") + text.encode(encoding)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_any_unicode(people: tuple[Any, Any], tmp_path: Path, encoding: str, packed: bool) -> None:
    made = issue(1, ADA, attachment=[{"id": "8", "author": ADA, "filename": "plan.pdf", "created": at(3)}])
    table = "Issue key,Created,Summary,Creator\nCSV-1,2026-01-05 09:00,Grüße 💡,ada@example.com\n"
    gone = webhook("attachment_deleted", attachment={"id": "8", "filename": "plan.pdf", "created": at(3)})
    files = {"1.json": json.dumps({"issues": [made]}), "2.csv": table, "3.json": json.dumps([gone], indent=1)}
    place = tmp_path / "pages"
    place.mkdir()
    for name, text in files.items():
        (place / name).write_bytes(marked(text, encoding))
    export = tmp_path / "export.zip"
    with zipfile.ZipFile(export, "w", zipfile.ZIP_DEFLATED) as packing:
        for name in files:
            packing.write(place / name, name)
    done = ingest_archive("jira", str(export if packed else place))
    assert (done.quarantined, dict(done.overview.left_out)) == (0, {GONE: 1}), "of something in the same files"
    assert [each.get("subject", each["action"]) for each in had(people[0].subject)] == [
        "Summary 1", "deleted", "Grüße 💡",
    ]  # fmt: skip


def test_a_deleted_attachment_withdraws_our_copy(people: tuple[Any, Any], tmp_path: Path) -> None:
    attachment = {"id": "8", "author": ADA, "filename": "secret plan.pdf", "created": at(3)}
    (tmp_path / "page.json").write_text(json.dumps({"issues": [issue(1, ADA, attachment=[attachment])]}))
    ingest_archive("jira", str(tmp_path / "page.json"))
    hook = webhook("attachment_deleted", attachment={**attachment, "author": None})
    (tmp_path / "hook.json").write_text(json.dumps(hook))
    for name in ("hook.json", "page.json"):
        ingest_archive("jira", str(tmp_path / name))
        assert sorted(each["action"] for each in had(people[0].subject)) == ["created an issue", "deleted"]


TABLE = """Issue key,Created,Summary,Creator,Creator Id,Reporter,Reporter Id
CSV-1,2026-01-05 09:00,of ada,Ada@example.com,5b10a000001,bob@example.com,5b10a000002
CSV-2,2026-01-05 10:00,of bob,ada@example.com,5b10a000009,,
CSV-3,2026-01-05 11:00,of nobody,Ada,5b10a000008,ada@example.com,5b10a000001
CSV-4,2026-01-05 12:00,of the reporter,,,Ada@Example.com,5b10a000001
"""


def test_an_address_beside_an_id_is_known(people: tuple[Any, Any], tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(TABLE)
    (tmp_path / "accounts.csv").write_text("account,email\n5b10a000009,bob@example.com\n")
    for already in (0, 3):
        done = ingest_archive("jira", str(tmp_path / "x.csv"), tmp_path / "accounts.csv")
        assert sum(each.batch.already_known for each in done.people) == already
        assert done.overview.left_out.total() == 1
    assert [each["subject"] for each in had(people[0].subject)] == ["of ada", "of the reporter"]
    assert [each["subject"] for each in had(signing_in("bob").subject)] == ["of bob"]
