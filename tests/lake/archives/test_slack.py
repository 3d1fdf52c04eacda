"""Slack exports: each person gets their own words, once, as they are newest at the source."""

from __future__ import annotations

from pathlib import Path

import pytest

from lake.ingest.archiving import ingest_archive
from lake.storage.connection import reader, writer
from lake.storage.maintenance import purge
from tests.lake.ingesting import Stored, allow, stored, texts
from tests.support.lake import hold
from tests.support.people import Company, signing_in
from tests.support.slack import Workspace, company, written_by


@pytest.fixture
def space() -> Workspace:
    """`general` and a direct message of Ada (U00000001) and Bob (U00000002)."""
    space = Workspace()
    space.user(1, "Ada@Example.com")
    space.user(2, "bob@example.com")
    space.conversation("channels.json", "C00000001", "general")
    space.conversation("dms.json", "D00000001", members=("U00000001", "U00000002"))
    return space


ADA, BOB = "U00000001", "U00000002"


def said(captures: list[Stored]) -> list[str]:
    return [capture.content.get("message", "") for capture in captures if capture.content]


def test_everybody_gets_their_own_words(person: Company, tmp_path: Path, space: Workspace) -> None:
    ada, bob = person("ada@example.com"), person("bob@example.com")
    allow(["Slack"])
    space.user(3, "eve@elsewhere.com")
    root = space.say("general", ADA, "Lunch, <@U00000002|bob>? &lt;3 <https://example.com/menu|menu>")
    root["thread_ts"] = root["ts"]
    space.say("general", BOB, "yes", subtype="thread_broadcast", thread_ts=root["ts"], root=dict(root))
    space.say("D00000001", BOB, "", files=[{"name": "plan.pdf", "mimetype": "application/pdf", "size": 12345}])
    space.say("general", "U00000003", "of somebody whom the directory doesn't know")
    space.say("general", "U777", "from another company")
    done = ingest_archive("slack", str(space.write(tmp_path / "export.zip")))
    assert said(stored(ada.subject)) == ["Lunch, @someone? <3 menu (https://example.com/menu)"]
    [reply, file] = stored(bob.subject)
    assert reply.content == {
        "action": "reply, also sent to the channel", "message": "yes", "title": "#general",
    }  # fmt: skip
    assert file.content == {
        "action": "message", "files": "plan.pdf (application/pdf, 12,345 bytes)", "title": "Direct message",
    }  # fmt: skip
    assert [(each.batch.read, each.batch.stored) for each in done.people] == [(1, 1), (2, 2)]
    assert done.overview.left_out.total() == 2


def test_user_groups_have_their_handle(person: Company, tmp_path: Path, space: Workspace) -> None:
    ada = person("ada@example.com")
    allow(["Slack"])
    group = {"type": "usergroup", "usergroup_id": "S0614TZR7"}
    said_before = {"type": "text", "text": " and "}
    line = {"type": "rich_text_section", "elements": [group, said_before, {"type": "broadcast", "range": "here"}]}
    space.say("general", ADA, "Hello <!subteam^S0614TZR7|@marketing>, <!subteam^S0614TZR7> <!here>")
    space.say("general", ADA, "", blocks=[{"type": "rich_text", "elements": [line]}])
    ingest_archive("slack", str(space.write(tmp_path / "export.zip")))
    assert said(stored(ada.subject)) == ["Hello @marketing, @group @here", "@group and @here"]


def test_counts_of_three_people_are_those_of_the_file(person: Company, tmp_path: Path) -> None:
    space, users = company(30, 2000)
    for number in range(29):
        person.add(f"p{number}@example.com")
    person("p29@example.com")
    allow(["Slack"])
    file = space.write(tmp_path / "export.zip")
    ingest_archive("slack", str(file))
    counted = written_by(file)
    for number in (0, 15, 29):
        captures = stored(signing_in(f"p{number}").subject)
        assert len(captures) == counted[users[number]]
        assert len({capture.captured_at for capture in captures}) == len(captures)
    again = ingest_archive("slack", str(file))
    assert sum(each.batch.stored for each in again.people) == 0


def test_an_edit_replaces_the_old_text(person: Company, tmp_path: Path, home: Path, space: Workspace) -> None:
    ada = person("ada@example.com")
    allow(["Slack"])
    message = space.say("general", ADA, "the old words")
    old = space.write(tmp_path / "old.zip")
    ingest_archive("slack", str(old))
    message |= {"text": "the new words", "edited": {"user": ADA, "ts": "1767690000.000000"}}
    new = space.write(tmp_path / "new.zip")
    assert ingest_archive("slack", str(new)).people[0].batch.stored == 1
    assert said(stored(ada.subject)) == ["the new words"]
    late = ingest_archive("slack", str(old)).people[0].batch
    assert (late.stored, late.already_known) == (0, 1)
    assert said(stored(ada.subject)) == ["the new words"]
    message |= {"text": "the newest words", "edited": {"user": ADA, "ts": "1767690001.000000"}}
    ingest_archive("slack", str(space.write(tmp_path / "newest.zip")))
    assert said(stored(ada.subject)) == ["the newest words"]
    connection = reader()
    [(events,)] = connection.execute("select sum(events) from capture_rollup").fetchall()
    causes = connection.execute("select cause, sum(events) from removals group by cause").fetchall()
    connection.close()
    assert (events, causes) == (1, [("source", 2)])


