"""Authenticates the caller before their body is read."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from typing import Any

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import solve_dependencies
from fastapi.routing import APIRoute
from starlette.responses import Response


class AdmittingRoute(APIRoute):
    """A route that resolves its dependencies first, where the framework would read and parse the body first.

    They are resolved again once the body has arrived, so a token must be valid at both moments.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        if self.body_field is None:
            return handle  # the framework reads no body; a dependency that does runs after authentication
        first = Dependant(
            path=self.path, dependencies=[one for one in self.dependant.dependencies if not one.body_params]
        )

        async def admitted_first(request: Request) -> Response:
            async with AsyncExitStack() as stack:
                await solve_dependencies(
                    request=request, dependant=first, async_exit_stack=stack, embed_body_fields=False
                )
            return await handle(request)

        return admitted_first
