"""A line to a server, which can be cut and mended: an outage of a service that keeps what it has."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from tests.support.ports import free_port

BYTES = 1 << 16


@dataclass
class Line:
    """Listens on `port` and passes everything on to another port of this machine."""

    to: int
    port: int = field(default_factory=free_port)
    _listener: socket.socket | None = None
    _open: list[socket.socket] = field(default_factory=list)
    _threads: list[threading.Thread] = field(default_factory=list)

    def mend(self) -> None:
        self._listener = socket.create_server(("localhost", self.port), backlog=128)
        self._begin(self._accept, self._listener)

    def cut(self) -> None:
        """Refuses new connections, and breaks off those that are open."""
        listener, self._listener = self._listener, None
        if listener is not None:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        for each in self._open:
            _end(each)
        for thread in self._threads:
            thread.join(30)
        self._open, self._threads = [], []

    def _begin(self, run: Callable[..., None], *arguments: socket.socket) -> threading.Thread:
        thread = threading.Thread(target=run, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()
        return thread

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):  # it was cut
            while True:
                near, _ = listener.accept()
                self._open.append(near)
                self._begin(self._serve, near)

    def _serve(self, near: socket.socket) -> None:
        with near, suppress(OSError), socket.create_connection(("localhost", self.to)) as far:
            self._open.append(far)
            back = self._begin(_pass_on, far, near)
            _pass_on(near, far)
            back.join()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(BYTES):
            target.sendall(data)
    _end(target)


def _end(one: socket.socket) -> None:
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)


@contextmanager
def line_to(port: int) -> Iterator[Line]:
    made = Line(port)
    made.mend()
    try:
        yield made
    finally:
        made.cut()
