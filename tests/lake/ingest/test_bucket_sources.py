"""`python -m lake ingest --manifest` reads recordings from a prefix of another bucket, once or again and again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lake.ingest import places
from lake.storage.connection import lake_folder
from tests.lake.ingest.test_command import POLICY, LakeCommand, lake_command
from tests.lake.ingesting import stored, ui_log, ui_log_row
from tests.support import object_storage
from tests.support.people import Company

__all__ = ["lake_command"]


class Senders:
    """Where senders put recordings."""

    url = "s3://senders/from/desks"

    def __init__(self, server: object_storage.Server, folder: Path) -> None:
        self._server, self._folder = server, folder
        server.ask("PUT", "senders")

    def log(self, name: str, rows: int) -> None:
        ui_log(self._folder / "sent.csv", [ui_log_row(number) for number in range(rows)])
        self.put(name, (self._folder / "sent.csv").read_bytes())

    def put(self, name: str, content: bytes) -> None:
        self._server.ask("PUT", f"senders/from/desks/{name}", content)

    def list(self, *lines: str) -> str:
        (self._folder / "people.csv").write_text("\n".join(["email,source", *lines]) + "\n")
        return str(self._folder / "people.csv")


@pytest.fixture
def senders(
    home: Path,
    object_server: object_storage.Server,
    tmp_path: Path,
    lake_command: LakeCommand,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Senders]:
    monkeypatch.setenv("OPENBOOK_OBJECTS_ENDPOINT", object_server.url)
    for name in ("OPENBOOK_OBJECTS_KEY_ID", "OPENBOOK_OBJECTS_SECRET"):
        monkeypatch.setenv(name, "testing")
    (tmp_path / "policies.toml").write_text(POLICY)
    assert lake_command("policy", "apply", str(tmp_path / "policies.toml"))[0] == 0
    yield Senders(object_server, tmp_path)
    spilled = list((lake_folder() / "spill").rglob("*.csv"))
    assert spilled == [], "nothing that was fetched stays"


def test_odd_sources_dont_stop_the_rest(
    person: Company, senders: Senders, lake_command: LakeCommand, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, bob = person("ada@example.com"), person("bob@example.com")
    monkeypatch.setattr(places, "MOST_BYTES", 100_000)
    senders.log("ada/monday.csv", 3)
    senders.put("broken.csv", b"no log\n")
    senders.put("large.csv", b"x" * 100_001)
    senders.log("bob.csv", 3)
    people = senders.list(
        "ada@example.com,broken.csv", "ada@example.com,large.csv", "ada@example.com,absent.csv",
        "ada@example.com,../desks/bob.csv", "eve@example.com,bob.csv", "ada@example.com,ada/monday.csv",
        "bob@example.com,bob.csv",
    )  # fmt: skip
    for _ in range(2):
        status, out, err = lake_command("ingest", "--manifest", people, "ui-log", senders.url)
        assert (status, err) == (3, "")
        assert (len(stored(ada.subject)), len(stored(bob.subject))) == (3, 3), "each record once"
    words = " ".join(out.replace("│", " ").split())
    assert "line 2, broken.csv" in words
    assert "large.csv has more than" in words
    assert "There is no absent.csv below" in words
    assert "../desks/bob.csv is no name of a file" in words
    assert "eve@example.com is not in the directory" in words


def test_what_is_new_is_added_until_it_is_stopped(
    person: Company, senders: Senders, lake_command: LakeCommand, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = person("ada@example.com")
    senders.log("ada.csv", 3)
    rounds = iter(range(2))
    fetched: list[str] = []
    fetch = places.Prefix._fetch

    def noted(prefix: places.Prefix, found: dict[str, places.State], folder: Path) -> None:
        fetched.extend(found)
        fetch(prefix, found, folder)

    def meanwhile(_seconds: float) -> None:
        match next(rounds, None):
            case 0:
                pass  # nothing has changed
            case 1:
                senders.log("ada.csv", 5)
            case _:
                raise KeyboardInterrupt

    monkeypatch.setattr(places.Prefix, "_fetch", noted)
    monkeypatch.setattr("time.sleep", meanwhile)
    people = senders.list("ada@example.com,ada.csv")
    status, _, _ = lake_command("ingest", "--manifest", people, "ui-log", senders.url, "--every", "5")
    assert (status, fetched, len(stored(ada.subject))) == (130, ["ada.csv", "ada.csv"], 5)


def test_a_bucket_that_is_not_there_is_said_so(person: Company, senders: Senders, lake_command: LakeCommand) -> None:
    person("ada@example.com")
    people = senders.list("ada@example.com,ada.csv")
    status, out, err = lake_command("ingest", "--manifest", people, "ui-log", "s3://nowhere/at-all")
    assert (status, err) == (3, ""), out
    assert "There is no such bucket" in " ".join(out.replace("│", " ").split())
    status, _, err = lake_command("ingest", "--manifest", people, "ui-log", "s3://")
    assert (status, "names no bucket" in err) == (1, True)
