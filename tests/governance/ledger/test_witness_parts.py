"""Parts of the witness's program: how it fetches, what it needs for a list, and its own proof of growth."""

from __future__ import annotations

import random
import socket
import threading
import time
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path

import pytest

import witness
from tests.governance.ledger.c2sp import Log, consistency, root_of
from tests.governance.ledger.test_witness import ORIGIN, VERSION
from tests.governance.ledger.trees import counted
from verifier import Datasets, consistent
from witness import Refused, Witness, extends


def test_a_slow_server_is_given_up_after_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(witness, "SECONDS", 1)
    with socket.create_server(("localhost", 0)) as server:

        def drip() -> None:
            caller, _ = server.accept()
            with caller, suppress(OSError):
                caller.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
                while True:
                    caller.sendall(b" ")
                    time.sleep(0.1)

        dripping = threading.Thread(target=drip, daemon=True)
        dripping.start()
        with pytest.raises((OSError, HTTPException)):
            witness.fetch(f"http://localhost:{server.getsockname()[1]}/")
        dripping.join(10)
        assert not dripping.is_alive()


def test_head_with_a_list_needs_an_address_to_fetch_it(tmp_path: Path) -> None:
    log = Log(ORIGIN, counted(5))
    theirs = Witness.make(tmp_path, "council.example")
    theirs.add(witness.Key.parse(log.vkey), None)
    line = Datasets.parse([[VERSION, "ab" * 32, 3]]).line
    with pytest.raises(Refused, match="no address to fetch it from"):
        witness.add_checkpoint(theirs, f"old 0\n\n{log.checkpoint(None, str(line))}".encode())


def test_two_implementations_agree_on_growth() -> None:
    leaves, order, held = counted(34), random.Random(3), 0
    for new in range(35):
        for old in range(new + 1):
            proof = consistency(old, leaves[:new]) if 0 < old < new else []
            roots = root_of(leaves[:old]), root_of(leaves[:new])
            assert extends(old, roots[0], new, roots[1], proof)
            assert consistent(old, new, *roots, proof)
            damaged = list(proof)
            if damaged and order.random() < 0.5:
                damaged[order.randrange(len(damaged))] = bytes(32)
            else:
                damaged.insert(order.randrange(len(damaged) + 1), bytes(32))
            assert not extends(old, roots[0], new, roots[1], damaged)
            assert not consistent(old, new, *roots, damaged)
            held += 1
    assert held == 35 * 36 // 2
