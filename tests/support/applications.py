"""The API's application, for tests that call it and don't change it."""

from __future__ import annotations

from functools import cache

from fastapi import FastAPI

from governance.api.app import create_app
from governance.api.monitoring.requests import CallFigures


def as_if_new() -> FastAPI:
    """The application of this process, which knows nothing of earlier calls. To build its routes takes longer than most
    tests; what remembers callers, its middleware, is built at its next call."""
    app = _application()
    app.middleware_stack = None
    app.state.figures = CallFigures()
    return app


@cache
def _application() -> FastAPI:
    return create_app()
