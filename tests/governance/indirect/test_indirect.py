"""What archives of others say about a person: shown, counted, objected to, and gone with the record or the person."""

from __future__ import annotations

import io
import json
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from starlette.testclient import TestClient

from directory import Employee
from lake.datasets.making import Selection, create
from lake.ingest.archiving import ingest_archive
from lake.rules.indirect import NOBODY
from lake.storage.connection import data_folder, reader, writer
from tests.governance.conftest import Client
from tests.governance.lineage.conftest import pipeline, token
from tests.governance.working import carry_out
from tests.lake.ingesting import allow
from tests.lake.traces import Keys
from tests.support import jira
from tests.support.people import Company
from tests.support.slack import Workspace

__all__ = ["pipeline", "token"]

ADA, BOB, EVE = "U00000001", "U00000002", "U00000003"


@pytest.fixture
def people(person: Company) -> tuple[Employee, Employee]:
    """Ada, whom others mention, and Bob."""
    both = person("ada@example.com"), person("bob@example.com")
    allow(["Slack", "Jira"])
    return both


def workspace() -> Workspace:
    space = Workspace()
    space.user(1, "Ada@Example.com")
    space.user(2, "bob@example.com")
    space.user(3, "eve@elsewhere.com")
    space.conversation("channels.json", "C00000001", "general")
    return space


@pytest.fixture
def archived(people: tuple[Employee, Employee], tmp_path: Path) -> Path:
    """Bob wrote four messages; three concern Ada, one of them twice. Ada wrote one about herself, and one to Bob."""
    space = workspace()
    space.say("general", BOB, "the plan of <@U00000001> and <@U00000003>, <@U00000001|ada>")
    quote = [{"author_id": ADA, "text": "words of Ada"}]
    space.say("general", BOB, "see <@U00000001>", attachments=quote)
    space.say("general", BOB, "an answer", thread_ts="1.0", parent_user_id=ADA)
    space.say("general", BOB, "about nobody")
    space.say("general", ADA, "note to <@U00000001>")
    space.say("general", ADA, "to <@U00000002>")
    file = space.write(tmp_path / "export.zip")
    ingest_archive("slack", str(file))
    return file


def roles(client: TestClient) -> dict[str, int]:
    answer = client.get("/v1/me/indirect")
    assert answer.status_code == 200, answer.text
    return {each["role"]: each["records"] for each in answer.json()["roles"]}


def ask(client: TestClient, kind: str, **scope: Any) -> dict[str, Any]:
    answer = client.post("/v1/requests", json={"type": kind, "scope": scope})
    assert answer.status_code == 201, answer.text
    carry_out(answer.json()["id"])
    request: dict[str, Any] = client.get(f"/v1/requests/{answer.json()['id']}").json()
    return request


def rows(what: str = "*", where: str = "true") -> list[Any]:
    with closing(reader()) as connection:
        return connection.execute(f"select {what} from indirect_captures where {where}").fetchall()


def test_a_reply_that_only_has_the_first_message_answers_it(
    api: Client, people: tuple[Employee, Employee], tmp_path: Path
) -> None:
    space = workspace()
    root = space.say("general", ADA, "the first message")
    space.say("general", BOB, "an answer", subtype="thread_broadcast", thread_ts=root["ts"], root=root)
    ingest_archive("slack", str(space.write(tmp_path / "export.zip")))
    assert [roles(api(each)) for each in people] == [{"answered": 1}, {}]


def test_they_see_source_day_and_role_and_nothing_else(
    api: Client, people: tuple[Employee, Employee], archived: Path
) -> None:
    ada, bob = people
    assert roles(api(ada)) == {"mentioned": 2, "quoted": 1, "answered": 1}
    assert roles(api(bob)) == {"mentioned": 1}
    answer = api(ada).get("/v1/me/indirect")
    assert {each["day"] for each in answer.json()["indirect"]} == {"2026-01-05"}
    assert {each["application"] for each in answer.json()["indirect"]} == {"Slack"}
    assert not any(word in answer.text for word in ("bob", "Bob", str(bob.subject), "plan", BOB))
    ingest_archive("slack", str(archived))
    assert roles(api(ada)) == {"mentioned": 2, "quoted": 1, "answered": 1}


