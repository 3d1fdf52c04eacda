"""`/receipt/{request_id}` and its `/page`: a person's receipt, to save or to read; `/acknowledgement/{request_id}`: the
proof that they filed the request; `/verifier.py`: the verifier.

A receipt is passed through byte by byte as the governance API signed it, with the person's own access token
(`own_route.py`). The verifier is the same for everybody and needs no sign-in: anyone with a receipt can check it.
"""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response

import verifier
from api_client.errors import Conflict, Gone, GovernanceError, NotFound, Unauthorized
from dashboard.language import t
from dashboard.sign_in import own_route

LONGEST_NUMBER = 9


async def download_receipt(request: Request) -> Response:
    """The signed JSON as an attachment, or a plain page that says why not."""
    request_id, number = _asked(request)
    name = f"open-book-receipt-{request_id}.json"
    return await own_route.attach(request, name, lambda client: client.receipt(request_id, number), _reason)


async def download_acknowledgement(request: Request) -> Response:
    """The signed JSON as an attachment, or a plain page that says why not."""
    request_id, _ = _asked(request)
    name = f"open-book-acknowledgement-{request_id}.json"
    return await own_route.attach(request, name, lambda client: client.acknowledgement(request_id), _no_acknowledgement)


async def show_receipt(request: Request) -> Response:
    """The receipt as a readable page."""
    request_id, number = _asked(request)
    fetched = await own_route.fetch(request, lambda client: client.receipt_page(request_id, number), _reason)
    return fetched if isinstance(fetched, Response) else HTMLResponse(fetched, headers=own_route.PRIVATE)


async def download_verifier(_request: Request) -> Response:
    return FileResponse(Path(verifier.__file__), media_type="text/x-python", filename="verifier.py")


def _asked(request: Request) -> tuple[UUID, int | None]:
    """Which request, and which of its receipts; None: the newest."""
    given = request.query_params.get("number", "")
    number = int(given) if given.isascii() and given.isdigit() and len(given) <= LONGEST_NUMBER else None
    return request.path_params["request_id"], number


def _no_acknowledgement(error: GovernanceError) -> tuple[int, str, str]:
    if isinstance(error, NotFound):
        return 404, t("There is no such request"), t("You have no request with this number.")
    return _reason(error)


def _reason(error: GovernanceError) -> tuple[int, str, str]:
    if isinstance(error, Unauthorized):
        return own_route.sign_in_has_ended()
    if isinstance(error, NotFound):
        return 404, t("There is no such receipt"), t("You have no request with this number that has a receipt.")
    if isinstance(error, Conflict):
        return (
            409,
            t("There is no receipt yet"),
            t("It is issued when your request has ended. Go to {page} to follow it.", page=t(own_route.REQUESTS)),
        )
    if isinstance(error, Gone):
        return (
            410,
            t("This receipt is no longer kept"),
            t("It was deleted when its time was up. A copy that you saved can still be checked."),
        )
    return 503, t("The receipt can't be reached right now"), t("Nothing was lost. Try again in a minute.")
