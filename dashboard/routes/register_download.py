"""`/register`: the proof that a person is in the register of people, with one address and one subject.

It is passed through byte by byte as the governance API made it, with the person's own access token (`own_route.py`).
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from api_client.errors import GovernanceError, NotFound, Unauthorized
from dashboard.sign_in import own_route

PAGE = "Who looked"


async def download_register(request: Request) -> Response:
    """The proof as an attachment, or a plain page that says why not."""
    return await own_route.attach(request, "open-book-register.json", lambda client: client.register(), _reason, PAGE)


def _reason(error: GovernanceError) -> tuple[int, str, str]:
    if isinstance(error, Unauthorized):
        return 401, "Please sign in again", "Your sign-in has ended. Sign in, go to Who looked and save it."
    if isinstance(error, NotFound):
        return 404, "You are not in the register yet", "It is made once a day. Try again tomorrow."
    return 503, "The register can't be reached right now", "Nothing was lost. Try again in a minute."
