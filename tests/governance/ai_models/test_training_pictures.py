"""Pictures in training exports: only where the policy permits it and people had been told, and without names."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image
from starlette.testclient import TestClient

from governance.api import service_tokens
from lake.datasets import training_pictures
from lake.ingest.ingesting import ingest
from lake.pictures import for_training
from lake.pictures.for_training import Painter
from lake.pictures.reading import read_lines
from lake.rules.notices import TRAINING_PICTURES
from lake.rules.policies import Policy, apply_policies
from lake.rules.scope import SIGNALS, Scope
from lake.rules.standing import Rule, start_rule
from lake.storage.connection import writer
from tests.governance.conftest import Client
from tests.lake.pictures.test_stored import recording, shot
from tests.support.people import Company
from tests.support.screens import encoded, screen

LONG_AGO = date(2018, 12, 1)
DAY_OF_SHOTS = date(2024, 11, 5)


def allow(permits: list[str], told: date = LONG_AGO) -> None:
    policy = Policy(
        "screens", "Screens", "model training", "works agreement", list(SIGNALS), ["Excel"],
        ["mask"], 3650, date(2019, 1, 1), permits=permits, announced_on=told, announced_by="letter",
    )  # fmt: skip
    with writer() as connection:
        apply_policies(connection, [policy])


@dataclass
class Program:
    """Trains models, with a service token."""

    client: TestClient

    def make(self) -> str:
        made = self.client.post("/v1/datasets", json={"dataset": "screens", "purpose": "model training"})
        assert made.status_code == 201, made.text
        return str(made.json()["dataset_version"])

    def ask(self, version: str, **asked: Any) -> httpx2.Response:
        return self.client.get(f"/v1/datasets/{version}/parquet", params=asked)

    def read(self, version: str, **asked: Any) -> tuple[pa.Table, dict[str, str]]:
        """The records by time, and what the file says about them."""
        answer = self.ask(version, **asked)
        assert answer.status_code == 200, answer.text
        said = pq.read_metadata(pa.BufferReader(answer.content)).metadata
        facts = {name.decode().removeprefix("open-book."): text.decode() for name, text in said.items()}
        return pq.read_table(pa.BufferReader(answer.content)).sort_by("captured_at"), facts


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two screenshots of 5 November 2024."""
    made = recording(tmp_path / "session", [shot(1), shot(2)])
    (made / "1.png").write_bytes(encoded(screen(["A quiet report", "Ottoline Lovelace will call", "Approved"])))
    (made / "2.png").write_bytes(encoded(screen(["Another page of it"])))
    return made


@pytest.fixture
def program(unknown: TestClient, monkeypatch: pytest.MonkeyPatch) -> Program:
    token, line = service_tokens.make("training-pipeline", list(service_tokens.Scope), until=date(2100, 1, 1))
    monkeypatch.setenv("OPENBOOK_SERVICE_TOKENS", line)
    return Program(TestClient(unknown.app, headers={"Authorization": f"Bearer {token}"}))


def text_on(picture: bytes) -> str:
    with Image.open(io.BytesIO(picture)) as image:
        return " ".join(line.text for line in read_lines(image.convert("RGB")))


def counted(facts: dict[str, str]) -> tuple[str, str, str]:
    return facts["pictures"], facts["pictures-not-permitted"], facts["pictures-unreadable"]


def refusal(answer: httpx2.Response) -> str:
    assert answer.status_code in (403, 409)
    return str(answer.json()["detail"])


def test_pictures_are_given_without_names(api: Client, person: Company, folder: Path, program: Program) -> None:
    ada, _ = person(), person("ottoline@example.com", name="Ottoline Lovelace")
    allow([TRAINING_PICTURES])
    ingest("opencua", str(folder), ada.email)
    version = program.make()
    table, facts = program.read(version, pictures=True)
    first, second = table["picture"].to_pylist()
    shown = text_on(first)
    assert "report" in shown
    assert "Approved" in shown
    assert "ottoline" not in shown.casefold()
    assert "lovelace" not in shown.casefold()
    assert "Another" in text_on(second)
    assert counted(facts) == ("2", "0", "0")
    looks = api(ada).get("/v1/me/access-log?by=others").json()["entries"]
    assert {(look["what"], look["rows"], look["role"]) for look in looks} == {
        ("captures", 2, "training-pipeline"),
        ("pictures", 2, "training-pipeline"),
    }
    assert "picture" not in program.read(version)[0].column_names, "they have to be asked for"
    [capture, _] = api(ada).get("/v1/me/captures").json()["captures"]
    own = api(ada).get(f"/v1/me/captures/{capture['capture_id']}/picture").content
    assert {first, second}.isdisjoint({own})


