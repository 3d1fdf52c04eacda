"""A key is there and can't be one, or is another: health names it, what needs it answers 503, commands say so."""

from __future__ import annotations

import base64
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from governance.api.monitoring import health
from governance.ledger import signing
from governance.worker import wholeness
from home import HomeUnavailable, Part
from tests.governance.conftest import ROOT, Capture, Client
from tests.support.people import Company

LONG = b"This is the text of a file that is no key at all. " * 38
Damage = Callable[[Path], object]


def folder_instead(path: Path) -> None:
    path.unlink()
    path.mkdir()


DAMAGES: dict[str, Damage] = {
    "long": lambda path: path.write_bytes(LONG),
    "short": lambda path: path.write_bytes(b"k" * 31),
    "folder": folder_instead,
}
another: Damage = lambda path: path.write_bytes(bytes(range(32)))  # noqa: E731
damaged = pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)


@pytest.fixture(autouse=True)
def patient_health(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "SECONDS", 120.0)


def detail_of(client: TestClient, path: str, home: Path) -> str:
    """Why it can't be answered; no path of the machine is in it."""
    answer = client.get(path)
    assert answer.status_code == 503, (path, answer.text)
    assert answer.headers["Retry-After"]
    detail: str = answer.json()["detail"]
    assert str(home) not in detail
    return detail


@pytest.mark.parametrize("damage", [*DAMAGES.values(), another], ids=[*DAMAGES, "another"])
def test_nothing_is_signed_with_a_signing_key_that_is_not_ours(
    home: Path, damage: Damage, api: Client, person: Company
) -> None:
    client = api(person("olga@example.com", role="privacy_officer"))
    assert client.get("/healthz").json()["keys"] == "ok"
    damage(Part.SIGNING_KEY.path)
    told = detail_of(client, "/healthz", home)
    assert "keys: " in told
    assert Part.SIGNING_KEY.words in told.lower()
    assert "missing" not in told
    for path in ("/v1/ledger/checkpoint", "/v1/ledger/key", "/v1/me/ledger"):
        assert Part.SIGNING_KEY.words in detail_of(client, path, home).lower()
    seen = client.get("/v1/officer/health").json()
    assert (seen["status"], seen["keys"]) == ("unavailable", "unavailable")
    with pytest.raises(HomeUnavailable, match=r"signing\.key"):
        signing.signer()
    assert not wholeness.is_whole()
    assert client.post("/v1/requests", json={"type": "erasure"}).status_code == 201


@damaged
def test_a_damaged_master_key_is_said_to_be_damaged(
    home: Path, damage: Damage, api: Client, person: Company, capture: Capture
) -> None:
    ada = person("ada@example.com")
    capture(ada, 3)
    client = api(ada)
    assert client.post("/v1/requests", json={"type": "export"}).status_code == 201
    damage(Part.MASTER_KEY.path)
    for path in ("/healthz", "/v1/me/captures"):
        told = detail_of(client, path, home)
        assert Part.MASTER_KEY.words in told.lower()
        assert "damaged" in told
        assert "missing" not in told
    for path in ("/v1/me/notes", "/v1/requests"):
        assert client.get(path).status_code in (200, 503), path


def test_a_damaged_master_key_is_seen_before_there_is_any_content(home: Path, unknown: TestClient) -> None:
    Part.MASTER_KEY.path.write_bytes(LONG)
    assert "keys: The master key is damaged" in detail_of(unknown, "/healthz", home)


def test_a_key_in_the_settings_that_is_none_is_named(
    home: Path, unknown: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("OPENBOOK_MASTER_KEY", "OPENBOOK_SIGNING_KEY"):
        with monkeypatch.context() as only_here:
            only_here.setenv(variable, base64.b64encode(b"secret words").decode())
            told = detail_of(unknown, "/healthz", home)
            assert variable in told
            assert "secret" not in told
            if variable == "OPENBOOK_SIGNING_KEY":
                assert variable in detail_of(unknown, "/v1/ledger/checkpoint", home)
    monkeypatch.setenv("OPENBOOK_LEDGER_ORIGIN", "a b")
    assert "OPENBOOK_LEDGER_ORIGIN" in detail_of(unknown, "/v1/ledger/checkpoint", home)


@damaged
@pytest.mark.parametrize("with_certificate", [True, False])
def test_a_damaged_opendsr_key_is_named(
    home: Path, damage: Damage, with_certificate: bool, unknown: TestClient
) -> None:
    if with_certificate:
        assert unknown.get("/opendsr/v2/certificate.pem").status_code == 200
    damage(Part.OPENDSR_KEY.path)
    assert "keys: The OpenDSR key" in detail_of(unknown, "/healthz", home)
    assert unknown.get("/opendsr/v2/certificate.pem").status_code == 503


COMMANDS = (
    ("governance", "backup", "{folder}/backup"),
    ("governance", "clock"),
    ("governance.opendsr",),
    ("lake", "ingest", "ui-log", "{folder}/log.csv", "--employee", "ada@example.com"),
    ("dashboard",),
)


@pytest.mark.timeout(600)
def test_no_command_ends_with_a_traceback(home: Path, person: Company, capture: Capture, tmp_path: Path) -> None:
    capture(person("ada@example.com"), 3)
    (tmp_path / "log.csv").write_text("timestamp,event_type,application\n")
    (home / "dashboard").mkdir()
    (home / "dashboard" / "cookie.secret").write_bytes(b"\xff" * 64)
    for part in (Part.MASTER_KEY, Part.SIGNING_KEY, Part.OPENDSR_KEY):
        part.path.write_bytes(LONG)
    for module, *arguments in COMMANDS:
        command = [sys.executable, "-m", module, *(argument.format(folder=tmp_path) for argument in arguments)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
        assert "Traceback" not in done.stderr, (command, done.stderr)
        if arguments != ["clock"]:
            assert (done.returncode, len(done.stderr) > 40) == (1, True), (command, done.stderr)
    assert not (tmp_path / "backup").exists()
