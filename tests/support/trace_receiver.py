"""A receiver of OpenTelemetry traces on a real socket: OTLP over HTTP, decoded by the protocol's own classes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status


@dataclass(frozen=True)
class Received:
    """A span as it came, with the process that sent it."""

    process: str
    span: Span

    @property
    def facts(self) -> dict[str, str | int]:
        values = {each.key: each.value for each in self.span.attributes}
        return {name: value.string_value or value.int_value for name, value in values.items()}

    @property
    def has_failed(self) -> bool:
        return self.span.status.code == Status.STATUS_CODE_ERROR


class Receiver:
    """What came: the bodies as they were sent, and the heads of their calls. `open` lets answers be given."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.heads: list[str] = []
        self.status = 200
        self.open = threading.Event()
        self.open.set()
        self.begun = threading.Event()
        self.url = ""

    @property
    def spans(self) -> list[Received]:
        return [
            Received({each.key: each.value.string_value for each in of.resource.attributes}["service.name"], span)
            for body in list(self.bodies)
            for of in ExportTraceServiceRequest.FromString(body).resource_spans
            for scope in of.scope_spans
            for span in scope.spans
        ]

    def named(self, name: str) -> list[Received]:
        return [each for each in self.spans if each.span.name == name]


@contextmanager
def receiving() -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.begun.set()
            receiver.open.wait()
            receiver.heads.append(f"{self.requestline}\n{self.headers}")
            if receiver.status == 200:
                receiver.bodies.append(body)
            self.send_response(receiver.status)
            self.end_headers()
            self.wfile.write(ExportTraceServiceResponse().SerializeToString())

        def log_message(self, *_: object) -> None:
            pass

        def handle(self) -> None:
            with suppress(OSError):  # who called gave up
                super().handle()

    with ThreadingHTTPServer(("localhost", 0), Handler) as server:
        receiver.url = f"http://localhost:{server.server_port}/v1/traces"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield receiver
        finally:
            receiver.open.set()
            server.shutdown()
            thread.join()
