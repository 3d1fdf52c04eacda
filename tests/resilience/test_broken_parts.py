"""A part of the home is broken or under another key: everyone gets a true message, and no traceback."""

from __future__ import annotations

import base64
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from directory import Employee
from directory.__main__ import main as directory
from governance.__main__ import main as governance
from governance.api.app import create_app
from governance.api.monitoring import health as health_of_parts
from governance.db import database, work_queue
from lake.__main__ import main as lake
from lake.storage import verifying
from tests.governance.conftest import Capture
from tests.resilience.answers import UNTRUE, check, everything
from tests.support.damage import file_of, flipped, garbage, let_go, missing, truncated
from tests.support.people import Company

WRONG_KEY = base64.b64encode(bytes(32)).decode()

Break = Callable[[Path, Employee], object]

BREAKS: dict[str, tuple[Break, str, str | None]] = {
    # how, the part that health names and its state, a route that can't be answered then
    "catalog": (lambda home, _: garbage(home / "lake" / "catalog.sqlite"), "lake unavailable", "/v1/me/summary"),
    "governance": (
        lambda home, _: garbage(home / "governance" / "governance.sqlite"), "governance unavailable", "/v1/requests",
    ),
    "directory": (
        lambda home, _: garbage(home / "directory" / "directory.sqlite"), "directory unavailable", "/v1/me",
    ),
    "queue": (lambda home, _: (home / "governance" / "work.sqlite").write_bytes(b"x" * 9000), "home unavailable", None),
    "releases": (lambda home, _: _spoil_releases(home), "home unavailable", "/v1/programme"),
    "signing key": (
        lambda home, _: (home / "governance" / "signing.key").write_bytes(b"x" * 1900), "keys unavailable",
        "/v1/ledger/checkpoint",
    ),
    "master key": (
        lambda home, _: (home / "directory" / "master.key").write_bytes(b"x" * 1900), "keys unavailable",
        "/v1/me/captures",
    ),
    "truncated": (lambda _, ada: truncated(file_of(ada)), "lake damaged", "/v1/me/captures"),
    "flipped": (lambda _, ada: flipped(file_of(ada)), "lake damaged", "/v1/me/captures"),
    "missing": (lambda _, ada: missing(file_of(ada)), "lake damaged", "/v1/me/captures"),
    "key": (lambda *_: os.environ.update(OPENBOOK_MASTER_KEY=WRONG_KEY), "keys unavailable", "/v1/me/captures"),
}  # fmt: skip


def _spoil_releases(home: Path) -> None:
    (home / "releases").mkdir(exist_ok=True)
    (home / "releases" / "releases.duckdb").write_bytes(b"x" * 20_000)


@pytest.fixture
def officer(person: Company, capture: Capture) -> Employee:
    """A privacy officer with captures and a request of their own, and another person, too."""
    ada, bob = person("ada@example.com", role="privacy_officer"), person("bob@example.com")
    for somebody in (ada, bob):
        capture(somebody, 30)
    return ada


@pytest.fixture
def restored_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBOOK_MASTER_KEY", "")
    monkeypatch.delenv("OPENBOOK_MASTER_KEY")


@pytest.fixture(params=list(BREAKS))
def broken(
    request: pytest.FixtureRequest, home: Path, officer: Employee, token_for: object, restored_environment: None
) -> str:
    """A home with a broken part, and which."""
    with TestClient(create_app()):
        pass
    work_queue.close()
    database.close()
    let_go()
    BREAKS[request.param][0](home, officer)
    let_go()
    return str(request.param)


def test_the_api_reports_the_fault(
    broken: str, officer: Employee, token_for: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health_of_parts, "SECONDS", 120.0)
    if broken in ("truncated", "flipped", "missing"):
        verifying.verify()
    with TestClient(create_app()) as client:
        client.headers["Authorization"] = f"Bearer {token_for(officer)}"
        answers = everything(client)
    check(answers)
    _, state, fails = BREAKS[broken]
    part, _, expected = state.partition(" ")
    health = json.loads(answers["/healthz"]["text"])
    if expected == "unavailable":
        assert answers["/healthz"]["status"] == 503
        assert f"{part}: " in health["detail"], health
    else:
        assert health[part] == expected, health
        assert bool(health["problems"]) == (expected != "ok"), health
    if fails is not None:
        assert answers[fails]["status"] == 503, answers[fails]
    if broken not in ("governance", "directory"):
        assert answers["file"]["status"] == 201, answers["file"]


COMMANDS: dict[str, tuple[Callable[[], int], Sequence[str]]] = {
    "list policies": (lake, ["policy", "list"]),
    "apply policies": (lake, ["policy", "apply", "{folder}/policy.toml"]),
    "ingest": (lake, ["ingest", "ui-log", "{folder}/log.csv", "--employee", "ada@example.com"]),
    "sweep": (lake, ["sweep"]),
    "verify": (lake, ["verify"]),
    "list datasets": (lake, ["dataset", "list"]),
    "create a dataset": (lake, ["dataset", "create", "mail", "--where", "application=Excel"]),
    "list releases": (governance, ["release", "--list"]),
    "release": (governance, ["release"]),
    "back up": (governance, ["backup", "{folder}/backup"]),
    "synchronise": (directory, ["sync", "{folder}/directory.csv"]),
}
CONCERNED = {
    "catalog": {"list policies", "apply policies", "ingest", "sweep", "verify", "list datasets", "create a dataset",
                "release", "back up"},
    "governance": {"back up"},
    "directory": {"ingest", "synchronise", "back up"},
    "queue": set(),
    "releases": {"list releases", "release", "back up"},
    "signing key": {"back up"},
    "master key": {"ingest", "back up"},
    "truncated": {"verify", "back up"},
    "flipped": {"verify", "back up"},
    "missing": {"verify", "back up"},
    "key": {"ingest", "back up"},
}  # fmt: skip
POLICY = """
[[policy]]
policy = "trial"
name = "A trial"
purpose = "model training"
legal_basis = "GDPR 6(1)(f)"
signals = ["keystroke"]
applications = ["Excel"]
safeguards = ["mask"]
retention_days = 3650
valid_from = 2026-01-01
"""


def test_commands_report_the_fault(
    broken: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "policy.toml").write_text(POLICY)
    (tmp_path / "log.csv").write_text("timestamp,event_type,application\n")
    failed = set()
    for name, (main, arguments) in COMMANDS.items():
        words = [argument.format(folder=tmp_path) for argument in arguments]
        monkeypatch.setattr(sys, "argv", ["it", *words])
        capsys.readouterr()
        status = main()
        out, err = capsys.readouterr()
        assert status in (0, 1, 3, 4), name
        assert [untrue for untrue in UNTRUE if untrue in (out + err).lower()] == [], (name, err)
        if status in (1, 4):
            assert len(err or out) > 40, name
            failed.add(name)
        database.close()
    assert CONCERNED[broken] <= failed, (CONCERNED[broken] - failed, failed)
