"""Keeps Streamlit's sign-in cookies on the server: the browser gets a random number instead (`sessions.py`).

    browser  -- openbook_session=NUMBER -->  here  -- _streamlit_user, _streamlit_user_tokens -->  Streamlit
    browser  <-- openbook_session=NUMBER --  here  <-- _streamlit_user, _streamlit_user_tokens --  Streamlit

Streamlit's cookies are signed but readable, and valid until they expire: anyone who copies them has the access token,
and signing out revokes nothing. Such cookies from a browser are never passed on, and those left by an earlier version
are removed. The claims that Streamlit sees name the session (`sessions.CLAIM`), and every page checks that it is still
open.

Signing out ends the session before it asks the identity provider, so it ends whatever the provider does.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterable
from http.cookies import SimpleCookie
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value
from streamlit.web.server.starlette.starlette_server_config import TOKENS_COOKIE_NAME, USER_COOKIE_NAME
from streamlit.web.server.starlette.starlette_websocket import _get_signed_cookie_with_chunks

from dashboard.language import t
from dashboard.sign_in import audit, authorization, kept_language, sessions, step_up, token_answer, way_back
from dashboard.sign_in.cookie_secret import UnusableSecret, cookie_secret
from dashboard.sign_in.own_route import LETTER, SAME_SITE, refusal
from dashboard.sign_in.sessions import Session
from errors import Unavailable
from parts import PartUnavailable

log = logging.getLogger(__name__)

STATIC = "/static/"
REDIRECT = 302
TRY_AGAIN_LATER = 1013
LOGIN, LOGOUT, CALLBACK = "/auth/login", "/auth/logout", "/oauth2callback"
PROVIDER_SECONDS = 15.0
"""How long a sign-in or sign-out may wait for the identity provider in total."""


def cookie_name(*, secure: bool) -> str:
    return "__Host-openbook_session" if secure else "openbook_session"


class ServerSessions:
    """ASGI middleware around Streamlit and our own routes."""

    def __init__(self, app: ASGIApp, public_url: str) -> None:
        self._app = app
        self.secure = public_url.startswith("https://")
        self.cookie = cookie_name(secure=self.secure)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        cookies = cookie_parser(Headers(scope=scope).get("cookie", ""))
        try:
            session = await self._session(scope, cookies)
        except PartUnavailable as error:
            log.warning("sessions can't be read: %s", type(error).__name__)
            await _answer_without_sessions(error, scope, receive, send)
            return
        inner = _inside(scope, cookies, session)
        if scope["type"] == "websocket":
            await self._app(inner, receive, send)
            return
        answer = _Answer(self, send, cookies, session, scope)
        if scope["path"] == LOGIN and session and session.is_by_letter:
            await RedirectResponse(LETTER, REDIRECT)(inner, receive, answer)
        elif scope["path"] not in (LOGIN, LOGOUT, CALLBACK):
            await self._app(inner, receive, answer)
        elif scope["path"] == LOGOUT and not _meant(scope):
            await _still_signed_in()(inner, receive, send)
        else:
            await self._with_the_provider(inner, receive, answer)

    async def _session(self, scope: Scope, cookies: dict[str, str]) -> Session | None:
        given = cookies.get(self.cookie, "")
        if not given or scope["path"].startswith(STATIC):
            return None
        return await run_in_threadpool(sessions.find, given)

    async def _with_the_provider(self, scope: Scope, receive: Receive, answer: _Answer) -> None:
        leaving = scope["path"] == LOGOUT
        if leaving:
            try:
                await run_in_threadpool(answer.end)
            except (OSError, PartUnavailable) as error:
                log.error("a session could not be ended: %s", type(error).__name__)
                page = _not_removed()
                self.set_cookie(page, "", 0)
                await page(scope, receive, answer)
                return
            if answer.session:
                audit.signed_out(answer.session.user.get("sub"), answer.address)
        token_answer.given.set(answer.of_the_provider)
        try:
            async with asyncio.timeout(PROVIDER_SECONDS):
                await self._app(scope, receive, answer)
        except TimeoutError:
            if answer.started:
                raise
            log.warning("the identity provider did not answer within %s s (%s)", PROVIDER_SECONDS, scope["path"])
            await (RedirectResponse("/", 302) if leaving else _unavailable())(scope, receive, answer)

    def set_cookie(self, response: Response, value: str, seconds: int) -> None:
        """`seconds` 0 deletes the cookie."""
        response.set_cookie(
            self.cookie, value, max_age=seconds, path="/", secure=self.secure, httponly=True, samesite="lax"
        )


class _Answer:
    """Wraps `send` for one request: removes Streamlit's sign-in cookies from the response, and stores or ends the
    session."""

    def __init__(
        self, outer: ServerSessions, send: Send, sent: dict[str, str], session: Session | None, scope: Scope
    ) -> None:
        self._outer = outer
        self._send = send
        self._sent = sent
        self.session = session
        self._path = scope["path"]
        self._query = scope["query_string"].decode("latin-1")
        self._came_from = Headers(scope=scope).get("referer", "")
        self.address = audit.address_of(scope)
        self._replaced = False
        self._back_to = b""
        """Where the person was when they signed in, or were asked to sign in again."""
        self.started = False
        self.of_the_provider: dict[str, Any] = {}
        """The rest of what the token endpoint gave (`token_answer`)."""

    def end(self) -> None:
        """Ends the session that the request came with, even if this process can't open it."""
        reference = sessions.reference_of(self._sent.get(self._outer.cookie, ""))
        if reference:
            sessions.end(reference)

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            message = await run_in_threadpool(self._changed, message)
        elif self._replaced:
            return
        await self._send(message)
        if self._replaced:
            await self._send({"type": "http.response.body", "body": self._page.body})

    def _changed(self, message: Message) -> Message:
        """The response start as the browser gets it; `_page` if the response is replaced."""
        given, headers = _apart(message["headers"])
        if self._path == LOGIN and message["status"] == REDIRECT:
            headers = authorization.extended(headers, **step_up.parameters(self.session))
        ours = Response()
        if message["status"] == REDIRECT:
            self._find_the_way_back(ours, dict(headers).get(b"location", b"").decode("latin-1"))
        page = self._instead(message["status"], given) or self._keep(ours, given)
        if page:
            self._replaced, self._page = True, page
            message, headers = {**message, "status": page.status_code}, list(page.raw_headers)
        elif self._back_to:
            headers = [(name, self._back_to if name == b"location" else value) for name, value in headers]
        for name in filter(_is_streamlits, self._sent):
            ours.delete_cookie(name, path="/", httponly=True, samesite="lax")
        cookies = [(name, value) for name, value in ours.raw_headers if name == b"set-cookie"]
        return {**message, "headers": [*headers, *cookies]}

    def _find_the_way_back(self, ours: Response, location: str) -> None:
        if self._path == LOGIN:
            way_back.note(ours, self._came_from, location, CALLBACK, secure=self._outer.secure)
        elif self._path == CALLBACK:
            self._back_to = way_back.take(ours, self._sent, self._query, CALLBACK).encode("ascii")

    def _instead(self, status: int, given: dict[str, str]) -> Response | None:
        """A page for an error that Streamlit doesn't report: the provider could not be reached."""
        failed = self._path == LOGIN and status >= 400
        if failed or (self._path == CALLBACK and given.get(USER_COOKIE_NAME) == ""):
            audit.sign_in_failed(self.address, audit.UNREACHABLE)
            return _unavailable()
        return None

    def _keep(self, ours: Response, given: dict[str, str]) -> Response | None:
        kept = {name: value for name, value in given.items() if value}
        if USER_COOKIE_NAME in kept:
            try:
                claims = _claims(kept, USER_COOKIE_NAME)
                number, seconds = self._begin(claims, _claims(kept, TOKENS_COOKIE_NAME))
            except (OSError, ValueError, sessions.TooManySessions, UnusableSecret, Unavailable) as error:
                log.error("a sign-in could not be stored: %s", type(error).__name__)
                audit.sign_in_failed(self.address, audit.NOT_KEPT)
                return _not_kept()
            self.end()
            self._outer.set_cookie(ours, number, seconds)
            if self._path == CALLBACK:
                audit.signed_in(claims.get("sub"), self.address)  # the API reports the others
                kept_language.recall(ours, str(_claims(kept, TOKENS_COOKIE_NAME).get("access_token")))
        elif self._path == CALLBACK:
            audit.sign_in_failed(self.address, audit.REFUSED)
        elif self._path == LOGOUT:
            self._outer.set_cookie(ours, "", 0)
        return None

    def _begin(self, user: dict[str, Any], tokens: dict[str, Any]) -> tuple[str, int]:
        refresh, lasts = self.of_the_provider.get("refresh_token"), self.of_the_provider.get("expires_in")
        if isinstance(refresh, str):
            tokens = {**tokens, "refresh_token": refresh}
        wanted = step_up.wanted_by(self.session)
        if self.session and self.session.user.get("sub") != user.get("sub"):
            wanted = None
        begun = sessions.begin(user, tokens, float(lasts) if isinstance(lasts, int | float) else None, wanted)
        if wanted:
            self._back_to = str(wanted["place"]).encode()
        return begun


