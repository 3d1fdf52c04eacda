"""The demo's processes start together and stop together, however the demo ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from filelock import FileLock

from demo import logs, processes
from demo.processes import ROOT, Children, NotStarted, TooManyRestarts, require_free_ports


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


def read(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def wait_until_ended(process_id: int) -> None:
    """Accepts a zombie too: without a parent that reaps it, a killed process stays one."""
    while is_alive(process_id) and ") Z " not in read(Path(f"/proc/{process_id}/stat")):
        time.sleep(0.05)


START_ANOTHER = (
    "import subprocess, sys, time; other = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']);"
    " print('started', other.pid, flush=True)"
)


def test_stopping_a_process_frees_its_port(tmp_path: Path) -> None:
    port = free_port()
    with Children({}, tmp_path) as children:
        child = children.start("web server", "http.server", str(port), "--bind", "localhost")
        children.wait_until_answering(child, f"http://localhost:{port}/")
        with pytest.raises(NotStarted, match=f"Port {port}.*the dashboard.*OPENBOOK_DASHBOARD_PORT={port + 1000}"):
            require_free_ports([(port, "dashboard", "OPENBOOK_DASHBOARD_PORT")])
    assert child.has_ended()
    require_free_ports([(port, "dashboard", "OPENBOOK_DASHBOARD_PORT")])


def test_a_process_that_ends_is_reported_with_its_log(tmp_path: Path) -> None:
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


def look_until(children: Children, done: Callable[[], bool], said: list[str] | None = None) -> list[str]:
    """The messages until the condition is true."""
    said = [] if said is None else said
    while not done():
        said += children.keep_running()
        time.sleep(0.02)
    return said


def test_a_process_that_dies_is_restarted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "PAUSES", (0.0, 0.1))
    port = free_port()
    url = f"http://localhost:{port}/"
    with Children({}, tmp_path) as children:
        child = children.start("web server", "http.server", str(port), "--bind", "localhost")
        children.wait_until_answering(child, url)
        first = child.process.pid
        os.kill(first, signal.SIGKILL)
        said = look_until(children, lambda: child.process.pid != first)
        children.wait_until_answering(child, url)
        assert list(children.keep_running()) == []
    log = tmp_path / "web-server.log"
    assert said == [
        f"The web server ended (killed by signal 9). It is started again in 0 s. Its log: {log}",
        "The web server was started again.",
    ]
    assert child.has_ended()
    require_free_ports([(port, "web server", "PORT")])


def test_child_processes_end_with_their_parent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "PAUSES", (600.0,))
    with Children({}, tmp_path) as children:
        child = children.start("watcher", "timeit", "-s", START_ANOTHER, "-n1", "-r1", "time.sleep(600)")
        look_until(children, lambda: "started" in read(child.log))
        started = int(read(child.log).split()[1])
        os.kill(child.process.pid, signal.SIGKILL)
        look_until(children, lambda: child.ends == 1)
        wait_until_ended(started)


def test_a_process_that_keeps_dying_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "PAUSES", (0.0, 0.0, 0.0))
    said: list[str] = []
    with Children({}, tmp_path) as children:
        children.start("web server", "http.server", "no port")
        with pytest.raises(TooManyRestarts) as given_up:
            look_until(children, lambda: False, said)
    assert [line for line in said if "was started again" in line] == ["The web server was started again."] * 3
    assert "started again 3 times" in str(given_up.value)
    assert "Nothing that was stored is lost" in str(given_up.value)
    assert "invalid int value" in str(given_up.value)


def test_a_steady_process_gets_all_restarts_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "PAUSES", (0.0,))
    monkeypatch.setattr(processes, "STEADY_SECONDS", -1.0)
    with Children({}, tmp_path) as children:
        children.start("web server", "http.server", "no port")
        starts = 0
        while starts < 3:
            starts += len([line for line in children.keep_running() if "was started again" in line])


def test_log_size_is_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "LARGEST", 10_000)
    with Children({}, tmp_path) as children:
        child = children.start("talker", "timeit", "-n1", "-r1", "for i in range(5000): print('line', i)")
        child.process.wait()
        child.said.wait(60)
    parts = {path.name: path.stat().st_size for path in tmp_path.iterdir()}
    assert parts.keys() == {"talker.log", "talker.log.1", "talker.log.2"}
    assert max(parts.values()) <= 10_000
    text = read(tmp_path / "talker.log.1") + read(tmp_path / "talker.log")
    numbers = [int(line.split()[1]) for line in text.splitlines() if line.startswith("line")]
    assert numbers == list(range(numbers[0], 5000)), "no line is lost where a new part begins"


def demo_in(home: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "demo"],
        cwd=ROOT,
        env={**os.environ, "OPENBOOK_HOME": str(home), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_taken_port_is_reported_and_nothing_is_created(tmp_path: Path) -> None:
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
    assert "already running" in done.stdout
