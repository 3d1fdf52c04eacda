"""`/picture/{capture_id}`: a person's screenshot, passed on from the governance API with their own access token.

Streamlit's media store would serve it to anyone with its address; this route checks who asks (`own_route.py`).
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from api_client.errors import GovernanceError, NotFound, Unauthorized
from dashboard.language import t
from dashboard.sign_in import own_route

PAGE = own_route.CAPTURED
HEADERS = own_route.PRIVATE | {"Content-Disposition": 'inline; filename="screenshot.webp"'}


async def show_picture(request: Request) -> Response:
    """The picture as WebP, small with `?small`; or a plain page that says why not."""
    capture_id, small = request.path_params["capture_id"], "small" in request.query_params
    found = await own_route.fetch(request, lambda client: client.picture(capture_id, small=small), _reason, PAGE)
    return found if isinstance(found, Response) else Response(found, media_type="image/webp", headers=HEADERS)


def _reason(error: GovernanceError) -> tuple[int, str, str]:
    if isinstance(error, Unauthorized):
        return own_route.sign_in_has_ended(PAGE)
    if isinstance(error, NotFound):
        return 404, t("There is no such picture"), t("You have no screenshot with this number that has a picture.")
    return 503, t("The picture can't be reached right now"), t("Nothing was lost. Try again in a minute.")
