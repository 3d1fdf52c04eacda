"""A real OpenID Connect provider (npm `oidc-provider`), configured to issue tokens as other providers do.

It needs `node`, `npm` and a registry of packages; a test that asks for it is skipped where they are missing.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx2
import pytest
from filelock import FileLock

from tests.support.ports import free_port

SOURCES = Path(__file__).parent / "oidc_provider"
INSTALLED = Path(sys.prefix) / "oidc-provider"
FILES = ("package.json", "package-lock.json", "provider.js")
SECRET = "the secret of a client in tests"
CALLBACK = "http://localhost:1/oauth2callback"


@dataclass(frozen=True)
class RealProvider:
    issuer: str
    base: str

    def tokens(self, client: str = "open-book", sub: str = "ada", **parameters: str) -> dict[str, Any]:
        """What the token endpoint gives after a sign-in of `sub` with the authorization code flow."""
        query = {
            "client_id": client,
            "response_type": "code",
            "scope": "openid",
            "redirect_uri": CALLBACK,
            "login_hint": sub,
            "nonce": "a nonce",
            **parameters,
        }
        with httpx2.Client() as browser:
            answer = browser.get(f"{self.base}/auth", params=query)
            while not answer.headers["location"].startswith(CALLBACK):
                answer = browser.get(urljoin(self.base, answer.headers["location"]))
                assert answer.is_redirect, answer.text
            (code,) = parse_qs(urlsplit(answer.headers["location"]).query)["code"]
            form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
            given = browser.post(f"{self.base}/token", data=form, auth=(client, SECRET.replace(" ", "+")))
        assert given.status_code == 200, given.text
        return dict(given.json())

    def revoke(self, token: str, client: str = "open-book") -> None:
        answer = httpx2.post(
            f"{self.base}/token/revocation", data={"token": token}, auth=(client, SECRET.replace(" ", "+"))
        )
        assert answer.status_code == 200, answer.text


def client(name: str = "open-book", **metadata: Any) -> dict[str, Any]:
    """A client's registration."""
    return {
        "client_id": name,
        "client_secret": SECRET,
        "redirect_uris": [CALLBACK],
        "grant_types": ["authorization_code", "refresh_token"],
        **metadata,
    }


@contextmanager
def serving_provider(**configuration: Any) -> Iterator[RealProvider]:
    """The provider on a free port, until the block ends. `provider.js` lists what can be configured."""
    program = _install()
    given = {"port": free_port(), "clients": [client(), client("another")], **configuration}
    base = f"http://localhost:{given['port']}"
    process = subprocess.Popen(
        [program, "provider.js", json.dumps(given)], cwd=INSTALLED, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    try:
        assert process.stdout is not None
        said = process.stdout.readline()
        while said != b"ready\n":
            assert said, "the provider did not start"
            said = process.stdout.readline()
        yield RealProvider(base + given.get("path", ""), base)
    finally:
        process.kill()
        process.communicate()


def _install() -> str:
    """The path of node, with the provider's files in place."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("node and npm are not here: no real identity provider can be tried")
    INSTALLED.mkdir(exist_ok=True)
    with FileLock(INSTALLED / ".lock"):
        mark = INSTALLED / "installed"
        wanted = {name: (SOURCES / name).read_bytes() for name in FILES}
        if not mark.exists() or mark.read_bytes() != wanted["package-lock.json"]:
            _place(wanted)
            installing = [npm, "ci", "--no-audit", "--no-fund", "--silent"]
            if subprocess.run(installing, cwd=INSTALLED).returncode:
                pytest.skip("npm can't install the provider here: no real identity provider can be tried")
            mark.write_bytes(wanted["package-lock.json"])
        _place(wanted)
    return node


def _place(wanted: dict[str, bytes]) -> None:
    for name, content in wanted.items():
        path = INSTALLED / name
        if not path.exists() or path.read_bytes() != content:
            path.write_bytes(content)
