"""Only an explicit first start creates a home; everything else stops if it or a part of it is missing."""

from __future__ import annotations

import base64
import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest
from starlette.testclient import TestClient

import directory.__main__ as directory
import governance.__main__ as governance
import home as homes_of
import lake.__main__ as lake
from directory import Directory
from governance.api.monitoring import health
from governance.db import database
from governance.ledger import log, signing
from governance.operations import first_start
from home import HomeUnavailable, Part
from lake.storage.connection import writer
from tests.governance.conftest import Capture, Client
from tests.support.earlier import BEFORE_HOMES_HAD_AN_IDENTITY, take_back
from tests.support.people import Company

Run = Callable[..., "Done"]
MAIN: dict[str, Callable[[], int]] = {"governance": governance.main, "lake": lake.main, "directory": directory.main}
COMMANDS = (
    ["governance", "serve"],
    ["governance", "work"],
    ["governance", "backup", "elsewhere"],
    ["governance", "mlflow", "http://localhost:1"],
    ["lake", "policy", "list"],
    ["lake", "sweep"],
    ["lake", "dataset", "list"],
    ["directory", "sync", "people.csv"],
)
WHOLE = sorted(set(Part) - homes_of.OPTIONAL, key=lambda part: part.place)


@dataclass(frozen=True)
class Done:
    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """`run("governance", "init")`: `python -m governance init`, in the process of the test."""

    def called(module: str, *arguments: str) -> Done:
        monkeypatch.setattr(sys, "argv", [module, *arguments])
        status = MAIN[module]()
        said = capsys.readouterr()
        return Done(status, said.out, said.err)

    return called


def everything(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file() and path.suffix not in (".lock", ".draft"))
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_init_makes_every_part_once(no_home: Path, run: Run) -> None:
    made = run("governance", "init")
    assert (made.returncode, made.stderr) == (0, "")
    assert f"Created a home at {no_home}" in made.stdout
    assert homes_of.missing_parts() == []
    assert homes_of.read().parts == set(WHOLE)
    before = everything(no_home)
    again = run("governance", "init")
    assert (again.returncode, "already" in again.stdout) == (0, True)
    assert everything(no_home) == before
    assert run("lake", "policy", "list").returncode == 0


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_only_init_creates_a_home(no_home: Path, command: list[str], run: Run) -> None:
    done = run(*command)
    assert done.returncode == 1
    assert "python -m governance init" in done.stderr or "The lake is not available" in done.stderr
    assert "Traceback" not in done.stderr
    assert not no_home.exists()


@pytest.mark.parametrize("part", WHOLE, ids=lambda part: part.place)
def test_init_refuses_a_home_without_a_part(home: Path, part: Part, run: Run) -> None:
    take_away(part)
    before = everything(home)
    done = run("governance", "init")
    assert done.returncode == 1
    assert part.words in done.stderr
    assert "restore a backup" in done.stderr
    assert everything(home) == before


@pytest.mark.parametrize("part", WHOLE, ids=lambda part: part.place)
def test_parts_without_an_identity_are_no_home(home: Path, part: Part, run: Run) -> None:
    homes_of.identity_path().unlink()
    for other in set(WHOLE) - {part}:
        take_away(other)
    before = everything(home)
    for command in (["governance", "init"], ["governance", "work"]):
        assert run(*command).returncode == 1
        assert everything(home) == before


