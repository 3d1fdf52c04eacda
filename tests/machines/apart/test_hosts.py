"""The hosts that tests of several machines run on."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.governance.conftest import ROOT, wait_until
from tests.support import hosts as apart
from tests.support.hosts import Host, Hosts
from tests.support.ports import free_port

pytestmark = pytest.mark.skipif(bool(apart.why_not()), reason=apart.why_not())

KILLED = """
import os, signal
from tests.support import hosts
with hosts.separate() as made:
    print(made.one.start(["sleep", "1000"]).pid, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def connects(host: Host, port: int) -> bool:
    try:
        socket.create_connection((host.address, port), timeout=1).close()
    except OSError:
        return False
    return True


def left_of(process: int) -> list[str]:
    name = f"obt{process}"
    found = [path.name for folder in (apart.NAMESPACES, apart.LINKS) for path in folder.iterdir()]
    return [each for each in found if each == name or each.startswith(f"{name}-")]


def test_packets_of_a_host_that_is_cut_off_vanish(hosts: Hosts) -> None:
    port = free_port()
    command = [sys.executable, "-m", "http.server", str(port)]
    with hosts.two.start(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        wait_until(lambda: connects(hosts.two, port))
        hosts.cut_off(hosts.two)
        with pytest.raises(TimeoutError):  # nobody refuses
            socket.create_connection((hosts.two.address, port), timeout=2)
        hosts.bring_back(hosts.two)
        wait_until(lambda: connects(hosts.two, port))
        server.kill()


def test_nothing_is_left_of_hosts() -> None:
    with apart.separate() as hosts:
        process = hosts.two.start(["sleep", "1000"])
        assert left_of(os.getpid())
    assert process.wait(10) < 0
    assert left_of(os.getpid()) == []


def test_what_a_killed_process_left_is_removed() -> None:
    with subprocess.Popen([sys.executable, "-c", KILLED], cwd=ROOT, stdout=subprocess.PIPE, text=True) as killed:
        assert killed.stdout is not None
        process = int(killed.stdout.readline())
    assert left_of(killed.pid)
    with apart.separate():
        assert left_of(killed.pid) == []
    wait_until(lambda: not Path(f"/proc/{process}").exists())
