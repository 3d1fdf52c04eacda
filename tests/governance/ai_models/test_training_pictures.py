"""Pictures in training exports: only where the policy permits it and people had been told, and without names."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

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
from lake.rules.policies import Policy, apply_policies
from lake.rules.scope import SIGNALS, Scope
from lake.rules.standing import Rule, start_rule
from lake.storage.connection import writer
from tests.governance.conftest import Client
from tests.lake.pictures.test_stored import recording, shot
from tests.support.people import Company
from tests.support.screens import encoded, screen

LONG_AGO = date(2018, 12, 1)
Read = Callable[..., tuple[pa.Table, dict[str, str]]]


def allow(permits: list[str], told: date = LONG_AGO, applications: tuple[str, ...] = ("Excel",)) -> None:
    policy = Policy(
        "screens", "Screens", "model training", "works agreement", list(SIGNALS), list(applications),
        ["mask"], 3650, date(2019, 1, 1), permits=permits, announced_on=told, announced_by="letter",
    )  # fmt: skip
    with writer() as connection:
        apply_policies(connection, [policy])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two screenshots of 5 November 2024."""
    made = recording(tmp_path / "session", [shot(1), shot(2)])
    (made / "1.png").write_bytes(encoded(screen(["A quiet report", "Ottoline Lovelace will call", "Order 20418"])))
    (made / "2.png").write_bytes(encoded(screen(["Another page of it"])))
    return made


@pytest.fixture
def read(unknown: TestClient, monkeypatch: pytest.MonkeyPatch) -> Read:
    """Makes a data set and reads it, as a program does: the table, and what the file says about itself."""
    token, line = service_tokens.make("training-pipeline", list(service_tokens.Scope), until=date(2100, 1, 1))
    monkeypatch.setenv("OPENBOOK_SERVICE_TOKENS", line)
    client = TestClient(unknown.app, headers={"Authorization": f"Bearer {token}"})

    def made_and_read(then: Callable[[], None] = lambda: None, **asked: Any) -> tuple[pa.Table, dict[str, str]]:
        made = client.post("/v1/datasets", json={"dataset": "screens", "purpose": "model training"})
        assert made.status_code == 201, made.text
        then()
        answer = client.get(f"/v1/datasets/{made.json()['dataset_version']}/parquet", params=asked)
        assert answer.status_code == 200, answer.text
        file = pa.BufferReader(answer.content)
        said = pq.read_metadata(pa.BufferReader(answer.content)).metadata
        return pq.read_table(file), {name.decode(): text.decode() for name, text in said.items()}

    return made_and_read


def text_on(picture: bytes) -> str:
    with Image.open(io.BytesIO(picture)) as image:
        return " ".join(line.text for line in read_lines(image.convert("RGB")))


def test_pictures_are_given_without_names(api: Client, person: Company, folder: Path, read: Read) -> None:
    ada, _ = person(), person("ottoline@example.com", name="Ottoline Lovelace")
    allow(["training_pictures"])
    ingest("opencua", str(folder), ada.email)
    table, said = read(pictures=True)
    first, second = table.sort_by("captured_at")["picture"].to_pylist()
    shown = text_on(first)
    assert "report" in shown
    assert "20418" in shown
    assert "ottoline" not in shown.casefold()
    assert "lovelace" not in shown.casefold()
    assert "Another" in text_on(second)
    assert (said["open-book.pictures"], said["open-book.pictures-left-out"]) == ("2", "0")
    [look] = api(ada).get("/v1/me/access-log?by=others").json()["entries"]
    assert (look["what"], look["rows"]) == ("captures with pictures", 2)
    assert "picture" not in read()[0].column_names, "they have to be asked for"
    [capture, _] = api(ada).get("/v1/me/captures").json()["captures"]
    own = api(ada).get(f"/v1/me/captures/{capture['capture_id']}/picture").content
    assert {first, second}.isdisjoint({own})


@pytest.mark.parametrize(
    "policies",
    [
        [([], LONG_AGO)],
        [([], LONG_AGO), (["training_pictures"], date(2025, 3, 1))],
        [(["training_pictures"], LONG_AGO), ([], LONG_AGO)],
    ],
    ids=["never permitted", "permitted later", "no longer permitted"],
)
def test_pictures_without_permission_are_left_out(
    person: Company, folder: Path, read: Read, policies: list[tuple[list[str], date]]
) -> None:
    ada = person()
    first, *later = policies
    allow(*first)
    ingest("opencua", str(folder), ada.email)
    for each in later:
        allow(*each)
    table, said = read(pictures=True)
    assert table.num_rows == 2
    assert table["picture"].null_count == 2
    assert (said["open-book.pictures"], said["open-book.pictures-left-out"]) == ("0", "2")


def test_rules_are_checked_again_between_pictures(
    person: Company, folder: Path, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = person()
    allow(["training_pictures"])
    ingest("opencua", str(folder), ada.email)
    monkeypatch.setattr(training_pictures, "AT_ONCE", 1)
    painted = training_pictures._painter.painted

    def objecting(picture: bytes, names: list[str]) -> bytes | None:
        with writer() as lake:
            start_rule(lake, ada.subject, Scope(), uuid4(), Rule.OBJECTION)
        return painted(picture, names)

    monkeypatch.setattr(training_pictures._painter, "painted", objecting)
    table, said = read(pictures=True)
    assert (table.num_rows, said["open-book.left-out"]) == (1, "1")


def test_a_painter_that_dies_leaves_one_picture_out(monkeypatch: pytest.MonkeyPatch) -> None:
    picture, damaged = encoded(screen(["Quiet report", "Grace Hopper", "", "Budget"]), "WEBP"), b"no picture"
    painter = Painter()
    try:
        assert painter.painted(damaged, ["Grace Hopper"]) is None
        process = painter._running()
        monkeypatch.setattr(for_training, "LONGEST_SECONDS", 0.0)
        assert painter.painted(picture, ["Grace Hopper"]) is None
        monkeypatch.undo()
        assert process.returncode is not None
        found = painter.painted(picture, ["Grace Hopper"])
        assert found is not None
        assert "Budget" in text_on(found)
        assert "opper" not in text_on(found)
        painter.end()
    finally:
        painter.end()


@pytest.mark.parametrize("written", ["GraceHopper", "Dear Mr HOPPER,", "hoppér", "gracehopper.txt"])
def test_names_are_found_as_ocr_reads_them(written: str) -> None:
    picture = for_training.painted(encoded(screen(["Quiet report", written, "", "Budget"]), "WEBP"), ["Grace Hopper"])
    shown = text_on(picture).casefold()
    assert "budget" in shown
    assert "opper" not in shown.replace("é", "e")
