"""Every route that a manager or a stranger can call, in two worlds at the same time of the same clock: in one, somebody
files a request, objects, has everything erased, pauses, or joins; in the other, nothing happens. Messages of theirs
mention the callers.

The routes come from the API's own description. Each answer is the same in both worlds, with its headers and size, but
for what is listed here with its reason.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from starlette.testclient import TestClient

import clock
from governance.db import database, work_queue
from governance.ledger import batches
from governance.notifying import finding, telling
from governance.notifying.kinds import Kind
from governance.register import recording
from governance.rounds import releases
from lake.datasets.making import Selection, create
from lake.ingest.archiving import ingest_archive
from lake.releases import publishing
from lake.rules.policies import apply_policies
from lake.storage.connection import writer
from tests.attacks.test_published import NOW, fixed
from tests.governance.api.edge.test_bodies import ROUTES
from tests.governance.api.test_every_caller import ANYONE, MANAGER, OPERATIONS, PERSON, needs
from tests.governance.working import carry_out
from tests.support import applications
from tests.support.company import employ
from tests.support.homes import make
from tests.support.issuer import Issuer, serving_issuer
from tests.support.lake import POLICY, store_captures
from tests.support.slack import Workspace

SIZE, LARGE, SMALL, ONE = 300, 0, 1, 7
EXPORT = "/v1/requests/{request_id}/export"
CALLED = [*OPERATIONS, *(("HEAD", path, operation) for method, path, operation in OPERATIONS if path == EXPORT)]
"""The description's operations, and the one for people that it leaves out."""
CALLERS = {"a manager of many": LARGE, "a manager of six": SMALL, "a stranger": None}
UNNAMED = UUID(int=7)
NAMED_ANEW = {"date", "x-request-id"}
"""Headers that differ between any two answers."""
ASKED = {"/v1/ledger/consistency": {"from": 1}}
HASHES = re.compile(r"[0-9a-f]{64}|[A-Za-z0-9+/]{40,}=*")
PLACE = re.compile(r'"index":\s?\d+')
"""A batch of the ledger has as many leaves in each world, of random hashes and in a random order."""
JOINING = ("/v1/area", "/v1/programme", "/v1/ledger/entries", "/v1/ledger/register", "/v1/me/register")
"""A release says how many people the company and an area have, and so does the register: that is public on purpose."""


Answers = dict[tuple[str, str, str], tuple[int, dict[str, str], str]]


@dataclass
class World:
    """A home, and what was filed in it."""

    home: Path
    issuer: Issuer
    dataset: str
    filed: str = str(UNNAMED)

    def ask(self, request: Mapping[str, Any]) -> None:
        """The one person files it, and it is carried out."""
        with TestClient(applications.as_if_new()) as client:
            asked = client.post("/v1/requests", json=request, headers=self.signed_in(ONE))
        assert asked.status_code == 201, asked.text
        self.filed = asked.json()["id"]
        assert carry_out(self.filed)

    def signed_in(self, who: int | None) -> dict[str, str]:
        return {} if who is None else {"Authorization": f"Bearer {self.issuer.token_for(f'p{who}')}"}

    def answers(self) -> Answers:
        """What each caller gets from each route, in the same order; what changes something comes last."""
        found: Answers = {}
        [release] = [str(one.release) for one in publishing.releases()]
        values = {"dataset_version": self.dataset, "request_id": self.filed, "subject_request_id": self.filed}
        values |= {
            "capture_id": self.filed,
            "model_version": self.filed,
            "notice": self.filed,
            "index": "0",
            "view": self.filed,
        }
        for caller, who in CALLERS.items():
            with TestClient(applications.as_if_new()) as client:
                headers = {**self.signed_in(who), "Accept-Encoding": "identity"}
                for method, path, operation in sorted(CALLED, key=lambda each: each[0] not in ("GET", "HEAD")):
                    if needs(operation) in ((ANYONE,) if who is None else (ANYONE, PERSON, MANAGER)):
                        body: dict[str, Any] | None = {} if method in ("POST", "PUT") else None
                        answer = client.request(
                            method, path.format(**values), json=body, headers=headers, params=ASKED.get(path)
                        )
                        named = {name: value for name, value in answer.headers.items() if name not in NAMED_ANEW}
                        text = answer.content.decode("latin-1").replace(self.filed, "…").replace(release, "…")
                        text = PLACE.sub("its place", HASHES.sub(lambda found: "#" * len(found[0]), text))
                        found[caller, method, path] = answer.status_code, named, text
        return found


def files(world: World) -> None:
    world.ask({"type": "export", "scope": {}})


def objects(world: World) -> None:
    world.ask({"type": "objection", "scope": {}})


def erases(world: World) -> None:
    world.ask({"type": "erasure", "scope": {}})


