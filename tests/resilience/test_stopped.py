"""A process that holds the lake's lock is stopped (SIGSTOP): no one hangs, and it loses its turn permanently."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from multiprocessing.process import BaseProcess
from pathlib import Path
from uuid import UUID, uuid4

import httpx2
import orjson
import pytest

from governance.requests import holds
from lake.storage import reader_lock, waiting
from lake.storage.catalogs import catalog, lease
from lake.storage.connection import LakeBusy, lake_folder, reading, writer
from tests.governance.conftest import Capture, Client, wait_until
from tests.lake.rows import count, every_minute, put
from tests.resilience.lives import Lives
from tests.support import forking
from tests.support.people import Company
from tests.support.ports import free_port

Hold = Callable[..., BaseProcess]
SUBJECT = UUID(int=7)
CALLS = 45


def _hold(ready: str, go: str, alone: bool) -> None:
    """Take the write lock, report it, and write once allowed."""
    with writer() as connection:
        if alone:
            with reader_lock.alone(catalog(), 30):
                Path(ready).touch()
                signal.pause()
        Path(ready).touch()
        wait_until(Path(go).exists, 120)
        put(connection, SUBJECT, every_minute(1))


@pytest.fixture
def holding(home: Path, tmp_path: Path) -> Iterator[Hold]:
    """Starts a process that holds the write lock; `alone`: and deletes files. With `stopped` it is then stopped."""
    started: list[BaseProcess] = []

    def begin(*, alone: bool = False, stopped: bool = True) -> BaseProcess:
        ready = tmp_path / f"ready-{len(started)}"
        process = forking.start(_hold, str(ready), str(tmp_path / "go"), alone)
        started.append(process)
        wait_until(ready.exists)
        if stopped:
            os.kill(_pid(process), signal.SIGSTOP)
        return process

    yield begin
    for process in started:
        process.kill()
        process.join()


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """A holder counts as stopped after two seconds."""
    monkeypatch.setattr(lease, "LOST_SECONDS", 2.0)
    monkeypatch.setattr(waiting, "LOOK_AFTER_SECONDS", 0.1)


def test_calls_waiting_for_the_lake_do_not_block_others(
    person: Company,
    capture: Capture,
    token_for: Callable[..., str],
    lives: Lives,
    holding: Hold,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The calls come from different people, because one person's calls would wait for each other."""
    ada = person("ada@example.com")
    capture(ada, 3)
    tokens = [token_for(person(f"p{number}@example.com")) for number in range(CALLS)]
    own = token_for(ada)
    port = free_port()
    monkeypatch.setenv("OPENBOOK_API_PORT", str(port))
    lives.api()

    def get(path: str, token: str = own) -> httpx2.Response:
        headers = {"Authorization": f"Bearer {token}"}
        return httpx2.get(f"http://localhost:{port}{path}", headers=headers, timeout=25)

    wait_until(lambda: _answers(get))
    holding(alone=True)
    with ThreadPoolExecutor(CALLS) as threads:
        calls = [threads.submit(get, "/v1/me/captures", token) for token in tokens]
        health = get("/healthz")
        assert (health.status_code, health.json()["lake"]) == (200, "busy")
        for path in ("/v1/me", "/v1/requests", "/v1/ledger/key", "/healthz"):
            assert get(path).status_code == 200
        answers = [call.result() for call in calls]
    assert {answer.status_code for answer in answers} == {503}
    assert {answer.headers["Retry-After"] for answer in answers} == {"5"}
    assert {answer.json()["detail"] for answer in answers} == {waiting.BUSY}


@pytest.mark.parametrize("alone", [False, True])
def test_a_stopped_holder_loses_the_lock_without_writing(
    holding: Hold, soon: None, tmp_path: Path, alone: bool
) -> None:
    stopped = holding(alone=alone)
    if alone:
        with reading():
            pass
    with writer() as connection:
        (tmp_path / "go").touch()
        with suppress(ProcessLookupError):
            os.kill(_pid(stopped), signal.SIGCONT)
        stopped.join()
        assert stopped.exitcode == -signal.SIGKILL
        assert count(connection, SUBJECT) == 0