def test_an_interrupted_first_start_can_be_repeated(no_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as power_cut:
        power_cut.setattr("governance.db.work_queue.create", interrupted)
        with pytest.raises(KeyboardInterrupt):
            first_start.init()
    with pytest.raises(HomeUnavailable, match="interrupted"), Directory.open():
        pass
    first_start.init()
    assert homes_of.missing_parts() == []
    with writer():
        pass


def test_a_key_from_settings_needs_no_file(no_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBOOK_MASTER_KEY", "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY=")
    monkeypatch.setenv("OPENBOOK_SIGNING_KEY", "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY=")
    first_start.init()
    assert not Part.MASTER_KEY.is_there()
    assert not Part.SIGNING_KEY.is_there()
    assert homes_of.missing_parts() == []
    monkeypatch.delenv("OPENBOOK_SIGNING_KEY")
    with pytest.raises(HomeUnavailable, match="the key that signs the ledger"):
        signing.signer()


def of_the_version_before(home: Path) -> None:
    """The home of an earlier version: the same files without any identity."""
    database.close()
    homes_of.identity_path().unlink()
    (home / "lake" / "data" / "identity").unlink()
    take_back(Part.GOVERNANCE.path, BEFORE_HOMES_HAD_AN_IDENTITY)


def test_a_home_of_the_previous_version_opens(
    home: Path, person: Company, capture: Capture, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = person("ada@example.com")
    capture(ada, 4)
    api(ada).post("/v1/requests", json={"type": "erasure"})
    key = signing.signer().key
    (home / "governance" / "home.id").write_text("11111111-2222-4333-8444-555555555555")
    of_the_version_before(home)
    for part in (Part.QUEUE, Part.EXPORTS, Part.OPENDSR_KEY):
        take_away(part)
    first_start.require_home()
    assert homes_of.read().id == UUID("11111111-2222-4333-8444-555555555555")
    assert homes_of.missing_parts() == []
    assert signing.signer().key == key
    assert api(ada).get("/v1/me/summary").json()["captures"] == 4
    with database.reading() as session:
        assert log.size(session) == 1
        assert signing.known_keys(session) == [key]


@pytest.mark.parametrize(
    "part", [Part.CATALOG, Part.DATA, Part.DIRECTORY, Part.GOVERNANCE], ids=lambda part: part.place
)
def test_an_incomplete_home_of_the_previous_version_stays_closed(
    home: Path, person: Company, capture: Capture, part: Part
) -> None:
    capture(person(), 4)
    of_the_version_before(home)
    if part is Part.DATA:
        shutil.rmtree(home / "lake" / "data")
    else:
        take_away(part)
    before = everything(home)
    with pytest.raises(HomeUnavailable):
        first_start.require_home()
    assert everything(home) == before


def test_a_new_catalog_beside_old_captures_is_refused(
    home: Path, person: Company, capture: Capture, tmp_path: Path
) -> None:
    shutil.copy(Part.CATALOG.path, tmp_path / "new.sqlite")
    capture(person(), 4)
    of_the_version_before(home)
    shutil.copy(tmp_path / "new.sqlite", Part.CATALOG.path)
    with pytest.raises(HomeUnavailable, match="lists none of the captures"):
        first_start.require_home()


def test_a_missing_signing_key_is_not_recreated_once_used(
    home: Path, person: Company, capture: Capture, api: Client
) -> None:
    ada = person("ada@example.com")
    capture(ada, 4)
    api(ada).post("/v1/requests", json={"type": "erasure"})
    of_the_version_before(home)
    take_away(Part.SIGNING_KEY)
    first_start.require_home()
    assert homes_of.missing_parts() == [Part.SIGNING_KEY]


def take_away(part: Part) -> None:
    if part.path.is_dir():
        part.path.rename(f"{part.path}.away")
    else:
        for file in part.path.parent.glob(f"{part.path.name}*"):
            file.unlink()


def test_home_json_lists_the_parts(home: Path) -> None:
    content = json.loads(homes_of.identity_path().read_bytes())
    assert set(content) == {"format", "home", "parts"}
    for wrong in (b"", b"{}", b"[]", b'{"format": 2}', b'{"format": 1, "home": "x", "parts": []}'):
        homes_of.identity_path().write_bytes(wrong)
        with pytest.raises(HomeUnavailable, match="damaged"):
            homes_of.read()


def test_outside_trials_no_key_is_created_beside_the_data(
    no_home: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENBOOK_ISSUER", "https://sso.example.com")
    done = run("governance", "init")
    assert (done.returncode, "OPENBOOK_MASTER_KEY" in done.stderr) == (1, True)
    assert not any(part.is_there() for part in Part)
    monkeypatch.setenv("OPENBOOK_MASTER_KEY", base64.b64encode(b"k" * 32).decode())
    assert run("governance", "init").returncode == 0
    assert not Part.MASTER_KEY.path.exists()


def test_a_home_with_a_key_file_opens_with_a_warning(
    home: Path, unknown: TestClient, working: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "SECONDS", 120.0)
    assert unknown.get("/healthz").json()["problems"] == []
    monkeypatch.setenv("OPENBOOK_ISSUER", "https://sso.example.com")
    answer = unknown.get("/healthz").json()
    assert (answer["status"], answer["keys"]) == ("degraded", "ok")
    [problem] = answer["problems"]
    assert "directory/master.key" in problem
    assert str(home) not in problem
    monkeypatch.setenv("OPENBOOK_MASTER_KEY", base64.b64encode(Part.MASTER_KEY.path.read_bytes()).decode())
    Part.MASTER_KEY.path.unlink()
    assert unknown.get("/healthz").json()["problems"] == []


def test_a_part_that_the_identity_does_not_list_is_missing_all_the_same(home: Path) -> None:
    database.close()
    identity = json.loads((home / "home.json").read_text(encoding="utf-8"))
    identity["parts"] = [part for part in identity["parts"] if "governance.sqlite" not in part]
    (home / "home.json").write_text(json.dumps(identity), encoding="utf-8")
    for file in (home / "governance").glob("governance.sqlite*"):
        file.unlink()
    with pytest.raises(HomeUnavailable, match="This home lacks the governance database"):
        first_start.init()
