"""Requests that end without a worker, with any outcome a test needs, to have receipts to check."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from starlette.testclient import TestClient

from governance.db.database import writing
from governance.db.tables import RequestRow
from governance.domain.lifecycle import State
from governance.requests import progress
from tests.governance.ledger.signing import COUNCIL
from verifier import Checkpoint

ERASED: dict[str, Any] = {
    "matched": 12,
    "erased": 9,
    "withheld": 3,
    "withheld_by": [
        {
            "hold": "0b6f2f5e-1c1f-4a3e-8d53-3b9f4b6f7a10",
            "case": "TAX-2026/7",
            "exception": "GDPR 17(3)(b)",
            "reason": "a law obliges your employer to keep it <b>",
            "review_on": "2027-01-31",
            "events": 3,
        }
    ],
    "exports_deleted": 1,
    "content_key_destroyed": False,
    "found_afterwards": 0,
    "differences": ["One capture more was erased than the preview said: it came in later."],
    "models": [
        {
            "model": "assistant",
            "version": "3",
            "dataset": "desktop",
            "dataset_version": "2026-03",
            "state": "retained_in_weights",
            "by": None,
            "words": "What it learned from them stays in it.",
        }
    ],
    "processors": [{"domain": "labels.example", "state": "acknowledged", "at": "2026-03-05T10:00:00Z"}],
    "backups": {"unreadable_after": "2026-04-04", "words": "Older key parts are destroyed."},
}


def end_request(request_id: str, outcome: dict[str, Any] | None = None, state: State = State.COMPLETED) -> None:
    progress.begin(UUID(request_id))
    with writing() as session:
        row = session.get_one(RequestRow, UUID(request_id))
        if outcome is not None:
            progress.add(row, **outcome)
        progress.end(row, state, "It was done.")


def ended_request(client: TestClient, outcome: dict[str, Any] | None = None, **request: Any) -> str:
    """The id of a request of this person that was filed and has ended."""
    answer = client.post("/v1/requests", json={"type": "erasure", **request})
    assert answer.status_code == 201, answer.text
    request_id = str(answer.json()["id"])
    end_request(
        request_id, outcome, State.PARTIALLY_COMPLETED if outcome and outcome.get("withheld") else State.COMPLETED
    )
    return request_id


def cosigned(client: TestClient) -> None:
    """The witness COUNCIL, which must be known, co-signs the ledger as it is."""
    note = COUNCIL.signs(Checkpoint.parse(client.get("/v1/ledger/checkpoint").text)).note
    assert client.post("/v1/ledger/cosignatures", content=note, headers={"Content-Type": "text/plain"}).is_success


def receipt_of(client: TestClient, request_id: str, **parameters: int) -> dict[str, Any]:
    answer = client.get(f"/v1/requests/{request_id}/receipt", params=parameters)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())
