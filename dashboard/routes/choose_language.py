"""`/language/{code}`: the person chooses a language, and is back where they were.

Signed out, or without the API, the choice is kept in this browser only.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from dashboard.language import t
from dashboard.sign_in import kept_language, own_route
from directory.access_tokens import IdentityProviderUnavailable
from languages import NAMES


async def choose_language(request: Request) -> Response:
    code = request.path_params["code"]
    if own_route.is_from_another_site(request) or code not in NAMES:
        words = t("Choose a language from the list.")
        return own_route.refusal(404, t("There is no such page"), words, own_route.OVERVIEW)
    await run_in_threadpool(_keep, request, code)
    answer = RedirectResponse(_back(request), 303, own_route.PRIVATE)
    kept_language.set_cookie(answer, code)
    return answer


def _back(request: Request) -> str:
    """The path of our page that the person came from."""
    came_from = urlsplit(request.headers.get("referer", ""))
    if f"{came_from.scheme}://{came_from.netloc}" != own_route.origin():
        return "/"
    return f"/{came_from.path.lstrip('/')}{'?' if came_from.query else ''}{came_from.query}"


def _keep(request: Request, code: str) -> None:
    try:
        token = own_route.access_token(request)
    except IdentityProviderUnavailable:
        return
    if token:
        kept_language.keep(token, code)
