"""The API's application and its description, for tests that don't change them."""

from __future__ import annotations

from functools import cache
from typing import Any

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


@cache
def published() -> dict[str, Any]:
    """The description (OpenAPI) that the API publishes."""
    return _application().openapi()


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    """The method in capitals, the path, and the description of each operation in it."""
    return [
        (method.upper(), path, operation)
        for path, those in published()["paths"].items()
        for method, operation in those.items()
    ]
