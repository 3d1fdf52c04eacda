"""Pages of lists, for those who ask without HTTP."""

from __future__ import annotations

from fastapi import Request, Response

from governance.schemas.paging import Paging


def first_page() -> Paging:
    scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": [], "server": ("api", 80)}
    return Paging(Request(scope), Response(), 0, 50)
