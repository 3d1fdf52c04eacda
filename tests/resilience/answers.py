"""Every question that the API answers, and the required answers when a part of the home is unusable."""

from __future__ import annotations

import json
from typing import Any

import httpx2
from starlette.testclient import TestClient

READS = (
    "/v1/me", "/v1/me/summary", "/v1/me/captures", "/v1/me/models", "/v1/me/lineage", "/v1/me/violations",
    "/v1/me/retention", "/v1/me/notes", "/v1/me/access-log", "/v1/me/ledger", "/v1/requests", "/v1/ledger/checkpoint",
    "/v1/programme", "/v1/area", "/v1/officer/requests", "/v1/officer/violations", "/v1/officer/models",
    "/v1/officer/health", "/v1/holds",
)  # fmt: skip
ERASURE = {"type": "erasure", "scope": {}}
UNTRUE = ("nothing was lost", "nothing is lost", "no capture policy yet", "nothing was captured", "traceback")

Answer = dict[str, Any]


def everything(client: TestClient | httpx2.Client) -> dict[str, Answer]:
    """The API's answers to every question, to `preview` and `file` of an erasure, and about its health."""
    found = {path: client.get(path) for path in READS}
    found["preview"] = client.post("/v1/requests/preview", json=ERASURE)
    found["file"] = client.post("/v1/requests", json=ERASURE)
    found["/healthz"] = client.get("/healthz")
    return {
        name: {"status": answer.status_code, "text": answer.text, "retry": answer.headers.get("Retry-After")}
        for name, answer in found.items()
    }


def check(answers: dict[str, Answer]) -> None:
    """Each is an answer, or says why there is none and when to retry; and none is untrue."""
    for name, answer in answers.items():
        assert answer["status"] in (200, 201, 403, 404, 503), (name, answer)
        assert [words for words in UNTRUE if words in answer["text"].lower()] == [], (name, answer)
        if answer["status"] == 503:
            assert answer["retry"], name
            assert len(json.loads(answer["text"])["detail"]) > 40, (name, answer)
