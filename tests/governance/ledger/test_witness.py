"""The witness's program against an honest server, hostile ones, and a client written from the specifications."""

from __future__ import annotations

import itertools
import json
import random
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import uvicorn

import witness
from governance.api.app import create_app
from governance.ledger.signing import signer
from tests.governance.conftest import ROOT
from tests.governance.ledger.c2sp import Log, add_checkpoint, consistency, cosigned
from tests.governance.ledger.growing import grow, rewrite
from tests.governance.ledger.trees import counted
from verifier import COSIGNATURE, Checkpoint, Datasets, Key
from witness import Witness

ORIGIN = "log.example/1"
VERSION = "5a1f0c52-5f3c-4c50-9f35-b2a4b8a4c3e1"


class Council:
    """A witness as a program of its own, in its own folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        shutil.copy(ROOT / "witness.py", folder)
        self.key = self.run("init", "council.example").stdout.removeprefix("Witness key: ").strip()

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "witness.py", *arguments]
        return subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False)

    @property
    def seen(self) -> int:
        """The size of the head that it remembers."""
        [path] = self.folder.glob("*.head")
        note = path.read_text(encoding="utf-8")
        return Checkpoint.parse(note).size if note else 0

    @property
    def evidence(self) -> list[str]:
        return [path.read_text(encoding="utf-8") for path in sorted(self.folder.glob("*.evidence"))]


@pytest.fixture
def council(tmp_path: Path) -> Council:
    return Council(tmp_path / "council")


@contextmanager
def serving(council: Council) -> Iterator[str]:
    command = [sys.executable, "witness.py", "serve", "--listen", "localhost:0"]
    process = subprocess.Popen(command, cwd=council.folder, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.communicate()


@pytest.fixture
def address(home: Path) -> Iterator[str]:
    server = uvicorn.Server(uvicorn.Config(create_app(), host="localhost", port=0, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://localhost:{port}"
    server.should_exit = True
    thread.join()


def test_witness_cosigns_a_real_ledger_until_it_is_rewritten(
    address: str, council: Council, monkeypatch: pytest.MonkeyPatch
) -> None:
    grow(3)
    assert council.run("add", str(signer().key), "--api", address).returncode == 0
    first = council.run("follow")
    assert (first.returncode, council.seen) == (2, 3), "the server does not know this witness yet"
    assert f"Does its operator know {council.key}?" in first.stderr
    monkeypatch.setenv("OPENBOOK_WITNESS_KEYS", council.key)
    assert council.run("follow").returncode == 0, "the same head again"
    grow(4)
    done = council.run("follow")
    assert (done.returncode, council.seen) == (0, 7), done.stderr
    with serving(council) as prefix:
        [shown] = json.loads(witness.fetch(f"{prefix}/heads"))["heads"]
    assert Checkpoint.parse(shown).signed_by(Key.parse(council.key))
    assert Checkpoint.parse(witness.fetch(f"{address}/v1/ledger/checkpoint")).signed_by(Key.parse(council.key))
    rewrite(2)
    grow(1)
    refused = council.run("follow")
    assert refused.returncode == 1
    assert "REWRITTEN" in refused.stderr
    assert council.seen == 7
    assert [Checkpoint.parse(note).size for note in council.evidence] == [8]


class Hostile:
    """A server of a log that answers what it likes."""

    def __init__(self, log: Log) -> None:
        self.log = log
        self.answer: dict[str, Any] = {}
        self.reply = ""
        self.on_cosignature: Callable[[], None] = lambda: None
        hostile = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._send(json.dumps(hostile.answer))

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                hostile.on_cosignature()
                self._send(hostile.reply)

            def _send(self, text: str) -> None:
                data = text.encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("localhost", 0), Handler)
        self.address = f"http://localhost:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def shows(self, size: int, since: int, rows: list[list[Any]] | None = None, claimed: int | None = None) -> None:
        """The head of `size` entries, with a proof from `since`, said to be from the size `claimed`."""
        line = Datasets.parse(rows).line if rows else None
        leaves = self.log.leaves[:size]
        proof = [each.hex() for each in consistency(since, leaves)] if 0 < since < size else []
        self.answer = {
            "head": {
                "checkpoint": self.log.checkpoint(size, *([line] if line else [])),
                "earlier": [{"size": since if claimed is None else claimed, "root": "00" * 32, "proof": proof}],
                "datasets": rows,
            }
        }


@pytest.fixture
def hostile(council: Council) -> Iterator[Hostile]:
    server = Hostile(Log(ORIGIN, counted(20)))
    assert council.run("add", server.log.vkey, "--api", server.address).returncode == 0
    yield server
    server.server.shutdown()
    server.server.server_close()


def follow(council: Council) -> int:
    return council.run("follow").returncode


def test_head_is_on_disk_before_the_signature_is_sent(council: Council, hostile: Hostile) -> None:
    found: list[int] = []
    hostile.on_cosignature = lambda: found.append(council.seen)
    hostile.shows(5, 0)
    assert follow(council) == 0
    hostile.shows(9, 5)
    assert follow(council) == 0
    assert found == [5, 9]


def test_answer_of_the_server_changes_no_memory(council: Council, hostile: Hostile) -> None:
    hostile.shows(9, 0)
    hostile.reply = Log(ORIGIN, [b"another"]).checkpoint()
    assert follow(council) == 0
    assert council.seen == 9
    hostile.log = Log(ORIGIN, [b"another", *counted(20)[1:]])
    hostile.shows(12, 1, claimed=9)
    assert follow(council) == 1
    assert (council.seen, len(council.evidence)) == (9, 1)


def test_fork_and_rollback_are_refused(council: Council, hostile: Hostile) -> None:
    hostile.shows(9, 0)
    assert follow(council) == 0
    hostile.shows(7, 7)
    assert follow(council) == 1, "an older head"
    hostile.log = Log(ORIGIN, [*counted(8), b"another"])
    hostile.shows(9, 9)
    forked = council.run("follow")
    assert forked.returncode == 1
    assert "FORKED" in forked.stderr
    assert council.evidence == [hostile.log.checkpoint(9)]
    assert council.seen == 9


def test_list_that_lost_a_row_is_refused(council: Council, hostile: Hostile) -> None:
    row, later = [VERSION, "ab" * 32, 3], ["6" + VERSION[1:], "cd" * 32, 6]
    hostile.shows(5, 0, [row])
    assert follow(council) == 0
    for rows in ([later], [[VERSION, "ee" * 32, 3], later], [[VERSION, "ab" * 32, 4], later]):
        hostile.shows(9, 5, rows)
        assert "list of dataset versions was REWRITTEN" in council.run("follow").stderr
    hostile.shows(9, 5, [row, later])
    hostile.answer["head"]["datasets"] = [row]
    assert "not the one that the checkpoint commits to" in council.run("follow").stderr
    hostile.shows(9, 5, [row, later])
    assert follow(council) == 0


@pytest.mark.parametrize("answer", [{}, {"head": {}}, {"head": {"checkpoint": "?", "earlier": [], "datasets": []}}])
def test_unusable_answer_is_reported_and_signs_nothing(council: Council, hostile: Hostile, answer: Any) -> None:
    hostile.answer = answer
    assert follow(council) == 2
    assert council.seen == 0


@pytest.mark.parametrize("answer", ["[" * 100_000, '{"head":' * 100_000, "\ud83d", "[]", "7"])
def test_an_odd_answer_of_one_ledger_does_not_end_the_round(
    council: Council, hostile: Hostile, answer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    hostile.shows(5, 0)
    theirs = Witness(council.folder)
    (ledger,) = theirs.ledgers()
    monkeypatch.setattr(witness, "fetch", lambda *_: answer)
    assert witness.main(["--state", str(council.folder), "follow"]) == 2
    assert theirs.newest(ledger.key) is None


def test_adding_a_ledger_again_forgets_nothing(council: Council, hostile: Hostile) -> None:
    hostile.shows(9, 0)
    assert follow(council) == 0
    for path in council.folder.glob("*.key"):
        if path.name != "witness.key":
            path.unlink()
    assert council.run("add", hostile.log.vkey).returncode == 0
    assert council.seen == 9


def test_evidence_has_both_heads_and_room_for_a_fork(council: Council) -> None:
    log = Log(ORIGIN, counted(120))
    council.run("add", log.vkey)
    fork = Log(ORIGIN, [*counted(1), b"another"])
    with serving(council) as prefix:
        assert add_checkpoint(prefix, log.request(0, 2))[0] == 200
        for size in [*range(3, 120), *range(3, 20)]:
            wrong = log.request(2, size).split("\n\n", 1)[1]
            assert add_checkpoint(prefix, f"old 2\n\n{wrong}")[0] == 422
        assert len(council.evidence) == 50, "of heads that a stranger sent with wrong proofs, each once"
        assert add_checkpoint(prefix, fork.request(2, 2))[0] == 422
    newest = council.folder / f"{Key.parse(log.vkey).id.hex()}-51"
    shown, before = (newest.with_suffix(kind).read_text(encoding="utf-8") for kind in (".evidence", ".contradicted"))
    assert shown == fork.checkpoint(2)
    assert Checkpoint.parse(before).text == Checkpoint.parse(log.checkpoint(2)).text
    assert Checkpoint.parse(before).signed_by(Key.parse(log.vkey))


def test_honest_heads_with_wrong_proofs_are_no_evidence(address: str, council: Council) -> None:
    grow(3)
    assert council.run("add", str(signer().key), "--api", address).returncode == 0
    assert council.run("follow").returncode == 2, "the server does not know this witness, and its head is remembered"
    assert council.seen == 3
    wrong = "old 3\n"
    with serving(council) as prefix:
        for _ in range(4):
            honest = grow(2).note
            assert add_checkpoint(prefix, f"{wrong}\n{honest}")[0] == 422
        assert council.evidence == []
        rewrite(1)
        rewritten = grow(1).note
        assert add_checkpoint(prefix, f"{wrong}\n{rewritten}")[0] == 422
    assert council.evidence == [rewritten], "its own server can't show that it continues the head of 3"


def test_lost_memory_is_never_replaced(council: Council, hostile: Hostile) -> None:
    hostile.shows(5, 0)
    assert follow(council) == 0
    for path in council.folder.glob("*.head"):
        path.unlink()
    lost = council.run("follow")
    assert lost.returncode == 1
    assert "Make a new witness" in lost.stderr
    assert council.run("add", hostile.log.vkey).returncode == 2
    assert council.run("init", "council.example").returncode == 2, "the key is not replaced, either"


def test_independent_client_obtains_cosignatures(council: Council) -> None:
    log, order = Log(ORIGIN, counted(60)), random.Random(7)
    council.run("add", log.vkey)
    sizes = sorted(order.sample(range(1, 61), 12))
    with serving(council) as prefix:
        for old, size in itertools.pairwise([0, *sizes]):
            status, _, line = add_checkpoint(prefix, log.request(old, size))
            assert status == 200
            assert cosigned(council.key, line, log.checkpoint(size))
            assert add_checkpoint(prefix, log.request(size, size))[0] == 200, "once more"
        newest = sizes[-1]
        assert add_checkpoint(prefix, log.request(0)) == (409, "text/x.tlog.size", f"{newest}\n")
        stranger = Log("other.example", counted(3))
        assert add_checkpoint(prefix, stranger.request(0))[0] == 404
        forged = Log(ORIGIN, log.leaves, seed=9)
        assert add_checkpoint(prefix, forged.request(newest))[0] == 403
        other = Log(ORIGIN, [*counted(newest - 1), b"another", *counted(9)])
        assert add_checkpoint(prefix, other.request(newest))[0] == 422
        assert add_checkpoint(prefix, other.request(newest, newest))[0] == 422
        assert add_checkpoint(prefix, log.request(61, 60))[0] == 400
        for damaged in ("", "old 1\n\n", log.request(newest).replace("old", "new"), "old 0\n" + "x\n" * 70 + "\nx"):
            assert add_checkpoint(prefix, damaged)[0] == 400
        assert add_checkpoint(prefix, "x" * 70_000)[0] == 413
    assert council.seen == newest
    assert len(council.evidence) == 2


def test_one_of_two_forks_sent_together_is_cosigned(council: Council) -> None:
    forks = [Log(ORIGIN, [*counted(5), bytes([number])]) for number in range(8)]
    council.run("add", forks[0].vkey)
    with serving(council) as prefix, ThreadPoolExecutor(8) as senders:
        answers = list(senders.map(lambda log: add_checkpoint(prefix, log.request(0))[0], forks))
    assert sorted(answers) == [200, *[422] * 7]
    assert len(council.evidence) == 7


def test_signature_type_is_that_of_a_cosignature(council: Council) -> None:
    assert Key.parse(council.key).type == COSIGNATURE
