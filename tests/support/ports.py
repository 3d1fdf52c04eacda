"""Ports of localhost for the processes of a test."""

from __future__ import annotations

import socket

_given: set[int] = set()


def free_ports(count: int) -> list[int]:
    """Ports that nothing listens on now, and that this process was never given before: what it remembers of a server
    at one address is not taken for the next one's."""
    ports: list[int] = []
    held: list[socket.socket] = []
    while len(ports) < count:
        held.append(socket.socket())
        held[-1].bind(("localhost", 0))
        port = int(held[-1].getsockname()[1])
        if port not in _given:
            _given.add(port)
            ports.append(port)
    for free in held:
        free.close()
    return ports


def free_port() -> int:
    return free_ports(1)[0]
