"""The witness's program from docs/ledger.md, run unchanged against a real server."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn

from governance.api.app import create_app
from governance.ledger.signing import signer
from tests.governance.conftest import ROOT
from tests.governance.ledger.growing import grow, rewrite
from verifier import Checkpoint, Key


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


def test_witness_cosigns_until_a_rewrite(address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "council"
    folder.mkdir()
    program = re.search(r"```python\n(.*?)```", (ROOT / "docs" / "ledger.md").read_text(encoding="utf-8"), re.DOTALL)
    assert program
    (folder / "witness.py").write_text(program[1], encoding="utf-8")
    shutil.copy(ROOT / "verifier.py", folder)

    def run() -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "witness.py", address, str(signer().key), "council.example"]
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)

    grow(3)
    first = run()
    assert "HTTP Error 409" in first.stderr, "the server does not know this witness yet"
    key = Key.parse(first.stdout.removeprefix("Witness key: "))
    monkeypatch.setenv("OPENBOOK_WITNESS_KEYS", str(key))
    assert run().returncode == 0
    grow(4)
    done = run()
    assert done.returncode == 0, done.stderr
    signed = Checkpoint.parse((folder / "checkpoint.txt").read_text(encoding="utf-8"))
    assert (signed.size, signed.signed_by(key)) == (7, True)
    rewrite(2)
    assert "REWRITTEN" in run().stderr
    assert Checkpoint.parse((folder / "checkpoint.txt").read_text(encoding="utf-8")) == signed
