"""No secret of the settings is in logs, process lists, answers, events, workflows or databases, whatever goes wrong."""

from __future__ import annotations

import base64
import json
import secrets
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from urllib.parse import quote

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from streamlit.runtime.secrets import secrets_singleton

import demo.secrets
from demo import environments
from demo.company.people import write_directory_file
from directory import Directory
from governance.api import service_tokens
from governance.db import database, work_queue
from governance.operations import first_start
from home import Part
from settings import settings
from tests.governance.conftest import wait_until
from tests.planted import product
from tests.planted import secrets as planting
from tests.planted.product import Product
from tests.planted.secrets import Planted, files
from tests.support.lake import store_captures
from tests.support.ports import free_ports

LOGIN = "nora.lind"
IN_ITS_PLACE = "CLIENT_SECRET in home/demo/client_secret"
"""The demo's identity provider keeps the secret of its client there."""


@pytest.fixture
def planted(no_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Planted]:
    """A home under planted keys, with somebody of the demo's company and a record; the settings are set here, too."""
    token, entry = service_tokens.make("pipeline")
    with product.refusing() as elsewhere:
        made = planting.plant(token, entry, elsewhere)
        ports = dict(zip(("API", "DASHBOARD", "IDP"), free_ports(3), strict=True))
        made.settings |= {f"OPENBOOK_{name}_PORT": str(port) for name, port in ports.items()}
        made.settings |= {
            "OPENBOOK_HOME": str(no_home),
            "OPENBOOK_SECURITY_EVENTS": str(tmp_path / "events.jsonl"),
            "OPENBOOK_BACKUP_FOLDER": str(tmp_path / "backups"),
            "OPENBOOK_INTROSPECTION_URL": f"http://{elsewhere}/check",
        }
        for name, value in made.settings.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(secrets_singleton, "_secrets", {"auth": {"cookie_secret": settings().cookie_secret}})
        first_start.init()
        (no_home / "demo").mkdir()
        (no_home / "demo" / "client_secret").write_text(settings().client_secret)
        with Directory.open() as directory:
            write_directory_file(tmp_path / "people.csv")
            directory.synchronise(tmp_path / "people.csv")
            nora = directory.by_sub(LOGIN)
        assert nora
        typed = made.plant("what somebody typed")
        store_captures(nora, 3, content=lambda _: {"text": typed})
        database.close()
        yield made
        work_queue.close()


def token_of(planted: Planted, key: RSAKey | None = None, **claims: object) -> str:
    """A valid access token, as the demo's provider makes them; signed by a stranger with another key."""
    own = RSAKey.import_key(dict(demo.secrets.signing_key()))
    now = int(time.time())
    content = {"iss": settings().issuer_url, "aud": "open-book", "sub": LOGIN, "iat": now, "exp": now + 3600, **claims}
    token = jwt.encode({"alg": "RS256", "kid": own.kid, "typ": "at+jwt"}, content, key or own, algorithms=["RS256"])
    planted.secrets[f"a token with {sorted(claims)}"] = token.rpartition(".")[2].encode()
    return token


def sign_in_and_fail_to(planted: Planted, running: Product) -> None:
    home = settings().dashboard_base_url
    wrong = planted.plant("a wrong password")
    assert "password" in running.sign_in(LOGIN, wrong).text
    answer = running.sign_in(LOGIN)
    assert (answer.status_code, str(answer.url).startswith(home)) == (200, True)
    planted.secrets["a cookie"] = running.client.cookies["openbook_session"].partition(".")[2].encode()
    for query in ("code={}&state=x", "error={}", "state={}"):
        running.ask("GET", f"{home}/oauth2callback?{query.format(planted.plant('a code of a sign-in'))}")
    for path in ("/", f"/export/{planted.plant('an address')}", "/auth/logout"):
        running.ask("GET", home + path)
    running.client.cookies.set("openbook_session", f"{'a' * 32}.{planted.plant('an invented cookie')}")
    running.ask("GET", home)
    running.client.cookies.clear()


