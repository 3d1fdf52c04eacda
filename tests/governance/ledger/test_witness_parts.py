"""Parts of the witness's program: how it fetches, what it needs for a list, and its own proof of growth."""

from __future__ import annotations

import random
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path

import pytest

import witness
from tests.governance.ledger.c2sp import Log, consistency, root_of
from tests.governance.ledger.test_witness import ORIGIN, VERSION, Hostile
from tests.governance.ledger.trees import counted
from verifier import Datasets, consistent
from witness import Refused, Witness, extends

PAIR = (".evidence", ".contradicted")


SLOW = {
    "body with a length": (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", b" "),
    "body without a length": (b"HTTP/1.0 200 OK\r\n\r\n", b" "),
    "body in chunks": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    "last answer of the connection": (b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 100\r\n\r\n", b" "),
    "header": (b"HTTP/1.1 200 OK\r\nOne: ", b"x"),
    "status line": (b"", b"H"),
    "interim answers": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
}


@pytest.mark.parametrize("part", SLOW)
def test_a_slow_server_is_given_up_after_a_time(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(witness, "SECONDS", 1)
    first, again = SLOW[part]
    given_up = threading.Event()
    with socket.create_server(("localhost", 0)) as server:

        def drip() -> None:
            caller, _ = server.accept()
            with caller, suppress(OSError):
                caller.sendall(first)
                while not given_up.wait(0.1):
                    caller.sendall(again)

        dripping = threading.Thread(target=drip, daemon=True)
        dripping.start()
        asking = ThreadPoolExecutor(1)
        asked = asking.submit(witness.fetch, f"http://localhost:{server.getsockname()[1]}/")
        try:
            with pytest.raises((OSError, HTTPException)) as raised:
                asked.result(timeout=20)
            assert asked.done(), f"still waiting: {raised.value!r}"
        finally:
            given_up.set()
            asking.shutdown()


def cosign(theirs: Witness, log: Log, old: int, size: int) -> str:
    return witness.add_checkpoint(theirs, log.request(old, size).encode())


def test_wrong_proof_first_does_not_use_up_a_forks_evidence(tmp_path: Path) -> None:
    log, fork = Log(ORIGIN, counted(7)), Log(ORIGIN, [*counted(3), b"another", *counted(7)[4:]])
    theirs = Witness.make(tmp_path, "council.example")
    theirs.add(witness.Key.parse(log.vkey), None)
    cosign(theirs, log, 0, 5)
    with pytest.raises(Refused, match="REWRITTEN"):
        cosign(theirs, fork, 5, 6)
    cosign(theirs, log, 5, 6)
    for _ in range(2):
        with pytest.raises(Refused, match="FORKED"):
            cosign(theirs, fork, 6, 6)
    cosign(theirs, log, 6, 7)
    pairs = [
        tuple(witness.Head.parse(path.with_suffix(kind).read_text(encoding="utf-8")).text for kind in PAIR)
        for path in sorted(tmp_path.glob("*.evidence"))
    ]
    signed = {size: witness.Head.parse(log.checkpoint(size)).text for size in (5, 6)}
    forked = witness.Head.parse(fork.checkpoint(6)).text
    assert pairs == [(forked, signed[5]), (forked, signed[6])], "each contradiction once, with both of its heads"


@pytest.fixture
def hostile() -> Iterator[Hostile]:
    server = Hostile(Log(ORIGIN, counted(80)))
    yield server
    server.server.shutdown()
    server.server.server_close()


def watching(folder: Path, hostile: Hostile, size: int) -> Witness:
    """A witness that knows the server's head of that size."""
    theirs = Witness.make(folder, "council.example")
    theirs.add(witness.Key.parse(hostile.log.vkey), hostile.address)
    cosign(theirs, hostile.log, 0, size)
    return theirs


def test_a_ledger_without_an_answer_leaves_room_for_contradictions(tmp_path: Path, hostile: Hostile) -> None:
    theirs, log = watching(tmp_path, hostile, 9), hostile.log
    hostile.answer = {}
    for size in range(10, 80):
        wrong = log.request(9, size).split("\n\n", 1)[1]
        with pytest.raises(Refused, match="REWRITTEN"):
            witness.add_checkpoint(theirs, f"old 9\n\n{wrong}".encode())
    assert len([*tmp_path.glob("*.evidence")]) == 50
    fork = Log(ORIGIN, [*counted(8), b"another"])
    with pytest.raises(Refused, match="FORKED"):
        cosign(theirs, fork, 9, 9)
    assert fork.checkpoint(9) in [path.read_text(encoding="utf-8") for path in tmp_path.glob("*.evidence")]


def test_a_list_that_can_not_be_fetched_is_no_evidence(tmp_path: Path, hostile: Hostile) -> None:
    theirs = watching(tmp_path, hostile, 5)
    line = str(Datasets.parse([[VERSION, "ab" * 32, 3]]).line)
    proof = hostile.log.request(5, 9).split("\n\n", 1)[0]
    with pytest.raises(Refused, match="can't be fetched"):
        witness.add_checkpoint(theirs, f"{proof}\n\n{hostile.log.checkpoint(9, line)}".encode())
    assert [*tmp_path.glob("*.evidence")] == []


@pytest.mark.parametrize("line", ["\x1b[2Jhello", "HTTP/9\x1b[2J 200 OK", "HTTP/1.0 500 \x1b]0;name\x07"])
def test_a_servers_words_cannot_steer_the_terminal(
    tmp_path: Path, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    theirs = Witness.make(tmp_path, "council.example")
    with socket.create_server(("localhost", 0)) as server:

        def answer() -> None:
            caller, _ = server.accept()
            with caller, suppress(OSError):
                caller.recv(10_000)
                caller.sendall(f"{line}\r\n\r\n".encode())

        threading.Thread(target=answer, daemon=True).start()
        address = f"http://localhost:{server.getsockname()[1]}"
        theirs.add(witness.Key.parse(Log(ORIGIN, counted(1)).vkey), address)
        assert witness.main(["--state", str(tmp_path), "follow"]) == 2
    said = capsys.readouterr().err
    assert "its server can't be used" in said
    assert said.removesuffix("\n").isprintable()


def test_a_ledger_with_a_slow_list_stops_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow, other = Log("slow.example/1", counted(5), seed=5), Log(ORIGIN, counted(5))
    theirs = Witness.make(tmp_path, "council.example")
    theirs.add(witness.Key.parse(slow.vkey), "http://slow.invalid")
    theirs.add(witness.Key.parse(other.vkey), None)
    asked, answered = threading.Event(), threading.Event()

    def fetch(_: str) -> str:
        asked.set()
        answered.wait()
        raise TimeoutError

    monkeypatch.setattr(witness, "fetch", fetch)
    line = Datasets.parse([[VERSION, "ab" * 32, 3]]).line
    with ThreadPoolExecutor(2) as callers:
        waiting = callers.submit(witness.add_checkpoint, theirs, f"old 0\n\n{slow.checkpoint(5, str(line))}".encode())
        try:
            assert asked.wait(20)
            assert callers.submit(cosign, theirs, other, 0, 5).result(timeout=20)
            assert not waiting.done()
        finally:
            answered.set()
        with pytest.raises(Refused, match="can't be fetched"):
            waiting.result()


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
