"""Shared by the routes next to Streamlit: who the caller is, cross-site checks, and refusal pages.

A person's file is fetched from the governance API with their own access token, so the API decides whose it is. The
token comes from the server-side session (`server_sessions.py`). Requests triggered by another site are refused.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TypeVar
from urllib.parse import urlsplit
from uuid import UUID

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from api_client import GovernanceClient
from api_client.connections import Connections
from api_client.errors import GovernanceError
from api_client.sending import Retries
from dashboard.language import current, t
from dashboard.sign_in import renewal
from dashboard.sign_in.sessions import SCOPE_KEY, Session
from directory.access_tokens import IdentityProviderUnavailable
from languages import mark
from settings import settings

Fetched = TypeVar("Fetched")

SAME_SITE = {"same-origin", "none"}
"""`Sec-Fetch-Site` for a link on our pages, and for a typed address."""


PRIVATE = {"Cache-Control": "no-store"}

OVERVIEW, CAPTURED, REQUESTS = mark("Overview"), mark("Captured"), mark("Requests")
MODELS, WHO_LOOKED = mark("Models"), mark("Who looked")
ADDRESSES = {OVERVIEW: "/", CAPTURED: "/captured", REQUESTS: "/requests", MODELS: "/models", WHO_LOOKED: "/access"}
"""Of the pages that a refusal sends people back to."""

LETTER = "/letter"
"""The form for the code of a letter."""

API_SECONDS = 10.0
"""How long a screen waits for the governance API before it reports it as unavailable."""

RETRIES = Retries(attempts=2, first_wait=0.3, longest_wait=1.0)
"""A person is waiting, and one screen asks several times: the others' waits would add up to half a minute."""


def governance(token: str) -> GovernanceClient:
    """A client of the governance API that acts as the token's owner, in the page's language. The caller closes it."""
    return GovernanceClient(
        settings().api_base_url,
        token,
        timeout=API_SECONDS,
        retries=RETRIES,
        language=current().code,
        transport=_connections(),
    )


@cache
def _connections() -> Connections:
    """One page makes several calls: to connect for each of them takes as long as the call."""
    return Connections()


def caller(request: Request, page: str = REQUESTS) -> str | Response:
    """The caller's access token, or a page that says why not. `page`: the page to go back to."""
    if is_from_another_site(request):
        words = t("Another site sent you here. Go to {page} and download it.", page=t(page))
        return refusal(403, t("Open this from Open Book"), words, page)
    try:
        token = access_token(request)
    except IdentityProviderUnavailable:
        words = t(
            "The service that your company signs in with isn't responding. Go to {page} and try again in a minute.",
            page=t(page),
        )
        return refusal(503, t("We can't check your sign-in right now"), words, page)
    if token is None:
        return refusal(*sign_in_has_ended(page), page)
    return token


def sign_in_has_ended(page: str = REQUESTS) -> tuple[int, str, str]:
    """Status, title and words of a refusal."""
    words = t("Your sign-in has ended. Sign in, go to {page} and download it.", page=t(page))
    return 401, t("Please sign in again"), words


def is_from_another_site(request: Request) -> bool:
    return request.headers.get("sec-fetch-site", "same-origin") not in SAME_SITE


async def fetch(
    request: Request,
    ask: Callable[[GovernanceClient], Fetched],
    reason: Callable[[GovernanceError], tuple[int, str, str]],
    page: str = REQUESTS,
) -> Fetched | Response:
    """What `ask` gets from the API for the caller, or the page that says why not, by `reason`."""
    token = await run_in_threadpool(caller, request, page)
    if isinstance(token, Response):
        return token

    def as_the_caller() -> Fetched:
        with governance(token) as client:
            return ask(client)

    try:
        return await run_in_threadpool(as_the_caller)
    except GovernanceError as error:
        return refusal(*reason(error), page)


async def attach(
    request: Request,
    name: str,
    ask: Callable[[GovernanceClient], bytes],
    reason: Callable[[GovernanceError], tuple[int, str, str]],
    page: str = REQUESTS,
) -> Response:
    """What `ask` gets, which is JSON, as a file of this name; or the page that says why not."""
    document = await fetch(request, ask, reason, page)
    if isinstance(document, Response):
        return document
    headers = PRIVATE | {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(document, media_type="application/json", headers=headers)


def sign_in_again(request_id: UUID) -> Response:
    """The page for a download that needs a recent sign-in."""
    words = t(
        "Your copy has everything that is held about you. So that nobody gets it who finds your computer open, we ask "
        "you to sign in once more. Afterwards you are back at your request; then download it again. If you have just "
        "done that, your company's sign-in service doesn't say when you signed in: tell the people who run Open Book."
    )
    link = (f"/sign-in-again/{request_id}", t("Sign in again"))
    return refusal(401, t("Sign in once more"), words, link=link)


def refusal(status: int, title: str, words: str, page: str = REQUESTS, link: tuple[str, str] | None = None) -> Response:
    """`link`: where to go next, if not to that page, and what that is called."""
    address, name = link or (ADDRESSES[page], t("Go to {page}", page=t(page)))
    return plain_page(status, title, f'<p>{words}</p><p><a href="{address}">{name}</a></p>')


def plain_page(status: int, title: str, html: str) -> Response:
    """A page without scripts, in the language of the request, kept by nobody. `html` is what follows the title."""
    return HTMLResponse(
        f'<!doctype html><html lang="{current().code}"><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width"><style>body{font:1rem/1.5 system-ui,sans-serif;'
        "max-width:36rem;margin:15vh auto;padding:0 1rem}:root{color-scheme:light dark}"
        "input,button{font:inherit;padding:.5rem .75rem;box-sizing:border-box}input{width:100%;margin:.25rem 0 1rem}"
        f"</style><main><h1>{title}</h1>{html}</main></html>",
        status,
        PRIVATE,
    )


def origin() -> str:
    """Of the dashboard, as a browser names it."""
    here = urlsplit(settings().dashboard_base_url)
    return f"{here.scheme}://{here.netloc}"


def access_token(request: Request) -> str | None:
    """The signed-in person's access token, or None if not signed in, expired, or for another site.

    Raises IdentityProviderUnavailable.
    """
    session: Session | None = request.scope.get(SCOPE_KEY)
    if session is None or session.user.get("origin") != origin():
        return None
    return renewal.access_token(session)