def send_bad_tokens(planted: Planted, running: Product) -> None:
    stranger = RSAKey.generate_key(2048)
    tokens = [
        token_of(planted, stranger, aud=planted.plant("a claim")),
        token_of(planted, exp=1),
        token_of(planted, aud="payroll"),
        token_of(planted, iss="http://localhost:1"),
        planted.plant("an opaque token"),
        f"openbook_{planted.plant('an unknown service token')}",
    ]
    for token in tokens:
        for path in ("/v1/me", "/v1/datasets/00000000-0000-0000-0000-000000000000", "/scim/v2/Users"):
            answer = running.ask("GET", settings().api_base_url + path, headers={"Authorization": f"Bearer {token}"})
            assert answer.status_code in (401, 403, 503), answer.text
        for path in ("/back-channel-logout", "/caep/events"):
            running.ask("POST", settings().api_base_url + path, data={"logout_token": token}, content=None)


def send_bad_bodies(planted: Planted, running: Product) -> None:
    api = settings().api_base_url
    headers = {"Authorization": f"Bearer {token_of(planted)}"}
    for body in ('{{"type": "erasure", "note": "{}"', '{{"{}": 1}}', '{{"type": "{}"}}', '["{}"]'):
        sent = body.format(planted.plant("a bad body"))
        answer = running.ask("POST", f"{api}/v1/requests", content=sent, headers=headers)
        assert answer.status_code in (400, 415, 422), answer.text
    running.ask("GET", f"{api}/v1/me/captures?from={planted.plant('a query')}", headers=headers)
    service = {"Authorization": f"Bearer {planted.secrets['SERVICE_TOKENS'].decode()}"}
    for body in ("{}", '{{"eventType": "{}"}}', "[{{"):
        sent = body.format(planted.plant("a bad event"))
        running.ask("POST", f"{api}/api/v1/lineage", content=sent, headers=service)
    assert running.ask("POST", f"{api}/v1/datasets", json={}, headers=service).status_code == 403
    note = planted.plant("a note")
    content = {"type": "rectification", "note": note, "scope": {}}
    made = running.client.post(f"{api}/v1/requests", json=content, headers=headers)  # its writer may read it
    assert made.status_code == 201, made.text


def have_work_done(planted: Planted, running: Product) -> None:
    """A copy of everything, and then its deletion."""
    api = settings().api_base_url
    headers = {"Authorization": f"Bearer {token_of(planted)}"}
    for kind in ("export", "erasure"):
        made = running.client.post(f"{api}/v1/requests", json={"type": kind}, headers=headers).json()
        wait_until(partial(ended, running, f"{api}/v1/requests/{made['id']}", headers))


def ended(running: Product, place: str, headers: dict[str, str]) -> bool:
    return running.client.get(place, headers=headers).json()["completed_at"] is not None


def break_things(planted: Planted, running: Product) -> None:
    """A table that has gone: an error that nothing expects; then each process crashes and starts again."""
    headers = {"Authorization": f"Bearer {token_of(planted)}"}
    with closing(sqlite3.connect(Part.GOVERNANCE.path)) as connection:
        connection.execute("alter table request rename to request_gone")
    for path in ("/v1/requests", f"/v1/requests?limit={quote('1')}"):
        answer = running.ask("GET", settings().api_base_url + path, headers=headers)
        assert answer.status_code in (500, 503), answer.text
    with closing(sqlite3.connect(Part.GOVERNANCE.path)) as connection:
        connection.execute("alter table request_gone rename to request")
    running.crash_and_restart("governance API", "worker", "dashboard")