def pauses(world: World) -> None:
    with TestClient(applications.as_if_new()) as client:
        assert client.put("/v1/me/pause", json={"minutes": 30}, headers=world.signed_in(ONE)).status_code == 200


def joins(world: World) -> None:
    employ(world.home.parent / "later.csv", SIZE + 1, {LARGE: 220, SMALL: 6})


HAPPENS: dict[str, Callable[[World], None]] = {
    "files": files,
    "objects": objects,
    "erases": erases,
    "pauses": pauses,
    "joins": joins,
}


def archive(file: Path, at: datetime) -> str:
    """Messages of the one person that mention the managers, before and at this time; where it is."""
    space = Workspace()
    one, *others = [space.user(number, f"p{number}@example.com") for number in (ONE, LARGE, SMALL)]
    room = space.conversation("channels.json", "C00000001", "general")
    for other in others:
        space.say(room, one, f"for <@{other}>", ts=f"{(at - timedelta(minutes=50)).timestamp():.6f}")
        space.say(room, one, f"again for <@{other}>", ts=f"{at.timestamp() + 1:.6f}")
    return str(space.write(file))


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Answers]]:
    """What was answered in each world; in the one without a name, nothing happened."""
    folder = tmp_path_factory.mktemp("worlds")
    with pytest.MonkeyPatch.context() as patch, serving_issuer() as issuer:
        patch.setattr(clock, "now", lambda: NOW)
        patch.setenv("OPENBOOK_ISSUER", issuer.url)
        patch.setenv("OPENBOOK_LEDGER_BATCH_SECONDS", "900")
        make(folder / "before")
        patch.setenv("OPENBOOK_HOME", str(folder / "before"))
        people = employ(folder / "people.csv", SIZE, {LARGE: 220, SMALL: 6})
        with writer() as connection:
            apply_policies(connection, [POLICY, replace(POLICY, policy="chat", applications=["Slack"])])
        for who in (LARGE, SMALL, ONE, 8, 9):
            store_captures(people[who], 5)
        dataset = str(create("desktop", Selection()).dataset_version)
        slack = archive(folder / "slack.zip", NOW + timedelta(hours=1))
        patch.setattr(clock, "now", lambda: NOW + timedelta(minutes=20))
        ingest_archive("slack", slack)
        recording.record_if_changed()
        assert batches.seal_due()
        with TestClient(applications.as_if_new()) as client:
            assert client.get("/opendsr/v2/certificate.pem").status_code == 200  # made at the first call, then kept
        patch.setattr(clock, "now", lambda: NOW + timedelta(hours=1))
        found = {}
        for name in ("", *HAPPENS):
            database.close()
            shutil.copytree(folder / "before", folder / (name or "nothing"))
            patch.setenv("OPENBOOK_HOME", str(folder / (name or "nothing")))
            world = World(folder / (name or "nothing"), issuer, dataset)
            if name:
                HAPPENS[name](world)
            ingest_archive("slack", slack)
            finding.find()
            with database.writing() as session:  # the callers are told something of their own, after what happened
                telling.tell(session, Kind.VIOLATION, [(people[who].subject, "of theirs") for who in (LARGE, SMALL)])
            publishing.release(draw=fixed)
            releases.record_in_ledger()
            recording.record_if_changed()
            assert batches.seal_due()
            found[name] = world.answers()
            work_queue.close()
        database.close()
        yield found


def differing(worlds: dict[str, Answers], name: str) -> set[str]:
    """The paths with an answer that differs from that in the world in which nothing happens."""
    before, after = worlds[""], worlds[name]
    assert before.keys() == after.keys()
    return {path for caller, method, path in before if before[caller, method, path] != after[caller, method, path]}


@pytest.mark.parametrize("name", HAPPENS)
def test_no_answer_tells_what_somebody_did(worlds: dict[str, Answers], name: str) -> None:
    assert differing(worlds, name) <= set(JOINING if name == "joins" else ())


def test_every_route_of_theirs_is_called(worlds: dict[str, Answers]) -> None:
    described = {(method, path) for method, path, _ in CALLED}
    assert {route for route in ROUTES if not route[1].startswith("/scim/")} == described
    theirs = {(method, path) for method, path, operation in CALLED if needs(operation) in (ANYONE, PERSON, MANAGER)}
    assert {(method, path) for _, method, path in worlds[""]} == theirs
    told = worlds["joins"]["a manager of many", "GET", "/v1/me/notifications"][2]
    assert '"id":1,' in told
    answered = {path for (_, _, path), (status, _, _) in worlds[""].items() if status == 200}
    assert answered >= {"/v1/area", "/v1/programme", "/v1/datasets/{dataset_version}/leaves", "/v1/ledger/consistency"}
    for caller in ("a manager of many", "a manager of six"):
        assert '"records":2' in worlds["pauses"][caller, "GET", "/v1/me/indirect"][2]
