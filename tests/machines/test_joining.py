"""A second machine joins, and everything is the same there: requests, sign-ins, keys, damage, backups."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import pytest

import clock
import home as homes
from dashboard.sign_in import sessions
from databases import postgresql
from directory.keys import WrongMasterKey, announce_keys, holders
from governance.backup import making
from governance.backup.places.folder import Folder
from governance.backup.places.place import OutOfReach, home_id
from governance.operations import joining
from home import HomeUnavailable, Part
from lake.storage import verifying
from parts import PartUnavailable
from tests.governance.conftest import ROOT, Capture, Client, wait_until
from tests.machines.conftest import Run
from tests.support import calls, object_storage, several_machines, softhsm
from tests.support.object_storage import TestBucket
from tests.support.people import Company
from tests.support.ports import free_port
from tests.support.postgres import Server
from tests.support.several_machines import on

pytestmark = pytest.mark.state_in_files  # the fixture `home` of this folder says where it is

OF_ONE_MACHINE = {"home.json", "clock.json", "releases/releases.duckdb", "releases/releases.fetched"}


@contextmanager
def running(second: Path, *command: str, **settings: str) -> Iterator[subprocess.Popen[bytes]]:
    """A program on the second machine, until the block ends."""
    environment = {**os.environ, "OPENBOOK_HOME": str(second), **settings}
    with subprocess.Popen([sys.executable, "-m", *command], cwd=ROOT, env=environment) as process:
        try:
            yield process
        finally:
            process.terminate()


def answers(url: str) -> bool:
    try:
        return calls.get(f"{url}/readyz").status_code == 200
    except httpx2.TransportError:
        return False


@pytest.mark.timeout(300)
def test_what_is_asked_on_one_machine_is_done_and_read_on_another(
    joined: Path, person: Company, capture: Capture, api: Client, token_for: Callable[..., str], tmp_path: Path
) -> None:
    ada = person("ada@example.com")
    capture(ada, 3)
    here, port = api(ada), free_port()
    url = f"http://localhost:{port}"
    with (
        running(joined, "governance", "work"),
        running(joined, "governance", "serve", OPENBOOK_API_PORT=str(port)),
    ):
        wait_until(lambda: answers(url))
        with httpx2.Client(base_url=url, headers={"Authorization": f"Bearer {token_for(ada)}"}, timeout=60) as other:
            assert other.get("/v1/me/summary").json()["captures"] == 3
            filed = here.post("/v1/requests", json={"type": "export"}).json()["id"]
            wait_until(lambda: other.get(f"/v1/requests/{filed}").json()["state"] == "completed")
            there, mine = (client.get(f"/v1/requests/{filed}/export") for client in (other, here))
            assert (there.status_code, there.content[:2]) == (200, b"PK")
            assert mine.content == there.content
            erasure = other.post("/v1/requests", json={"type": "erasure"}).json()["id"]
            done = wait_until(lambda: here.get(f"/v1/requests/{erasure}").json()["state"] == "completed")
            assert done
            receipts = [client.get(f"/v1/requests/{erasure}/receipt").json() for client in (here, other)]
            assert receipts[0] == receipts[1]
            assert here.get("/v1/me/summary").json()["captures"] == 0
    state = {path.relative_to(joined).as_posix() for path in joined.rglob("*") if path.is_file()}
    assert {name for name in state if not name.endswith(".lock")} <= OF_ONE_MACHINE


def test_joining_again_changes_nothing(joined: Path, home: Path, there: Run) -> None:
    before = (joined / "home.json").read_bytes()
    assert "is already there" in there("governance", "join").stdout
    assert (joined / "home.json").read_bytes() == before
    assert homes.Home.from_json(before).id == homes.read().id


@pytest.mark.parametrize("name", ["DATABASE_URL", "LAKE_CATALOG", "OBJECTS_URL", "SIGNING_KEY", "OPENDSR_KEY"])
def test_a_home_with_state_in_files_is_not_joined(there: Run, second: Path, name: str) -> None:
    said = there("governance", "join", status=1, **{f"OPENBOOK_{name}": ""}).stderr
    assert f"OPENBOOK_{name}" in said
    assert "Nothing was created" in said
    assert not (second / "home.json").exists()


def test_a_home_without_a_key_service_is_joined_without_it(second: Path, there: Run) -> None:
    given = dict(zip(softhsm.SETTINGS, ("/usr/lib/softhsm/libsofthsm2.so", "open-book", "1234"), strict=True))
    there("governance", "join", **given)
    with pytest.MonkeyPatch.context() as patch, on(second, patch):
        assert Part.KEY_SERVICE not in homes.read().parts
    assert not (second / Part.KEY_SERVICE.place).exists()


def test_another_home_is_not_joined(
    home: Path,
    second: Path,
    person: Company,
    capture: Capture,
    postgres_url: str,
    object_server: object_storage.Server,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    capture(person("ada@example.com"), 1)
    for name, value, refused in (
        ("OPENBOOK_DATABASE_URL", postgres_url, HomeUnavailable),
        ("OPENBOOK_MASTER_KEY", several_machines.new_key(), WrongMasterKey),
    ):
        with on(second, monkeypatch), monkeypatch.context() as wrong:
            wrong.setenv(name, value)
            with pytest.raises(refused):
                joining.join()
    with on(second, monkeypatch), monkeypatch.context() as wrong:
        object_storage.new_bucket(object_server, wrong)
        with pytest.raises(PartUnavailable, match="nothing of this home"):
            joining.join()
    assert not (second / "home.json").exists()
    with on(second, monkeypatch):
        (second / Part.SIGNING_KEY.place).parent.mkdir(parents=True)
        (second / Part.SIGNING_KEY.place).write_bytes(bytes(32))
        with pytest.raises(HomeUnavailable, match="parts of another home"):
            joining.join()


def test_a_sign_in_counts_on_every_machine(joined: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    claims = {"sub": "ada", "exp": int(clock.now().timestamp()) + 600}
    cookies = [sessions.begin(claims, {"access_token": f"token {number}"})[0] for number in range(3)]
    with on(joined, monkeypatch):
        found = sessions.find(cookies[0])
        assert found is not None
        assert found.tokens == {"access_token": "token 0"}
        assert sessions.replace(found, "renewed", "", clock.now().timestamp(), 60)
        sessions.want(found.reference, {"place": "/requests"})
        sessions.end(str(sessions.reference_of(cookies[1])))
    again = sessions.find(cookies[0])
    assert again is not None
    assert (again.tokens["access_token"], again.wanted) == ("renewed", {"place": "/requests"})
    assert sessions.find(cookies[1]) is None
    sessions.end_all_of(again.person)
    with on(joined, monkeypatch):
        assert [sessions.find(cookie) for cookie in cookies] == [None] * 3


def test_sessions_are_limited_and_removed(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ends_at = int(clock.now().timestamp()) + 600
    first = sessions.begin({"sub": "ada", "exp": ends_at}, {})[0]
    for number in range(sessions.MOST_OF_A_PERSON):
        sessions.begin({"sub": "ada", "exp": ends_at + number + 1}, {})
    assert sessions.find(first) is None
    assert sessions.remove_ended() == sessions.MOST_OF_A_PERSON
    later = datetime.fromtimestamp(ends_at + 1000, UTC)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert sessions.remove_ended() == 0


def test_a_master_key_that_another_machine_does_not_know_is_refused(
    joined: Path, person: Company, capture: Capture, there: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    capture(person("ada@example.com"), 1)
    old = os.environ["OPENBOOK_MASTER_KEY"]
    port = free_port()
    new = {"OPENBOOK_MASTER_KEY": several_machines.new_key(), "OPENBOOK_MASTER_KEY_PREVIOUS": old}
    announce_keys()
    assert len(holders.running()) == 1
    with running(joined, "governance", "serve", OPENBOOK_API_PORT=str(port)):
        wait_until(lambda: answers(f"http://localhost:{port}"))
        assert len(holders.running()) == 2
        for name, value in new.items():
            monkeypatch.setenv(name, value)
        announce_keys()  # as if this process was restarted
        refused = there("governance", "rotate-keys", "master", status=1, **new)
        assert refused.stderr.count("process ") == 1
    wait_until(lambda: len(holders.running()) == 1)
    there("governance", "rotate-keys", "master", **new)


def test_a_process_whose_connection_ended_says_again_what_it_knows(home: Path, postgres: Server) -> None:
    announce_keys()
    [before] = holders.running()
    with postgresql.connect() as connection:
        connection.execute("select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory'")
    wait_until(lambda: holders.running() == [])
    announce_keys()
    assert holders.running() == [before]


def test_damage_found_on_one_machine_is_known_on_another(
    joined: Path, person: Company, capture: Capture, bucket: TestBucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    capture(person("ada@example.com"), 3)
    assert verifying.verify().damaged == ()
    [file] = [key for key in bucket.contents() if key.startswith("lake/main/captures/")]
    bucket.replace(file, b"damaged")
    with on(joined, monkeypatch):
        assert verifying.known().damaged == ()
        [found] = verifying.verify().damaged
    assert [found] == list(verifying.known().damaged)
    assert found.file in file


def test_backups_are_continued_by_another_machine(
    joined: Path, person: Company, capture: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    capture(person("ada@example.com"), 3)
    place = Folder(tmp_path / "backups")
    first = making.make(place)
    with on(joined, monkeypatch):
        second = making.make(place)
        assert {place.manifest(made.name).home for made in (first, second)} == {home_id()}
        with pytest.raises(OutOfReach):
            Folder(tmp_path / "not mounted").open()


def test_dashboards_of_several_machines_need_the_same_cookie_secret(
    joined: Path, there: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = there("dashboard", status=1, OPENBOOK_COOKIE_SECRET="").stderr
    assert "OPENBOOK_COOKIE_SECRET" in said
    assert not (joined / "dashboard" / "cookie.secret").exists()
