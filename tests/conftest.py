"""Fixtures of all tests. Bigger things are in `tests/support`.

home        a new `$OPENBOOK_HOME` of this test alone, after its first start
no_home     `$OPENBOOK_HOME` of this test alone, where nothing is yet
recordings  the folder of real recordings; the test is skipped where it is absent
issuer      an OIDC issuer that Open Book trusts
token_for   `token_for(employee or sub, **claims)`: an access token of that issuer
postgres    a PostgreSQL server that this process of tests shares (`tests.support.postgres`)
postgres_url  the URL of a new, empty database of it
state_in    where the state of `home` is: "files", or for tests in `STATE_IN_BOTH` also "postgresql"
objects_in  where the sealed files of `home` are: "folders", or with `object_storage.BOTH` also "bucket"
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
from tests.support import homes, leftovers, memory, network, object_storage, state_on_postgres
from tests.support import postgres as postgresql
from tests.support.issuer import Issuer, serving_issuer
from tests.support.people import Company

LOADED_FIRST = (PIL.Image, scipy.stats, spacy)
"""Libraries with native parts, loaded in the main thread before DuckDB's extensions: three times, in hundreds of runs
in random order, a process crashed as it loaded one of them after those."""

hypothesis.settings.register_profile("same", deadline=None, derandomize=True)  # a failure is the change's, not chance's
hypothesis.settings.register_profile("thorough", deadline=None, max_examples=300)  # --hypothesis-profile=thorough
hypothesis.settings.load_profile("same")


def pytest_configure() -> None:
    memory.collect_nothing_yet()
    memory.keep_files_in_memory()
    network.guard()
    for name in [name for name in os.environ if name.startswith("OPENBOOK_")]:
        del os.environ[name]  # of whoever runs the tests
    os.environ.update(network.hold_ports())
    os.environ["OPENBOOK_LEDGER_BATCH_SECONDS"] = "0"  # tests of the schedule set their own
    leftovers.remember()


def pytest_collection_finish() -> None:
    memory.leave_what_is_loaded()


def pytest_unconfigure() -> None:
    network.let_ports_go()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """A failure is shown when it happens: a run that is cut short never comes to its summary."""
    if report.failed and "PYTEST_XDIST_WORKER" not in os.environ:
        print(f"\nFAILED {report.nodeid} ({report.when})\n{report.longreprtext}", file=sys.stderr, flush=True)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    """No file of tests leaves settings behind for the next one."""
    yield
    if nextitem is None or nextitem.path != item.path:
        left = leftovers.settings_left()
        assert not left, f"{item.path.name} left settings behind: {left}"


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


FILES, POSTGRESQL = "files", "postgresql"
STATE_IN_BOTH = (
    "tests/databases/",
    "tests/directory/test_keys.py",
    "tests/directory/test_sign_in.py",
    "tests/directory/test_synchronise.py",
    "tests/governance/access/test_anchored.py",
    "tests/governance/access/test_nobody_reads_unseen.py",
    "tests/governance/db/",
    "tests/governance/intake/test_lanes.py",
    "tests/governance/ledger/test_batches.py",
    "tests/governance/ledger/test_log.py",
    "tests/governance/requests/test_fairness.py",
    "tests/governance/requests/test_lives_of_requests.py",
    "tests/governance/requests/test_requests.py",
)
"""Where the database matters: transactions, locks, what several processes write at once, and a life of everything."""
EVERY_PLACE = (
    *STATE_IN_BOTH,
    "tests/governance/access/",
    "tests/governance/domain/",
    "tests/governance/ledger/",
    "tests/governance/requests/",
)
"""Their rules are the same statements in both; `--every-place` runs them in both."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--state", choices=(FILES, POSTGRESQL), help="where the state of every home is, in all tests")
    parser.addoption("--shards", type=int, default=0, help="how many shards the lake of every home has, in all tests")
    parser.addoption("--every-place", action="store_true", help="also tests that no place matters to, in each place")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that has a home runs with its state in files, and these also with it in PostgreSQL, unless it is
    marked with `state_in_files` or `state_in_postgresql`, because it is about one of them."""
    if "home" not in metafunc.fixturenames:
        return
    chosen = metafunc.config.getoption("state")
    if metafunc.definition.get_closest_marker("state_in_files"):
        places = [FILES]
    elif metafunc.definition.get_closest_marker("state_in_postgresql"):
        places = [POSTGRESQL]
    elif chosen:
        places = [chosen]
    else:
        these = EVERY_PLACE if metafunc.config.getoption("every_place") else STATE_IN_BOTH
        both = metafunc.definition.nodeid.startswith(these)
        places = [FILES, POSTGRESQL] if both else [FILES]
    if places != [FILES]:
        metafunc.parametrize("state_in", places, indirect=True)


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
def state_in(request: pytest.FixtureRequest) -> str:
    return str(getattr(request, "param", FILES))


@pytest.fixture
def home(
    no_home: Path, state_in: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[Path]:
    if state_in == FILES:
        homes.copy(no_home, homes.shards_of(request.node))
        yield no_home
        return
    with state_on_postgres.home_copied(request.getfixturevalue("postgres"), no_home) as url:
        monkeypatch.setenv("OPENBOOK_DATABASE_URL", url)
        yield no_home


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


@pytest.fixture(scope="session")
def object_server() -> Iterator[object_storage.Server]:
    with object_storage.serving() as server:
        yield server


@pytest.fixture
def bucket(
    home: Path, object_server: object_storage.Server, monkeypatch: pytest.MonkeyPatch
) -> object_storage.TestBucket:
    """An empty bucket, in which `home` has its sealed files."""
    return object_storage.bucket_of_home(object_server, monkeypatch)


@pytest.fixture
def objects_in(request: pytest.FixtureRequest) -> str:
    where = str(getattr(request, "param", "folders"))
    if where == "bucket":
        request.getfixturevalue("bucket")
    return where
