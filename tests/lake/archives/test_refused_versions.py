"""An edit or a deletion that may not be stored itself, for example because working hours are shorter now, still
withdraws the copy of what it changes."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from directory import Employee
from lake.ingest.archiving import ingest_archive
from lake.storage.connection import writer
from tests.lake.ingesting import allow, stored
from tests.support.lake import hold
from tests.support.people import Company
from tests.support.slack import Message, Workspace

ADA = "U00000001"
SHORTER = "mon 03:00-03:01 UTC"
EDITED = {"user": ADA, "ts": "1767690000.000000"}


@pytest.fixture
def ada(person: Company) -> Employee:
    allow(["Slack"])
    return person("ada@example.com")


@pytest.fixture
def space() -> Workspace:
    space = Workspace()
    space.user(1, "ada@example.com")
    space.conversation("channels.json", "C00000001", "general")
    return space


@pytest.fixture
def message(ada: Employee, space: Workspace, tmp_path: Path) -> Message:
    """It is in the lake, and dated outside the hours that follow."""
    message = space.say("general", ADA, "regretted words")
    assert datetime.fromtimestamp(float(message["ts"]), UTC).strftime("%a %H:%M") != "Mon 03:00"
    take(space, tmp_path)
    assert said(ada) == ["regretted words"]
    return message


def take(space: Workspace, folder: Path) -> dict[str, int]:
    """Ingest the workspace; returns what became of its records."""
    [summary] = ingest_archive("slack", str(space.write(folder / "export.zip"))).people
    counts = {"stored": summary.batch.stored, "known": summary.batch.already_known, "kept_out": summary.batch.kept_out}
    return {name: count for name, count in counts.items() if count}


def said(ada: Employee) -> list[str]:
    return [(each.content or {}).get("message", "") for each in stored(ada.subject)]


def removed() -> list[tuple[str, int]]:
    with writer() as connection:
        return connection.execute("select cause, sum(events)::bigint from removals group by cause").fetchall()


def deletion(message: Message) -> Message:
    time = f"{float(message['ts']) + 90_000:.6f}"
    return {"type": "message", "subtype": "message_deleted", "ts": time, "deleted_ts": message["ts"]}


def edit(message: Message, ts: str = EDITED["ts"], words: str = "new words") -> Message:
    return {**message, "text": words, "edited": {**EDITED, "ts": ts}}


@pytest.mark.parametrize("change", [edit, deletion])
def test_the_copy_is_withdrawn(
    change: object,
    ada: Employee,
    space: Workspace,
    message: Message,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert callable(change)
    monkeypatch.setenv("OPENBOOK_WORKING_HOURS", SHORTER)
    space.messages["general"] = [change(message)]
    assert take(space, tmp_path) == {"kept_out": 1}
    assert said(ada) == []
    assert removed() == [("source", 1)]
    ingest_archive("slack", str(tmp_path / "export.zip"))
    assert (said(ada), removed()) == ([], [("source", 1)]), "again, it changes nothing"


def test_what_is_stored_stays_while_it_is_not_changed(
    ada: Employee, space: Workspace, message: Message, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENBOOK_WORKING_HOURS", SHORTER)
    assert take(space, tmp_path) == {"kept_out": 1}
    assert said(ada) == ["regretted words"]


def test_an_older_version_withdraws_nothing(
    ada: Employee, space: Workspace, message: Message, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    space.messages["general"] = [edit(message, "1767690009.000000", "newest words")]
    assert take(space, tmp_path) == {"stored": 1}
    monkeypatch.setenv("OPENBOOK_WORKING_HOURS", SHORTER)
    space.messages["general"] = [message, edit(message, "1767690001.000000")]
    assert take(space, tmp_path) == {"kept_out": 2}
    assert said(ada) == ["newest words"]


def test_of_others_nothing_is_withdrawn(
    person: Company, ada: Employee, space: Workspace, message: Message, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bob = person("bob@example.com")
    space.user(2, "bob@example.com")
    space.say("general", "U00000002", "other words")
    ingest_archive("slack", str(space.write(tmp_path / "both.zip")))
    monkeypatch.setenv("OPENBOOK_WORKING_HOURS", SHORTER)
    space.messages["general"] = [deletion(message)]
    take(space, tmp_path)
    assert (said(ada), said(bob)) == ([], ["other words"])


def test_a_hold_keeps_it(
    ada: Employee, space: Workspace, message: Message, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold(ada)
    monkeypatch.setenv("OPENBOOK_WORKING_HOURS", SHORTER)
    space.messages["general"] = [deletion(message)]
    take(space, tmp_path)
    assert said(ada) == ["regretted words"]