def test_tickets_name_people_in_many_ways(api: Client, people: tuple[Employee, Employee], tmp_path: Path) -> None:
    ada, bob = people
    a, b = jira.account(1, "Ada@example.com"), jira.account(2, "bob@example.com")
    mention: list[jira.Json] = [{"type": "mention", "attrs": {"id": a["accountId"], "text": "@Ada"}}]
    assigned = {**jira.change("assignee", "Bob", "Ada"), "to": a["accountId"]}
    made = jira.issue(
        1, b, 0, (jira.history(7, b, 5, assigned),), assignee=a, reporter=a,
        description=jira.document("First", mention),
        comment={"comments": [jira.comment(5, b, "for [~accountid:" + a["accountId"] + "]", 1),
                              jira.comment(6, a, jira.document("mine"), 1, updateAuthor=b, updated=jira.at(9))]},
    )  # fmt: skip
    accounts = tmp_path / "accounts.csv"
    accounts.write_text(f"account,email\n{a['accountId']},ada@example.com\n", encoding="utf-8")
    ingest_archive("jira", str(jira.page(tmp_path / "page.json", made)), accounts)
    assert roles(api(ada)) == {"assigned": 2, "reporter": 1, "mentioned": 2, "edited": 1}
    assert roles(api(bob)) == {}


def test_the_csv_export_names_them_too(api: Client, people: tuple[Employee, Employee], tmp_path: Path) -> None:
    file = tmp_path / "issues.csv"
    file.write_text(
        "Issue key,Created,Creator Id,Assignee Id,Description,Comment\n"
        "OPS-1,2026-01-05 09:00,bob@example.com,ada@example.com,see [~ada@example.com],"
        "2026-01-05 10:00;bob@example.com;hello [~accountid:ada@example.com]\n",
        encoding="utf-8",
    )
    ingest_archive("jira", str(file))
    assert roles(api(people[0])) == {"assigned": 1, "mentioned": 2}


def test_which_record_it_is_goes_with_the_record(
    api: Client, people: tuple[Employee, Employee], archived: Path
) -> None:
    _, bob = people
    assert ask(api(bob), "erasure")["state"] == "completed"
    assert rows() == []
    ingest_archive("slack", str(archived))
    assert rows() == []


def test_an_erasure_of_everything_leaves_no_byte(
    api: Client, people: tuple[Employee, Employee], archived: Path, tmp_path: Path
) -> None:
    ada, bob = people
    keys = Keys()

    def on_disk() -> int:
        with writer() as connection:
            keys.remember(connection)
        main = data_folder() / "main"
        files = [*(main / "indirect_captures").rglob("*.parquet"), *(main / "mentions").rglob("*.parquet")]
        return sum(keys.read(file, "subject = ?", [str(ada.subject)]).num_rows for file in files)

    assert on_disk() == 8
    part = ask(api(ada), "erasure", applications=["Jira"])
    assert roles(api(ada))["mentioned"] == 2
    assert any("records of others" in each["what"] for each in part["outcome"]["stays"])
    done = ask(api(ada), "erasure")
    assert not any("records of others" in each["what"] for each in done["outcome"]["stays"])
    assert roles(api(ada)) == {}
    ingest_archive("slack", str(archived))
    assert roles(api(ada)) == {}, "the deletion rule covers it"
    assert on_disk() == 0
    assert bob.subject not in {subject for (subject,) in rows("subject")}, "the record of Ada that mentioned Bob"


def test_the_export_has_and_counts_them(api: Client, people: tuple[Employee, Employee], archived: Path) -> None:
    client = api(people[0])
    made = ask(client, "export")
    with zipfile.ZipFile(io.BytesIO(client.get(f"/v1/requests/{made['id']}/export").content)) as copy:
        listed = json.loads(copy.read("indirect.json"))
        counts = json.loads(copy.read("manifest.json"))["statement"]["counts"]["indirect"]
    assert sum(each["records"] for each in listed) == 4
    assert (counts["catalogued"], counts["exported"], counts["withheld"]) == (4, 4, 0)


def messages(pipeline: TestClient, dataset: Any) -> int:
    answer = pipeline.get(f"/v1/datasets/{dataset}/parquet")
    assert answer.status_code == 200, answer.text
    return pq.read_table(io.BytesIO(answer.content)).num_rows  # type: ignore[no-any-return]


def test_an_objection_keeps_the_records_out_of_new_data_sets(
    api: Client, people: tuple[Employee, Employee], archived: Path, pipeline: TestClient
) -> None:
    ada, _ = people
    before = create("chat", Selection(applications=("Slack",)), version="before")
    assert before.captures == 6
    ask(api(ada), "objection", applications=["Slack"])
    during = create("chat", Selection(applications=("Slack",)), version="during")
    assert during.captures == 1, "Bob's message about nobody"
    assert messages(pipeline, before.dataset_version) == 1
    assert messages(pipeline, during.dataset_version) == 1


def test_an_objection_outlasts_an_erasure(
    api: Client, people: tuple[Employee, Employee], archived: Path, pipeline: TestClient
) -> None:
    ada, bob = people
    ask(api(ada), "objection", applications=["Slack"])
    ask(api(ada), "erasure")
    assert {subject for (subject,) in rows("distinct subject")} == {NOBODY}
    after = create("chat", Selection(applications=("Slack",)))
    assert (after.captures, messages(pipeline, after.dataset_version)) == (1, 1)
    ask(api(bob), "erasure")
    assert rows() == []
