"""The dashboard as one ASGI application; `python -m dashboard` serves it.

Streamlit is wrapped in security headers and closed routes (`headers.py`), compression of its scripts
(`compressed_static.py`), limits per address (`visit_rates.py`), sessions
(`server_sessions.py`), WebSocket limits (`sockets.py`), and addresses as people type them (`page_addresses.py`).
Routes of our own send files: exports (`export_download.py`), receipts and the verifier (`receipt_download.py`), proofs
of what is in a dataset (`membership_download.py`), and screenshots (`picture.py`). At two others people choose a
language (`choose_language.py`), and sign in with the code of a letter after they have left (`letter_sign_in.py`).
The pages start in `main.py`.
Sign-in is Streamlit's own, configured in `authorization.py`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import altair  # noqa: F401 (slow to load: done at startup, so that the first visitor doesn't wait)
from starlette.middleware import Middleware
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route
from streamlit.starlette import App

import queries  # noqa: F401 (the same)
import security_contact
from dashboard.routes.choose_language import choose_language
from dashboard.routes.export_download import download_export
from dashboard.routes.letter_sign_in import show_form, sign_in_by_letter
from dashboard.routes.membership_download import download_leaves, download_proof
from dashboard.routes.picture import show_picture
from dashboard.routes.receipt_download import (
    download_acknowledgement,
    download_receipt,
    download_verifier,
    show_receipt,
)
from dashboard.routes.register_download import download_access_log, download_register
from dashboard.routes.signing_in_again import sign_in_again
from dashboard.serving.compressed_static import CompressedStatic
from dashboard.serving.headers import SecurityHeaders
from dashboard.serving.housekeeping import lifespan
from dashboard.serving.page_addresses import PageAddresses
from dashboard.serving.sockets import SocketGuard
from dashboard.serving.speaking import Speaking
from dashboard.serving.visit_rates import VisitRates
from dashboard.sign_in import authorization
from dashboard.sign_in.own_route import LETTER
from dashboard.sign_in.server_sessions import CALLBACK, LOGIN, LOGOUT, STATIC, ServerSessions
from dashboard.states import draw_error
from settings import settings

ICON = Path(__file__).parent / "icon.svg"


async def _icon(_request: Any) -> Response:
    return FileResponse(ICON, media_type="image/svg+xml")


async def _security_text(_request: Any) -> Response:
    text = security_contact.security_text()
    return PlainTextResponse(text or "Nobody is named here.\n", 200 if text else 404)


ROUTES = [
    Route("/export/{request_id:uuid}", download_export, methods=["GET"]),
    Route("/language/{code}", choose_language, methods=["GET"]),
    Route("/sign-in-again/{request_id:uuid}", sign_in_again, methods=["GET"]),
    Route(LETTER, show_form, methods=["GET"]),
    Route(LETTER, sign_in_by_letter, methods=["POST"]),
    Route("/acknowledgement/{request_id:uuid}", download_acknowledgement, methods=["GET"]),
    Route("/receipt/{request_id:uuid}", download_receipt, methods=["GET"]),
    Route("/receipt/{request_id:uuid}/page", show_receipt, methods=["GET"]),
    Route("/membership/{dataset_version:uuid}", download_proof, methods=["GET"]),
    Route("/membership/{dataset_version:uuid}/leaves", download_leaves, methods=["GET"]),
    Route("/picture/{capture_id:uuid}", show_picture, methods=["GET"]),
    Route("/register", download_register, methods=["GET"]),
    Route("/access-log", download_access_log, methods=["GET"]),
    Route("/verifier.py", download_verifier, methods=["GET"]),
    Route(security_contact.PLACE, _security_text, methods=["GET"]),
    Route("/favicon.png", _icon, methods=["GET"]),
]
OTHERS = {path.split("/")[1] for path in (LOGIN, CALLBACK, LOGOUT, STATIC, *(route.path for route in ROUTES))}
"""What addresses begin with that don't lead to a page."""

app = App(
    Path(__file__).parent / "main.py",
    secrets={"auth": authorization.configuration()},
    routes=ROUTES,
    middleware=[
        Middleware(Speaking),
        *(
            Middleware(kind, public_url=settings().dashboard_base_url)
            for kind in (SecurityHeaders, CompressedStatic, VisitRates, ServerSessions, SocketGuard)
        ),
        Middleware(PageAddresses, others=OTHERS),
    ],
    lifespan=lifespan,
    on_script_error=draw_error,
)
