"""A real nginx with the files of `deploy/nginx`: only its addresses and ports are others, and TLS is off."""

from __future__ import annotations

import re
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx2

from tests.support import calls
from tests.support.hosts import HERE, Host
from tests.support.ports import free_ports

PLACES = Path("/usr/sbin/nginx"), Path(sys.prefix) / "nginx" / "usr" / "sbin" / "nginx"
PROGRAM = shutil.which("nginx") or next((str(path) for path in PLACES if path.exists()), "")
FOLDER = Path(__file__).parents[2] / "deploy" / "nginx"
AROUND = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/openbook.conf;
}}
"""


def is_there() -> bool:
    """Whether it is installed, or was unpacked by `.ci/programs`."""
    return bool(PROGRAM)


@contextmanager
def serving(
    folder: Path, apis: Sequence[str], dashboards: Sequence[str], host: Host = HERE
) -> Iterator[tuple[str, str]]:
    """The URLs of the API and of the dashboard, behind which these addresses (`host:port`) take turns."""
    dashboard, api = free_ports(2)
    text = (FOLDER / "openbook.conf").read_text(encoding="utf-8")
    for name, servers in (("openbook_api", apis), ("openbook_dashboard", dashboards)):
        text = _with_servers(text, name, servers)
    for port in (dashboard, api):
        text = text.replace("listen 443 ssl;", f"listen {host.address}:{port};", 1)
    text = re.sub(r" *ssl_.*\n", "", text)
    text = text.replace("X-Forwarded-Proto https", "X-Forwarded-Proto http")
    folder.mkdir()
    if host.namespace:  # which has settings of its own
        host.run("sysctl", "-p", str(FOLDER / "sysctl.conf")).check_returncode()
    (folder / "openbook.conf").write_text(text, encoding="utf-8")
    (folder / "nginx.conf").write_text(AROUND.format(folder=folder), encoding="utf-8")
    with host.start([PROGRAM, "-c", folder / "nginx.conf", "-e", folder / "error.log"]) as process:
        try:
            _wait_for(f"http://{host.address}:{dashboard}")
            yield f"http://{host.address}:{api}", f"http://{host.address}:{dashboard}"
        finally:
            process.terminate()


def _with_servers(text: str, name: str, given: Sequence[str]) -> str:
    before, found, after = text.partition(f"upstream {name} {{")
    servers, _, rest = after.partition("}")
    addresses = iter(given)
    servers, count = re.subn(r"server \S+", lambda _: f"server {next(addresses)}", servers)
    assert count == len(given), name
    return f"{before}{found}{servers}}}{rest}"


def _wait_for(url: str) -> None:
    until = time.monotonic() + 30
    while True:
        try:
            calls.get(url)
        except httpx2.TransportError:
            assert time.monotonic() < until
            time.sleep(0.1)
        else:
            return
