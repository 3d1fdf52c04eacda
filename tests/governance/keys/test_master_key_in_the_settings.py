"""The master key of the settings is replaced: new and old side by side, and no process that knows only the old one."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from directory.keys import KeyRing, Oneself, WrongMasterKey, holders
from directory.keys.master import PREVIOUS, VARIABLE, MasterKeys
from governance.db import database
from home import Part
from tests.governance.conftest import ROOT, Capture, Client, wait_until
from tests.governance.keys.wrapped import changes_in_the_ledger, opened_with, rotate
from tests.support.people import Company
from tests.support.ports import free_ports

OLD, NEW, THIRD = b"o" * 32, b"n" * 32, b"t" * 32
Set = Callable[..., dict[str, str]]
Process = Callable[..., "subprocess.Popen[str]"]


def encoded(key: bytes) -> str:
    return base64.b64encode(key).decode()


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> Set:
    """`keys(key, previous)`: sets them for this process and those that it starts; the environment."""

    def set_keys(key: bytes | None, previous: bytes | None = None) -> dict[str, str]:
        for name, value in ((VARIABLE, key), (PREVIOUS, previous)):
            monkeypatch.setenv(name, encoded(value) if value else "")
        holders.announce_keys()  # as if this process was restarted
        return dict(os.environ)

    return set_keys


@pytest.fixture
def started(home: Path, keys: Set) -> Path:
    """A home under the old key of the settings."""
    keys(OLD)
    Part.MASTER_KEY.path.unlink()
    return home


@pytest.fixture
def process() -> Iterator[Process]:
    """`process(*command)`: a running program with the settings of this moment."""
    running: list[subprocess.Popen[str]] = []

    def start(*command: str) -> subprocess.Popen[str]:
        api, dashboard = map(str, free_ports(2))
        environment = {**os.environ, "OPENBOOK_API_PORT": api, "OPENBOOK_DASHBOARD_PORT": dashboard}
        running.append(subprocess.Popen([sys.executable, *command], cwd=ROOT, env=environment, text=True))
        return running[-1]

    yield start
    for each in running:
        each.kill()
        each.wait()


def announced() -> int:
    with holders._alone():
        return len(list(holders._living()))


def test_old_and_new_side_by_side_then_only_new(
    started: Path, keys: Set, person: Company, capture: Capture, api: Client
) -> None:
    ada = person()
    capture(ada, 3)
    before = api(ada).get("/v1/me/captures").json()
    done = rotate(keys(NEW, OLD))
    assert (done.returncode, done.stderr) == (0, "")
    assert f"Remove {PREVIOUS}" in done.stdout
    for key, previous in ((NEW, OLD), (NEW, None)):
        keys(key, previous)
        assert api(ada).get("/v1/me/captures").json() == before
    capture(person("bob@example.com"))
    assert (len(opened_with(NEW)), len(opened_with(OLD))) == (2, 0)
    keys(OLD)
    assert api(ada).get("/v1/me/captures").status_code == 503


def test_until_it_is_replaced_both_keys_work(started: Path, keys: Set, person: Company, capture: Capture) -> None:
    ada = person("ada@example.com")
    capture(ada)
    keys(NEW, OLD)
    capture(ada)
    capture(person("bob@example.com"))
    assert len(opened_with(OLD)) == 2


@pytest.mark.parametrize(
    "command", [("-m", "governance", "serve"), ("-m", "governance", "work"), ("-m", "dashboard")], ids=lambda c: c[-1]
)
def test_a_process_that_knows_only_the_old_key_prevents_it(
    started: Path, keys: Set, person: Company, capture: Capture, process: Process, command: tuple[str, ...]
) -> None:
    capture(person())
    before = announced()
    running = process(*command)
    wait_until(lambda: announced() > before)
    refused = rotate(keys(NEW, OLD))
    assert refused.returncode == 1
    assert f"process {running.pid} on" in refused.stderr
    assert "Restart them, one after the other" in refused.stderr
    assert (len(opened_with(OLD)), changes_in_the_ledger()) == (1, [])
    running.kill()
    running.wait()
    process(*command)
    wait_until(lambda: announced() > before)
    assert rotate().returncode == 0
    assert len(opened_with(NEW)) == 1


def test_any_program_that_uses_keys_prevents_it(
    started: Path, keys: Set, person: Company, capture: Capture, process: Process
) -> None:
    capture(person())
    before = announced()
    process("-c", "import time; from directory.keys import KeyRing; KeyRing(); time.sleep(600)")
    wait_until(lambda: announced() > before)
    assert "don't know the new master key" in rotate(keys(NEW, OLD)).stderr


def test_one_that_starts_with_the_old_key_afterwards_is_told(
    started: Path, keys: Set, person: Company, capture: Capture
) -> None:
    ada = person()
    capture(ada)
    rotate(keys(NEW, OLD))
    keys(OLD)
    ring = KeyRing()
    with pytest.raises(WrongMasterKey):
        ring.content_key(ada.subject, Oneself(ada.subject))
    with pytest.raises(WrongMasterKey):
        ring.create_content_key(stranger := person("bob@example.com").subject, Oneself(stranger))


def test_repeating_it_changes_nothing(started: Path, keys: Set, person: Company, capture: Capture) -> None:
    capture(person())
    keys(NEW, OLD)
    assert "was replaced" in rotate().stdout
    again = rotate()
    assert (again.returncode, "already. Nothing was changed." in again.stdout) == (0, True)
    assert len(changes_in_the_ledger()) == 1
    refused = rotate(keys(NEW))
    assert (refused.returncode, "To replace it, set OPENBOOK_MASTER_KEY to a new key" in refused.stderr) == (1, True)


@pytest.mark.parametrize(("key", "previous"), [(NEW, None), (NEW, THIRD), (OLD, None)])
def test_without_the_two_right_keys_nothing_changes(
    started: Path, keys: Set, person: Company, capture: Capture, key: bytes, previous: bytes | None
) -> None:
    capture(person())
    assert rotate(keys(key, previous)).returncode == 1
    database.close()
    assert (len(opened_with(OLD)), changes_in_the_ledger()) == (1, [])


@pytest.mark.parametrize("configured", ["c2hvcnQ=", "not base64!"])
def test_an_invalid_previous_key_is_named(
    started: Path, monkeypatch: pytest.MonkeyPatch, person: Company, configured: str
) -> None:
    monkeypatch.setenv(PREVIOUS, configured)
    done = rotate()
    assert done.returncode == 1
    assert PREVIOUS in done.stderr
    assert configured not in done.stderr


def test_a_key_in_the_home_can_move_to_the_settings(
    home: Path, keys: Set, person: Company, capture: Capture, api: Client
) -> None:
    ada = person()
    capture(ada, 3)
    before = api(ada).get("/v1/me/captures").json()
    of_the_home = Part.MASTER_KEY.path.read_bytes()
    keys(NEW, of_the_home)
    api(ada).get("/v1/me/captures")
    assert rotate().returncode == 0
    keys(NEW)
    assert api(ada).get("/v1/me/captures").json() == before
    assert (len(opened_with(NEW)), len(opened_with(of_the_home))) == (1, 0)


def test_files_of_dead_processes_go(started: Path, process: Process) -> None:
    before = announced()
    dead = process("-c", "import time; from directory.keys import KeyRing; KeyRing(); time.sleep(600)")
    wait_until(lambda: announced() > before)
    dead.kill()
    dead.wait()
    with holders.all_know(MasterKeys((OLD,))):
        assert len(list(Part.DIRECTORY.path.with_name("holders").glob("*.holder"))) == before
