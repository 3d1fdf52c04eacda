"""What is refused at ingestion is counted once, shown to the person alone, and survives an erasure as a number."""

from __future__ import annotations

import io
import json
import zipfile
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from starlette.testclient import TestClient

from directory import Employee
from lake.ingest.ingesting import ingest
from lake.storage.connection import reader
from tests.governance.conftest import Client
from tests.governance.working import carry_out
from tests.lake.ingesting import START, allow, ui_log, ui_log_row
from tests.support.disk import files_with
from tests.support.people import Company

SECRET_NAME = "Union Messenger"


def log(folder: Path, rows: Iterable[str], name: str = "log.csv") -> str:
    return str(ui_log(folder / name, rows))


def typed(number: int, application: str) -> str:
    return ui_log_row(number, targetApp=application, target_value=f"value {number}")


def refused(client: TestClient) -> dict[str, Any]:
    answer = client.get("/v1/me/refused")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def by_reason(client: TestClient) -> dict[str, int]:
    found = refused(client)
    counted = {each["reason"]: each["records"] for each in found["reasons"]}
    assert found["records"] == sum(counted.values()) == sum(each["records"] for each in found["refused"])
    return counted


def rows_of(table: str, subject: UUID) -> list[tuple[Any, ...]]:
    with closing(reader()) as connection:
        return connection.execute(f"select * from {table} where subject = $subject", {"subject": subject}).fetchall()


@pytest.fixture
def ada(home: Path, person: Company) -> Employee:
    allow(["Excel"])
    return person("ada@example.com")


def test_a_source_with_nothing_to_store_is_counted_once(api: Client, ada: Employee, tmp_path: Path) -> None:
    source = log(tmp_path, [*(typed(number, SECRET_NAME) for number in range(5)), "broken,row"])
    for _ in range(3):
        assert ingest("ui-log", source, ada.email).batch.stored == 0
    client = api(ada)
    assert by_reason(client) == {"policy": 5, "unreadable": 1}
    named = next(each for each in refused(client)["refused"] if each["reason"] == "policy")
    assert named == {
        "day": f"{START:%Y-%m-%d}",
        "application": SECRET_NAME,
        "what": None,
        "signal": "form_edit",
        "reason": "policy",
        "words": "not on your employer's list",
        "records": 5,
    }
    assert rows_of("batches", ada.subject) == []


def test_overlapping_sources_count_each_record_once(api: Client, ada: Employee, tmp_path: Path) -> None:
    first = [typed(number, SECRET_NAME) for number in range(4)]
    ingest("ui-log", log(tmp_path, first), ada.email)
    ingest("ui-log", log(tmp_path, [typed(9, "Excel"), *first, typed(11, SECRET_NAME)], "later.csv"), ada.email)
    assert by_reason(api(ada)) == {"policy": 5}


def test_a_record_that_is_allowed_later_is_refused_no_more(api: Client, ada: Employee, tmp_path: Path) -> None:
    source = log(tmp_path, [typed(1, SECRET_NAME), typed(2, "Telegram")])
    ingest("ui-log", source, ada.email)
    allow(["Excel", SECRET_NAME])
    assert ingest("ui-log", source, ada.email).batch.stored == 1
    assert [each["application"] for each in refused(api(ada))["refused"]] == ["Telegram"]
    allow(["Excel"])
    ingest("ui-log", source, ada.email)
    assert by_reason(api(ada)) == {"policy": 1}


def test_too_old_and_unlisted_have_their_reasons(api: Client, ada: Employee, tmp_path: Path) -> None:
    allow(["Excel"], days=3)
    ingest("ui-log", log(tmp_path, [typed(1, "Excel"), typed(2, SECRET_NAME)]), ada.email)
    assert by_reason(api(ada)) == {"retention": 1, "policy": 1}


def test_private_browsing_is_refused_by_name(api: Client, ada: Employee, tmp_path: Path) -> None:
    events = [
        {"timestamp": f"{START.isoformat()}Z", "duration": 3, "data": {"url": "https://a.example", "incognito": True}}
    ]
    bucket = {"id": "aw-watcher-web-firefox", "type": "web.tab.current", "client": "aw", "hostname": "desk"}
    export = tmp_path / "export.json"
    for repeated in (events, [*events, {"timestamp": "never", "duration": 1, "data": {}}]):
        export.write_text(json.dumps({"buckets": {bucket["id"]: bucket | {"events": repeated}}}))
        ingest("activitywatch", str(export), ada.email)
    client = api(ada)
    assert by_reason(client) == {"left_out": 1, "unreadable": 1}
    [left_out] = [each for each in refused(client)["refused"] if each["reason"] == "left_out"]
    assert left_out["what"] == "private browsing"


def test_the_name_is_sealed_and_nobody_elses(
    api: Client, ada: Employee, person: Company, tmp_path: Path, home: Path
) -> None:
    ingest("ui-log", log(tmp_path, [typed(1, SECRET_NAME)]), ada.email)
    assert refused(api(person("bob@example.com"))) == {"records": 0, "reasons": [], "refused": []}
    assert SECRET_NAME in str(refused(api(ada)))
    stored = [row for table in ("refused", "refused_names") for row in rows_of(table, ada.subject)]
    assert SECRET_NAME not in str(stored)
    assert files_with(home, [SECRET_NAME.encode()]) == []


def test_an_erasure_of_everything_leaves_a_number(api: Client, ada: Employee, tmp_path: Path) -> None:
    source = log(tmp_path, [typed(1, "Excel"), *(typed(number, SECRET_NAME) for number in range(2, 6)), "broken,row"])
    ingest("ui-log", source, ada.email)
    client = api(ada)
    before = rows_of("refused", ada.subject)
    asked = client.post("/v1/requests", json={"type": "erasure", "scope": {}})
    carry_out(asked.json()["id"])
    assert by_reason(client) == {"policy": 4, "unreadable": 1}
    assert {each["application"] for each in refused(client)["refused"]} == {None}
    assert rows_of("refused_names", ada.subject) == []
    assert {row[0] for row in before}.isdisjoint(row[0] for row in rows_of("refused", ada.subject))
    stays = client.get(f"/v1/requests/{asked.json()['id']}").json()["outcome"]["stays"]
    assert [each["count"] for each in stays if each["what"].startswith("how many records were refused")] == [5]
    ingest("ui-log", source, ada.email)
    assert by_reason(client)["policy"] == 4  # what was erased is not counted again


def test_the_export_has_what_was_refused(api: Client, ada: Employee, tmp_path: Path) -> None:
    ingest("ui-log", log(tmp_path, [typed(1, "Excel"), typed(2, SECRET_NAME), typed(3, SECRET_NAME)]), ada.email)
    client = api(ada)
    asked = client.post("/v1/requests", json={"type": "export"}).json()
    assert carry_out(asked["id"])
    with zipfile.ZipFile(io.BytesIO(client.get(f"/v1/requests/{asked['id']}/export").content)) as copy:
        listed = json.loads(copy.read("refused.json"))
        counts = json.loads(copy.read("manifest.json"))["statement"]["counts"]["refused"]
    assert Counter({each["application"]: each["records"] for each in listed}) == {SECRET_NAME: 2}
    assert (counts["catalogued"], counts["exported"]) == (2, 2)
