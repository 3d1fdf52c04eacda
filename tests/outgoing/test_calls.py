"""All calls to other machines: no redirects, no endless answers, only http and https."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

import outgoing
from governance.lineage import mlflow_import, mlflow_server
from governance.opendsr import outbound
from lake.connectors import InvalidSource, activitywatch_source
from lake.connectors.activitywatch_source import Server

Ask = Callable[[str], Any]


def ask_mlflow(url: str) -> None:
    list(mlflow_server.MlflowServer(url).model_versions())


def ask_partner(url: str) -> None:
    if outbound.call("GET", url, {}).status == 302:
        raise outbound.Unreachable("302")


ASKING: dict[str, tuple[Ask, type[Exception], Any]] = {
    "ActivityWatch": (lambda url: Server(url).buckets(), InvalidSource, activitywatch_source),
    "MLflow": (ask_mlflow, mlflow_server.MlflowUnavailable, mlflow_server),
    "OpenDSR": (ask_partner, outbound.Unreachable, outbound),
}
each = pytest.mark.parametrize(("ask", "error", "module"), ASKING.values(), ids=ASKING)


@contextmanager
def answering(start: bytes, more: bytes = b"", every: float = 0.0) -> Iterator[tuple[str, list[int]]]:
    """A server that begins each answer with `start` and repeats `more` forever, if given; its URL, and a list
    with an entry per connection."""
    ended = threading.Event()
    asked: list[int] = []

    def serve() -> None:
        while not ended.is_set():
            with suppress(OSError):
                connection, _ = server.accept()
                asked.append(1)
                with connection:
                    connection.settimeout(1)
                    connection.recv(10_000)
                    connection.sendall(start)
                    while more and not ended.wait(every):
                        connection.sendall(more)

    with socket.create_server(("localhost", 0)) as server:
        server.settimeout(0.1)
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://localhost:{server.getsockname()[1]}", asked
        finally:
            ended.set()
            thread.join()


ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"


@each
def test_a_redirect_is_not_followed(home: Path, ask: Ask, error: type[Exception], module: Any) -> None:
    with answering(ANSWER + b"Content-Length: 2\r\n\r\n{}") as (elsewhere, asked):
        redirect = f"HTTP/1.1 302 Found\r\nLocation: {elsewhere}/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        with answering(redirect.encode()) as (url, first), pytest.raises(error, match="302"):
            ask(url)
    assert (len(first), asked) == (1, [])


@each
def test_an_endless_answer_is_abandoned(
    home: Path, monkeypatch: pytest.MonkeyPatch, ask: Ask, error: type[Exception], module: Any
) -> None:
    monkeypatch.setattr(module, "LARGEST_ANSWER", 100_000)
    endless = b'"x": "' + b"x" * 10_000 + b'", '
    with answering(ANSWER + b"\r\n{", endless) as (url, _), pytest.raises(error, match=r"too long|more than 64 MiB"):
        ask(url)


@each
@pytest.mark.parametrize("start", [ANSWER + b"\r\n[", ANSWER + b"X-Slow: "], ids=["body", "headers"])
def test_a_slow_answer_is_abandoned_at_the_deadline(
    home: Path, monkeypatch: pytest.MonkeyPatch, ask: Ask, error: type[Exception], module: Any, start: bytes
) -> None:
    monkeypatch.setattr(module, "LONGEST_ANSWER_SECONDS", 0.5)
    with answering(start, b" ", every=0.05) as (url, _), pytest.raises(error, match="takes too long"):
        ask(url)


@each
def test_a_truncated_answer_is_an_error(home: Path, ask: Ask, error: type[Exception], module: Any) -> None:
    with answering(ANSWER + b"Content-Length: 50\r\n\r\n{") as (url, _), pytest.raises(error, match="reached"):
        ask(url)


@each
@pytest.mark.parametrize("scheme", ["file", "ftp", "data", "gopher"])
def test_only_http_and_https_are_called(home: Path, ask: Ask, error: type[Exception], module: Any, scheme: str) -> None:
    with pytest.raises((error, ValueError)):
        ask(f"{scheme}://localhost/etc/hosts")


def test_a_password_in_a_url_is_never_sent(home: Path) -> None:
    with (
        pytest.raises(ValueError, match="without user name and password"),
        outgoing.call("GET", "http://ada:secret@localhost/", {}, largest=1, silence=1, seconds=1),
    ):
        pass


def test_a_password_on_the_command_line_is_refused_first(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with answering(ANSWER + b"\r\n{}") as (url, asked):
        secret = url.replace("//", "//ada:secret@")
        with pytest.raises(ValueError, match="OPENBOOK_MLFLOW_SERVERS") as refused:
            mlflow_import.server_from_command_line(secret)
        assert "secret" not in str(refused.value)
        with pytest.raises(InvalidSource) as refusal:
            Server(secret)
        assert "secret" not in str(refusal.value)
        monkeypatch.setenv("OPENBOOK_MLFLOW_SERVERS", f"eu={secret}")
        server = mlflow_import.server_from_command_line(url)
        assert server.url == url
        assert server._headers["Authorization"].startswith("Basic ")
    assert asked == []
