"""Who is mentioned in a record sees the same, whatever its author decides about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from directory import Employee
from lake.ingest.archiving import ingest_archive
from lake.rules import retention
from lake.rules.policies import Policy, apply_policies
from lake.storage import making, migrations
from lake.storage.connection import transaction, writer
from queries.connection import close
from tests.governance.conftest import Client
from tests.governance.indirect.test_indirect import BOB, EVE, ask, roles, workspace
from tests.lake.times import Clock, at
from tests.support.people import Company
from tests.support.slack import Workspace

__all__ = ["at"]

BEFORE = datetime.fromisoformat("2026-01-05T07:50:00")
"""The archive's messages are of 8:01 to 8:05."""
AFTER = datetime.fromisoformat("2026-01-06T12:00:00")
SEEN = {"mentioned": 2, "answered": 1}
POLICY = Policy(
    "chat", "Chat", "assist", "GDPR 6(1)(a)", ["message"], ["Slack"], ["mask"], 30, date(2019, 1, 1),
    announced_on=date(2018, 12, 1), announced_by="letter",
)  # fmt: skip
FREE = replace(POLICY, policy="free", legal_basis="GDPR 6(1)(f)", retention_days=40)


@dataclass
class World:
    """Bob wrote four messages, three of which concern Ada; the archive with them, and the clock."""

    api: Client
    ada: Employee
    bob: Employee
    space: Workspace
    file: Path
    at: Clock

    def read(self) -> int:
        """Read the archive; how many of Bob's records were stored."""
        self.space.write(self.file)
        people = ingest_archive("slack", str(self.file)).people
        return sum(each.batch.stored for each in people if each.batch.subject == self.bob.subject)

    def bobs(self) -> TestClient:
        return self.api(self.bob)

    def seen(self) -> list[Any]:
        """What Ada is told of it anywhere."""
        client = self.api(self.ada)
        looked = [(one["what"], one["rows"]) for one in client.get("/v1/me/access-log").json()["entries"]]
        return [client.get("/v1/me/indirect").json(), looked, client.get("/v1/me/notifications").json()]


@pytest.fixture
def world(home: Path, person: Company, api: Client, at: Clock, tmp_path: Path) -> World:
    at(BEFORE)
    with writer() as connection:
        apply_policies(connection, [POLICY, FREE])
    space = workspace()
    for text in ("for <@U00000001>", "also for <@U00000001>", "about nobody"):
        space.say("general", BOB, text)
    space.say("general", BOB, "an answer", thread_ts="1.0", parent_user_id="U00000001")
    return World(api, person("ada@example.com"), person("bob@example.com"), space, tmp_path / "export.zip", at)


def nothing(world: World) -> None:
    world.at(AFTER)
    assert world.read() == 4


def consent(world: World) -> str:
    [notice] = [one for one in world.bobs().get("/v1/me/notices").json() if one["policy"] == POLICY.policy]
    path = f"/v1/me/notices/{notice['notice']}/consent"
    assert world.bobs().put(path, json={"sha256": notice["sha256"]}).status_code == 200
    return path


def consents(world: World) -> None:
    consent(world)
    world.at(AFTER)
    assert world.read() == 4


def withdraws_afterwards(world: World) -> None:
    path = consent(world)
    world.at(AFTER)
    assert world.read() == 4
    assert world.bobs().delete(path).status_code == 200


def pauses(world: World) -> None:
    assert world.bobs().put("/v1/me/pause", json={"minutes": 30}).status_code == 200
    world.at(AFTER)
    assert world.read() == 0


def erases_afterwards(world: World) -> None:
    nothing(world)
    assert ask(world.bobs(), "erasure")["state"] == "completed"


def erases_a_part(world: World) -> None:
    nothing(world)
    assert ask(world.bobs(), "erasure", **{"from": "2026-01-05T08:00:00Z", "until": "2026-01-05T08:03:00Z"})


def erases_before_it_is_read(world: World) -> None:
    world.at(AFTER)
    assert ask(world.bobs(), "erasure")["state"] == "completed"
    assert world.read() == 0


