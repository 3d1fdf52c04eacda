"""After an erasure of everything: what is left of the person in any table, and that the receipt lists all of it."""

from __future__ import annotations

import io
import json
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from starlette.testclient import TestClient

import verifier
from directory import Employee
from governance.db import database
from lake.datasets.making import Selection, create
from lake.lineage import violations
from lake.lineage.graph import ModelVersion
from lake.rules import holds, retention
from lake.rules.policies import Policy
from lake.rules.scope import SIGNALS
from lake.storage.connection import lake_folder, reader, transaction, writer
from tests.governance.conftest import Client
from tests.governance.working import carry_out
from tests.lake.rows import change
from tests.lake.traces import CATALOG, Keys, places
from tests.support.lake import hold, store_captures
from tests.support.lineage import train
from tests.support.people import Company

ONLY_ADA = "Zeppelin Planner"
BEGIN = datetime(2026, 3, 2, 9, 17, 23, 456789)  # noqa: DTZ001 (the lake's times are naive UTC)
OLD = datetime(2020, 1, 6, 7, 8, 9, 123)  # noqa: DTZ001
LATER = datetime(2030, 1, 1)  # noqa: DTZ001
POLICY = Policy(
    "desktop", "Desktop assistant", "model training", "GDPR 6(1)(f)", list(SIGNALS),
    ["Excel", "Chrome", ONLY_ADA], ["mask"], 3650, date(2026, 1, 1),
)  # fmt: skip
SHORT = Policy(
    "short", "Short", "model training", "GDPR 6(1)(f)", list(SIGNALS), [ONLY_ADA], ["mask"], 30, date(2020, 1, 1)
)


@pytest.fixture
def ada(person: Company) -> Employee:
    return person()


@pytest.fixture
def eve(person: Company, ada: Employee) -> Employee:
    return person("eve@example.com")


def captured(employee: Employee, application: str = ONLY_ADA, signal: str = "keystroke", **more: Any) -> None:
    given = {"policy": POLICY, "start": BEGIN, "every": timedelta(seconds=61.000007), **more}
    store_captures(
        employee, 4, application=application, signal=signal, content=lambda number: {"text": f"typed {number}"}, **given
    )


class Lake:
    """Ada and Eve in three dataset versions: `trained` (a completed run read it), `read_earlier` (the same, before Ada
    objected to clicks), `unread`; `model` learned from the first."""

    def __init__(self, ada: Employee, eve: Employee) -> None:
        captured(ada)
        captured(ada, signal="mouse_click")
        captured(eve, "Excel", start=BEGIN + timedelta(hours=3, microseconds=77))
        self.trained = create("desk", Selection(), version="1").dataset_version
        self.unread = create("desk", Selection(), version="2").dataset_version
        self.model = ModelVersion("sable", "1", None, None, released_at=BEGIN + timedelta(days=1))
        with writer() as connection, transaction(connection):
            self.run = train(connection, self.model, [self.trained], BEGIN + timedelta(days=1))


@pytest.fixture
def lake(home: Path, ada: Employee, eve: Employee) -> Lake:
    return Lake(ada, eve)


def erase(client: TestClient, **scope: Any) -> dict[str, Any]:
    answer = client.post("/v1/requests", json={"type": "erasure", "scope": scope})
    assert answer.status_code == 201, answer.text
    carry_out(answer.json()["id"])
    request: dict[str, Any] = client.get(f"/v1/requests/{answer.json()['id']}").json()
    assert request["completed_at"], request
    return request


def slices(employee: Employee) -> list[tuple[Any, ...]]:
    with closing(reader()) as connection:
        return connection.execute(
            "select dataset_version, day, signal, application, events, digest, first_at, last_at from dataset_slices"
            " where subject = $subject order by all",
            {"subject": employee.subject},
        ).fetchall()


def times(employee: Employee) -> set[str]:
    """The moments of the person's captures, to the microsecond."""
    with closing(reader()) as connection:
        rows = connection.execute(
            "select captured_at from captures where subject = $subject", {"subject": employee.subject}
        ).fetchall()
    return {str(at) for (at,) in rows}


