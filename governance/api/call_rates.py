"""How often one caller may call the API: per person, per program, and per address where nobody is known.

    kind        which calls                                    whose            at once    a second
    reads       of people                                      one person         1,000          30
    changes     of people: filing, deciding, withdrawing       one person           300           5
    previews    of requests                                    one person           200           2
    searches    in one's own records, 2 seconds each           one person            60         0.5
    downloads   exports, receipts, proofs                      one person           300           5
    programs    lineage events, access reports, datasets,     one program        3,000          50
                `/metrics`
    opendsr     requests and questions of partners             one address          600          10
    refused     with a token that is not accepted              one address          600          10
    open        without a token: the ledger, notices of        one address          600          10
                sign-outs
    letters     `/letter-sign-in`                           one address             20         0.1
    health      `/healthz`, `/readyz`                          one address          600          10

Every call is of exactly one kind, so a new route has a limit. A caller beyond a limit gets 429 with `Retry-After`.
Known callers are never limited by address: people behind one proxy don't take each other's calls. Quotas of programs
(`governance.lineage.quotas`) and of requests (`governance.requests.fairness`) apply besides.
"""

from __future__ import annotations

import math
import re
from enum import StrEnum

from governance.schemas.problem import TooManyRequests
from languages import mark
from languages.saying import say, say_n
from rates import Rate


class Kind(StrEnum):
    READS = mark("reads")
    CHANGES = mark("changes")
    PREVIEWS = mark("previews")
    SEARCHES = mark("searches")
    DOWNLOADS = mark("downloads")
    PROGRAMS = mark("calls of this program")
    OPENDSR = "OpenDSR messages from this address"
    REFUSED = mark("calls from this address with a token that is not accepted")
    OPEN = mark("calls from this address without a token")
    LETTERS = mark("codes of letters from this address")
    HEALTH = mark("health checks from this address")


RATES: dict[Kind, tuple[int, float]] = {
    Kind.READS: (1000, 30.0),
    Kind.CHANGES: (300, 5.0),
    Kind.PREVIEWS: (200, 2.0),
    Kind.SEARCHES: (60, 0.5),
    Kind.DOWNLOADS: (300, 5.0),
    Kind.PROGRAMS: (3000, 50.0),
    Kind.OPENDSR: (600, 10.0),
    Kind.REFUSED: (600, 10.0),
    Kind.OPEN: (600, 10.0),
    Kind.LETTERS: (20, 0.1),
    Kind.HEALTH: (600, 10.0),
}
"""Calls at once, and per second on average."""

FILE = re.compile(r"/(export|acknowledgement|receipt(\.[a-z-]+)?|proof|leaves|register)$")


class CallRates:
    """The limits of one application."""

    def __init__(self) -> None:
        self._rates = {kind: Rate(*limits) for kind, limits in RATES.items()}

    def count(self, kind: Kind, caller: str) -> None:
        """Count a call. Raises TooManyRequests beyond the limit."""
        if seconds := self._rates[kind].seconds_until_allowed(caller):
            wait = math.ceil(seconds)
            raise TooManyRequests(
                say_n(
                    "Too many {kind} in a short time. Nothing was changed; call again in {n} second.",
                    "Too many {kind} in a short time. Nothing was changed; call again in {n} seconds.",
                    wait,
                    kind=say(kind.value),
                ),
                wait,
            )


def of_person(method: str, path: str) -> Kind:
    """The kind of a signed-in person's call."""
    if path == "/v1/requests/preview":
        return Kind.PREVIEWS
    if path == "/v1/me/captures/search":
        return Kind.SEARCHES
    if method not in ("GET", "HEAD"):
        return Kind.CHANGES
    return Kind.DOWNLOADS if FILE.search(path) else Kind.READS


def of_stranger(path: str, token: str) -> Kind:
    """The kind of a call by somebody who isn't known."""
    if path in ("/healthz", "/readyz"):
        return Kind.HEALTH
    if path == "/letter-sign-in":
        return Kind.LETTERS
    if path.startswith("/opendsr/"):
        return Kind.OPENDSR
    return Kind.REFUSED if token else Kind.OPEN
