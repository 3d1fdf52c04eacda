"""Counts and times the calls that one API process answers, by route, for `/metrics`.

A call is labelled with its method, the route's pattern (`/v1/requests/{request_id}`, never the path itself) and its
status. So no figure names a person, a request or what somebody looked for.
"""

from __future__ import annotations

import time

from prometheus_client import CollectorRegistry, Counter, Gauge, GCCollector, Histogram, ProcessCollector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from governance.api.monitoring.figures import InstallationFigures

METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
NO_ROUTE = "none"
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


def method_of(scope: Scope) -> str:
    """The method of a call; another word, which a caller can choose, is not repeated."""
    return scope["method"] if scope["method"] in METHODS else "other"


def route_of(scope: Scope) -> str:
    """The whole pattern of a call's route, once it was routed; `route` alone lacks the prefix of its router."""
    context = scope.get("fastapi", {}).get("effective_route_context")
    return str(getattr(context or scope.get("route"), "path", NO_ROUTE))


class Answer:
    """An answer on its way. `status`: 500 until it begins, so that of a call which failed before."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status = 500

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        await self._send(message)


class CallFigures:
    """The figures of one application."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.registry.register(InstallationFigures())
        ProcessCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        self._answered = Counter(
            "openbook_calls", "Calls answered by this process.", ("method", "route", "status"), registry=self.registry
        )
        self._seconds = Histogram(
            "openbook_call_seconds",
            "Seconds from a call's arrival to the end of its answer.",
            ("route",),
            buckets=SECONDS,
            registry=self.registry,
        )
        self._running = Gauge("openbook_calls_running", "Calls being answered now.", registry=self.registry)

    def note(self, scope: Scope, status: int, seconds: float) -> None:
        method, route = method_of(scope), route_of(scope)
        self._answered.labels(method, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def running(self, change: int) -> None:
        self._running.inc(change)


class Counted:
    """ASGI middleware around the routes; the figures are in the application's `state`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = Answer(send)
        figures: CallFigures = scope["app"].state.figures
        began = time.perf_counter()
        figures.running(1)
        try:
            await self._app(scope, receive, answer.send)
        finally:
            figures.running(-1)
            figures.note(scope, answer.status, time.perf_counter() - began)
