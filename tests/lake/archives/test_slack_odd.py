"""Slack exports as other tools and years write them: odd files, odd times, edits that don't say whose they are."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lake.archives.slack_kinds import BOT, SYSTEM, UNKNOWN
from lake.ingest.archiving import MOST_KINDS, OTHER_KINDS, Archived, ingest_archive
from lake.ingest.ingesting import NotIngested
from lake.ingest.previewing import preview_archive
from lake.terminal import of_archive
from tests.lake.ingesting import allow, stored
from tests.support.people import Company, signing_in
from tests.support.slack import Message, Workspace

ADA, BOB, BOT_ID = "U00000001", "U00000002", "U00000003"
LATER = "1767690000.000100"


@pytest.fixture
def space(person: Company) -> Workspace:
    for name in ("ada", "bob"):
        person(f"{name}@example.com")
    allow(["Slack"])
    space = Workspace()
    space.user(1, "ada@example.com")
    space.user(2, "bob@example.com")
    space.user(3, None, is_bot=True)
    space.conversation("channels.json", "C00000001", "general")
    return space


def ingested(space: Workspace, file: Path, **files: Any) -> Archived:
    """`files`: more of them, as the bytes or the value of each, by name."""
    space.write(file)
    with zipfile.ZipFile(file, "a") as export:
        for name, value in files.items():
            export.writestr(name, value if isinstance(value, bytes) else json.dumps(value))
    done = ingest_archive("slack", str(file))
    counts = of_archive(done, dry_run=False).result["counts"]
    assert counts.pop("read") == sum(counts.values()) - counts["redacted"]
    assert 0 not in done.overview.left_out.values()
    return done


def had(name: str = "ada") -> list[dict[str, str]]:
    return [each.content or {} for each in stored(signing_in(name).subject)]


def words(name: str = "ada") -> list[str]:
    return [each.get("message", "") for each in had(name)]


def said(number: int = 1) -> Message:
    return {"type": "message", "user": ADA, "text": f"words {number}", "ts": f"17676{number:05}.000001"}


READ = {
    "general/2026-01-05.json": {"ok": True, "messages": [said()]},
    "general/2026-01-06.JSON": [said()],
    "general/2026-01-05-1.json": [said()],
    "general/2026-01-05 (1).json": [said()],
    "general/2026-01-05_2.Json": {"messages": [said()], "has_more": False},
}


@pytest.mark.parametrize("name", READ)
def test_plain_messages_are_read(tmp_path: Path, space: Workspace, name: str) -> None:
    done = ingested(space, tmp_path / "export.zip", **{name: READ[name]})
    assert words() == ["words 1"]
    assert done.overview.skipped == []


def test_lists_as_the_api_answers_them(tmp_path: Path, space: Workspace) -> None:
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as export:
        export.writestr("Users.JSON", json.dumps({"ok": True, "members": space.users}))
        export.writestr("channels.json", json.dumps({"ok": True, "channels": space.lists["channels.json"]}))
        export.writestr("general/2026-01-05.json", json.dumps([said()]))
    ingest_archive("slack", str(tmp_path / "export.zip"))
    assert [each["title"] for each in had()] == ["#general"]


ODD = {
    "general.json": [said()],
    "general/messages.json": [said()],
    "general/2026-01-05.json": None,
    "general/2026-01-06.json": {"error": "ratelimited"},
    "general/2026-01-07.json": "[]",
    "2026-01-08.json": [said()],
    "general/2026-01-09.jsonl": [said()],
}
SHOWN = [name.replace("general/", "C00000001/") for name in ODD]
NOT_ODD = {
    "canvases.json": [], "general/canvas_in_the_conversation.json": [], "integration_logs.json": [{"a": 1}],
    "__MACOSX/general/._2026-01-05.json": b"\0", ".hidden.json": b"", "readme.txt": b"",
    "general/2026-01-10.json": [], "general/2026-01-11.json": {"ok": True, "messages": []},
    "__uploads/F0000001/notes.json": [said()],
}  # fmt: skip


def test_other_files_are_counted_and_named(tmp_path: Path, space: Workspace) -> None:
    space.say("general", ADA, "hello")
    files = {name: value for name, value in ODD.items() if name != "general/2026-01-05.json"}
    done = ingested(space, tmp_path / "export.zip", **files, **NOT_ODD)
    assert words() == ["hello"]
    answer = of_archive(done, dry_run=False)
    assert answer.status == 0
    assert sorted(answer.result["skipped_files"]) == sorted(set(SHOWN) - {"C00000001/2026-01-05.json"})
    assert "skipped files" in str(answer.shown)


@pytest.mark.parametrize("name", ODD)
def test_nothing_that_can_be_read_is_no_success(tmp_path: Path, space: Workspace, name: str) -> None:
    space.write(tmp_path / "export.zip")
    with zipfile.ZipFile(tmp_path / "export.zip", "a") as export:
        export.writestr(name, json.dumps(ODD[name]))
    of = str(tmp_path / "export.zip"), None, lambda *_: None
    for ingest in (ingest_archive, preview_archive):
        with pytest.raises(NotIngested, match="could be read") as refusal:
            ingest("slack", *of, complete=False)
        assert name.rpartition("/")[2] in str(refusal.value)


def test_a_day_without_messages_is_a_success(tmp_path: Path, space: Workspace) -> None:
    assert ingested(space, tmp_path / "export.zip", **NOT_ODD).people == []


def event(message: Message, /, **fields: Any) -> Message:
    """On the next day."""
    return {"type": "message", "ts": f"{float(message['ts']) + 90_000:.6f}", **fields}


def changed(message: Message, **fields: Any) -> Message:
    """Without who wrote it, and when it was edited."""
    new = {"type": "message", "text": "new words", "ts": message["ts"], **fields}
    return event(message, subtype="message_changed", message=new, previous_message=dict(message))


def edited(message: Message, ts: Any, **fields: Any) -> Message:
    return {**message, "text": "new words", "edited": {"user": ADA, "ts": ts}, **fields}


REPLACED: dict[str, Callable[[Message], Message]] = {
    "no user, but as it was": lambda m: changed(m, edited={"user": ADA, "ts": LATER}),
    "a null as user": lambda m: changed(m, user=None),
    "no time of the edit": changed,
    "no time of the message": lambda m: {**changed(m), "message": {"type": "message", "text": "new words"}},
    "a number": lambda m: edited(m, 1767690000.0001),
    "a whole number": lambda m: edited(m, 1767690000),
    "null": lambda m: edited(m, None),
    "not a time": lambda m: edited(m, "yesterday"),
    "true": lambda m: {**m, "text": "new words", "edited": True},
}
WITHDRAWN: dict[str, Callable[[Message], Message]] = {
    "deleted at a number": lambda m: event(m, subtype="message_deleted", deleted_ts=float(m["ts"])),
    "slackbot": lambda m: {"type": "message", "user": "USLACKBOT", "ts": m["ts"], "text": "This message was deleted."},
    "slackbot, root of a thread": lambda m: {
        "type": "message", "user": "USLACKBOT", "ts": m["ts"], "thread_ts": m["ts"], "reply_count": 2,
        "text": "This message was deleted.",
    },
}  # fmt: skip
OF_NOBODY: dict[str, Callable[[Message], Message]] = {
    "an account that was removed": lambda m: edited(m, LATER, user="UGONE"),
    "an account without an address": lambda m: edited(m, LATER, user="U00000009"),
    "nobody": lambda m: changed(m, edited={"user": ADA, "ts": LATER}) | {"previous_message": None},
}  # fmt: skip


@pytest.mark.parametrize("before", ["in the lake", "in the same file", "behind it in the same file"])
def test_it_is_plain_which_message_it_is(tmp_path: Path, space: Workspace, before: str) -> None:
    space.user(9, None)
    kinds = [*REPLACED.values(), *WITHDRAWN.values(), *OF_NOBODY.values()]
    old = [space.say("general", ADA, f"old words {number}") for number in range(len(kinds))]
    if before == "in the lake":
        ingested(space, tmp_path / "old.zip")
    new = [kind(message) for kind, message in zip(kinds, old, strict=True)]
    space.messages["general"] = {
        "in the lake": new, "in the same file": [*old, *new], "behind it in the same file": [*new, *old],
    }[before]  # fmt: skip
    done = ingested(space, tmp_path / "new.zip")
    assert done.quarantined == 0
    assert words() == ["new words"] * len(REPLACED) + [""] * (len(WITHDRAWN) + len(OF_NOBODY))
    space.messages["general"] = old
    ingested(space, tmp_path / "old-again.zip")
    assert words() == ["new words"] * len(REPLACED) + [""] * (len(WITHDRAWN) + len(OF_NOBODY))


def test_edits_of_others_that_the_lake_has_not(tmp_path: Path, space: Workspace) -> None:
    message = space.say("general", "UELSEWHERE", "words of another company")
    space.messages["general"] = [edited(message, LATER, user="UELSEWHERE"), edited(said(), LATER, user=BOT_ID)]
    done = ingested(space, tmp_path / "export.zip")
    assert sorted(done.overview.left_out.values()) == [1, 1]
    assert BOT in done.overview.left_out
    assert any("users.json" in kind for kind in done.overview.left_out)
    assert (had(), had("bob")) == ([], [])


def test_a_preview_that_changes_links_is_no_edit(tmp_path: Path, space: Workspace) -> None:
    message = space.say("general", ADA, "see https://example.com")
    shown = {**message, "attachments": [{"title": "Example"}]}
    space.messages["general"].append(
        event(message, subtype="message_changed", message=shown, previous_message=dict(message))
    )
    ingested(space, tmp_path / "export.zip")
    assert had() == [{"action": "message", "message": "see https://example.com", "title": "#general"}]


@pytest.mark.parametrize("editor", [BOB, "UGONE", BOT_ID])
def test_words_that_somebody_else_edited_are_nobodys(tmp_path: Path, space: Workspace, editor: str) -> None:
    message = space.say("general", ADA, "my words")
    ingested(space, tmp_path / "old.zip")
    space.messages["general"] = [{**message, "text": f"not mine, <@{BOB}>", "edited": {"user": editor, "ts": LATER}}]
    for _ in range(2):
        ingested(space, tmp_path / "new.zip")
        at = "2026-01-06T09:00:00.000100Z"
        assert had() == [{"action": "message", "element": "edited by someone else", "title": "#general", "edited": at}]
        assert had("bob") == (
            [{"action": "edited a message of someone else", "title": "#general"}] if editor == BOB else []
        )


def test_a_second_account_of_a_person_is_nobody_else(tmp_path: Path, space: Workspace) -> None:
    space.user(4, "ADA@example.com")
    message = space.say("general", ADA, "old words")
    space.messages["general"] = [edited(message, LATER) | {"edited": {"user": "U00000004", "ts": LATER}}]
    ingested(space, tmp_path / "export.zip")
    assert words() == ["new words"]


def test_what_is_not_stored_is_counted_under_its_kind(tmp_path: Path, space: Workspace) -> None:
    for subtype in ("channel_join", "brand_new_thing", "brand_new_thing", "Words of somebody!"):
        space.say("general", ADA, "words", subtype=subtype)
    done = ingested(space, tmp_path / "export.zip")
    assert dict(done.overview.left_out) == {SYSTEM: 1, f"{UNKNOWN}: brand_new_thing": 2, UNKNOWN: 1}
    for number in range(2 * MOST_KINDS):
        kind = "".join(chr(ord("a") + int(digit)) for digit in str(number))
        space.say("general", ADA, "words", subtype=f"kind_{kind}")
    left_out = ingested(space, tmp_path / "many.zip").overview.left_out
    assert len(left_out) == MOST_KINDS + 1
    assert left_out[OTHER_KINDS] == MOST_KINDS + 3
    assert had() == []
