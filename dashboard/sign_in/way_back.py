"""After signing in, a person is on the page of ours that they had opened, with its choices.

Streamlit's sign-in ends on the start page. When it begins, the browser says on which page (`Referer`, in which another
site can't put an address of ours). That address waits in the browser, sealed, for the callback alone and for this one
sign-in (its `state`). So nobody can read it, change it or use it for another, and nothing is kept about people who
don't come back.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import parse_qs, urlsplit

from cryptography.exceptions import InvalidTag
from starlette.responses import Response

from dashboard import pages
from dashboard.sign_in import own_route, sealing
from dashboard.sign_in.cookie_secret import UnusableSecret
from errors import Unavailable

COOKIE = "openbook_way_back"
SECONDS = 900
"""How long a sign-in may take."""
MOST_CHARACTERS = 2500
"""Of an address with its choices: a cookie has room for no more. A longer one leads to its page without them."""
_PAGES = {"/", *(f"/{name}" for name, *_ in pages.EVERY)}


def note(answer: Response, came_from: str, location: str, path: str, *, secure: bool) -> None:
    """Notes the page that a sign-in begins on. `came_from`: the referer; `location`: where the provider is asked;
    `path`: of the callback."""
    place, state = page_of_ours(came_from), _state(urlsplit(location).query)
    if not place or not state:
        return
    with suppress(OSError, UnusableSecret, Unavailable):  # the sign-in itself says so
        sealed = base64.urlsafe_b64encode(sealing.seal(place.encode("ascii"), _for(state))).decode("ascii")
        answer.set_cookie(COOKIE, sealed, SECONDS, path=path, secure=secure, httponly=True, samesite="lax")


def take(answer: Response, cookies: Mapping[str, str], query: str, path: str) -> str:
    """The page that the sign-in of this callback began on; empty if there is none. `query`: of the callback."""
    sealed, state = cookies.get(COOKIE), _state(query)
    if not sealed:
        return ""
    answer.delete_cookie(COOKIE, path=path, httponly=True, samesite="lax")
    with suppress(InvalidTag, ValueError, OSError, UnusableSecret, Unavailable):
        return sealing.unseal(base64.urlsafe_b64decode(sealed), _for(state)).decode("ascii")
    return ""


def page_of_ours(address: str) -> str:
    """Path and query of an address, if it is that of a page of this app; otherwise empty."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    if f"{parts.scheme}://{parts.netloc}" != own_route.origin() or parts.path not in _PAGES:
        return ""
    place = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return place if len(place) <= MOST_CHARACTERS and place.isascii() and place.isprintable() else parts.path


def _state(query: str) -> str:
    return (parse_qs(query).get("state") or [""])[-1]


def _for(state: str) -> str:
    return f"way back of the sign-in {state}"
