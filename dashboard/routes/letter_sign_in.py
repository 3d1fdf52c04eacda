"""`/letter`: people who have left type the code of their letter, and are signed in to their own data.

The API gives a token for the code. It is handed on in Streamlit's own cookies, as after a sign-in at the identity
provider, so that `server_sessions` keeps it like any other; the session ends with the token.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from streamlit.web.server.starlette.starlette_auth_routes import _set_auth_cookie

import clock
import queries
from api_client import sign_in_with_letter
from api_client.errors import GovernanceError, StatusError
from dashboard.language import t, tn
from dashboard.sign_in import audit, own_route, sessions
from directory import InvalidToken
from languages import mark
from settings import settings

LARGEST_BYTES = 2000
"""Of a form: a code has 29 characters."""

EXAMPLE = "3F7KQ-N0D2M-8YB5T-XW61Z-R9CHE"
UNREACHABLE = mark("The code can't be checked right now. Nothing was changed. Try again in a minute.")
REFUSED = mark("This code opens nothing. Check each character; if it is right, the letter has ended.")


async def show_form(_request: Request) -> Response:
    return _page()


async def sign_in_by_letter(request: Request) -> Response:
    """The person's pages, or the form again with the reason."""
    if own_route.is_from_another_site(request):
        return _page(403, t("Another site sent you here, so the code wasn't used. Type it here."))
    code = await _code(request)
    if code is None:
        return _page(413, t("That is too long for a code. Nothing was changed."))
    try:
        token = await run_in_threadpool(
            sign_in_with_letter,
            settings().api_base_url,
            code,
            visitor=audit.address_of(request.scope),
            timeout=own_route.API_SECONDS,
        )
        claims = await run_in_threadpool(_claims, token.access_token, token.expires_in)
    except StatusError as error:
        return _refused(error)
    except (GovernanceError, InvalidToken):
        return _page(503, t(UNREACHABLE))
    answer = RedirectResponse("/", 303, own_route.PRIVATE)
    await _set_auth_cookie(answer, claims, {"access_token": token.access_token})
    return answer


def _claims(token: str, seconds: int) -> dict[str, Any]:
    """What Streamlit and the session are told, as an id token would. Raises InvalidToken."""
    now = int(clock.now().timestamp())
    return {
        "sub": f"{sessions.LETTER_SUB}{queries.sign_in(token).subject.key}",
        "origin": own_route.origin(),
        "is_logged_in": True,
        "iat": now,
        "exp": now + seconds,
    }


async def _code(request: Request) -> str | None:
    """What was typed; None if the form is too large."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LARGEST_BYTES:
            return None
    return parse_qs(body.decode("ascii", "replace")).get("code", [""])[0][:100]


def _refused(error: StatusError) -> Response:
    if error.status == 429:
        wait = max(1, round(error.retry_after or 10))
        again = tn("Try again in {n} second.", "Try again in {n} seconds.", wait)
        return _page(429, f"{t('Too many codes were tried from here.')} {again}", wait)
    if error.status >= 500:
        return _page(503, t(UNREACHABLE))
    return _page(400, t(REFUSED))


def _page(status: int = 200, fault: str = "", wait: int | None = None) -> Response:
    aria = ' aria-invalid="true" aria-describedby="fault"' if fault else ""
    said = f'<p id="fault" role="alert"><strong>{fault}</strong></p>' if fault else ""
    page = own_route.plain_page(status, t("See your data with the code of a letter"), said + _form(aria))
    if wait:
        page.headers["Retry-After"] = str(wait)
    return page


def _form(aria: str) -> str:
    what_for = t(
        "For people who no longer work at this company. The code in the letter from its privacy office opens your own "
        "data: you can see it, ask for a copy, or have it deleted. Each use of the code is listed under {page}.",
        page=t(own_route.WHO_LOOKED),
    )
    how_long = t(
        "You are signed in for an hour; then type the code again. No letter, or it has ended? Ask your former "
        "employer's privacy office for one."
    )
    return (
        f'<p>{what_for}</p><form method="post" action="{own_route.LETTER}">'
        f'<label for="code">{t("Code, for example {code}", code=EXAMPLE)}</label>'
        '<input id="code" name="code" required autofocus maxlength="100" autocomplete="off" '
        f'autocapitalize="characters" spellcheck="false"{aria}><button>{t("Open my data")}</button></form>'
        f"<p>{how_long}</p>"
    )
