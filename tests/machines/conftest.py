"""A home on two machines that share no folder: state and catalog in PostgreSQL, everything else in a bucket.

home     the folder of the first machine, on which this process is, made by the real first start
bucket   where the sealed files are
second   the folder of the second machine, which doesn't exist yet
joined   the same, after it joined
there    `there("governance", "join")`: a command on the second machine
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.governance.conftest import api, capture, unknown
from tests.resilience.conftest import lives
from tests.support import object_storage, several_machines
from tests.support.object_storage import TestBucket
from tests.support.postgres import Server

__all__ = ["api", "capture", "lives", "unknown"]

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def bucket(
    no_home: Path,
    tmp_path: Path,
    postgres: Server,
    object_server: object_storage.Server,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[TestBucket]:
    with several_machines.first(no_home, tmp_path, postgres, object_server, monkeypatch) as bucket:
        yield bucket


@pytest.fixture
def home(bucket: TestBucket, no_home: Path) -> Path:
    """That of the first machine."""
    return no_home


@pytest.fixture
def second(home: Path, tmp_path: Path) -> Path:
    """The home folder of the second machine, which doesn't exist yet."""
    return tmp_path / "second" / "home"


@pytest.fixture
def there(second: Path) -> Run:
    """`there("governance", "join")`: a command on the second machine; `status`: how it has to end."""

    def run(*command: str, status: int = 0, **settings: str) -> subprocess.CompletedProcess[str]:
        done = several_machines.run(second, *command, **settings)
        assert done.returncode == status, done.stderr
        return done

    return run


@pytest.fixture
def joined(second: Path) -> Path:
    several_machines.join(second)
    return second
