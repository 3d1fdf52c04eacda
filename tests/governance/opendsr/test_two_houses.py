"""Two real Open Books, each with its home, API and worker: one holds copies of captures on behalf of the other."""

from __future__ import annotations

import json
import socket
import urllib.request
from collections.abc import Callable, Iterator
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import pytest

import queries.connection
from governance.db import database, work_queue
from governance.opendsr import signing
from tests.governance.conftest import Capture, wait_until
from tests.governance.opendsr.partner import list_partners
from tests.support import forking, homes
from tests.support.people import Company


class House:
    """A separate home, an address, and the processes that serve it."""

    def __init__(self, folder: Path, domain: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.domain = domain
        self._monkeypatch = monkeypatch
        self._processes: list[BaseProcess] = []
        homes.make(folder)
        with socket.socket() as probe:
            probe.bind(("localhost", 0))
            self.port = int(probe.getsockname()[1])

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def enter(self) -> None:
        """From now on, this process uses this house's home."""
        work_queue.close()
        database.close()
        queries.connection.close()
        self._monkeypatch.setenv("OPENBOOK_HOME", str(self.folder))
        self._monkeypatch.setenv("OPENBOOK_API_PORT", str(self.port))
        self._monkeypatch.setenv("OPENBOOK_OPENDSR_DOMAIN", self.domain)

    def start(self) -> None:
        """Serve and work, until `stop`."""
        self.enter()
        for command in ("serve", "work"):
            self._processes.append(forking.command("governance", command))

    def stop(self) -> None:
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.join(60)
            assert process.exitcode is not None

    def ask(self, token: str, path: str, message: dict[str, Any] | None = None) -> Any:
        body = json.dumps(message).encode() if message is not None else None
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        with urllib.request.urlopen(urllib.request.Request(f"{self.url}{path}", body, headers)) as answer:
            return json.load(answer)

    def answers(self) -> bool:
        try:
            urllib.request.urlopen(f"{self.url}/healthz").close()
        except OSError:
            return False
        return True


@pytest.fixture
def houses(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[House, House]]:
    ours = House(tmp_path / "ours", "ours.example", monkeypatch)
    theirs = House(tmp_path / "theirs", "theirs.example", monkeypatch)
    yield ours, theirs
    for house in (ours, theirs):
        house.stop()


def entry_of(house: House) -> str:
    """Their entry in our list, with this house's address."""
    return (
        f'[[processors]]\ndomain = "theirs.example"\nurl = "{house.url}/opendsr/v2"\ncertificate = "theirs.pem"\n'
        "understands_scope = true\n"
    )


def test_erasure_propagates_to_another_open_book(
    houses: tuple[House, House], token_for: Callable[..., str], person: Company, capture: Capture
) -> None:
    ours, theirs = houses
    certificates = {}
    for house in houses:
        house.enter()
        capture(person(), 5)
        capture(person("grace@example.com"), 5)
        certificates[house.domain] = signing.own_certificate()
    far_away = House(ours.folder, "nobody", pytest.MonkeyPatch())
    list_partners(ours.folder / "governance", entry_of(far_away), theirs=certificates["theirs.example"])
    list_partners(
        theirs.folder / "governance",
        '[[controllers]]\ndomain = "ours.example"\ncontroller_id = "ours"\ncertificate = "ours.pem"\n'
        f'callback_hosts = ["localhost:{ours.port}"]\n',
        ours=certificates["ours.example"],
    )
    for house in houses:
        house.start()
    wait_until(lambda: all(house.answers() for house in houses))
    token = token_for("ada")
    request = ours.ask(token, "/v1/requests", {"type": "erasure"})["id"]

    def stands() -> tuple[str, list[str]]:
        said = ours.ask(token, f"/v1/requests/{request}")
        return said["state"], [one["state"] for one in (said["outcome"] or {}).get("processors") or []]

    wait_until(lambda: stands() == ("failed", ["unreachable"]))
    failure = ours.ask(token, f"/v1/requests/{request}")["failure"]
    assert failure.startswith("theirs.example could not be asked to erase its copies: it can't be reached just now.")
    assert ours.ask(token, "/v1/me/summary")["captures"] == 0

    list_partners(ours.folder / "governance", entry_of(theirs))
    wait_until(lambda: stands() == ("completed", ["completed"]))
    history = [entry["note"] for entry in ours.ask(token, f"/v1/requests/{request}")["history"]]
    assert history.count("theirs.example was asked to erase its copies and acknowledged it.") == 1
    assert history[-1] == "theirs.example says that its copies are erased."

    (listed,) = theirs.ask(token, "/v1/requests")
    there = theirs.ask(token, f"/v1/requests/{listed['id']}")
    assert (there["type"], there["state"], there["outcome"]["erased"]) == ("erasure", "completed", 5)
    assert there["history"][0]["note"] == "ours.example requested this on your behalf, over OpenDSR."
    assert there["history"][1]["note"] == "ours.example signed this and vouches that it is your wish."
    assert theirs.ask(token, "/v1/me/summary")["captures"] == 0
    for house in houses:
        assert house.ask(token_for("grace"), "/v1/me/summary")["captures"] == 5
