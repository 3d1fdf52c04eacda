"""The demo's processes come up together and go down together, however the demo ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from filelock import FileLock

from demo.processes import ROOT, Children, NotStarted, require_free_ports


@contextmanager
def listening() -> Iterator[int]:
    with socket.create_server(("localhost", 0)) as server:
        yield server.getsockname()[1]


def free_port() -> int:
    with listening() as port:
        return port


def is_alive(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    return True


def wait_until_gone(process_id: int) -> None:
    while is_alive(process_id):
        time.sleep(0.05)


def test_a_process_is_waited_for_and_stopped_and_its_port_is_free_again(tmp_path: Path) -> None:
    port = free_port()
    with Children({}, tmp_path) as children:
        child = children.start("web server", "http.server", str(port), "--bind", "localhost")
        children.wait_until_answering(child, f"http://localhost:{port}/")
        with pytest.raises(NotStarted, match=f"Port {port}.*the dashboard.*OPENBOOK_DASHBOARD_PORT={port + 1000}"):
            require_free_ports([(port, "dashboard", "OPENBOOK_DASHBOARD_PORT")])
    assert child.has_ended()
    require_free_ports([(port, "dashboard", "OPENBOOK_DASHBOARD_PORT")])


def test_a_process_that_ends_is_named_with_the_end_of_its_log(tmp_path: Path) -> None:
    with Children({}, tmp_path) as children:
        child = children.start("web server", "http.server", "no port")
        with pytest.raises(NotStarted) as caught:
            children.wait_until_answering(child, "http://localhost:1/")
    assert "The web server ended" in str(caught.value)
    assert "invalid int value" in str(caught.value)
    assert str(tmp_path / "web-server.log") in str(caught.value)


def test_processes_end_when_the_demo_is_killed(tmp_path: Path) -> None:
    port = free_port()
    script = (
        "import sys, time; from pathlib import Path; from demo.processes import Children\n"
        f"with Children({{}}, Path({str(tmp_path)!r})) as children:\n"
        f"    child = children.start('web server', 'http.server', '{port}', '--bind', 'localhost')\n"
        f"    children.wait_until_answering(child, 'http://localhost:{port}/')\n"
        "    print(child.process.pid, flush=True); time.sleep(600)\n"
    )
    demo = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE)
    assert demo.stdout is not None
    child = int(demo.stdout.readline())
    demo.send_signal(signal.SIGKILL)
    demo.wait()
    demo.stdout.close()
    wait_until_gone(child)
    require_free_ports([(port, "web server", "PORT")])


def demo_in(home: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "demo"],
        cwd=ROOT,
        env={**os.environ, "OPENBOOK_HOME": str(home), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_taken_port_is_said_and_nothing_is_made(tmp_path: Path) -> None:
    with listening() as taken:
        done = demo_in(tmp_path / "home", OPENBOOK_DASHBOARD_PORT=str(taken))
    assert (done.returncode, done.stderr) == (1, "")
    assert f"Port {taken}, where the dashboard would listen, is taken" in done.stdout
    assert not (tmp_path / "home" / "lake").exists()


def test_a_home_serves_one_demo_at_a_time(tmp_path: Path) -> None:
    (tmp_path / "demo").mkdir()
    with FileLock(tmp_path / "demo" / "run.lock"):
        done = demo_in(tmp_path)
    assert (done.returncode, done.stderr) == (1, "")
    assert "running already" in done.stdout
