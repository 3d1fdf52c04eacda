"""Delivers the spans of a process to an OpenTelemetry receiver, in OTLP over HTTP.

Nothing waits for the receiver: spans are queued, at most `MOST_WAITING`, and sent by a thread of their own. What
doesn't fit, or isn't taken within `SECONDS`, is dropped and not sent again.

The provider isn't made the process's own, so spans of libraries, which may have content, never get here. No resource
is detected: the receiver learns the kind of process, not its machine, user or command line.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanLimits, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import ALWAYS_ON

import outgoing
import tracing

logger = logging.getLogger("traces")

MOST_WAITING = 4096
AT_ONCE = 512
EVERY_SECONDS = 2.0
SECONDS = 3.0
LARGEST_ANSWER = 1 << 16
HEADERS = {"Content-Type": "application/x-protobuf"}


class Deliveries(SpanExporter):
    """Sends spans, each batch once; logs when that begins to fail, and when it works again."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._failing = False
        self._ending = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        if self._ending and self._failing:
            return SpanExportResult.FAILURE
        reason = self._send(encode_spans(spans).SerializeToString())
        if reason and not self._failing:
            logger.warning("The receiver of traces %s. They are dropped until it takes them again.", reason)
        elif self._failing and not reason:
            logger.warning("The receiver of traces takes them again.")
        self._failing = bool(reason)
        return SpanExportResult.FAILURE if reason else SpanExportResult.SUCCESS

    def end_soon(self) -> None:
        """Send what waits, but give up at the first failure."""
        self._ending = True

    def _send(self, body: bytes) -> str:
        """Why it wasn't taken; empty: it was."""
        try:
            with outgoing.call(
                "POST", self._url, HEADERS, body, largest=LARGEST_ANSWER, silence=SECONDS, seconds=SECONDS, traced=False
            ) as answer:
                answer.read()
                return "" if answer.status == 200 else f"answered with status {answer.status}"
        except outgoing.CallFailed as error:
            return str(error)


@contextmanager
def exporting(process: str, url: str) -> Iterator[None]:
    """Record spans and deliver them to `url` until the block ends."""
    logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)  # it would log each span that is dropped
    deliveries = Deliveries(url)
    provider = TracerProvider(
        sampler=ALWAYS_ON,
        resource=Resource({"service.namespace": "open-book", "service.name": f"open-book-{process}"}),
        shutdown_on_exit=False,
        span_limits=SpanLimits(max_links=tracing.MOST_LINKS),
    )
    provider.add_span_processor(BatchSpanProcessor(deliveries, MOST_WAITING, EVERY_SECONDS * 1000, AT_ONCE))
    tracing.use(provider.get_tracer("open-book"))
    try:
        yield
    finally:
        tracing.use(None)
        deliveries.end_soon()
        provider.shutdown()
