"""The demo's identity provider, run for real; the tests sign in like a browser."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import httpx
import pytest

from demo.company.people import PASSWORD, people, write_directory_file
from directory import Directory, InvalidToken, UnknownPerson, sign_in
from directory.access_tokens import verify_access_token
from settings import settings
from tests.support.ports import free_ports

ROOT = Path(__file__).resolve().parents[2]
ID_TOKEN_NONCE = "a-nonce"


@pytest.fixture
def ports(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, port in zip(("IDP", "DASHBOARD"), free_ports(2), strict=True):
        monkeypatch.setenv(f"OPENBOOK_{name}_PORT", str(port))


@contextmanager
def running() -> Iterator[None]:
    """If it doesn't answer in time, the failure shows where it stands, and what it was asked at."""
    address = f"{settings().issuer_url}/.well-known/openid-configuration"
    with TemporaryFile() as said:
        command = [sys.executable, "-X", "faulthandler", "-m", "demo.identity_provider"]
        process = subprocess.Popen(command, cwd=ROOT, stdout=said, stderr=said)
        try:
            give_up_at, fault = time.monotonic() + 120, "not asked"
            while fault and time.monotonic() < give_up_at and process.poll() is None:
                try:
                    urllib.request.urlopen(address, timeout=2).close()
                    fault = ""
                except OSError as error:
                    fault = str(error)
                    time.sleep(0.05)
            if fault:
                process.send_signal(signal.SIGABRT)
                ended = process.wait()
                said.seek(0)
                pytest.fail(f"{address}: {fault}; the provider ended with {ended}: {said.read().decode()[-6000:]}")
            yield
        finally:
            process.terminate()
            process.wait()


def authorize(browser: httpx.Client, login: str, password: str, challenge: str) -> httpx.Response:
    """Follows the dashboard's sign-in link through the provider's pages until it redirects back or stops."""
    dashboard = settings().dashboard_base_url
    answer = browser.get(
        f"{settings().issuer_url}/oauth/authorize",
        params={
            "response_type": "code",
            "client_id": "open-book",
            "redirect_uri": f"{dashboard}/oauth2callback",
            "scope": "openid profile email",
            "state": "a-state",
            "nonce": ID_TOKEN_NONCE,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        },
    )
    for field in ({"login": login}, {"password": password}):
        page = follow(browser, answer, dashboard)
        form = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
        assert form is not None, "a page with a form"
        answer = browser.post(page.url, data={"csrf_token": form[1], **field})
    return follow(browser, answer, dashboard)


def follow(browser: httpx.Client, answer: httpx.Response, stop_at: str) -> httpx.Response:
    while answer.is_redirect and not answer.headers["location"].startswith(stop_at):
        answer = browser.get(answer.request.url.join(answer.headers["location"]))
    return answer


def tokens_for(login: str, password: str = PASSWORD) -> dict[str, Any]:
    verifier = secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    with httpx.Client(timeout=30) as browser:
        back = authorize(browser, login, password, challenge)
        answer = browser.post(
            f"{settings().issuer_url}/oauth/token",
            data={
                "grant_type": "authorization_code",
                "code": httpx.URL(back.headers["location"]).params["code"],
                "redirect_uri": f"{settings().dashboard_base_url}/oauth2callback",
                "code_verifier": verifier,
            },
            auth=("open-book", (settings().home / "demo" / "client_secret").read_text()),
        )
    tokens: dict[str, Any] = answer.raise_for_status().json()
    return tokens


@pytest.mark.usefixtures("ports")
def test_an_employee_signs_in_without_a_consent_page(tmp_path: Path) -> None:
    write_directory_file(tmp_path / "people.csv")
    with Directory.open() as known:
        known.synchronise(tmp_path / "people.csv")
    with running():
        tokens = tokens_for("nora.lind")
        assert sign_in(tokens["access_token"]).employee.name == "Nora Lind"
        claims = verify_access_token(tokens["access_token"])
        assert claims["aud"] in ("open-book", ["open-book"])
        assert claims["exp"] - claims["iat"] == tokens["expires_in"] == 3600
        with pytest.raises(InvalidToken, match="id token"):
            sign_in(tokens["id_token"])
        with pytest.raises(UnknownPerson):
            sign_in(tokens_for("victor.hale")["access_token"])


@pytest.mark.usefixtures("ports")
def test_a_wrong_password_gets_nobody_in() -> None:
    with running(), httpx.Client(timeout=30) as browser:
        answer = authorize(browser, "nora.lind", "not it", "x" * 43)
    assert not answer.is_redirect
    assert "failed" in answer.text.lower()


@pytest.mark.usefixtures("ports")
def test_a_token_outlives_a_restart_of_the_provider() -> None:
    """No key is known from before the restart: nothing was verified then."""
    with running():
        token = tokens_for(people()[0].login)["access_token"]
    with running():
        assert verify_access_token(token)["sub"] == people()[0].login


@pytest.mark.usefixtures("ports")
def test_secrets_are_readable_by_their_owner_only() -> None:
    with running():
        kept = [file for file in (settings().home / "demo").iterdir() if file.is_file()]
    assert {file.name for file in kept} == {"client_secret", "session_secret", "signing_key.json"}
    assert all(file.stat().st_mode & 0o077 == 0 for file in kept)
