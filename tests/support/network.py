"""Blocks what no test may reach: other machines, and the default ports, where a developer's own product may run.

`hold_ports()` gives settings whose ports nothing listens on. `refused` lists blocked attempts.
"""

from __future__ import annotations

import ipaddress
import socket
import sys
from typing import Any

from settings import Settings

PORTS = ("dashboard_port", "api_port", "idp_port")
DEFAULT_PORTS = {Settings.model_fields[name].default for name in PORTS}

refused: list[str] = []
"""For the test that runs now."""

made: set[str] = set()
"""Addresses of hosts that a test made on this machine (`tests.support.hosts`)."""

_held: list[socket.socket] = []


def hold_ports() -> dict[str, str]:
    """The three ports as environment variables. This process keeps them bound without listening: a connection is
    refused, and no one else gets them."""
    for _ in PORTS[len(_held) :]:
        held = socket.socket()
        held.bind(("127.0.0.1", 0))
        _held.append(held)
    return {f"OPENBOOK_{name.upper()}": str(held.getsockname()[1]) for name, held in zip(PORTS, _held, strict=True)}


def let_ports_go() -> None:
    while _held:
        _held.pop().close()


def guard() -> None:
    """From now on, block them in this process."""
    sys.addaudithook(_watch)


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event in {"socket.connect", "socket.bind", "socket.sendto"}:
        why = _fault(arguments[1])
    elif event == "socket.getaddrinfo":
        why = _fault((arguments[0] or "", arguments[1]))
    else:
        return
    if why:
        refused.append(f"{event} {why}")
        raise PermissionError(f"A test may not do this: {event} {why}")


def _fault(address: object) -> str:
    """Why no test may use this address; empty if it may."""
    if not isinstance(address, tuple):
        return ""  # a Unix socket
    host = address[0].decode() if isinstance(address[0], bytes) else address[0]
    port = address[1]
    if port in DEFAULT_PORTS:
        return f"{host}:{port} (a default port: use a free one)"
    return "" if _is_here(host) else f"{host}:{port} (not this machine)"


def _is_here(host: str) -> bool:
    if host in {"", "localhost", *made}:
        return True
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified
