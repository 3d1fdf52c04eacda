"""One employee, one service token or a stranger calls without a pause over 16 connections, while a colleague works.

Each of the colleague's calls is timed with and without a flood. The trial prints the median and the 95th percentile,
and how many times slower the flood makes it.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
from sqlalchemy import select

from directory import Employee
from governance.db.database import reading
from governance.db.tables import RequestRow
from tests.support.lake import store_captures
from tests.trials.flooders import Flood, flooding
from tests.trials.product import Product, running

FLOODERS = ("employee", "service", "stranger")
CAPTURES = 5_000
PAUSE_SECONDS = 0.05
MOST_FILED = 18
"""Requests that the colleague files in each part: five parts must stay below the daily limit."""


@dataclass
class Times:
    """Seconds that each kind of call of the colleague took."""

    of: dict[str, list[float]] = field(default_factory=dict)
    filed: list[str] = field(default_factory=list)

    def p50(self, kind: str) -> float:
        return statistics.median(self.of[kind])

    def p95(self, kind: str) -> float:
        found = sorted(self.of[kind])
        return found[min(len(found) - 1, int(len(found) * 0.95))]


@dataclass
class Result:
    quiet: Times
    under: dict[str, Times]
    floods: dict[str, Flood]


def flood(seconds: float, folder: Path | None = None, captures: int = CAPTURES) -> Result:
    """Try each flooder for that many seconds."""
    with tempfile.TemporaryDirectory() as other, running(folder or Path(other)) as product:
        colleague, greedy = (product.person(f"{name}@example.com") for name in ("colleague", "greedy"))
        for employee in (colleague, greedy):
            store_captures(employee, captures, content=lambda number: {"text": str(number)})
        tokens = {"employee": product.token(greedy), "service": product.service_token, "stranger": None}
        work(product, colleague, 2)
        quiet = work(product, colleague, seconds)
        under, floods = {}, {}
        for who in FLOODERS:
            with flooding(product.url, who, tokens[who]) as floods[who]:
                under[who] = work(product, colleague, seconds)
        _check_filed(product, colleague, [quiet, *under.values()])
        return Result(quiet, under, floods)


def work(product: Product, colleague: Employee, seconds: float) -> Times:
    """The colleague's loop: views the overview and records, previews, files, withdraws."""
    times = Times()
    until = time.monotonic() + seconds
    with product.client(colleague) as client:
        while time.monotonic() < until or not times.of:
            scope = {"applications": [f"Program {time.time_ns()}"]}
            _timed(times, "summary", lambda: client.get("/v1/me/summary"))
            _timed(times, "captured", lambda: client.get("/v1/me/captures"))
            _timed(times, "preview", lambda: client.post("/v1/requests/preview", json={"type": "erasure"}))
            if len(times.filed) < MOST_FILED:
                body = {"type": "objection", "scope": scope}
                filed = _timed(times, "filing", lambda body=body: client.post("/v1/requests", json=body))  # type: ignore[misc]
                times.filed.append(filed.json()["id"])
                client.delete(f"/v1/requests/{times.filed[-1]}")
            time.sleep(PAUSE_SECONDS)
    return times


def told(result: Result) -> str:
    """The figures as a table, in milliseconds."""
    lines = [f"{'':10}{'':10}{'quiet p50':>10}{'p95':>8}{'flood p50':>11}{'p95':>8}{'ratio of p95':>14}"]
    for who, times in result.under.items():
        for kind in times.of:
            before, slow = result.quiet.p95(kind), times.p95(kind)
            lines.append(
                f"{who:10}{kind:10}{result.quiet.p50(kind) * 1000:10.0f}{before * 1000:8.0f}"
                f"{times.p50(kind) * 1000:11.0f}{slow * 1000:8.0f}{slow / before:14.1f}"
            )
        found = result.floods[who]
        lines.append(f"{who:10}was answered {dict(found.statuses)}")
        lines += [f"{who:10}WRONG {wrong}" for wrong in found.wrong[:5]]
    return "\n".join(lines)


def _timed(times: Times, kind: str, call: Callable[[], httpx2.Response]) -> httpx2.Response:
    began = time.perf_counter()
    answer = call()
    times.of.setdefault(kind, []).append(time.perf_counter() - began)
    assert answer.is_success, (kind, answer.status_code, answer.text)
    return answer


def _check_filed(product: Product, colleague: Employee, parts: list[Times]) -> None:
    """Everything acknowledged is on disk, once."""
    with reading() as session:
        rows = session.scalars(select(RequestRow.id).where(RequestRow.subject == colleague.subject)).all()
    found = [str(request_id) for request_id in rows]
    assert len(found) == len(set(found))
    assert {request_id for times in parts for request_id in times.filed} <= set(found)
