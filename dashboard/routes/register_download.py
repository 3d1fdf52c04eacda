"""`/register` and `/access-log`: the proofs of a person's place in the register of people, and of their access log.

They are passed through byte by byte as the governance API made them, with the person's own access token
(`own_route.py`).
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from api_client.errors import GovernanceError, NotFound, Unauthorized
from dashboard.language import t
from dashboard.sign_in import own_route

PAGE = own_route.WHO_LOOKED


async def download_register(request: Request) -> Response:
    """The proof as an attachment, or a plain page that says why not."""
    return await own_route.attach(request, "open-book-register.json", lambda client: client.register(), _reason, PAGE)


async def download_access_log(request: Request) -> Response:
    """The same for the person's access log."""
    name = "open-book-access-log.json"
    return await own_route.attach(request, name, lambda client: client.access_log_proof(), _reason_of_log, PAGE)


def _reason_of_log(error: GovernanceError) -> tuple[int, str, str]:
    if isinstance(error, Unauthorized):
        return _reason(error)
    if isinstance(error, NotFound):
        why = t("That is done once a day, soon after midnight UTC. Try again in an hour.")
        return 404, t("Your log is not in the ledger yet"), why
    return 503, t("The ledger can't be reached right now"), t("Nothing was lost. Try again in a minute.")


def _reason(error: GovernanceError) -> tuple[int, str, str]:
    if isinstance(error, Unauthorized):
        return own_route.sign_in_has_ended(PAGE)
    if isinstance(error, NotFound):
        return 404, t("You are not in the register yet"), t("It is made once a day. Try again tomorrow.")
    return 503, t("The register can't be reached right now"), t("Nothing was lost. Try again in a minute.")
