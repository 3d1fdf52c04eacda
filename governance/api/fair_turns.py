"""Callers of the API take turns, so one that calls in a loop doesn't keep the others waiting.

    lane         whose calls                            running at once    per caller    waiting for the lake
    people       signed-in people                                     6             2 *                     3
    programs     the employer's programs                              2             1                       1
    strangers    everyone else, by address                            2             1                       1
    downloads    exports and captures for training,                  16             2                       8
                 while they are streamed
    health       `/healthz`, by address                               2             1                       1

    * 1 on fewer than four cores, where two calls of one caller would take all of them

A call waits if its caller or its lane has no free slot. When a slot is freed, the waiting callers are served in turn,
one call each. At most `MOST_WAITING` calls of one caller wait, for at most `PATIENCE_SECONDS`. After that the answer is
429, or 503 if other callers fill the lane. How often one caller may call is counted here too
(`governance.api.call_rates`).

While someone has exclusive access to the lake, at most half of a lane's slots wait for it (`lake.storage.waiting`).
Further calls that need the lake are answered at once that it is busy, so the other half is free for calls that don't
need it.

Callers are identified by their token. A token seen for the first time is verified immediately if the key that signed
it is cached. Otherwise the issuer has to be asked, and the call waits in the lane of the strangers until it has
answered. So invalid tokens get no slots of their own, however many there are, and can't keep out callers with valid
ones. This decides only the order of calls: the route verifies the token of each call again.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import threading
import time
from collections import Counter, OrderedDict, deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from governance.api import call_rates
from governance.api.call_rates import CallRates, Kind
from governance.schemas.problem import Problem, TooManyRequests, Unavailable
from lake.storage import waiting
from languages import mark
from languages.saying import say
from rates import network_of

MOST_WAITING = 64
PATIENCE_SECONDS = 20.0
KNOWN_SECONDS = 900.0
MOST_KNOWN = 20_000
STREAMED = ("/export", "/parquet")


Known: TypeAlias = "Callable[[str], tuple[Lane, str] | None]"


class Lane(StrEnum):
    PEOPLE = "people"
    PROGRAMS = "programs"
    STRANGERS = "strangers"
    DOWNLOADS = "downloads"
    HEALTH = "health"


class KnownTokens:
    """Which caller a token belonged to when last verified: digests, in memory, for a limited time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._callers: OrderedDict[bytes, tuple[Lane, str, float]] = OrderedDict()

    def remember(self, token: str, lane: Lane, caller: str) -> None:
        """Remember a verified token."""
        key = _digest(token)
        with self._lock:
            self._callers[key] = lane, caller, time.monotonic() + KNOWN_SECONDS
            self._callers.move_to_end(key)
            if len(self._callers) > MOST_KNOWN:
                self._callers.popitem(last=False)

    def caller_of(self, token: str) -> tuple[Lane, str] | None:
        key = _digest(token)
        with self._lock:
            lane, caller, until = self._callers.get(key, (Lane.STRANGERS, "", 0.0))
            if until <= time.monotonic():
                self._callers.pop(key, None)
                return None
            return lane, caller


@dataclass(frozen=True)
class Places:
    """How many calls of a lane run at once: in total, per caller, and waiting for the lake."""

    at_once: int
    each: int
    for_the_lake: int


OF_ONE_PERSON = 2 if (os.cpu_count() or 1) >= 4 else 1
PLACES = {
    Lane.PEOPLE: Places(6, OF_ONE_PERSON, 3),
    Lane.PROGRAMS: Places(2, 1, 1),
    Lane.STRANGERS: Places(2, 1, 1),
    Lane.DOWNLOADS: Places(16, 2, 8),
    Lane.HEALTH: Places(2, 1, 1),
}

WHOSE = {Lane.STRANGERS: mark("from your address"), Lane.HEALTH: mark("from your address")}
"""Whose calls share a caller's slots, in words, where callers are identified by address."""


