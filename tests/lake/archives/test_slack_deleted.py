"""A message that an export has beside its deletion: only the deletion is stored, and every count adds up."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from lake.ingest.archiving import Archived, ingest_archive
from lake.terminal import of_archive
from tests.lake.ingesting import allow, stored
from tests.support.jira import account, comment, document, issue, page
from tests.support.people import Company, signing_in
from tests.support.slack import Message, Workspace

ADA = "U00000001"


def _event(of: Message, /, **fields: Any) -> Message:
    """On the next day."""
    return {"type": "message", "ts": f"{float(of['ts']) + 90_000:.6f}", **fields}


def _nameless(message: Message) -> Message:
    return _event(message, subtype="message_deleted", deleted_ts=message["ts"])


def _named(message: Message) -> Message:
    return {**_nameless(message), "previous_message": dict(message)}


def _tombstone(message: Message) -> Message:
    words = "This message was deleted."
    return {"type": "message", "subtype": "tombstone", "user": "USLACKBOT", "ts": message["ts"], "text": words}


def _changed(message: Message) -> Message:
    return _event(message, subtype="message_changed", message=_tombstone(message), previous_message=dict(message))


def _changed_namelessly(message: Message) -> Message:
    return _event(message, subtype="message_changed", message=_tombstone(message))


KINDS = [_nameless, _named, _tombstone, _changed, _changed_namelessly]


@pytest.fixture
def space(person: Company) -> Workspace:
    person("ada@example.com")
    allow(["Slack"], permits=["file_contents"])
    space = Workspace()
    space.user(1, "ada@example.com")
    space.conversation("channels.json", "C00000001", "general")
    return space


def ingested(space: Workspace, file: Path, contents: str = "") -> Archived:
    """`contents`: of the file F0000001."""
    space.write(file)
    if contents:
        with zipfile.ZipFile(file, "a") as export:
            export.writestr("__uploads/F0000001/notes.txt", contents)
    done = ingest_archive("slack", str(file))
    counts = of_archive(done, dry_run=False).result["counts"]
    assert counts.pop("read") == sum(counts.values()) - counts["redacted"]
    return done


def had() -> list[dict[str, str]]:
    return [each.content or {} for each in stored(signing_in("ada").subject)]


def regretted(space: Workspace, **fields: Any) -> tuple[list[Message], list[Message]]:
    """Messages, and the deletion of each, of another kind."""
    messages = [space.say("general", ADA, f"regretted words {number}", **fields) for number in range(len(KINDS))]
    return messages, [kind(message) for kind, message in zip(KINDS, messages, strict=True)]


def test_a_message_and_its_deletion_in_one_file(tmp_path: Path, space: Workspace) -> None:
    _, before = regretted(space)
    _, after = regretted(space)
    space.messages["general"] = [*before, *space.messages["general"], *after]
    ingested(space, tmp_path / "export.zip")
    assert had() == [{"action": "deleted"}] * 2 * len(KINDS)
    ingested(space, tmp_path / "again.zip")
    assert had() == [{"action": "deleted"}] * 2 * len(KINDS)


def test_beside_a_message_that_the_lake_has(tmp_path: Path, space: Workspace) -> None:
    messages, deletions = regretted(space)
    ingested(space, tmp_path / "old.zip")
    edited = [{**each, "text": "new words", "edited": {"user": ADA, "ts": "1767690000.000000"}} for each in messages]
    space.messages["general"] = [*messages, *edited, *deletions]
    ingested(space, tmp_path / "new.zip")
    assert had() == [{"action": "deleted"}] * len(KINDS)
    space.messages["general"] = [*messages, *edited]
    ingested(space, tmp_path / "old-again.zip")
    assert had() == [{"action": "deleted"}] * len(KINDS)


def test_an_old_text_beside_the_new_one_that_the_lake_has(tmp_path: Path, space: Workspace) -> None:
    message = space.say("general", ADA, "the old words")
    ingested(space, tmp_path / "old.zip")
    space.messages["general"].append(
        {**message, "text": "the new words", "edited": {"user": ADA, "ts": "1767690000.000000"}}
    )
    ingested(space, tmp_path / "new.zip")
    assert [each.get("message") for each in had()] == ["the new words"]


@pytest.mark.parametrize("known", [True, False], ids=["in the lake", "new"])
def test_the_files_of_a_deleted_message(tmp_path: Path, space: Workspace, known: bool) -> None:
    file = {"id": "F0000001", "name": "notes.txt", "mimetype": "text/plain", "user": ADA, "timestamp": 1767600000}
    _, deletions = regretted(space, files=[file])
    if known:
        ingested(space, tmp_path / "old.zip", "words in a file")
        assert len(had()) == 2 * len(KINDS)
    space.messages["general"] += deletions
    ingested(space, tmp_path / "new.zip", "words in a file")
    assert had() == [{"action": "deleted"}] * 2 * len(KINDS)


def test_a_file_that_an_edit_in_the_same_export_took_away(tmp_path: Path, space: Workspace) -> None:
    file = {"id": "F0000001", "name": "notes.txt", "mimetype": "text/plain", "user": ADA, "timestamp": 1767600000}
    message = space.say("general", ADA, "my file", files=[file])
    changed = {**message, "files": [], "text": "no file", "edited": {"user": ADA, "ts": "1767690000.000000"}}
    space.messages["general"].append(_event(message, subtype="message_changed", message=changed))
    ingested(space, tmp_path / "export.zip", "words in a file")
    assert sorted(each["action"] for each in had()) == ["deleted", "message"]
    assert "words in a file" not in str(had())


def test_counts_add_up_with_entries_that_nobody_can_read(tmp_path: Path, space: Workspace) -> None:
    for _ in range(3):
        space.say("general", ADA, "words")
    space.messages["general"] += [None, 7, {"type": "message", "user": ADA, "text": "words"}]
    done = ingested(space, tmp_path / "export.zip")
    counts = of_archive(done, dry_run=False).result["counts"]
    assert (counts["read"], counts["stored"], counts["quarantined"]) == (6, 3, 3)


def test_a_webhook_of_a_deletion_beside_a_page_of_jira(person: Company, tmp_path: Path) -> None:
    ada = person("ada@example.com")
    allow(["Jira"])
    author = account(1, "ada@example.com")
    said = comment(5, author, document("regretted words"), 1)
    folder = tmp_path / "pages"
    folder.mkdir()
    page(folder / "page.json", issue(1, author, comment={"comments": [said]}))
    gone = json.dumps({"webhookEvent": "comment_deleted", "comment": {**said, "author": account(9)}})
    (folder / "webhooks.jsonl").write_text(gone)
    ingest_archive("jira", str(folder))
    assert [each.content["action"] for each in stored(ada.subject) if each.content] == ["created an issue", "deleted"]