def test_repeated_short_waits_end_a_stopped_holder(holding: Hold, soon: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """No one waits until it is certain: the first waiter starts a watch in the background."""
    monkeypatch.setattr(waiting, "SECONDS", 0.5)
    stopped = holding()
    with waiting.bounded(), pytest.raises(LakeBusy), writer():
        pass
    stopped.join(60)
    assert stopped.exitcode == -signal.SIGKILL
    with writer():
        pass


def test_a_living_lock_holder_keeps_the_lock(
    holding: Hold, soon: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "LOST_SECONDS", 6.0)
    working = holding(stopped=False)
    with pytest.raises(LakeBusy), writer(patience=9.0):
        pass
    (tmp_path / "go").touch()
    working.join()
    assert working.exitcode == 0
    with writer() as connection:
        assert count(connection, SUBJECT) == 1


def watch() -> None:
    """Watch the holder, as someone who waits for long does, until that is settled."""
    lease.watch(lake_folder())
    for thread in threading.enumerate():
        if thread.name == "lease-watch":
            thread.join()


@pytest.mark.parametrize(
    "other", [{"boot": "another"}, {"namespace": "another"}, {"start": 1}, {"pid": 2**22}, {"pid": "x"}]
)
def test_a_possibly_different_process_is_never_killed(holding: Hold, soon: None, other: dict[str, object]) -> None:
    stopped = holding()
    record = lake_folder() / lease.HOLDER
    record.write_bytes(orjson.dumps({**orjson.loads(record.read_bytes()), **other}))
    watch()
    assert stopped.is_alive()


def test_a_process_without_the_lock_file_is_never_killed(holding: Hold, soon: None) -> None:
    stopped = holding()
    (lake_folder() / lease.LOCK).unlink()
    (lake_folder() / lease.LOCK).touch()
    watch()
    assert stopped.is_alive()


def test_waits_are_limited_and_the_next_caller_is_refused(
    home: Path, holding: Hold, monkeypatch: pytest.MonkeyPatch
) -> None:
    holding(alone=True)
    monkeypatch.setattr(waiting, "SECONDS", 600.0)
    with waiting.bounded(threading.Semaphore(0)), pytest.raises(LakeBusy, match="busy"), reading():
        pass


def test_a_hold_refused_as_busy_is_placed_later(
    api: Client, person: Company, capture: Capture, holding: Hold, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(waiting, "SECONDS", 0.2)
    ada, officer = person(), person("olga@example.com", role="privacy_officer")
    capture(ada, 2)
    working = holding(stopped=False)
    new = {"employee": ada.email, "everything": True, "case": "TAX-7", "exception": "gdpr_17_3_b"}
    answer = api(officer).post("/v1/holds", json={**new, "review_on": "2099-01-31"})
    assert answer.status_code == 503
    assert "It is saved" in answer.json()["detail"]
    assert "Nothing was changed" not in answer.json()["detail"]
    (tmp_path / "go").touch()
    working.join()
    holds.carry_out_pending()
    assert [hold["case"] for hold in api(officer).get("/v1/holds").json()] == ["TAX-7"]


def _answers(get: Callable[[str], httpx2.Response]) -> bool:
    try:
        return get("/healthz").status_code == 200
    except httpx2.TransportError:
        return False


def _pid(process: BaseProcess) -> int:
    assert process.pid is not None
    return process.pid


def test_the_holder_record_is_removed_after_the_turn(home: Path) -> None:
    with writer() as connection:
        held = lease.holder(lake_folder())
        assert held is not None
        assert held.pid == os.getpid()
        put(connection, uuid4(), every_minute(1))
    assert lease.holder(lake_folder()) is None
