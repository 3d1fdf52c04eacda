"""Datasets for programs, proofs for people: what each caller gets, and that no one gets more."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from starlette.testclient import TestClient

import clock
import verifier
from governance.ai_models import datasets
from governance.api import service_tokens
from governance.db.database import reading
from governance.ledger.tables import EntryRow
from lake.datasets import training_export
from lake.datasets.making import Selection, create
from lake.lineage.graph import DatasetVersion, record_dataset_version
from lake.rules import erasure
from lake.rules.policies import apply_policies
from lake.rules.scope import Scope
from lake.rules.standing import Rule, start_rule
from lake.storage.connection import transaction, writer
from tests.governance.conftest import POLICY, START, Capture, Client
from tests.governance.working import carry_out
from tests.support.lineage import manifest
from tests.support.people import Company
from tests.support.words import mentions

PURPOSE = "model training"


@pytest.fixture
def pipeline(unknown: TestClient, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """A program with a token; the lake has the capture policy."""
    token, line = service_tokens.make("training-pipeline", list(service_tokens.Scope), until=date(2100, 1, 1))
    monkeypatch.setenv("OPENBOOK_SERVICE_TOKENS", line)
    with writer() as lake:
        apply_policies(lake, [POLICY])
    client = TestClient(unknown.app)
    client.headers["Authorization"] = f"Bearer {token}"
    return client


def made(pipeline: TestClient, **body: Any) -> dict[str, Any]:
    answer = pipeline.post("/v1/datasets", json={"dataset": "desktop-actions", **body})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def told() -> list[dict[str, Any]]:
    with reading() as session:
        statements = [json.loads(row.statement or "{}") for row in session.query(EntryRow).order_by(EntryRow.position)]
    return [each for each in statements if each["kind"] == "dataset_version"]


def test_person_proves_membership_in_a_new_version(
    pipeline: TestClient, api: Client, unknown: TestClient, person: Company, capture: Capture, tmp_path: Path
) -> None:
    ada, eve = person(), person("eve@example.com")
    capture(ada, 5)
    capture(ada, 7, signal="scroll", start=START + timedelta(days=1))
    dataset = made(pipeline, where={"signals": ["keystroke", "scroll"], "from": "2026-03-01"})
    assert (dataset["version"], dataset["purpose"], dataset["captures"], dataset["people"]) == ("1", PURPOSE, 12, 1)
    key = dataset["dataset_version"]
    assert pipeline.get(f"/v1/datasets/{key}").json() == dataset
    assert [(each["root"], each["dataset_version"]) for each in told()] == [(dataset["root"], key)]
    assert "people" not in told()[0], "a live count that everybody could read"
    files = {}
    for who, name in ((ada, "ada.json"), (eve, "eve.json")):
        answer = api(who).get(f"/v1/me/datasets/{key}/proof")
        assert answer.status_code == 200, answer.text
        files[name] = tmp_path / name
        files[name].write_bytes(answer.content)
    leaves = tmp_path / "leaves.json"
    leaves.write_bytes(unknown.get(f"/v1/datasets/{key}/leaves").content)
    vkey = unknown.get("/v1/ledger/key").text.strip()
    said = {name: offline(file, "--key", vkey, "--leaves", str(leaves)) for name, file in files.items()}
    assert "exactly these 2 slices" in said["ada.json"]
    assert "12 records" in said["ada.json"]
    assert "holds nothing of the person" in said["eve.json"]
    forged = files["ada.json"].read_text().replace('"events": 7', '"events": 6')
    files["ada.json"].write_text(forged)
    assert offline(files["ada.json"], fails=1).startswith("REFUSED: Your slices don't lead to the root")
    assert str(ada.subject) not in leaves.read_text()


def offline(file: Path, *arguments: str, fails: int = 0) -> str:
    """The verifier's output, run standalone in another folder."""
    alone = file.parent / "verifier.py"
    alone.write_text(Path(verifier.__file__).read_text())
    done = subprocess.run(
        [sys.executable, "-I", str(alone), str(file), *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == fails, done.stdout + done.stderr
    return done.stdout


def test_each_version_is_recorded_in_the_ledger_once(
    pipeline: TestClient, api: Client, person: Company, capture: Capture
) -> None:
    ada = person()
    capture(ada, 5)
    first = made(pipeline)
    at_the_command_line = create("other", Selection())
    with writer() as lake, transaction(lake):
        record_dataset_version(lake, DatasetVersion("read elsewhere", "1", PURPOSE, clock.now_utc()), None)
    assert datasets.record_missing() == 1
    assert datasets.record_missing() == 0
    proof = api(ada).get(f"/v1/me/datasets/{at_the_command_line.dataset_version}/proof").json()
    assert proof["ledger"]["index"] == 1
    assert [each["dataset"] for each in told()] == ["desktop-actions", "other"]
    assert pipeline.get(f"/v1/datasets/{first['dataset_version']}").json()["ledger_index"] == 0
    late = create("late", Selection())
    with ThreadPoolExecutor(4) as tellers:  # several answers and a worker's round at once
        assert set(tellers.map(datasets.record_in_ledger, [late] * 8)) == {2}
    assert datasets.record_missing() == 0
    assert len(told()) == 3


def test_impossible_versions_are_refused_with_a_reason(pipeline: TestClient, person: Company, capture: Capture) -> None:
    capture(person(), 5)
    made(pipeline, version="7")
    again = pipeline.post("/v1/datasets", json={"dataset": "desktop-actions", "version": "7"})
    assert (again.status_code, "already" in again.json()["detail"]) == (409, True)
    for body, words in (
        ({"dataset": "x", "purpose": "advertising"}, "No policy allows"),
        ({"dataset": "x", "where": {"until": "2026-01-01"}}, "No records that may be used"),
        ({"dataset": "x", "where": {"without": ["nobody@example.com"]}}, "not in the directory"),
        ({"dataset": "x\u200e"}, "printable"),
        ({"dataset": "x", "where": {"sql": "1=1"}}, "errors"),
        ({"dataset": "x", "where": {"signals": ["typing"]}}, "errors"),
    ):
        answer = pipeline.post("/v1/datasets", json=body)
        assert answer.status_code == 422
        assert words in answer.text
    assert pipeline.get(f"/v1/datasets/{uuid4()}").status_code == 404
    assert len(told()) == 1


def test_each_caller_reaches_only_their_own_routes(
    pipeline: TestClient, api: Client, unknown: TestClient, person: Company, capture: Capture
) -> None:
    ada = person()
    capture(ada, 2)
    key = made(pipeline)["dataset_version"]
    mine = f"/v1/me/datasets/{key}/proof"
    for path in (f"/v1/datasets/{key}", f"/v1/datasets/{key}/parquet"):
        assert unknown.get(path).status_code == api(ada).get(path).status_code == 401
    assert api(ada).post("/v1/datasets", json={"dataset": "x"}).status_code == 401
    assert pipeline.get(mine).status_code == unknown.get(mine).status_code == 401
    assert unknown.get(f"/v1/datasets/{key}/leaves").status_code == 200
    assert unknown.get(f"/v1/datasets/{uuid4()}/leaves").status_code == 404


def read(pipeline: TestClient, key: str) -> tuple[pa.Table, dict[str, str]]:
    answer = pipeline.get(f"/v1/datasets/{key}/parquet")
    assert answer.status_code == 200, answer.text
    table = pq.read_table(pa.BufferReader(answer.content))
    metadata = pq.read_metadata(pa.BufferReader(answer.content)).metadata
    told_of = {name.decode(): value.decode() for name, value in metadata.items() if name.startswith(b"open-book")}
    return table, told_of


def test_training_data_is_pseudonymous(pipeline: TestClient, api: Client, person: Company, capture: Capture) -> None:
    ada = person("ottoline.lovelace@example.com", name="Ottoline Lovelace")
    bob = person("bob@example.com", name="Bob Bobson")
    text = "Dear Mr BOBSON, write to ottoline.lovelace@example.com or +49 30 9018207 about lovelace%2Eottoline, invoice"
    capture(ada, 6, text=text)
    capture(bob, 4)
    first, second = made(pipeline), made(pipeline)
    table, told_of = read(pipeline, first["dataset_version"])
    assert (table.num_rows, told_of["open-book.given"], told_of["open-book.left-out"]) == (10, "10", "0")
    assert told_of["open-book.manifest-root"] == first["root"]
    everything = str(table.to_pylist()).lower()
    for trace in ("ottoline", "lovelace", "bobson", "9018207", "example.com", str(ada.subject), ada.subject.hex):
        assert trace not in everything, trace
    assert "dear mr [name removed]" in everything
    assert "invoice 3" in everything
    assert table["captured_at"].to_pylist()[0].tzinfo is not None
    other, _ = read(pipeline, second["dataset_version"])
    for column in ("person", "session"):
        assert set(table[column].to_pylist()).isdisjoint(other[column].to_pylist()), "two versions can be joined"
    assert read(pipeline, first["dataset_version"])[0].equals(table)
    looks = api(ada).get("/v1/me/access-log?by=others").json()
    assert looks["total"] == 3
    assert [
        (look["role"], look["what"], look["rows"], look["dataset_version"] == first["dataset_version"])
        for look in looks["entries"]
    ] == [
        ("training-pipeline", "captures", 6, True),
        ("training-pipeline", "captures", 6, False),
        ("training-pipeline", "captures", 6, True),
    ]
    assert "without your name" in looks["entries"][0]["purpose"]


def test_later_withdrawals_and_captures_are_not_exported(
    pipeline: TestClient, api: Client, person: Company, capture: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, bob, cleo = person(), person("bob@example.com"), person("cleo@example.com")
    for who in (ada, bob, cleo):
        capture(who, 5)
        capture(who, 3, application="Chrome")
    dataset = made(pipeline)
    key = dataset["dataset_version"]
    capture(cleo, 4, start=START + timedelta(hours=2))  # the same slice, later
    with writer() as lake:
        erasure.write_tombstone(lake, ada.subject, Scope(), uuid4(), clock.now_utc())
        start_rule(lake, bob.subject, Scope(applications=("Chrome",)), uuid4(), Rule.OBJECTION)
    table, told_of = read(pipeline, key)
    assert (dataset["captures"], table.num_rows, told_of["open-book.left-out"]) == (24, 13, "11")
    assert api(ada).get("/v1/me/access-log?by=others").json()["total"] == 0
    assert api(bob).get("/v1/me/access-log").json()["entries"][0]["rows"] == 5
    proof = api(ada).get(f"/v1/me/datasets/{key}/proof").json()
    assert sum(line["events"] for line in proof["present"]["slices"]) == 8, "what the manifest held stays provable"
    tomorrow = clock.now() + timedelta(days=4_000)
    monkeypatch.setattr(clock, "now", lambda: tomorrow)
    assert read(pipeline, key)[0].num_rows == 0, "its retention is over"


def test_disputed_records_are_marked_while_the_note_stands(
    pipeline: TestClient, api: Client, person: Company, capture: Capture
) -> None:
    ada, bob, olga = person(), person("bob@example.com"), person("olga@example.com", role="privacy_officer")
    for who in (ada, bob):
        capture(who, 3)
        capture(who, 4, signal="scroll")
    key = made(pipeline)["dataset_version"]
    client = api(ada)
    body = {"type": "rectification", "note": "Somebody else sat here", "scope": {"signals": ["scroll"]}}
    filed = client.post("/v1/requests", json=body).json()["id"]
    assert not any(read(pipeline, key)[0]["disputed"].to_pylist()), "it is not decided yet"
    assert api(olga).post(f"/v1/requests/{filed}/decision", json={"decision": "approve"}).status_code == 200
    assert carry_out(filed)
    table = read(pipeline, key)[0]
    disputed = [row for row in table.to_pylist() if row["disputed"]]
    assert [row["signal"] for row in disputed] == ["scroll"] * 4
    assert len({row["person"] for row in disputed}) == 1
    assert "Somebody else" not in str(table.to_pylist())
    assert client.delete(f"/v1/requests/{filed}").status_code == 200
    assert not any(read(pipeline, key)[0]["disputed"].to_pylist())


def test_an_export_has_every_page_and_row_group(
    pipeline: TestClient, person: Company, capture: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training_export, "PAGE_ROWS", 7)
    monkeypatch.setattr(training_export, "ROW_GROUP", 20)
    for email in ("ada@example.com", "bob@example.com"):
        who = person(email)
        capture(who, 30)
        capture(who, 30, start=START + timedelta(days=1), text="more")
    table, _ = read(pipeline, made(pipeline)["dataset_version"])
    assert table.num_rows == 120
    assert len({(row["person"], row["captured_at"]) for row in table.to_pylist()}) == 120
    assert sorted(table["text"].to_pylist()) == sorted(
        f"{text} {number}" for text in ("typed text", "more") for number in range(30) for _ in range(2)
    )


def test_proofs_do_not_reveal_other_manifests(
    api: Client, person: Company, capture: Capture, pipeline: TestClient
) -> None:
    ada, bob = person(), person("bob@example.com")
    capture(ada, 1)
    with writer() as lake, transaction(lake):
        day = START.date()
        rows = [(ada.subject, day, "keystroke", "Excel", 900), (bob.subject, day, "scroll", "Payroll", 901)]
        key = record_dataset_version(lake, DatasetVersion("both", "1", PURPOSE, START), manifest(rows))
    proof = api(ada).get(f"/v1/me/datasets/{key}/proof")
    assert [each["events"] for each in proof.json()["present"]["slices"]] == [900]
    assert not mentions(proof.text, "901")
    for other in ("Payroll", str(bob.subject), bob.subject.hex):
        assert other not in proof.text


def test_single_keystrokes_are_not_readable_as_text() -> None:
    given = {key: training_export.without(training_export.Names([]), "key", key) for key in ("a", "numpad 4", "ctrl")}
    assert given == {"a": "[character]", "numpad 4": "[character]", "ctrl": "ctrl"}
