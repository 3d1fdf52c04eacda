"""Fixtures of all tests. Bigger things are in `tests/support`.

home        a new `$OPENBOOK_HOME` of this test alone, after its first start
no_home     `$OPENBOOK_HOME` of this test alone, where nothing is yet
recordings  the folder of real recordings; the test is skipped where it is absent
issuer      an OIDC issuer that Open Book trusts
token_for   `token_for(employee or sub, **claims)`: an access token of that issuer
postgres    a PostgreSQL server that this process of tests shares (`tests.support.postgres`)
postgres_url  the URL of a new, empty database of it
person      `person(email, **columns)`: puts an employee into the directory and returns them
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import PIL.Image
import pytest
import scipy.stats
import spacy

import clock
import queries.connection
import timekeeping
from directory import Employee
from tests import scheduling
from tests.support import homes, memory, network
from tests.support import postgres as postgresql
from tests.support.issuer import Issuer, serving_issuer
from tests.support.people import Company

LOADED_FIRST = (PIL.Image, scipy.stats, spacy)
"""Libraries with native parts, loaded in the main thread before DuckDB's extensions: three times, in hundreds of runs
in random order, a process crashed as it loaded one of them after those."""

hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")


def pytest_configure() -> None:
    memory.keep_files_in_memory()
    network.guard()
    for name in [name for name in os.environ if name.startswith("OPENBOOK_")]:
        del os.environ[name]  # of whoever runs the tests
    os.environ.update(network.hold_ports())


def pytest_unconfigure() -> None:
    network.let_ports_go()


@pytest.fixture(autouse=True)
def main_module_stays() -> Iterator[None]:
    """Streamlit's AppTest puts the app in the place of `__main__`, which a process that is spawned later would run."""
    before = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = before


@pytest.fixture(autouse=True)
def network_is_left_alone() -> Iterator[None]:
    network.refused.clear()
    yield
    assert network.refused == []


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    scheduling.in_order(items)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> scheduling.Scheduling:
    return scheduling.Scheduling(config, log)


RECORDINGS = Path(__file__).parents[1] / ".." / "shared" / "data"


@pytest.fixture
def no_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "home"
    monkeypatch.setenv("OPENBOOK_HOME", str(folder))
    monkeypatch.setenv("OPENBOOK_TIME_SOURCE", "none")
    yield folder
    queries.connection.close()


@pytest.fixture(autouse=True)
def all_clocks_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who travels in time takes the world along: other machines show what our clock shows. What is asked before
    something that can't be undone is asked all the same; tests of wrong clocks let the clocks disagree."""
    monkeypatch.setattr(
        timekeeping, "second_source", lambda: timekeeping.Reading(clock.now(), "world.example", independent=True)
    )


@pytest.fixture
def home(no_home: Path) -> Path:
    homes.copy(no_home)
    return no_home


@pytest.fixture
def recordings() -> Path:
    if not RECORDINGS.is_dir():
        pytest.skip("the real recordings are not here (../shared/data)")
    return RECORDINGS


@pytest.fixture
def issuer(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Issuer]:
    with serving_issuer() as serving:
        monkeypatch.setenv("OPENBOOK_ISSUER", serving.url)
        yield serving


@pytest.fixture
def token_for(issuer: Issuer) -> Callable[..., str]:
    def token(who: Employee | str, /, **overrides: Any) -> str:
        return issuer.token_for(who if isinstance(who, str) else who.email.partition("@")[0], **overrides)

    return token


@pytest.fixture
def person(home: Path, tmp_path: Path) -> Company:
    return Company(tmp_path / "directory.csv")


@pytest.fixture(scope="session")
def postgres() -> Iterator[postgresql.Server]:
    with postgresql.serving() as server:
        yield server


@pytest.fixture
def postgres_url(postgres: postgresql.Server) -> Iterator[str]:
    url = postgres.new_database()
    yield url
    postgres.drop_database(url)
