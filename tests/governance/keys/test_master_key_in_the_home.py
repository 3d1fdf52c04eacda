"""The master key in the home is replaced while everything runs, and whatever happens in between."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from starlette.testclient import TestClient

from directory import Employee
from directory.keys import KeyRing, Oneself
from directory.keys.master import next_path
from governance.db.database import lock
from governance.fulfilment import erasure
from governance.ledger import master_key_changes
from governance.ledger.key_changes import BackupRunning
from governance.requests.progress import attempt, attempt_each, begin
from home import Part
from tests.governance.conftest import Capture, Client
from tests.governance.keys.wrapped import (
    as_before,
    changes_in_the_ledger,
    names_with,
    opened_with,
    rotate,
    wrapped_keys,
)
from tests.resilience.lives import KILLED, Lives, beginning
from tests.support.people import Company

PLACE = "directory/master.key"


@pytest.fixture
def lives(home: Path) -> Iterator[Lives]:
    with beginning() as started:
        yield started


def words(client: TestClient) -> list[str]:
    return [str(capture["content"]["text"]) for capture in client.get("/v1/me/captures").json()["captures"]]


def key_of(somebody: Employee) -> bytes | None:
    keys = KeyRing()
    return keys.content_key(somebody.subject, Oneself(somebody.subject))


def test_the_command_replaces_the_key_in_the_home(
    home: Path, api: Client, person: Company, capture: Capture, unknown: TestClient
) -> None:
    ada, bob = person("ada@example.com"), person("bob@example.com")
    for somebody in (ada, bob):
        capture(somebody, 3)
    old, before = Part.MASTER_KEY.path.read_bytes(), words(api(ada))
    wrapped = wrapped_keys()
    done = rotate()
    assert (done.returncode, done.stderr) == (0, "")
    assert "opens nothing in this home" in done.stdout
    new = Part.MASTER_KEY.path.read_bytes()
    assert Part.MASTER_KEY.path.stat().st_mode & 0o777 == 0o600
    assert (len(opened_with(new)), len(opened_with(old))) == (2, 0)
    assert words(api(ada)) == before
    for secret in (old, *wrapped):
        assert names_with(home, secret) == []
    assert names_with(home, new) == ["master.key"]
    assert unknown.get("/healthz").json()["keys"] == "ok"


def test_the_ledger_tells_no_key_and_no_number(
    person: Company, capture: Capture, unknown: TestClient, home: Path
) -> None:
    capture(person())
    rotate()
    [told] = [
        entry["statement"]
        for entry in unknown.get("/v1/ledger/entries").json()["entries"]
        if entry["statement"]["kind"] == master_key_changes.KIND
    ]
    assert told.keys() == {"kind", "at", "change"}
    assert UUID(told["change"])


def test_each_call_makes_another_key(person: Company, capture: Capture) -> None:
    capture(person())
    seen = {Part.MASTER_KEY.path.read_bytes()}
    for _ in range(2):
        assert master_key_changes.replace()
        seen.add(Part.MASTER_KEY.path.read_bytes())
    assert len(seen) == 3
    assert len({change["change"] for change in changes_in_the_ledger()}) == 2


@contextmanager
def everybody_reads(*people: Employee) -> Iterator[list[BaseException]]:
    """People read and newcomers get keys, all the time, with rings from before and new ones; what fails."""
    failures: list[BaseException] = []
    stop = threading.Event()
    expected = {somebody: key_of(somebody) for somebody in people}

    def read() -> None:
        from_before = KeyRing()
        while not stop.is_set():
            try:
                for somebody, key in expected.items():
                    own = Oneself(somebody.subject)
                    assert from_before.content_key(somebody.subject, own) == key == key_of(somebody)
                newcomer = uuid4()
                made = from_before.create_content_key(newcomer, Oneself(newcomer))
                assert KeyRing().content_key(newcomer, Oneself(newcomer)) == made
            except BaseException as error:
                failures.append(error)
                return

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    try:
        yield failures
    finally:
        stop.set()
        for reader in readers:
            reader.join()


def test_no_reader_fails_while_it_changes(person: Company, capture: Capture) -> None:
    people = [person(f"{name}@example.com") for name in ("ada", "bob")]
    for somebody in people:
        capture(somebody)
    with everybody_reads(*people) as failures:
        for _ in range(8):
            assert master_key_changes.replace()
    assert failures == []
    assert len(opened_with(Part.MASTER_KEY.path.read_bytes())) == len(wrapped_keys()) > 2


STEPS = {
    "after lake.storage.durable:write_bytes": "before",
    "before directory.keys.rewrapping:_wrap_all": "before",
    "after directory.keys.rewrapping:_anew": "before",
    "after directory.keys.rewrapping:rewrap": "after",
    "after governance.ledger.log:append": "after",
    "before governance.ledger.master_key_changes:_take_into_use": "after",
    "after governance.ledger.master_key_changes:_take_into_use": "after",
    "before directory.keys.rewrapping:forget": "after",
}
"""Where the command dies, and whether the content keys are wrapped anew by then."""


@pytest.mark.parametrize("completed_by", ["the command", "a worker"])
@pytest.mark.parametrize("point", STEPS)
def test_whatever_is_killed_is_completed_once(
    person: Company, capture: Capture, lives: Lives, api: Client, home: Path, point: str, completed_by: str
) -> None:
    ada, bob = person("ada@example.com"), person("bob@example.com")
    for somebody in (ada, bob):
        capture(somebody)
    old, before, keys = Part.MASTER_KEY.path.read_bytes(), words(api(ada)), [key_of(ada), key_of(bob)]
    killed = lives.rotation(point)
    killed.join(60)
    assert killed.exitcode == KILLED
    assert len(opened_with(old)) == (2 if STEPS[point] == "before" else 0)
    assert (words(api(ada)), [key_of(ada), key_of(bob)]) == (before, keys)
    capture(carl := person("carl@example.com"))
    if completed_by == "a worker":
        master_key_changes.complete()
    else:
        assert rotate().returncode == 0
    new = Part.MASTER_KEY.path.read_bytes()
    assert (len(opened_with(new)), len(opened_with(old))) == (3, 0)
    assert (words(api(ada)), [key_of(ada), key_of(bob)]) == (before, keys)
    assert key_of(carl)
    assert len(changes_in_the_ledger()) == 1
    assert [path.name for path in home.glob("directory/master*")] == ["master.key"]
    assert names_with(home, old) == []


def test_it_waits_for_a_backup_and_changes_nothing(person: Company, capture: Capture) -> None:
    capture(person())
    old = Part.MASTER_KEY.path.read_bytes()
    with lock("backup"):
        with pytest.raises(BackupRunning):
            master_key_changes.replace()
        master_key_changes.complete()
    assert Part.MASTER_KEY.path.read_bytes() == old
    assert not next_path().exists()


def test_a_wrong_key_is_not_replaced(person: Company, capture: Capture, home: Path) -> None:
    capture(person())
    right = Part.MASTER_KEY.path.read_bytes()
    Part.MASTER_KEY.path.write_bytes(bytes(32))
    done = rotate()
    assert done.returncode == 1
    assert "another master key" in done.stderr
    assert not next_path().exists()
    assert len(opened_with(right)) == 1


def erase(request: UUID, *, rotating_after: str) -> None:
    """Carry out an erasure; the master key is replaced after one of its steps, whatever it was."""
    for step in erasure.TOGETHER:
        assert attempt(step, [request]) is None
        if step.__name__ == rotating_after:
            master_key_changes.replace()
    assert attempt_each(erasure.EACH, request) is None


@pytest.mark.parametrize("step", ["write_tombstones", "remove", "purge"])
def test_an_erasure_in_flight_destroys_the_right_key(
    home: Path, person: Company, capture: Capture, api: Client, step: str
) -> None:
    ada, bob = person("ada@example.com"), person("bob@example.com")
    for somebody in (ada, bob):
        capture(somebody)
    content_key, wrapped = key_of(ada), wrapped_keys()
    assert content_key
    request = UUID(api(ada).post("/v1/requests", json={"type": "erasure"}).json()["id"])
    begin(request)
    erase(request, rotating_after=step)
    assert api(ada).get(f"/v1/requests/{request}").json()["outcome"]["content_key_destroyed"]
    assert key_of(ada) is None
    assert key_of(bob)
    for secret in (content_key, *wrapped):
        assert names_with(home, secret) == []


def test_an_erasure_of_the_version_before_is_completed(
    home: Path, person: Company, capture: Capture, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It had recorded which key it was about to destroy, and died; then came the new version, and a new master key."""
    ada = person()
    capture(ada)
    request = UUID(api(ada).post("/v1/requests", json={"type": "erasure"}).json()["id"])
    begin(request)
    assert attempt(erasure.write_tombstones, [request]) is None
    with monkeypatch.context() as dying:
        dying.setattr(KeyRing, "destroy_content_key", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            erasure.remove([request])
    as_before(Part.DIRECTORY.path)
    master_key_changes.replace()
    assert key_of(ada)
    erase(request, rotating_after="remove")
    assert api(ada).get(f"/v1/requests/{request}").json()["outcome"]["content_key_destroyed"]
    assert key_of(ada) is None


def test_fingerprints_survive_every_wrapping(person: Company, capture: Capture) -> None:
    ada = person()
    capture(ada)
    keys = KeyRing()
    first = keys.fingerprint(ada.subject)
    as_before(Part.DIRECTORY.path)
    for _ in range(2):
        master_key_changes.replace()
        assert keys.fingerprint(ada.subject) == first
    keys.destroy_content_key(ada.subject)
    keys.create_content_key(ada.subject, Oneself(ada.subject))
    assert keys.fingerprint(ada.subject) not in (None, first)