def test_no_secret_is_found_anywhere(planted: Planted, tmp_path: Path) -> None:
    (logs := tmp_path / "logs").mkdir()
    with product.running(planted, logs) as running:
        running.look_at_command_lines()
        sign_in_and_fail_to(planted, running)
        send_bad_tokens(planted, running)
        send_bad_bodies(planted, running)
        assert product.command(planted, "governance API", "governance", "backup") == 0
        have_work_done(planted, running)
        break_things(planted, running)
        product.command(planted, "governance API", "governance", "rotate-keys", "master")
        product.command(planted, "governance API", "governance", "rotate-keys")
        product.command(planted, "worker", "governance", "mlflow", settings().mlflow_servers.partition(",")[0])
        running.look_at_command_lines()
        assert planted.found(planted.said) == []
        assert {name for name, content in files(logs) if content} >= {"governance-API.log", "worker.log"}
        events = (tmp_path / "events.jsonl").read_text().splitlines()
        assert 3002 in {json.loads(event)["class_uid"] for event in events}  # sign-ins
    assert planted.found(files(tmp_path)) == [IN_ITS_PLACE]


WRONG = {
    "OPENBOOK_MLFLOW_SERVERS": "ftp://reader:{}@localhost",
    "OPENBOOK_SERVICE_TOKENS": "pipeline:{}",
    "OPENBOOK_MASTER_KEY": "{}",
    "OPENBOOK_MASTER_KEY_PREVIOUS": "{}",
    "OPENBOOK_SIGNING_KEY": "{}",
    "OPENBOOK_AUTHORIZATION_PARAMETERS": "{} x",
    "OPENBOOK_DATABASE_URL": "postgresql://reader:{}@localhost:1/state",
    "OPENBOOK_LAKE_CATALOG": "postgresql://reader:{}@localhost:1/lake",
    "OPENBOOK_OBJECTS_SECRET": "{}",
    "OPENBOOK_BACKUP_SECRET": "{}",
    "OPENBOOK_KEY_SERVICE_PIN": "{}",
}
"""Values that are refused, or lead nowhere, with something secret in them."""


@pytest.mark.timeout(900)  # one process after another
@pytest.mark.parametrize(
    ("of", "arguments"),
    [
        ("governance API", ("governance", "rotate-keys", "master")),
        ("dashboard", ("dashboard",)),
    ],
    ids=lambda given: given if isinstance(given, str) else "-".join(given),
)
def test_a_refused_setting_is_not_quoted(planted: Planted, of: str, arguments: tuple[str, ...]) -> None:
    for name, value in WRONG.items():
        secret = planted.plant(f"a wrong {name}")
        wrong = {name: value.format(secret), "OPENBOOK_COOKIE_SECRET": ""}
        if of == "dashboard":
            wrong["OPENBOOK_DASHBOARD_HOST"] = "host.invalid"  # so that it ends, whatever it thinks of the setting
        product.command(planted, of, *arguments, wrong=wrong)
    assert len(planted.said) == len(WRONG)
    assert planted.found(planted.said) == []


def test_every_secret_setting_is_planted() -> None:
    made = planting.plant("a token", "an entry", "localhost:1")
    assert made.settings.keys() | WRONG.keys() >= environments.SECRETS - environments.PROXIES


@pytest.mark.parametrize("before", ["", "a", "ab", "open-book:"])
def test_a_secret_is_found_in_every_form(before: str) -> None:
    secret = f"{secrets.token_urlsafe(24)}{planting.SPECIAL}x"
    planted = Planted({}, {"it": secret.encode(), "key": (key := secrets.token_bytes(32))})
    whole = f"{before}{secret} and more".encode()
    spelled = [whole, base64.b64encode(whole), base64.urlsafe_b64encode(whole), quote(whole, safe="").encode()]
    spelled += [json.dumps({"said": base64.b64encode(before.encode() + key).decode()}).encode(), key.hex().encode()]
    for number, content in enumerate(spelled):
        assert planted.found([("there", content)]), number
    assert planted.found([("there", base64.b64encode(secrets.token_bytes(300)))]) == []
