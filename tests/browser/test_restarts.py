"""The processes of a running demo: each is restarted when it dies, and has no secret of another one."""

from __future__ import annotations

import os
import signal
import time
import urllib.request
from pathlib import Path

import pytest

from demo.environments import OWN, SECRETS
from tests.browser.conftest import Stack

PROGRAMS = {
    "identity provider": "demo.identity_provider",
    "governance API": "governance\0serve",
    "worker": "governance\0work",
    "dashboard": "-m\0dashboard\0",
}


def process_of(stack: Stack, program: str) -> int | None:
    """The process that the demo started for a program."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == stack.process_id and program in (folder / "cmdline").read_text():
                return int(folder.name)
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has ended
    return None


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_demo_process_that_dies_is_restarted(stack: Stack, name: str) -> None:
    first = process_of(stack, PROGRAMS[name])
    assert first
    os.kill(first, signal.SIGKILL)
    url = {
        "identity provider": f"{stack.identity_provider}/.well-known/openid-configuration",
        "dashboard": f"{stack.dashboard}/_stcore/health",
    }.get(name, f"{stack.api}/healthz")
    while process_of(stack, PROGRAMS[name]) in (first, None) or not answers(url):
        time.sleep(0.2)
    said = stack.output.read_text()
    assert f"The {name} ended (killed by signal 9). It is started again in 1 s." in said
    assert f"The {name} was started again." in said


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_process_has_no_secret_of_another(stack: Stack, name: str) -> None:
    process = process_of(stack, PROGRAMS[name])
    environment = Path(f"/proc/{process}/environ").read_text()
    found = {variable.partition("=")[0] for variable in environment.split("\0")} & SECRETS
    assert found <= OWN[name]
    assert (name == "dashboard") == ("OPENBOOK_COOKIE_SECRET" in found) == ("OPENBOOK_CLIENT_SECRET" in found)
    for kept in ("client_secret", "cookie_secret", "session_secret"):
        is_its_own = name == "dashboard" and kept != "session_secret"
        assert ((stack.home / "demo" / kept).read_text() in environment) == is_its_own
