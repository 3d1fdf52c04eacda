"""Two machines, the services that they need, and a proxy, each on a host of its own where this machine can have them
(`tests.support.hosts`), and otherwise all on this one. The issuer and the clients are where the test is.

hosts       where everything runs
machines    starts programs on the two machines (`tests.machines.apart.at_work`)
place       everything that is at work there
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.machines.apart.at_work import Machines, Place
from tests.resilience.lives import Lives
from tests.support import hosts as apart
from tests.support import object_storage
from tests.support import postgres as postgresql
from tests.support.hosts import Hosts
from tests.support.issuer import Issuer, serving_issuer
from tests.support.people import Company


@pytest.fixture
def hosts() -> Iterator[Hosts]:
    if apart.why_not():
        yield Hosts()
        return
    with apart.separate() as made:
        yield made


@pytest.fixture
def postgres(hosts: Hosts) -> Iterator[postgresql.Server]:
    with postgresql.serving(hosts.services) as server:
        yield server


@pytest.fixture
def object_server(hosts: Hosts) -> Iterator[object_storage.Server]:
    with object_storage.serving(hosts.services) as server:
        yield server


@pytest.fixture
def issuer(home: Path, hosts: Hosts, monkeypatch: pytest.MonkeyPatch) -> Iterator[Issuer]:
    with serving_issuer(hosts.here.address) as serving:
        monkeypatch.setenv("OPENBOOK_ISSUER", serving.url)
        yield serving


@pytest.fixture
def machines(home: Path, joined: Path, hosts: Hosts) -> Iterator[Machines]:
    made = Machines(hosts, (home, joined))
    yield made
    made.end()


@pytest.fixture
def place(
    machines: Machines,
    person: Company,
    token_for: Callable[..., str],
    lives: Lives,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Place:
    return Place(machines, person, token_for, lives, monkeypatch, tmp_path)
