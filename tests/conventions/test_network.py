"""Tests only use free ports of this machine."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from settings import Settings, settings
from tests.conventions.sources import ROOT, files
from tests.support import network


@pytest.mark.parametrize("port", sorted(network.DEFAULT_PORTS))
def test_a_test_that_uses_a_default_port_fails(port: int) -> None:
    for kind, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        with socket.socket(kind) as client, pytest.raises(PermissionError, match=f"{port}.*a default port"):
            client.connect((host, port))
    with socket.socket() as server, pytest.raises(PermissionError, match="a default port"):
        server.bind(("localhost", port))
    assert len(network.refused) == 3
    network.refused.clear()


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1", "service.example"])
def test_a_test_that_reaches_another_machine_fails(host: str) -> None:
    with pytest.raises(PermissionError, match="not this machine"):
        socket.create_connection((host, 443))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client, pytest.raises(PermissionError):
        client.sendto(b"", ("192.0.2.1", 53))
    assert len(network.refused) == 2
    network.refused.clear()


SWALLOWING = """
import contextlib, socket

def test_asks_another_machine():
    with contextlib.suppress(OSError), socket.socket() as client:
        client.connect(("192.0.2.1", 80))
"""


def test_a_swallowed_network_error_still_fails_the_test(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text("from tests.conftest import network_is_left_alone, pytest_configure\n")
    (tmp_path / "test_swallowing.py").write_text(SWALLOWING)
    command = [sys.executable, "-m", "pytest", "--import-mode=importlib", "-p", "no:cacheprovider", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout
    assert "1 passed, 1 error" in done.stdout
    assert "192.0.2.1:80 (not this machine)" in done.stdout


def test_nothing_listens_on_the_configured_ports() -> None:
    ports = {settings().dashboard_port, settings().api_port, settings().idp_port}
    assert len(ports) == 3
    assert ports.isdisjoint(network.DEFAULT_PORTS)
    for port in ports:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("localhost", port))
        with socket.socket() as server, pytest.raises(OSError, match="in use"):
            server.bind(("127.0.0.1", port))


def test_no_test_names_a_default_port() -> None:
    ports = re.compile(rf"\b({'|'.join(str(Settings.model_fields[name].default) for name in network.PORTS)})\b")
    sources = [file for file in files(".py") if file.parts[0] == "tests"]
    assert [str(file) for file in sources if ports.search((ROOT / file).read_text(encoding="utf-8"))] == []