def test_several_versions_in_one_export(person: Company, tmp_path: Path, space: Workspace) -> None:
    ada = person("ada@example.com")
    allow(["Slack"])
    first = space.say("general", ADA, "the old words")
    changed = {**first, "text": "the new words", "edited": {"user": ADA, "ts": "1767690000.000000"}}
    space.say("general", ADA, "", subtype="message_changed", message=changed, previous_message=first)
    batch = ingest_archive("slack", str(space.write(tmp_path / "export.zip"))).people[0].batch
    assert said(stored(ada.subject)) == ["the new words"]
    assert (batch.read, batch.stored, batch.already_known) == (2, 1, 1)


@pytest.mark.parametrize("named", [True, False])
def test_a_deletion_withdraws_our_copy(person: Company, tmp_path: Path, space: Workspace, named: bool) -> None:
    ada = person("ada@example.com")
    allow(["Slack"])
    message = space.say("general", ADA, "regretted words")
    other = space.say("general", ADA, "other words")
    old = space.write(tmp_path / "old.zip")
    ingest_archive("slack", str(old))
    if named:
        gone = {"subtype": "message_deleted", "deleted_ts": message["ts"], "previous_message": dict(message)}
        space.messages["general"] = [{"type": "message", "ts": "1767699999.000001", **gone}, other]
    else:
        tombstone = {"type": "message", "subtype": "tombstone", "user": "USLACKBOT", "ts": message["ts"]}
        space.messages["general"] = [{**tombstone, "text": "This message was deleted."}]
    ingest_archive("slack", str(space.write(tmp_path / "new.zip")))
    captures = stored(ada.subject)
    assert said(captures) == ["", "other words"]
    assert captures[0].content == {"action": "deleted"}
    ingest_archive("slack", str(old))
    assert "regretted" not in texts(stored(ada.subject))


def test_a_hold_keeps_what_was_deleted_at_the_source(person: Company, tmp_path: Path, space: Workspace) -> None:
    ada = person("ada@example.com")
    allow(["Slack"])
    message = space.say("general", ADA, "evidence")
    ingest_archive("slack", str(space.write(tmp_path / "old.zip")))
    hold(ada)
    message |= {"text": "rewritten", "edited": {"user": ADA, "ts": "1767690000.000000"}}
    ingest_archive("slack", str(space.write(tmp_path / "new.zip")))
    assert sorted(said(stored(ada.subject))) == ["evidence", "rewritten"]


def test_a_renamed_channel_and_an_organisation(person: Company, tmp_path: Path, space: Workspace) -> None:
    ada = person("ada@example.com")
    allow(["Slack"])
    space.say("general", ADA, "hello")
    ingest_archive("slack", str(space.write(tmp_path / "old.zip")))
    space.lists["channels.json"][0]["name"] = "everybody"
    space.messages = {"everybody": space.messages["general"]}
    file = space.write(tmp_path / "new.zip", users="org_users.json", below="teams/london/")
    batch = ingest_archive("slack", str(file)).people[0].batch
    assert (batch.stored, batch.already_known) == (0, 1)
    assert len(stored(ada.subject)) == 1


def test_words_and_names_of_others_are_not_kept(person: Company, tmp_path: Path, home: Path, space: Workspace) -> None:
    ada = person("ada@example.com")
    person("bob@example.com")
    allow(["Slack"], safeguards=["mask", "drop_passwords"])
    quoted = {"author_id": BOB, "author_name": "Bob", "text": "WORDSOFBOB", "is_share": True}
    space.say("general", ADA, "see <@U00000002|BOBSNAME>, password: QUIETSECRET9", attachments=[quoted])
    space.say("general", ADA, "4111 1111 1111 1111", reactions=[{"name": "+1", "users": [BOB]}])
    space.say("general", ADA, "", room={"participant_history": [ADA, BOB]}, subtype="huddle_thread")
    done = ingest_archive("slack", str(space.write(tmp_path / "export.zip")))
    [capture, card] = stored(ada.subject)
    assert capture.content is not None
    assert capture.content["element"] == "quotes a message"
    assert card.content is not None
    assert card.content["message"] == "[card number removed]"
    with writer() as connection:
        purge(connection)
    everything = b"".join(file.read_bytes() for file in home.rglob("*") if file.is_file())
    text = texts(stored(ada.subject))
    for secret in ("WORDSOFBOB", "BOBSNAME", "QUIETSECRET9", "4111 1111"):
        assert secret not in text
        assert secret.encode() not in everything
    left_out = {each.batch.subject: dict(each.outside_policy) for each in done.people}
    assert {("Slack", "reaction"): 1, ("Slack", "huddle"): 1} in left_out.values()
