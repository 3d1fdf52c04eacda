"""The language that a person chose: in a cookie for pages, and with them (in the API) for e-mail and other browsers."""

from __future__ import annotations

import logging

from starlette.responses import Response

from api_client import GovernanceClient
from api_client.errors import GovernanceError
from api_client.sending import Retries
from dashboard.language import COOKIE
from dashboard.sign_in import own_route
from languages import NAMES
from settings import settings

SECONDS = 2.0
"""How long a sign-in waits for it."""
YEAR = 365 * 24 * 3600

log = logging.getLogger(__name__)


def set_cookie(answer: Response, code: str) -> None:
    answer.set_cookie(COOKIE, code, max_age=YEAR, path="/", httponly=True, samesite="lax")


def keep(token: str, code: str) -> None:
    """With the person, if the API can be reached."""
    try:
        with own_route.governance(token) as client:
            chosen = client.notifications.choice()
            client.notifications.choose(chosen.app, chosen.mail, code)
    except GovernanceError as error:
        log.info("a language could not be kept: %s", type(error).__name__)


def recall(answer: Response, token: str) -> None:
    """The cookie for whoever signs in; none, if they chose no language or the API can't be reached."""
    try:
        with GovernanceClient(settings().api_base_url, token, timeout=SECONDS, retries=Retries(attempts=1)) as client:
            code = client.notifications.choice().language
    except GovernanceError as error:
        log.info("a language could not be looked up: %s", type(error).__name__)
        return
    if code in NAMES:
        set_cookie(answer, code)