class Turns:
    """The turns of one lane."""

    def __init__(self, places: Places, whose: str = "of yours") -> None:
        self._places = places
        self._whose = whose
        self._for_the_lake = threading.Semaphore(places.for_the_lake)
        self._lock = threading.Lock()
        self._at_work: Counter[str] = Counter()
        self._waiting: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()

    @asynccontextmanager
    async def turn(self, caller: str) -> AsyncIterator[None]:
        """A slot, until the block ends; waits for it. Raises TooManyRequests, Unavailable."""
        await self._take(caller)
        try:
            with waiting.bounded(self._for_the_lake):
                yield
        finally:
            self._give_back(caller)

    async def _take(self, caller: str) -> None:
        with self._lock:
            if caller not in self._waiting and self._has_place(caller):
                self._at_work[caller] += 1
                return
            others = self._waiting.setdefault(caller, deque())
            if len(others) >= MOST_WAITING:
                raise TooManyRequests(
                    say(
                        "{n} calls {whose} are already waiting. Nothing was changed; wait for them.",
                        n=MOST_WAITING,
                        whose=say(self._whose),
                    ),
                    5,
                )
            place = asyncio.get_running_loop().create_future()
            others.append(place)
        try:
            await asyncio.wait((place,), timeout=PATIENCE_SECONDS)
        except asyncio.CancelledError:
            if not self._stop_waiting(caller, place):
                self._give_back(caller)
            raise
        if self._stop_waiting(caller, place):
            raise self._too_long(caller)

    def _give_back(self, caller: str) -> None:
        with self._lock:
            self._at_work[caller] -= 1
            if not self._at_work[caller]:
                del self._at_work[caller]
            for place in self._next():
                with suppress(RuntimeError):  # the event loop of a finished test
                    place.get_loop().call_soon_threadsafe(_arrive, place)

    def _has_place(self, caller: str) -> bool:
        return self._at_work.total() < self._places.at_once and self._at_work[caller] < self._places.each

    def _next(self) -> Iterator[asyncio.Future[None]]:
        for caller in list(self._waiting):
            if self._has_place(caller):
                self._at_work[caller] += 1
                others = self._waiting[caller]
                yield others.popleft()
                if others:
                    self._waiting.move_to_end(caller)
                else:
                    del self._waiting[caller]

    def _stop_waiting(self, caller: str, place: asyncio.Future[None]) -> bool:
        """Stop waiting; False if a slot was assigned meanwhile."""
        with self._lock:
            others = self._waiting.get(caller)
            if others is None or place not in others:
                return False
            others.remove(place)
            if not others:
                del self._waiting[caller]
            return True

    def _too_long(self, caller: str) -> Problem:
        if self._at_work[caller] >= self._places.each:
            return TooManyRequests(
                say("Other calls {whose} took too long. Nothing was changed; try again soon.", whose=say(self._whose)),
                5,
            )
        return Unavailable("The service is busy just now. Nothing was changed; try again in a moment.")


class FairTurns:
    """Middleware: the callers of an application take turns.

    `at_once` and `who` verify a token and return its caller, or None. `at_once` must not block, and also returns None
    if the issuer would have to be asked; `who` may ask the issuer.
    """

    def __init__(self, app: ASGIApp, at_once: Known, who: Known) -> None:
        self._app = app
        self._at_once = at_once
        self._who = who
        self._known = KnownTokens()
        self._rates = CallRates()
        self._lanes = {lane: Turns(places, WHOSE.get(lane, mark("of yours"))) for lane, places in PLACES.items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            async with self._turn(scope):
                await self._app(scope, receive, send)
        except Problem as problem:
            await problem.response()(scope, receive, send)

    @asynccontextmanager
    async def _turn(self, scope: Scope) -> AsyncIterator[None]:
        address = scope["client"][0] if scope.get("client") else ""
        token = _bearer_token(scope)
        stranger = call_rates.of_stranger(scope["path"], token)
        if stranger is Kind.HEALTH:
            self._rates.count(stranger, network_of(address))
            async with self._lanes[Lane.HEALTH].turn(address):
                yield
            return
        found = self._known.caller_of(token) if token else None
        if found is None:
            found = self._at_once(token) if token else None
            if found is None:
                async with self._lanes[Lane.STRANGERS].turn(address):
                    found = await run_in_threadpool(self._who, token) if token else None
                    if found is None:
                        self._rates.count(stranger, network_of(address))
                        yield
                        return
            self._known.remember(token, *found)
        lane, caller = found
        kind = Kind.PROGRAMS if lane is Lane.PROGRAMS else call_rates.of_person(scope["method"], scope["path"])
        self._rates.count(kind, caller)
        async with self._lanes[Lane.DOWNLOADS if scope["path"].endswith(STREAMED) else lane].turn(caller):
            yield


def _bearer_token(scope: Scope) -> str:
    scheme, _, token = Headers(scope=scope).get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _digest(token: str) -> bytes:
    return hashlib.blake2b(token.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _arrive(place: asyncio.Future[None]) -> None:
    if not place.done():
        place.set_result(None)
