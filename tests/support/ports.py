"""Ports of localhost for the processes of a test."""

from __future__ import annotations

import socket


def free_ports(count: int) -> list[int]:
    """Different ports that nothing listens on now."""
    sockets = [socket.socket() for _ in range(count)]
    for free in sockets:
        free.bind(("localhost", 0))
    ports = [int(free.getsockname()[1]) for free in sockets]
    for free in sockets:
        free.close()
    return ports
