"""Bodies in Parquet and in Arrow's IPC stream, as their usual writers make them."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import duckdb
import httpx2
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from starlette.testclient import TestClient

from governance.intake import landing, storing
from governance.intake.columns import KINDS, lines_of
from governance.intake.unpacking import UnusableColumns
from tests.governance.conftest import Client
from tests.governance.intake.conftest import Send, captures, record
from tests.support.people import Company

PARQUET, ARROW = KINDS
Post = Callable[..., httpx2.Response]


@pytest.fixture
def post(recorder: TestClient) -> Post:
    def posted(body: bytes, kind: str, key: str = "", **headers: str) -> httpx2.Response:
        named = {"Idempotency-Key": key or str(uuid4()), "Content-Type": kind, **headers}
        return recorder.post("/v1/captures", content=body, headers=named)

    return posted


def table(numbers: range) -> pa.Table:
    """The same records as `record`, with times as timestamps."""
    rows = [record(number) for number in numbers]
    for row in rows:
        row["time"] = datetime.fromisoformat(row["time"]).astimezone(UTC)
    return pa.Table.from_pylist(rows)


def parquet(made: pa.Table, **options: Any) -> bytes:
    file = io.BytesIO()
    pq.write_table(made, file, **options)
    return file.getvalue()


def arrow(made: pa.Table, compression: str | None = None) -> bytes:
    file = io.BytesIO()
    with pa.ipc.new_stream(file, made.schema, options=pa.ipc.IpcWriteOptions(compression=compression)) as stream:
        stream.write_table(made)
    return file.getvalue()


def test_rows_are_the_records_that_lines_are(
    post: Post, send: Send, api: Client, recorder: TestClient, person: Company
) -> None:
    ada = person("ada@example.com")
    assert post(parquet(table(range(500))), PARQUET).status_code == 202
    assert post(arrow(table(range(300, 600))), ARROW).status_code == 202
    assert send(record(number) for number in range(600)).status_code == 202
    storing.store_due()
    assert len(captures()) == 600
    oldest = api(ada).get("/v1/me/captures").json()["captures"][0]
    assert (oldest["content"]["text"], oldest["x"]) == ("typed text 0", 10)


def test_other_writers_and_odd_types(post: Post, recorder: TestClient, person: Company, tmp_path: Path) -> None:
    person("ada@example.com")
    query = """
        select 'ada@example.com' as email, timestamptz '2026-03-02 10:00:00+01' as time, 'form_edit'::varchar as signal,
               'Excel' as application, {'text': 'by DuckDB', 'dx': 1.5} as content, 3::utinyint as x, 4.5::float as y
    """
    duckdb.sql(query).write_parquet(str(tmp_path / "one.parquet"))
    assert post((tmp_path / "one.parquet").read_bytes(), PARQUET).status_code == 202
    odd = pa.table(
        {
            "email": pa.array(["ada@example.com"] * 3).dictionary_encode(),
            "time": pa.array([0, None, 1 << 62], pa.timestamp("s")),
            "signal": pa.array(["scroll"] * 3, pa.string_view()),
            "application": pa.array(["Excel"] * 3, pa.large_string()),
            "content": pa.array([{"dy": 2}, None, {"dy": None}]),
            "field": pa.nulls(3),
        }
    )
    location = post(arrow(odd), ARROW).headers["Location"]
    storing.store_due()
    batch = recorder.get(location).json()
    assert (batch["read"], batch["counts"]["quarantined"]) == (3, 2)
    assert [one["line"] for one in batch["quarantined"]] == [2, 3]
    assert len(captures()) == 1  # the odd one is past its retention


def test_the_same_key_and_compression(post: Post, person: Company) -> None:
    person("ada@example.com")
    body, key = parquet(table(range(5))), str(uuid4())
    zipped = pa.compress(body, codec="zstd", asbytes=True)
    headers = {"Content-Encoding": "zstd"}
    first = post(zipped, PARQUET, key, **headers)
    assert post(zipped, PARQUET, key, **headers).json()["batch"] == first.json()["batch"]
    assert post(parquet(table(range(6))), PARQUET, key).status_code == 409
    storing.store_due()
    assert len(captures()) == 5


@pytest.mark.parametrize("kind", [PARQUET, ARROW])
def test_what_can_not_be_read_is_refused(post: Post, person: Company, kind: str) -> None:
    person("ada@example.com")
    made = table(range(50))
    write = parquet if kind == PARQUET else arrow
    body = write(made)
    wrong = [b"", b"plain", body[:-30], body[: len(body) // 2], body[:40] + b"\xff" * 300 + body[340:]]
    wrong.append(write(made.append_column("secret word", pa.array(["x"] * 50))))
    wrong.append(write(made.set_column(0, "email", pa.array([[1]] * 50))))
    wrong.append(write(made.set_column(4, "content", pa.array(["words"] * 50))))
    for each in wrong:
        answer = post(each, kind)
        assert answer.status_code == 400, len(each)
        assert "Nothing of this body was kept" in answer.json()["detail"]
        assert "secret word" not in answer.text
    assert landing.names() == []


@pytest.mark.parametrize("kind", [PARQUET, ARROW])
def test_damage_anywhere_costs_one_answer(kind: str) -> None:
    body = (parquet if kind == PARQUET else arrow)(table(range(20)))
    chosen = random.Random(5)
    read = 0
    for _ in range(12):
        damaged = bytearray(body)
        for _ in range(3):
            damaged[chosen.randrange(len(body))] = chosen.randrange(256)
        with suppress(UnusableColumns):
            read += bool(list(lines_of(kind, bytes(damaged), 100)))
    assert read < 12


def test_small_bodies_that_say_much_are_refused(post: Post, person: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    person("ada@example.com")
    long = pa.DictionaryArray.from_arrays(pa.array([0] * 50_000, pa.int32()), pa.array(["x" * 900_000]))
    made = pa.table({"field": long})
    for kind, body in ((ARROW, arrow(made)), (PARQUET, parquet(made))):
        answer = post(body, kind)
        assert (answer.status_code, "32 MiB" in answer.json()["detail"]) == (413, True), answer.text
    rows = pa.table({"field": pa.nulls(1_000_000, pa.string())})
    assert "50,000 records" in post(parquet(rows), PARQUET).json()["detail"]
    assert post(arrow(pa.table({"field": pa.nulls(60_000)})), ARROW).status_code == 413
    bomb = pa.table({"field": ["x" * (1 << 28)]})
    assert post(parquet(bomb, compression="zstd", use_dictionary=False), PARQUET).status_code == 400
    assert post(arrow(bomb, compression="zstd"), ARROW).status_code == 400
    monkeypatch.setattr("governance.api.routes.captures.LARGEST_IN_COLUMNS", 100)
    assert post(parquet(rows), PARQUET).status_code == 413
    assert landing.names() == []
