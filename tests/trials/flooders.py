"""Flooders: calls without a pause over many connections, in a separate process."""

from __future__ import annotations

import asyncio
import multiprocessing
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any
from uuid import uuid4

import httpx2

CONNECTIONS = 16


@dataclass(frozen=True)
class Call:
    method: str
    path: str
    json: Any = None


@dataclass
class Flood:
    """A flooder's answers: statuses, and those that should never occur."""

    statuses: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


def calls_of(who: str) -> list[Call]:
    """The calls that a flooder makes in turn."""
    narrow = {"applications": ["Excel"]}
    match who:
        case "employee":
            return [
                Call("GET", "/v1/me/summary"),
                Call("GET", "/v1/me/captures?limit=1000"),
                Call("POST", "/v1/requests/preview", {"type": "erasure", "scope": narrow}),
                Call("GET", "/v1/requests"),
                Call("POST", "/v1/requests", {"type": "export", "scope": narrow}),
            ]
        case "service":
            return [Call("POST", "/api/v1/lineage", {})]
        case _:
            return [
                Call("GET", "/v1/ledger/checkpoint"),
                Call("GET", "/v1/me/summary"),
                Call("GET", "/openapi.json"),
                Call("GET", "/healthz"),
            ]


@contextmanager
def flooding(url: str, who: str, token: str | None) -> Iterator[Flood]:
    """Flood until the block ends; then the result is filled in."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_flood, args=(theirs, url, who, token), daemon=True)
    process.start()
    theirs.close()  # so that `recv` raises EOFError if the process dies, instead of waiting for ever
    result = Flood()
    assert ours.recv() == "flooding"
    try:
        yield result
    finally:
        ours.send("stop")
        result.statuses, result.wrong = ours.recv()
        process.join(60)


def _flood(pipe: Connection, url: str, who: str, token: str | None) -> None:
    asyncio.run(_flood_all(pipe, url, who, token))


async def _flood_all(pipe: Connection, url: str, who: str, token: str | None) -> None:
    statuses: Counter[int] = Counter()
    wrong: list[str] = []
    stop = asyncio.Event()
    limits = httpx2.Limits(max_connections=CONNECTIONS)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with httpx2.AsyncClient(base_url=url, headers=headers, timeout=120, limits=limits) as client:
        flooders = [
            asyncio.create_task(_call_on(client, who, number, stop, statuses, wrong)) for number in range(CONNECTIONS)
        ]
        while not statuses:
            await asyncio.sleep(0.05)
        pipe.send("flooding")
        while not pipe.poll():
            await asyncio.sleep(0.1)
        stop.set()
        await asyncio.gather(*flooders)
    pipe.send((statuses, wrong))


async def _call_on(
    client: httpx2.AsyncClient,
    who: str,
    number: int,
    stop: asyncio.Event,
    statuses: Counter[int],
    wrong: list[str],
) -> None:
    calls = calls_of(who)
    while not stop.is_set():
        for call in calls[number % len(calls) :] + calls[: number % len(calls)]:
            try:
                answer = await client.request(call.method, call.path, json=_body(call))
            except httpx2.TransportError:
                statuses[0] += 1  # cut off, as the server's edge may
                continue
            statuses[answer.status_code] += 1
            if answer.status_code >= 500 and not (answer.status_code == 503 and "Retry-After" in answer.headers):
                wrong.append(f"{call.method} {call.path}: {answer.status_code}")
            if stop.is_set():
                return


def _body(call: Call) -> Any:
    return run_event() if call.path == "/api/v1/lineage" else call.json


def run_event() -> dict[str, Any]:
    """An OpenLineage event of a new run, of a new model version."""
    run = str(uuid4())
    return {
        "eventType": "COMPLETE",
        "eventTime": "2026-03-02T09:00:00Z",
        "producer": "https://example.com/trial",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "run": {"runId": run},
        "job": {"namespace": "trial", "name": f"job-{run[:2]}"},
        "inputs": [{"namespace": "elsewhere", "name": f"data-{run[:1]}"}],
        "outputs": [],
    }