async def _answer_without_sessions(error: PartUnavailable, scope: Scope, receive: Receive, send: Send) -> None:
    """A browser connects its page again by itself."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": TRY_AGAIN_LATER})
        return
    page = refusal(503, t("We can't check your sign-in right now"), t("Nothing was changed. Try again in a minute."))
    page.headers["Retry-After"] = str(error.retry_after)
    await page(scope, receive, send)


def _meant(scope: Scope) -> bool:
    """Whether the request came from our own pages."""
    return Headers(scope=scope).get("sec-fetch-site", "same-origin") in SAME_SITE


def _inside(scope: Scope, cookies: dict[str, str], session: Session | None) -> Scope:
    """The scope as Streamlit and our routes see it."""
    passed = {name: value for name, value in cookies.items() if not _is_streamlits(name)}
    if session:
        user = {**session.user, sessions.CLAIM: session.reference}
        tokens = {name: token for name, token in session.tokens.items() if name != "refresh_token"}
        for name, content in ((USER_COOKIE_NAME, user), (TOKENS_COOKIE_NAME, tokens)):
            passed[name] = create_signed_value(cookie_secret(), name, json.dumps(content)).decode()
    inner = {**scope, "headers": [header for header in scope["headers"] if header[0] != b"cookie"]}
    inner[sessions.SCOPE_KEY] = session
    if passed:
        line = "; ".join(f"{name}={value}" for name, value in passed.items())
        MutableHeaders(scope=inner).append("cookie", line)
    return inner


def _apart(headers: Iterable[tuple[bytes, bytes]]) -> tuple[dict[str, str], list[tuple[bytes, bytes]]]:
    """Streamlit's sign-in cookies in a response by name (empty if deleted), and all other headers."""
    given: dict[str, str] = {}
    others = []
    for name, value in headers:
        cookie = value.decode("latin-1") if name.lower() == b"set-cookie" else ""
        called = cookie.partition("=")[0].strip()
        if _is_streamlits(called):
            given[called] = SimpleCookie(cookie)[called].value
        else:
            others.append((name, value))
    return given, others


def _is_streamlits(name: str) -> bool:
    """Includes the further parts of a long cookie, `…_1`."""
    return name.startswith(USER_COOKIE_NAME)


def _claims(cookies: dict[str, str], name: str) -> dict[str, Any]:
    signed = _get_signed_cookie_with_chunks(cookies, name)
    found = json.loads(signed) if signed else {}
    return found if isinstance(found, dict) else {}


def _unavailable() -> Response:
    words = t(
        "The service that your company signs in with isn't responding. Nothing was changed. Try again in a minute."
    )
    return refusal(503, t("You can't sign in right now"), words)


def _not_kept() -> Response:
    words = t("Your sign-in could not be stored on our side, so you are not signed in. Try again in a minute.")
    return refusal(503, t("You could not be signed in"), words)


def _not_removed() -> Response:
    words = t(
        "You are signed out in this browser, but the record of your session could not be removed on our side. Until it "
        "can be, a copy of your cookie might open your pages after a restart. Tell the people who run Open Book."
    )
    return refusal(503, t("You are not signed out completely"), words)


def _still_signed_in() -> Response:
    words = t("Another site tried to sign you out. To sign out, use the button on our pages.")
    return refusal(403, t("You are still signed in"), words)
