"""What a process did and how long it took, as spans of OpenTelemetry, without content.

    page        a page of the dashboard was drawn, by its name          dashboard
    call        the API answered a call, by its method and route        API
    work        a workflow on requests, by its type, and its steps      worker
    question    a question to the lake, by the name of its .sql file    all
    outgoing    a call to another machine, by its method and host       all

`Fact` lists everything that a span can say besides its times. Names and values are words of the code and hosts of the
settings, never what a caller sent: no paths, queries, headers, parameters or messages of errors. A value that doesn't
look like such a word is left out (`WORD`). What callers send as `traceparent`, `tracestate` or `baggage` is ignored,
and nothing of the kind is sent to others.

Without `use` all of this does nothing, and OpenTelemetry isn't loaded. `trace_export` says whether spans are
exported, and `otlp` delivers them.

Everything may import this module; it imports nothing else of Open Book.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opentelemetry import trace

WORD = re.compile(r"[A-Za-z0-9_./{}:-]{1,120}")
TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")
MOST_LINKS = 200
"""As many as the requests that one workflow takes."""


class Fact(StrEnum):
    """What a span can say, by the names of the semantic conventions where they have one."""

    PAGE = "openbook.page"
    METHOD = "http.request.method"
    ROUTE = "http.route"
    STATUS = "http.response.status_code"
    WORKFLOW = "openbook.workflow"
    REQUESTS = "openbook.requests"
    STEP = "openbook.step"
    QUESTION = "openbook.question"
    HOST = "server.address"
    ERROR = "error.type"


class Span:
    """A span that has begun; one that isn't recorded ignores everything."""

    def __init__(self, recorded: trace.Span | None = None) -> None:
        self._recorded = recorded

    def note(self, fact: Fact, value: str | int) -> None:
        if self._recorded is not None and (isinstance(value, int) or WORD.fullmatch(value)):
            self._recorded.set_attribute(fact.value, value)

    def answered(self, method: str, route: str, status: int) -> None:
        """Name the span of an API call, whose route is known when it was answered."""
        if self._recorded is not None:
            self._recorded.update_name(f"{method} {route}")
        self.note(Fact.ROUTE, route)
        self.note(Fact.STATUS, status)
        if status >= 500:
            self.failed(str(status))

    def failed(self, kind: str) -> None:
        """It failed: the name of an exception's class, or a status."""
        if self._recorded is not None:
            from opentelemetry.trace import StatusCode

            self._recorded.set_status(StatusCode.ERROR)
            self.note(Fact.ERROR, kind)

    def follows(self, traceparents: Iterable[str]) -> None:
        """Link it to the spans that asked for this work; what is no traceparent is left out."""
        if self._recorded is None:
            return
        from opentelemetry.trace import SpanContext, TraceFlags

        for match in filter(None, map(TRACEPARENT.fullmatch, traceparents)):
            trace_id, span_id, flags = (int(part, 16) for part in match.groups())
            self._recorded.add_link(SpanContext(trace_id, span_id, is_remote=True, trace_flags=TraceFlags(flags)))


_tracer: trace.Tracer | None = None
_NOT_RECORDED = Span()


def use(tracer: trace.Tracer | None) -> None:
    """Record spans from now on; None: no more."""
    global _tracer
    _tracer = tracer


def is_on() -> bool:
    return _tracer is not None


def nothing() -> AbstractContextManager[Span]:
    """No span: for what isn't recorded."""
    return nullcontext(_NOT_RECORDED)


def page(name: str) -> AbstractContextManager[Span]:
    return _around(f"page {name}", "INTERNAL", {Fact.PAGE: name})


def call(method: str) -> AbstractContextManager[Span]:
    """A call of the API; `Span.answered` gives the rest."""
    return _around(method, "SERVER", {Fact.METHOD: method})


def work(workflow: str) -> AbstractContextManager[Span]:
    return _around(f"work {workflow}", "CONSUMER", {Fact.WORKFLOW: workflow})


def step(name: str) -> AbstractContextManager[Span]:
    return _around(f"step {name}", "INTERNAL", {Fact.STEP: name})


def question(name: str) -> AbstractContextManager[Span]:
    """A question to the lake: `FOLDER/FILE` of its .sql file."""
    return _around(f"question {name}", "INTERNAL", {Fact.QUESTION: name}, has_parts=False)


def outgoing(method: str, host: str) -> AbstractContextManager[Span]:
    return _around(method, "CLIENT", {Fact.METHOD: method, Fact.HOST: host}, has_parts=False)


def traceparent() -> str | None:
    """The span that runs here, in the form of W3C Trace Context, for `Span.follows`; None: none does."""
    if _tracer is None:
        return None
    from opentelemetry import trace

    running = trace.get_current_span().get_span_context()
    return f"00-{running.trace_id:032x}-{running.span_id:016x}-{running.trace_flags:02x}" if running.is_valid else None


def _around(name: str, kind: str, facts: dict[Fact, str], *, has_parts: bool = True) -> AbstractContextManager[Span]:
    tracer = _tracer
    return nothing() if tracer is None else _recorded(tracer, name, kind, facts, has_parts)


@contextmanager
def _recorded(tracer: trace.Tracer, name: str, kind: str, facts: dict[Fact, str], has_parts: bool) -> Iterator[Span]:
    """Only a span that has parts becomes the current one: the block of another may be left in another thread."""
    from opentelemetry import trace

    recorded = tracer.start_span(name, kind=trace.SpanKind[kind], record_exception=False, set_status_on_exception=False)
    span = Span(recorded)
    for fact, value in facts.items():
        span.note(fact, value)
    current = (
        trace.use_span(recorded, record_exception=False, set_status_on_exception=False) if has_parts else nullcontext()
    )
    try:
        with current:
            yield span
    except Exception as error:
        span.failed(type(error).__name__)
        raise
    finally:
        recorded.end()
