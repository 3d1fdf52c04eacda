"""A service token is replaced while the API stays reachable: one process after another starts with the new setting."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from multiprocessing.process import BaseProcess
from pathlib import Path
from uuid import uuid4

import httpx2
import pytest

from governance.api import service_tokens
from governance.api.service_tokens import Scope
from tests.governance.conftest import wait_until
from tests.support import calls, forking
from tests.support.ports import free_port

Serve = Callable[..., tuple[str, BaseProcess]]


@pytest.fixture
def serve(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    """`serve(*entries)`: an API with these service tokens; its address, once it answers, and its process."""
    running: list[BaseProcess] = []

    def start(*entries: str) -> tuple[str, BaseProcess]:
        port = free_port()
        monkeypatch.setenv("OPENBOOK_API_PORT", str(port))
        monkeypatch.setenv("OPENBOOK_SERVICE_TOKENS", ",".join(entries))
        process = forking.command("governance", "serve")
        running.append(process)
        address = f"http://localhost:{port}"
        wait_until(lambda: answers(address))
        return address, process

    yield start
    for process in running:
        process.kill()
        process.join()


def answers(address: str) -> bool:
    try:
        return calls.get(f"{address}/v1/ledger/key").is_success
    except httpx2.TransportError:
        return False


def accepted(address: str, token: str) -> bool:
    path = f"/v1/datasets/{uuid4()}"
    answer = calls.get(address + path, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code in (401, 404), answer.text
    return answer.status_code == 404  # it may ask, and there is no such dataset


def test_old_and_new_work_and_then_the_old_is_refused(serve: Serve) -> None:
    (old, old_entry), (new, new_entry) = (
        service_tokens.make("training-pipeline", [Scope.DATASETS_READ]) for _ in range(2)
    )
    first, first_process = serve(old_entry)
    assert [accepted(first, token) for token in (old, new)] == [True, False]
    second, second_process = serve(old_entry, new_entry)
    assert accepted(first, old)
    assert [accepted(second, token) for token in (old, new)] == [True, True]
    first_process.terminate()
    first_process.join()
    assert [accepted(second, token) for token in (old, new)] == [True, True]
    third, _ = serve(new_entry)
    assert accepted(second, old)
    second_process.terminate()
    second_process.join()
    assert [accepted(third, token) for token in (old, new)] == [False, True]