def test_manifests_keep_only_a_count(api: Client, lake: Lake, ada: Employee, eve: Employee) -> None:
    others = slices(eve)
    before = len(slices(ada))
    assert before == 4
    erase(api(ada))
    left = slices(ada)
    assert [(row[0], row[4]) for row in left] == sorted([(lake.trained, 8), (lake.unread, 8)])
    assert {row[1] for row in left} == {date(1, 1, 1)}
    assert {bytes(row[5]) for row in left} == {b""}
    assert not [row for row in left if ONLY_ADA in row or row[6].year > 1 or row[7].year > 1]
    assert slices(eve) == others


def test_no_byte_of_the_manifest_is_left(api: Client, lake: Lake, ada: Employee) -> None:
    keys = Keys()
    with writer() as connection:
        keys.remember(connection)
        digests = {bytes(row[5]) for row in slices(ada)}
    moments = {at.encode() for at in times(ada)}
    wanted = {ONLY_ADA.encode(), *digests, *moments}
    assert any(name.endswith(".parquet") for name in places(digests, keys))
    assert CATALOG in places(moments, keys)
    with writer() as connection:
        for table in ("policies", "policy_notices"):  # the employer's lists of applications, about nobody
            connection.execute(f"delete from {table}")
    erase(api(ada))
    with writer() as connection:
        keys.remember(connection)
    assert places(wanted, keys) == set()


def test_model_still_keeps_what_it_learned(api: Client, lake: Lake, ada: Employee) -> None:
    client = api(ada)
    done = erase(client)
    states = {(each["model"], each["dataset_version"]): each["state"] for each in done["outcome"]["models"]}
    assert states["sable", "1"] == "retained_in_weights"
    uses = [each for each in client.get("/v1/me/models").json() if each["model"] == "sable"]
    assert [(each["evidence"], each["captures"], each["first_day"]) for each in uses] == [("proven", 8, None)]
    assert client.get("/v1/me/summary").json()["model_captures"] == 8


def test_erased_leaf_still_proves_that_it_was_there(
    api: Client, unknown: TestClient, lake: Lake, ada: Employee, eve: Employee
) -> None:
    client = api(ada)
    kept = client.get(f"/v1/me/datasets/{lake.trained}/proof").content
    request = erase(client)
    after = client.get(f"/v1/me/datasets/{lake.trained}/proof")
    leaves = unknown.get(f"/v1/datasets/{lake.trained}/leaves").json()
    assert after.status_code == 200, after.text
    present = after.json()["present"]
    assert (present["slices"], present["erased"]["request"]) == ([], request["id"])
    verdict = verifier.verify(after.content, verifier.Trust(leaves=leaves))
    assert any(f"listed the person {ada.subject}" in line for line in verdict.proven)
    assert any("exactly these 2 slices" in line for line in verifier.verify(kept, verifier.Trust(leaves=leaves)).proven)
    others = api(eve).get(f"/v1/me/datasets/{lake.trained}/proof").content
    assert any("exactly these 1 slices" in line for line in verifier.verify(others).proven)
    forged = {**after.json(), "subject": str(eve.subject)}
    with pytest.raises(verifier.Refused):
        verifier.verify(json.dumps(forged))


def test_earlier_objection_still_bounds_what_a_run_got(api: Client, lake: Lake, ada: Employee) -> None:
    client = api(ada)
    objection = client.post("/v1/requests", json={"type": "objection", "scope": {"signals": ["mouse_click"]}}).json()
    assert carry_out(objection["id"])
    erase(client)
    left = [(row[2], row[4]) for row in slices(ada) if row[0] == lake.trained]
    assert sorted(left) == [("erased", 4), ("mouse_click", 4)]
    written = client.post("/v1/requests", json={"type": "export"}).json()
    assert written["state"] == "received"


