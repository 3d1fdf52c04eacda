"""Whether the spans of a process (`tracing`) are exported: only if `OPENBOOK_TRACES_URL` says where to. Otherwise
nothing of OpenTelemetry is loaded.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

from settings import settings


def of(process: str) -> AbstractContextManager[None]:
    """Export the spans of this process, such as `api`, until the block ends."""
    url = settings().traces_url
    if not url:
        return nullcontext()
    import otlp  # takes a moment to load

    return otlp.exporting(process, url)