def restricts(world: World) -> None:
    nothing(world)
    ask(world.bobs(), "restriction")


def objects(world: World) -> None:
    nothing(world)
    ask(world.bobs(), "objection")


DECISIONS: list[Callable[[World], None]] = [
    consents, withdraws_afterwards, pauses, erases_afterwards, erases_a_part, erases_before_it_is_read, restricts,
    objects,
]  # fmt: skip


@pytest.mark.parametrize("decides", DECISIONS, ids=lambda decides: decides.__name__)
def test_the_mentioned_see_the_same(world: World, decides: Callable[[World], None]) -> None:
    """At once, after the archive is read again, and until the last day, which isn't that of the record."""
    decides(world)
    first = world.seen()
    answer = first[0]
    assert {each["role"]: each["records"] for each in answer["roles"]} == SEEN
    assert [(each["day"], each["application"], each["records"]) for each in answer["indirect"]] == [
        ("2026-01-05", "Slack", 1),
        ("2026-01-05", "Slack", 2),
    ]
    assert first[1:] == [[("mentions", 3)], []]
    world.read()
    assert world.seen()[0] == answer
    for days, expected in ((30, SEEN), (31, {})):
        day = BEFORE.date() + timedelta(days=days)
        retention.sweep(day)
        assert roles(world.api(world.ada)) == expected, day


@pytest.mark.parametrize("change", ["edited", "deleted"])
def test_what_the_source_changes_later_takes_no_mention_back(world: World, change: str) -> None:
    """Else one that stays would say that the author had the record erased before."""
    nothing(world)
    [message, *_] = world.space.messages["general"]
    if change == "edited":
        message.update(text="for nobody", edited={"user": BOB, "ts": f"{float(message['ts']) + 60:.6f}"})
    else:
        message.update(subtype="tombstone", text="This message was deleted.", user="USLACKBOT", hidden=True)
    world.read()
    assert roles(world.api(world.ada)) == SEEN


def test_nothing_is_kept_of_what_no_policy_allows(world: World) -> None:
    with writer() as connection:
        apply_policies(connection, [replace(POLICY, applications=["Jira"]), replace(FREE, applications=["Jira"])])
    world.at(AFTER)
    assert world.read() == 0
    assert roles(world.api(world.ada)) == {}


def test_nobody_outside_the_directory_is_kept(world: World) -> None:
    world.space.say("general", BOB, f"for <@{EVE}>")
    world.at(AFTER)
    assert world.read() == 5
    with writer() as connection:
        found = connection.execute("select distinct subject from mentions").fetchall()
    assert found == [(world.ada.subject,)]


def test_a_lake_from_before_shows_the_same_and_counts_no_mention_twice(world: World) -> None:
    with writer() as connection:
        apply_policies(connection, [FREE])
    nothing(world)
    before = world.seen()[0]
    with writer() as connection, transaction(connection):
        connection.execute("drop table mentions")
        connection.execute("drop table name_masks")
        for table in ("policies", "policy_notices"):
            connection.execute(f"alter table {table} drop column permits")
        connection.execute("delete from migrations where number > 5")
        connection.execute("alter table migrations drop column goes_with")
    close()
    making.upgrade()
    assert not making.is_of_earlier_version()
    assert len(migrations.every()) > 5
    assert world.seen()[0] == before
    world.read()
    assert world.seen()[0] == before
    assert ask(world.bobs(), "erasure")["state"] == "completed"
    world.read()
    assert world.seen()[0] == before


def test_a_message_outside_working_hours_mentions_nobody(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The employer set them, so they say nothing about its author."""
    monkeypatch.setenv("OPENBOOK_WORKING_HOURS", "tue-sun 00:00-24:00 UTC")
    world.at(AFTER)
    assert world.read() == 0
    assert roles(world.api(world.ada)) == {}
    monkeypatch.setenv("OPENBOOK_WORKING_HOURS", "mon 08:00-09:00 UTC")
    assert world.read() == 4
    assert roles(world.api(world.ada)) == SEEN