def test_hold_keeps_the_manifests_until_it_is_lifted(api: Client, lake: Lake, ada: Employee) -> None:
    captured(ada, "Chrome")
    hold(ada, ["Chrome"])
    done = erase(api(ada))
    assert done["state"] == "partially_completed"
    assert {row[2] for row in slices(ada)} == {"keystroke", "mouse_click"}


def test_erasing_again_changes_nothing_more(api: Client, lake: Lake, ada: Employee) -> None:
    client = api(ada)
    erase(client)
    left = slices(ada)
    erase(client)
    assert slices(ada) == left


def refuse(employee: Employee, *, outside_policy: int, quarantined: int) -> None:
    """As an ingestion counts what it doesn't store."""
    counts = "update batches set outside_policy = $outside, quarantined = $unreadable where subject = $subject"
    of = {"outside": outside_policy, "unreadable": quarantined, "subject": employee.subject}
    with writer() as connection:
        change(connection, employee.subject, counts, of)


def ingestions(client: TestClient) -> list[dict[str, Any]]:
    asked = client.post("/v1/requests", json={"type": "export"}).json()
    assert carry_out(asked["id"])
    with zipfile.ZipFile(io.BytesIO(client.get(f"/v1/requests/{asked['id']}/export").content)) as copy:
        listed: list[dict[str, Any]] = json.loads(copy.read("ingestions.json"))
    return listed


def test_refusals_survive_as_numbers(api: Client, lake: Lake, ada: Employee, eve: Employee) -> None:
    client = api(ada)
    refuse(ada, outside_policy=3, quarantined=2)
    others = ingestions(api(eve))
    done = erase(client)
    [total] = ingestions(client)
    assert (total["source"], total["ingested_at"]) == ("erased", None)
    assert (total["read"], total["outside_policy"], total["quarantined"], total["stored"]) == (10, 6, 4, 0)
    assert [each["count"] for each in done["outcome"]["stays"] if "never stored" in each["what"]] == [10]
    erase(client)
    assert ingestions(client) == [total]
    captured(ada, start=LATER)
    assert [each["source"] for each in ingestions(client)] == ["erased", "test 1"]
    erase(client)
    assert [each["outside_policy"] for each in ingestions(client)] == [6]
    assert ingestions(api(eve)) == others


LISTED = {
    "batches": "records that were refused and never stored",
    "refused": "how many records were refused, each counted once",
    "dataset_slices": "dataset versions that list how many",
    "removals": "entries about deleted records",
    "tombstones": "deletion rules",
    **dict.fromkeys(("standing_rules", "name_masks"), "objections, restrictions, maskings"),
    "holds": "legal holds",
    "violations": "violations",
    "request": "your requests",
    "ledger_entry": "ledger's entries",
    **dict.fromkeys(("access", "access_chain", "key_use"), "access log"),
    "hold_change": "changes of legal holds",
    "seen_checkpoint": "state of the ledger you last verified",
    "idempotency_key": "marks that keep a repeated request",
    "workflow_status": "queue's records of work",
    **dict.fromkeys(("pause", "pause_hours"), "when you paused"),
    "notice_read": "which notices",
    "consent": "when you consented",
    **dict.fromkeys(("notification", "message"), "what you were told"),
    "notification_choice": "how you chose to be told",
    "employee": "your entry in the directory",
}
"""Each table that may name the person after an erasure of everything, and how the receipt lists it."""


def forms(subject: UUID) -> set[bytes]:
    return {subject.bytes, subject.hex.encode(), str(subject).encode(), subject.hex.upper().encode()}


