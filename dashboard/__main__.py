"""`python -m dashboard`: serves the dashboard.

It doesn't use `streamlit run`, which asks an outside service for this machine's address at startup, waits for ever for
the rest of a request, and accepts messages of 200 MB.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import Any

import uvicorn

import command_line
import log_format
import trace_export
from collecting import loading
from file_modes import keep_private
from settings import settings

PING_SECONDS = 20.0
STOP_SECONDS = 5


class Server(uvicorn.Server):
    """Prints its address once it answers: at log level `warning`, uvicorn doesn't."""

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        if self.started:
            print(f"The dashboard is at {settings().dashboard_base_url}", flush=True)


def main() -> int:
    keep_private(settings().home)
    return command_line.run(_serve)


def _serve() -> int:
    log_format.configure(logging.WARNING)
    with loading():  # Streamlit has the collector look at everything after each run of a page
        server = _server()
    with trace_export.of("dashboard"), suppress(KeyboardInterrupt):  # Ctrl-C, after a clean shutdown
        server.run()
    return 0 if server.started else 1


def _server() -> Server:
    from altair.utils.schemapi import disable_debug_mode
    from streamlit.web import bootstrap

    from dashboard.serving.punctual import PunctualProtocol
    from dashboard.serving.sockets import MESSAGE_BYTES
    from dashboard.sign_in.cookie_secret import accepted_secrets
    from directory import announce_keys

    configured = settings()
    accepted_secrets()
    announce_keys()
    bootstrap.load_config_options({"server_port": configured.dashboard_port})
    from dashboard.app import app  # reads Streamlit's options on import

    # A chart is checked as a whole when it is drawn. To check each part, too, takes longer than to make it.
    disable_debug_mode()
    return Server(
        uvicorn.Config(
            app,
            host=configured.dashboard_host,
            port=configured.dashboard_port,
            http=PunctualProtocol,
            ws="websockets-sansio",
            ws_max_size=MESSAGE_BYTES,
            ws_ping_interval=PING_SECONDS,
            ws_ping_timeout=PING_SECONDS,
            ws_per_message_deflate=False,
            server_header=False,
            access_log=False,
            log_config=None,
            log_level="warning",
            timeout_graceful_shutdown=STOP_SECONDS,
        )
    )


if __name__ == "__main__":
    command_line.program(main)
