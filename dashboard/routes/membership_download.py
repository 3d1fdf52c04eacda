"""`/membership/{dataset_version}` and its `/leaves`: the proof of which of a person's captures a dataset has, or none.

The proof is passed through byte by byte as the governance API made it, with the person's own access token
(`own_route.py`). The list of leaves reveals nothing about anybody; the proof can be checked against all of it.
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from api_client import GovernanceClient
from api_client.errors import Conflict, GovernanceError, NotFound, Unauthorized
from dashboard.language import t
from dashboard.sign_in import own_route

PAGE = own_route.MODELS


async def download_proof(request: Request) -> Response:
    """The proof as an attachment, or a plain page that says why not."""
    return await _hand_out(request, "proof", lambda client, key: client.membership(key))


async def download_leaves(request: Request) -> Response:
    return await _hand_out(request, "leaves", lambda client, key: client.leaves(key))


async def _hand_out(request: Request, what: str, ask: Callable[[GovernanceClient, UUID], bytes]) -> Response:
    key: UUID = request.path_params["dataset_version"]
    name = f"open-book-{what}-{key}.json"
    return await own_route.attach(request, name, lambda client: ask(client, key), _reason, PAGE)


def _reason(error: GovernanceError) -> tuple[int, str, str]:
    if isinstance(error, Unauthorized):
        return own_route.sign_in_has_ended(PAGE)
    if isinstance(error, NotFound):
        return (
            404,
            t("There is no such proof"),
            t("Nobody recorded what is in this dataset, so nothing can be proven about it."),
        )
    if isinstance(error, Conflict):
        why = t("The ledger takes in the list of this dataset with its next batch, within minutes. Try again then.")
        return 409, t("The proof isn't there yet"), why
    return 503, t("The proof can't be reached right now"), t("Nothing was lost. Try again in a minute.")
