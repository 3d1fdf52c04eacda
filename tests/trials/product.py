"""The product's own processes for a trial: the API and workers, with their own home and an issuer of tokens; and
with a dashboard, where people with browsers sign in at the demo's identity provider."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
from joserfc import jwt
from joserfc.jwk import RSAKey

from api_client.sending import trusted
from demo import secrets
from demo.company.people import write_directory_file
from directory import Directory, Employee
from governance.api import service_tokens
from governance.operations import first_start
from settings import settings
from tests.support import calls
from tests.support.issuer import serving_issuer
from tests.support.people import Company
from tests.support.ports import free_ports

ROOT = Path(__file__).parents[2]
START_SECONDS = 900.0
STOP_SECONDS = 60.0
DAY_SECONDS = 86_400


@dataclass
class Product:
    """A running product. `sign` makes a token that is valid for a day; `service_token` may report lineage."""

    home: Path
    url: str
    sign: Callable[[str], str]
    service_token: str
    person: Company
    employees: list[Employee] = field(default_factory=list)
    """The demo's people, if there is a dashboard."""
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def token(self, employee: Employee) -> str:
        return self.sign(_sub(employee))

    def client(self, employee: Employee) -> httpx2.Client:
        headers = {"Authorization": f"Bearer {self.token(employee)}"}
        return httpx2.Client(base_url=self.url, headers=headers, timeout=120, verify=trusted())

    def log(self, name: str) -> Path:
        return self.home.parent / f"{name}.log"

    def start(self, name: str, *module: str) -> None:
        """`python -m MODULE …`."""
        with self.log(name).open("ab") as log:
            self.processes[name] = subprocess.Popen([sys.executable, "-m", *module], cwd=ROOT, stdout=log, stderr=log)

    def stop(self) -> None:
        for process in self.processes.values():
            process.send_signal(signal.SIGTERM)
        for process in self.processes.values():
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def wait_until_answering(self, url: str, saying: str) -> None:
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            try:
                if saying in calls.get(url, timeout=10).text:
                    return
            except httpx2.HTTPError:
                pass
            for name, process in self.processes.items():
                assert process.poll() is None, self.log(name).read_text()[-2000:]
            time.sleep(0.5)
        raise AssertionError(f"{url} does not answer; the logs are in {self.home.parent}")


@contextmanager
def running(folder: Path, *, workers: int = 2, dashboard: bool = False) -> Iterator[Product]:
    """The processes, until the block ends. Sets `OPENBOOK_*` of this process, too."""
    before = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("OPENBOOK_")}
    token, line = service_tokens.make("pipeline")
    ports = dict(zip(("API", "DASHBOARD", "IDP"), free_ports(3), strict=True))
    os.environ.update({f"OPENBOOK_{name}_PORT": str(port) for name, port in ports.items()})
    os.environ.update({"OPENBOOK_HOME": str(folder / "home"), "OPENBOOK_SERVICE_TOKENS": line})
    with ExitStack() as stack:
        stack.callback(_restore, before)
        first_start.init()
        sign = _sign_as_the_demo if dashboard else stack.enter_context(_issuer())
        product = Product(folder / "home", settings().api_base_url, sign, token, Company(folder / "directory.csv"))
        stack.callback(product.stop)
        if dashboard:
            _start_dashboard(product, folder)
        for number in range(workers):
            product.start(f"worker-{number}", "governance", "work")
        product.start("api", "governance", "serve")
        product.wait_until_answering(f"{product.url}/healthz", '"worker":"running"')
        yield product


def _start_dashboard(product: Product, folder: Path) -> None:
    with Directory.open() as directory:
        write_directory_file(folder / "people.csv")
        directory.synchronise(folder / "people.csv")
        product.employees = [employee for employee in directory.everyone() if employee.active]
    os.environ["OPENBOOK_CLIENT_SECRET"] = secrets.client_secret()
    os.environ["OPENBOOK_COOKIE_SECRET"] = secrets.cookie_secret()
    product.start("identity-provider", "demo.identity_provider")
    product.start("dashboard", "dashboard")
    product.wait_until_answering(f"{settings().issuer_url}/.well-known/openid-configuration", "issuer")
    product.wait_until_answering(f"{settings().dashboard_base_url}/_stcore/health", "ok")


def _sign_as_the_demo(sub: str) -> str:
    """A token as the demo's identity provider makes them."""
    key = RSAKey.import_key(dict(secrets.signing_key()))
    now = int(time.time())
    claims = {
        "iss": settings().issuer_url,
        "aud": settings().client,
        "sub": sub,
        "iat": now,
        "exp": now + DAY_SECONDS,
    }
    return jwt.encode({"alg": "RS256", "kid": key.kid, "typ": "at+jwt"}, claims, key, algorithms=["RS256"])


@contextmanager
def _issuer() -> Iterator[Callable[[str], str]]:
    with serving_issuer() as issuer:
        os.environ["OPENBOOK_ISSUER"] = issuer.url
        yield lambda sub: issuer.token_for(sub, exp=int(time.time()) + DAY_SECONDS)


def _sub(employee: Employee) -> str:
    with Directory.open() as directory:
        return directory.sub_of(employee.subject) or ""


def _restore(before: dict[str, str]) -> None:
    for name in [name for name in os.environ if name.startswith("OPENBOOK_")]:
        del os.environ[name]
    os.environ.update(before)
