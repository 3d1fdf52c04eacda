"""The API on a full disk, and on a read-only home: everyone gets a true message, and no traceback."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from directory import Employee
from governance.db import database, work_queue
from tests.governance.conftest import Capture
from tests.resilience.answers import check, everything
from tests.support.damage import let_go
from tests.support.people import Company
from tests.support.ports import free_ports

ROOT = Path(__file__).parents[2]
START_SECONDS = 120.0
NO_FILE_MAY_GROW = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))"
"""As on a full disk: all writes fail."""
LIKE_OTHER_ACCOUNTS = "import ctypes; [ctypes.CDLL(None).prctl(24, capability, 0, 0, 0) for capability in (1, 2)]"
"""File modes apply to root, too: the capabilities to override them are dropped."""
SERVE = "import os, sys; os.execv(sys.executable, [sys.executable, '-m', 'governance', 'serve'])"


@pytest.fixture
def officer(person: Company, capture: Capture) -> Employee:
    ada = person("ada@example.com", role="privacy_officer")
    capture(ada, 30)
    return ada


@contextmanager
def served(token: str, before: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[httpx2.Client]:
    """The API in a separate process, in which the program `before` was run."""
    for module in (work_queue, database):
        module.close()
    let_go()
    [port] = free_ports(1)
    monkeypatch.setenv("OPENBOOK_API_PORT", str(port))
    process = subprocess.Popen(
        [sys.executable, "-c", f"{before}; {SERVE}"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    headers = {"Authorization": f"Bearer {token}"}
    said = ""
    try:
        with httpx2.Client(base_url=f"http://localhost:{port}", headers=headers, timeout=120) as client:
            until = time.monotonic() + START_SECONDS
            while not _answers(client):
                assert process.poll() is None, process.communicate()[0]
                assert time.monotonic() < until
                time.sleep(0.2)
            yield client
    finally:
        process.terminate()
        said, _ = process.communicate(timeout=60)
    assert "Traceback" not in said


def _answers(client: httpx2.Client) -> bool:
    try:
        return client.get("/healthz").status_code in (200, 503)
    except httpx2.TransportError:
        return False


@contextmanager
def read_only(home: Path) -> Iterator[None]:
    modes = {path: path.stat().st_mode for path in (home, *home.rglob("*"))}
    try:
        for path in modes:
            path.chmod(0o500 if path.is_dir() else 0o400)
        yield
    finally:
        for path, mode in modes.items():
            path.chmod(mode)


def test_a_full_disk_is_reported_as_such(
    officer: Employee, token_for: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with served(token_for(officer), NO_FILE_MAY_GROW, monkeypatch) as client:
        answers = everything(client)
    check(answers)
    assert answers["file"]["status"] == 503
    assert "disk" in answers["file"]["text"]


def test_a_read_only_home_is_reported_as_such(
    officer: Employee, home: Path, token_for: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    token = token_for(officer)
    with read_only(home), served(token, LIKE_OTHER_ACCOUNTS, monkeypatch) as client:
        answers = everything(client)
    check(answers)
    assert answers["file"]["status"] == 503
    assert "writable" in answers["file"]["text"]
    assert answers["/healthz"]["status"] == 503
