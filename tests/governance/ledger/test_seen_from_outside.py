"""What a stranger sees of the ledger is the same, minute by minute, whether or not anybody asks for anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from directory import Employee
from governance import register
from governance.access_proofs import recording as access_proofs
from governance.db import database, work_queue
from governance.ledger import batches
from tests.governance.conftest import bearing
from tests.governance.ledger.schedule import PLACES, Pass, minutes
from tests.governance.working import carry_out
from tests.support import applications, homes
from tests.support.lake import store_captures
from tests.support.people import Company
from verifier import Checkpoint

__all__ = ["minutes"]

ROUTES = (
    "/v1/ledger/checkpoint",
    "/v1/ledger/entries",
    f"/v1/ledger/entries?from={PLACES}",
    "/v1/ledger/consistency?from=0",
    f"/v1/ledger/consistency?from={PLACES}",
    "/v1/ledger/proof/0",
    "/v1/ledger/proof/3",
    f"/v1/ledger/proof/{PLACES}",
    "/v1/ledger/proof/1000",
    "/v1/ledger/register",
    "/v1/ledger/key",
    "/v1/ledger/keys",
    "/v1/ledger/key-changes",
    "/readyz",
)
LIVE = {"date", "x-request-id", "traceparent"}
"""Headers of the moment of the call, which differ from call to call."""

Seen = list[tuple[float, str, int, int, tuple[tuple[str, str], ...], str]]


def looked(stranger: TestClient, minute: float) -> Seen:
    seen: Seen = []
    for route in ROUTES:
        answer = stranger.get(route)
        headers = tuple(sorted((name, value) for name, value in answer.headers.items() if name not in LIVE))
        said = answer.text.split("\n")[1] if route.endswith("checkpoint") else ""
        seen.append((minute, route, answer.status_code, len(answer.content), headers, said))
    return seen


def filed(client: TestClient, kind: str) -> str:
    answer = client.post("/v1/requests", json={"type": kind})
    assert answer.status_code == 201
    return str(answer.json()["id"])


def something_happens(ada: TestClient, minute: int) -> None:
    if minute == 6:
        carry_out(filed(ada, "export"))
        carry_out(filed(ada, "objection"))
    if minute == 22:
        withdrawn = filed(ada, "restriction")
        assert ada.delete(f"/v1/requests/{withdrawn}").is_success
        carry_out(filed(ada, "erasure"))
    if minute == 38:
        filed(ada, "export")


def nothing_happens(_ada: TestClient, _minute: int) -> None:
    pass


def played(
    folder: Path, happens: Callable[[TestClient, int], None], minutes: Pass, person: Company, token: Callable[..., str]
) -> Iterator[Seen]:
    homes.copy(folder)
    ada: Employee = person("ada@example.com")
    person("bob@example.com")
    store_captures(ada, 3, application="Excel", signal="keystroke", content=lambda number: {"text": f"{number}"})
    minutes(0)
    register.record_if_changed()
    access_proofs.record_if_due()
    with TestClient(applications.as_if_new()) as stranger:
        own = bearing(stranger, token(ada))
        for minute in range(0, 62, 2):
            minutes(minute)
            batches.seal_due()  # a worker looks each second
            happens(own, minute)
            yield looked(stranger, minute + 0.5)
    work_queue.close()
    database.close()


@pytest.mark.state_in_files
def test_stranger_sees_the_same_whether_or_not_anybody_asks(
    home: Path,
    tmp_path: Path,
    minutes: Pass,
    person: Company,
    token_for: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    worlds: list[list[Any]] = []
    for name, happens in (("busy", something_happens), ("quiet", nothing_happens)):
        database.close()
        monkeypatch.setenv("OPENBOOK_HOME", str(tmp_path / name))
        worlds.append([row for seen in played(tmp_path / name, happens, minutes, person, token_for) for row in seen])
    busy, quiet = worlds
    sizes = {minute: int(said) for minute, route, *_, said in busy if route.endswith("checkpoint")}
    assert sorted(set(sizes.values())) == [PLACES * batch for batch in range(1, 6)]
    assert {minute: size // PLACES - 1 for minute, size in sizes.items()} == {
        minute: int(minute // 15) for minute in sizes
    }
    for one, other in zip(busy, quiet, strict=True):
        assert one == other


def test_nothing_of_a_request_is_in_the_head_before_its_batch(
    home: Path, api: Callable[..., TestClient], person: Company, unknown: TestClient, minutes: Pass
) -> None:
    batches.seal_due()
    before = unknown.get("/v1/ledger/checkpoint").text
    minutes(7)
    filed(api(person()), "objection")
    assert unknown.get("/v1/ledger/checkpoint").text == before
    minutes(15)
    batches.seal_due()
    assert Checkpoint.parse(unknown.get("/v1/ledger/checkpoint").text).size == 2 * PLACES
