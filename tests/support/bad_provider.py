"""Identity providers that answer badly, on real sockets."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


class BadProvider:
    """Answers each connection with what `speak` sends. `connections` counts them; `open` are the unfinished ones."""

    def __init__(self, speak: Callable[[socket.socket, threading.Event], None]) -> None:
        self.connections = 0
        self.ended = threading.Event()
        self._speak = speak
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._threads = [threading.Thread(target=self._accept)]
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self._threads[0].start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            self.connections += 1
            thread = threading.Thread(target=self._serve, args=(client,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError):
            client.recv(65536)
            self._speak(client, self.ended)

    def close(self) -> None:
        self.ended.set()
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for thread in self._threads:
            thread.join()


def hangs(client: socket.socket, ended: threading.Event) -> None:
    ended.wait()


def drips_its_head(client: socket.socket, ended: threading.Event) -> None:
    client.sendall(OK)
    while not ended.wait(0.05):
        client.sendall(b"X")


def drips_its_body(client: socket.socket, ended: threading.Event) -> None:
    client.sendall(OK + b"Content-Length: 100000\r\n\r\n")
    while not ended.wait(0.05):
        client.sendall(b" ")


def sends_100_megabytes(client: socket.socket, ended: threading.Event) -> None:
    client.sendall(OK + b"Content-Length: 104857600\r\n\r\n")
    for _ in range(1600):
        client.sendall(b" " * 65536)


def breaks_off(client: socket.socket, ended: threading.Event) -> None:
    client.sendall(OK + b"Content-Length: 100\r\n\r\n{")


def nests(client: socket.socket, ended: threading.Event) -> None:
    client.sendall(OK + b"\r\n" + b"[" * 100_000)


def is_no_web_server(client: socket.socket, ended: threading.Event) -> None:
    client.sendall(b"220 smtp\r\n")