def test_pictures_are_refused_where_no_policy_permits_them(
    api: Client, person: Company, folder: Path, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, olga = person(), person("olga@example.com", role="privacy_officer")
    allow([])
    ingest("opencua", str(folder), ada.email)
    version = program.make()
    ways = {"never": ([], LONG_AGO), "later": ([TRAINING_PICTURES], date(2025, 3, 1)), "no longer": ([], LONG_AGO)}
    for way, (permits, told) in ways.items():
        allow(permits, told)
        assert "No picture of this version may be given" in refusal(program.ask(version, pictures=True)), way
    assert api(ada).get("/v1/me/access-log?by=others").json()["entries"] == []

    allow([TRAINING_PICTURES])
    with monkeypatch.context() as patched:
        patched.setattr(training_pictures, "MOST_PICTURES", 1)
        few = refusal(program.ask(version, pictures=True))
    assert "has 2 pictures that may be given. An answer has at most 1" in few

    monkeypatch.setenv("OPENBOOK_TRAINING_APPROVAL_HOURS", "8")
    monkeypatch.setattr(training_pictures._painter, "painted", lambda *_: None)
    for pictures in (False, True):
        assert "has to approve" in refusal(program.ask(version, pictures=pictures))
    officer = api(olga)
    exports = {each["pictures"]: each["export"] for each in officer.get("/v1/officer/training-exports").json()}
    officer.put(f"/v1/officer/training-exports/{exports[False]}/approval")
    assert program.ask(version).status_code == 200
    assert "has to approve" in refusal(program.ask(version, pictures=True)), "an approval of records isn't one of these"
    officer.put(f"/v1/officer/training-exports/{exports[True]}/approval")
    table, facts = program.read(version, pictures=True)
    assert (table["picture"].null_count, counted(facts)) == (2, ("0", "0", "2"))
    entries = officer.get("/v1/ledger/entries").json()["entries"]
    approvals = [each["statement"] for each in entries if each["statement"]["kind"] == "training_approved"]
    assert [each.get("pictures", False) for each in approvals] == [False, True]


def test_rules_are_checked_again_between_pictures(
    person: Company, folder: Path, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = person()
    allow([TRAINING_PICTURES])
    ingest("opencua", str(folder), ada.email)
    monkeypatch.setattr("lake.datasets.training_export.AT_ONCE", 1)
    monkeypatch.setattr(training_pictures, "AT_ONCE", 1)

    def objecting(picture: bytes, names: list[str]) -> bytes | None:
        with writer() as lake:
            start_rule(lake, ada.subject, Scope(), uuid4(), Rule.OBJECTION)
        return picture

    monkeypatch.setattr(training_pictures._painter, "painted", objecting)
    table, facts = program.read(program.make(), pictures=True)
    assert (table.num_rows, facts["left-out"]) == (1, "1")


def test_a_painter_that_dies_leaves_one_picture_out(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = encoded(screen(["Quiet report", "GraceHopper", "Dear Mr HOPPER,", "hoppér", "", "Budget"]), "WEBP")
    painter = Painter()
    try:
        assert painter.painted(b"no picture", ["Grace Hopper"]) is None
        process = painter._running()
        monkeypatch.setattr(for_training, "LONGEST_SECONDS", 0.0)
        assert painter.painted(picture, ["Grace Hopper"]) is None
        monkeypatch.undo()
        assert process.returncode is not None
        found = painter.painted(picture, ["Grace Hopper"])
        assert found is not None
        shown = text_on(found).casefold().replace("é", "e")
        assert "budget" in shown
        assert "opper" not in shown
    finally:
        painter.end()


def test_at_most_two_are_written_at_once(
    api: Client, person: Company, folder: Path, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Painter, "painted", lambda *_: b"picture")
    ada = person()
    allow([TRAINING_PICTURES])
    ingest("opencua", str(folder), ada.email)
    version = program.make()
    first, second = training_pictures.Turn(), training_pictures.Turn()
    before = len(api(ada).get("/v1/me/access-log").json()["entries"])
    refused = program.ask(version, pictures=True)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "60")
    assert "2 training exports with pictures are being written" in refused.json()["detail"]
    assert len(api(ada).get("/v1/me/access-log").json()["entries"]) == before, "nothing was read"
    assert program.read(version)[0].num_rows == 2, "without pictures it goes on"
    with pytest.raises(StopIteration):
        next(first.of(iter(())))
    for _ in range(3):
        assert program.read(version, pictures=True)[1]["pictures"] == "2", "one that is over leaves its turn"
    second.end()
    second.end()
    del first, second
    assert len([training_pictures.Turn() for _ in range(training_pictures.MOST_ANSWERS)]) == 2
