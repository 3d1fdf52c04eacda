"""The content of files in a Slack archive: taken only where a policy permits it, and withdrawn with the file."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest

from lake.archives import slack_files
from lake.connectors.records import FILE_CONTENTS
from lake.ingest.archiving import ingest_archive
from lake.storage.connection import writer
from lake.storage.maintenance import purge
from lake.storage.objects import Area, store
from tests.lake.ingesting import allow, stored
from tests.support.people import Company
from tests.support.screens import encoded, screen
from tests.support.slack import Workspace

ADA, BOB = "U00000001", "U00000002"
NOTES = "Call the supplier.\nhttps://hooks.example/?password=Sommer-2031-Linde\n"
PICTURE = encoded(screen(["A quiet report", "card 4111 1111 1111 1111"]))


def listed(number: str, name: str, kind: str, **more: Any) -> dict[str, Any]:
    return {"id": number, "name": name, "mimetype": kind, "size": 1234, "timestamp": 1767600000, **more}


@pytest.fixture
def space() -> Workspace:
    """`general`, and what Ada posted in it: a text, a picture, a PDF, and a file of Bob."""
    space = Workspace()
    space.user(1, "ada@example.com")
    space.user(2, "bob@example.com")
    space.conversation("channels.json", "C00000001", "general")
    space.say("general", ADA, "my files", files=[
        listed("F0000001", "users.json", "text/plain", user=ADA),
        listed("F0000002", "shot.png", "image/png", user=ADA),
        listed("F0000003", "plan.pdf", "application/pdf", user=ADA),
        listed("F0000004", "bobs.txt", "text/plain", user=BOB),
        listed("F0000005", "elsewhere.txt", "text/plain", user=ADA),
    ])  # fmt: skip
    return space


def written(space: Workspace, file: Path, contents: dict[str, bytes] | None = None) -> str:
    """As slackdump writes it, in both of its layouts."""
    space.write(file)
    if contents is None:
        contents = {
            "__uploads/F0000001/users.json": NOTES.encode(),
            "general/attachments/F0000002-shot.png": PICTURE,
            "__uploads/F0000003/plan.pdf": b"%PDF-1.7",
            "__uploads/F0000004/bobs.txt": b"Words of Bob",
        }
    with zipfile.ZipFile(file, "a") as export:
        for name, data in contents.items():
            export.writestr(name, data)
    return str(file)


def contents(captures: list[Any]) -> list[tuple[str, str]]:
    """(signal, text) of the records of files that have content."""
    return [(each.signal, each.content.get("text", "")) for each in captures if each.content.get("action") == "file"]


def test_content_is_taken_where_a_policy_permits_it(person: Company, tmp_path: Path, space: Workspace) -> None:
    ada = person("ada@example.com")
    export = written(space, tmp_path / "export.zip")
    allow(["Slack"])
    done = ingest_archive("slack", export)
    assert [each.content["message"] for each in stored(ada.subject) if each.content] == ["my files"]
    [summary] = done.people
    assert summary.outside_policy == {("Slack", "message"): 1, ("Slack", "screenshot"): 1}
    assert store(Area.PICTURES).all() == []

    allow(["Slack"], permits=[FILE_CONTENTS])
    done = ingest_archive("slack", export)
    found = stored(ada.subject)
    assert sorted(kind for kind, _ in contents(found)) == ["message", "screenshot"]
    [text] = [text for kind, text in contents(found) if kind == "message"]
    assert text.startswith("Call the supplier.")
    assert "Linde" not in text
    assert done.people[0].redactions["card_number"] == 1, "on the picture"
    assert len(store(Area.PICTURES).all()) == 1
    assert {what: number for what, number in done.overview.left_out.items() if number} == {
        slack_files.OTHERS: 1, slack_files.KIND: 1,
    }  # fmt: skip
    assert ingest_archive("slack", export).people[0].batch.stored == 0


def test_a_deleted_file_withdraws_our_copy(person: Company, tmp_path: Path, space: Workspace) -> None:
    ada = person("ada@example.com")
    allow(["Slack"], permits=[FILE_CONTENTS])
    ingest_archive("slack", written(space, tmp_path / "first.zip"))
    [message] = space.messages["general"]
    message["files"][0] = {"id": "F0000001", "mode": "tombstone"}
    ingest_archive("slack", written(space, tmp_path / "second.zip", {}))
    assert contents(stored(ada.subject)) == [("screenshot", "")]
    ingest_archive("slack", str(tmp_path / "first.zip"))
    assert contents(stored(ada.subject)) == [("screenshot", "")], "an older export brings nothing back"

    message["files"] = message["files"][2:]
    message["edited"] = {"user": ADA, "ts": "1767700000.000000"}
    ingest_archive("slack", written(space, tmp_path / "third.zip", {}))
    assert contents(stored(ada.subject)) == []
    with writer() as connection:
        purge(connection)
    assert store(Area.PICTURES).all() == []


@pytest.mark.parametrize("subtype", ["tombstone", "message_deleted"])
def test_a_deleted_message_withdraws_its_files(person: Company, tmp_path: Path, space: Workspace, subtype: str) -> None:
    ada = person("ada@example.com")
    allow(["Slack"], permits=[FILE_CONTENTS])
    only = {"__uploads/F0000001/users.json": NOTES.encode(), "__uploads/F0000005/elsewhere.txt": b"More of it"}
    ingest_archive("slack", written(space, tmp_path / "first.zip", only))
    assert len(contents(stored(ada.subject))) == 2
    [message] = space.messages["general"]
    gone = {"type": "message", "subtype": subtype, "ts": message["ts"]}
    if subtype == "message_deleted":
        gone |= {"deleted_ts": message["ts"], "previous_message": {"user": ADA, "ts": message["ts"]}}
    space.messages["general"] = [gone]
    ingest_archive("slack", written(space, tmp_path / "second.zip", {}))
    assert {tuple(each.content) for each in stored(ada.subject) if each.content} == {("action",)}


def test_content_beyond_the_limits_is_left_out_and_counted(
    person: Company, tmp_path: Path, space: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = person("ada@example.com")
    allow(["Slack"], permits=[FILE_CONTENTS])
    space.say("general", ADA, "more", files=[
        listed(f"F100000{number}", "more.txt", "text/plain", user=ADA) for number in range(5)
    ])  # fmt: skip
    monkeypatch.setattr(slack_files, "MOST_TEXT", 60)
    bomb = b"0" * (64 << 20)
    export = written(space, tmp_path / "export.zip", {
        "__uploads/F1000000/more.txt": bomb,
        "__uploads/F1000001/more.txt": b"\xff\xfe\x00 no text",
        "__uploads/F1000002/more.txt": b"a nul \x00",
        "__uploads/F1000003/more.txt": b"This is kept.",
        "__uploads/F1000004/more.txt": b"This is too much." * 3,
    })  # fmt: skip
    done = ingest_archive("slack", export)
    assert contents(stored(ada.subject)) == [("message", "This is kept.")]
    left_out = {what: number for what, number in done.overview.left_out.items() if number}
    assert left_out == {slack_files.TOO_LARGE: 1, slack_files.KIND: 2, slack_files.TOO_MANY: 1}
