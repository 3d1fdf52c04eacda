"""The real processes with planted secrets, and somebody who signs in, fails to, sends nonsense and meets a crash."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urljoin

import httpx2
from streamlit.auth_util import encode_provider_token

from demo.company.people import PASSWORD
from demo.environments import environment_of
from demo.processes import Child, Children
from settings import settings
from tests.planted.secrets import Planted, command_lines

ROOT = Path(__file__).parents[2]
PROCESSES = {
    "identity provider": ("demo.identity_provider",),
    "governance API": ("governance", "serve"),
    "worker": ("governance", "work"),
    "dashboard": ("dashboard",),
}


@contextmanager
def refusing() -> Iterator[str]:
    """A server of somebody else, which refuses everything with an error; its host and port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_error(500)

        def do_POST(self) -> None:
            self.send_error(500)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("localhost", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"localhost:{server.server_port}"
        server.shutdown()
        thread.join()


class Product:
    """The running processes. Everything that they say to somebody is kept in `planted`."""

    def __init__(self, planted: Planted, children: Children, client: httpx2.Client) -> None:
        self._planted = planted
        self._children = children
        self.running: dict[str, Child] = {}
        self.client = client

    def start(self, name: str) -> None:
        self.running[name] = self._children.start(name, *PROCESSES[name])
        self._wait_for(name)

    def crash_and_restart(self, *names: str) -> None:
        """As after a fault in a library; the demo starts them again."""
        for name in names:
            self.running[name].process.send_signal(signal.SIGSEGV)
            self.running[name].process.wait()
        while any(self.running[name].has_ended() for name in names):
            list(self._children.keep_running())
            time.sleep(0.1)
        for name in names:
            self._wait_for(name)

    def _wait_for(self, name: str) -> None:
        place, saying = {
            "identity provider": (f"{settings().issuer_url}/.well-known/openid-configuration", ""),
            "governance API": (f"{settings().api_base_url}/healthz", ""),
            "worker": (f"{settings().api_base_url}/healthz", '"worker":"running"'),
            "dashboard": (f"{settings().dashboard_base_url}/_stcore/health", ""),
        }[name]
        self._children.wait_until_answering(self.running[name], place, saying)

    def ask(self, method: str, url: str, **content: object) -> httpx2.Response:
        answer = self.client.request(method, url, **content)  # type: ignore[arg-type]
        own = [value for name, value in answer.headers.multi_items() if name not in ("set-cookie", "location")]
        self._planted.say(f"the answer to {method} {answer.url.path}", "\n".join(own).encode() + answer.content)
        return answer

    def sign_in(self, login: str, password: str = PASSWORD) -> httpx2.Response:
        """The dashboard's last answer."""

        answer = self.ask(
            "GET", f"{settings().dashboard_base_url}/auth/login?provider={encode_provider_token('default')}"
        )
        for field in ({"login": login}, {"password": password}):
            answer = self._follow(answer)
            form = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', answer.text)
            assert form is not None, "a page with a form"
            answer = self.ask("POST", str(answer.url), data={"csrf_token": form[1], **field})
        return self._follow(answer)

    def _follow(self, answer: httpx2.Response) -> httpx2.Response:
        while answer.is_redirect:
            answer = self.ask("GET", urljoin(str(answer.url), answer.headers["location"]))
        return answer

    def look_at_command_lines(self) -> None:
        for where, content in command_lines():
            self._planted.say(where, content)


@contextmanager
def running(planted: Planted, logs: Path) -> Iterator[Product]:
    with Children(planted.settings, logs) as children, httpx2.Client(timeout=60) as client:
        product = Product(planted, children, client)
        for name in PROCESSES:
            product.start(name)
        yield product


def command(planted: Planted, of: str, *arguments: str, wrong: Mapping[str, str] | None = None) -> int:
    """`python -m ARGUMENTS`, with what the process `of` gets; its output is kept. `wrong`: settings to replace."""
    environment = environment_of(of, {**os.environ, **planted.settings, **(wrong or {})})
    done = subprocess.run(
        [sys.executable, "-m", *arguments], cwd=ROOT, env=environment, capture_output=True, timeout=120, check=False
    )
    planted.say(f"the output of {' '.join(arguments)}", done.stdout + done.stderr)
    return done.returncode