def cells(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


def rows_of_every_table() -> Iterator[tuple[str, bytes]]:
    """Each row of each table of the lake, and of every SQLite database of the home but the lake's catalog."""
    with closing(reader()) as connection:
        tables = connection.execute("select table_name from duckdb_tables() where database_name = 'lake'").fetchall()
        assert len(tables) > 10
        for (table,) in tables:
            for row in connection.execute(f'select * from "{table}"').fetchall():
                yield table, b"|".join(map(cells, row))
    database.close()
    files = [file for file in lake_folder().parent.rglob("*") if file.is_file() and lake_folder() not in file.parents]
    opened = 0
    for file in files:
        if file.read_bytes()[:16] != b"SQLite format 3\0":
            continue
        opened += 1
        with closing(sqlite3.connect(file)) as connection:
            names = connection.execute("select name from sqlite_master where type = 'table'").fetchall()
            for (table,) in names:
                for row in connection.execute(f'select * from "{table}"'):
                    yield table, b"|".join(map(cells, row))
    assert opened >= 2


def lived(client: TestClient, lake: Lake, ada: Employee) -> None:
    """Everything that can be recorded about a person: an objection, a withdrawal of it, a hold, a violation, retention,
    refused records, a verified ledger, a repeated request, an export."""
    refuse(ada, outside_policy=3, quarantined=2)
    objection = client.post("/v1/requests", json={"type": "objection", "scope": {"signals": ["mouse_click"]}}).json()
    assert carry_out(objection["id"])
    export = client.post("/v1/requests", json={"type": "export"}, headers={"Idempotency-Key": "once"}).json()
    assert carry_out(export["id"])
    captured(ada, policy=SHORT, signal="scroll", start=OLD)
    retention.sweep()
    held = hold(ada, ["Excel"])
    with writer() as connection, transaction(connection):
        holds.lift_hold(connection, held, BEGIN + timedelta(days=400))
        train(connection, ModelVersion("late", "1", None, None, LATER), [lake.unread], LATER)
        runs = [run for (run,) in connection.execute("select run from runs").fetchall()]
        violations.find(connection, runs, BEGIN + timedelta(days=400))
    notice = client.get("/v1/me/notices").json()[0]
    client.put(f"/v1/me/notices/{notice['notice']}/acknowledgement", json={"sha256": notice["sha256"]})
    head = verifier.Checkpoint.parse(client.get("/v1/me/ledger").json()["checkpoint"])
    seen = client.put("/v1/me/ledger", json={"size": head.size, "root": head.root.hex()})
    assert seen.status_code == 200, seen.text


def test_receipt_lists_every_table_that_names_the_person(api: Client, lake: Lake, ada: Employee) -> None:
    client = api(ada)
    lived(client, lake, ada)
    moments = {at.encode() for at in times(ada)}
    seconds = {moment.split(b".")[0] for moment in moments}
    digests = {bytes(row[5]) for row in slices(ada)}
    request = erase(client)
    receipt = client.get(f"/v1/requests/{request['id']}/receipt").json()
    stated = receipt["statement"]
    assert stated["stays"] == request["outcome"]["stays"]
    said = " | ".join(each["what"] for each in stated["stays"])
    assert "none" not in {line.strip().removeprefix("count: ") for line in verifier.verify(json.dumps(receipt)).says}
    assert all(each["why"] and each["until"] for each in stated["stays"])
    naming = set()
    for table, row in rows_of_every_table():
        if any(form in row for form in forms(ada.subject)):
            naming.add(table)
        if table not in ("policies", "policy_notices"):
            assert ONLY_ADA.encode() not in row, (table, row)
        assert not [moment for moment in seconds if moment in row or moment.replace(b" ", b"T") in row], (table, row)
        assert not [digest for digest in digests if digest in row], (table, row)
    always = {"batches", "dataset_slices", "removals", "tombstones", "standing_rules", "holds", "violations", "request"}
    assert always <= naming
    assert naming <= set(LISTED), naming - set(LISTED)
    assert [table for table in sorted(naming) if LISTED[table] not in said] == []


def test_receipt_page_says_what_stays(api: Client, lake: Lake, ada: Employee) -> None:
    client = api(ada)
    request = erase(client)
    page = client.get(f"/v1/requests/{request['id']}/receipt.html").text
    assert "What stays about you" in page
    assert all(each["until"] in page for each in request["outcome"]["stays"])
