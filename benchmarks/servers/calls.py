"""Calls of the API over a real connection, against an empty FastAPI route that checks the same token in the same way.

Each side is a server process of its own. One client calls without a pause over one connection, which gives the calls a
second; then eight at once, whose 95th percentile is what a person waits.
"""

from __future__ import annotations

import http.client
import statistics
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle
from pathlib import Path

from benchmarks.company import Company
from benchmarks.servers.processes import serving
from benchmarks.timing import Result
from tests.support.issuer import serving_issuer

ROUTES = ("/v1/me/summary", "/v1/me/captures", "/v1/me/models", "/v1/requests")
AGAINST = "an empty FastAPI route with the same token check"
CALLS = 30
TURNS = 3
AT_ONCE = 8
CALLERS = 20


def measure(company: Company, _: Path) -> list[Result]:
    callers = range(min(CALLERS, len(company.subjects)))
    with serving_issuer() as issuer:
        tokens = [issuer.token_for(f"person{number}@example.com") for number in callers]
        with (
            serving(["-m", "governance", "serve"], {"OPENBOOK_ISSUER": issuer.url}) as (ours, _api),
            serving(["-m", "benchmarks.servers.empty_api"], {"OPENBOOK_ISSUER": issuer.url}) as (empty, _empty_api),
        ):
            return [result for route in ROUTES for result in _of_route(route, ours, empty, tokens, company.events)]


def _of_route(route: str, ours: int, empty: int, tokens: Sequence[str], events: int) -> list[Result]:
    _calls(ours, route, tokens)
    _calls(empty, "/empty", tokens)
    turns = [(_calls(ours, route, tokens), _calls(empty, "/empty", tokens)) for _ in range(TURNS)]
    mine = statistics.median(statistics.median(one) for one, _ in turns)
    theirs = statistics.median(statistics.median(other) for _, other in turns)
    slow, slow_empty = _at_once(ours, route, tokens), _at_once(empty, "/empty", tokens)
    return [
        Result(f"call of {route}", round(mine / theirs, 2), AGAINST, round(mine, 2), round(theirs, 2), events),
        Result(
            f"call of {route}, {AT_ONCE} at once, 95th percentile", round(slow / slow_empty, 2), AGAINST,
            round(slow, 2), round(slow_empty, 2), events,
        ),
    ]  # fmt: skip


def _calls(port: int, route: str, tokens: Sequence[str], count: int = CALLS) -> list[float]:
    """Milliseconds of each call."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    times = []
    for token, _ in zip(cycle(tokens), range(count), strict=False):
        started = time.perf_counter()
        connection.request("GET", route, headers={"Authorization": f"Bearer {token}", "Accept-Encoding": "gzip"})
        answer = connection.getresponse()
        answer.read()
        times.append((time.perf_counter() - started) * 1000)
        if answer.status != 200:
            raise AssertionError(f"{route}: {answer.status}")
    connection.close()
    return times


def _at_once(port: int, route: str, tokens: Sequence[str]) -> float:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        parts = pool.map(lambda place: _calls(port, route, [tokens[place % len(tokens)]]), range(AT_ONCE))
        times = sorted(one for part in parts for one in part)
    return times[int(len(times) * 0.95)]
