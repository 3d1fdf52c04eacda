"""Whoever adds a checkpoint to a witness gets an answer, however odd the ledger is that the witness then asks."""

from __future__ import annotations

import threading
from http.server import ThreadingHTTPServer
from typing import Any

import httpx
import pytest

import witness
from tests.governance.ledger.test_witness import VERSION, Council, Hostile, council, hostile
from witness import Witness

__all__ = ["council", "hostile"]


@pytest.mark.parametrize("rows", [5, "x", [5], [[1, 2]], {"a": 1}])
def test_an_odd_list_of_a_ledger_is_an_answer_to_others_too(council: Council, hostile: Hostile, rows: Any) -> None:
    """`add_checkpoint` asks the ledger for its list; whoever added the checkpoint gets an answer."""
    hostile.shows(5, 0, [[VERSION, "ab" * 32, 3]])
    note = hostile.answer["head"]["checkpoint"]
    hostile.answer["head"]["datasets"] = rows
    handler = witness.answering(Witness(council.folder))
    with ThreadingHTTPServer(("localhost", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://localhost:{server.server_address[1]}/add-checkpoint"
        answer = httpx.post(url, content=f"old 0\n\n{note}")
        server.shutdown()
    assert answer.status_code in (400, 422, 503)
    assert council.seen == 0
