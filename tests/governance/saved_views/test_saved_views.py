"""Views of the dashboard that people save under names of their own: who reads them, what limits them, when they go."""

from __future__ import annotations

import io
import json
import logging
import zipfile
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from starlette.testclient import TestClient

from directory import Employee
from directory.keys import KeyRing
from governance.saved_views.keeping import MOST
from tests.governance.conftest import Capture, Client
from tests.governance.working import carry_out
from tests.support.disk import files_with
from tests.support.people import Company

VIEW = {"name": "The Wednesday of the quarrel", "page": "captured", "query": "application=Zeppelin+Planner"}
OURS = (b"quarrel", b"Zeppelin")


@pytest.fixture
def ada(person: Company) -> Employee:
    return person("ada@example.com")


def save(client: TestClient, view: UUID | str | None = None, **change: Any) -> Any:
    return client.put(f"/v1/me/views/{view or uuid4()}", json={**VIEW, **change})


def names(client: TestClient) -> list[str]:
    return [each["name"] for each in client.get("/v1/me/views").json()]


def ask(client: TestClient, kind: str, **scope: Any) -> dict[str, Any]:
    filed = client.post("/v1/requests", json={"type": kind, "scope": scope}).json()
    carry_out(filed["id"])
    request: dict[str, Any] = client.get(f"/v1/requests/{filed['id']}").json()
    assert request["state"] == "completed", request
    return request


def copied(client: TestClient) -> list[dict[str, Any]]:
    request = ask(client, "export")
    with zipfile.ZipFile(io.BytesIO(client.get(f"/v1/requests/{request['id']}/export").content)) as files:
        found: list[dict[str, Any]] = json.loads(files.read("views.json"))
        return found


def test_a_view_is_saved_renamed_and_deleted(ada: Employee, api: Client) -> None:
    client, view = api(ada), uuid4()
    saved = save(client, view).json()
    assert saved == {"id": str(view), **VIEW, "saved_at": saved["saved_at"]}
    assert save(client, view).json() == saved  # sent again, as after a lost answer
    save(client, name="  Another ", page="models", query="")
    renamed = save(client, view, name="A day").json()
    assert (renamed["name"], renamed["saved_at"]) == ("A day", saved["saved_at"])
    assert names(client) == ["A day", "Another"]
    for _ in range(2):
        assert client.delete(f"/v1/me/views/{view}").status_code == 204
    assert names(client) == ["Another"]


def test_nobody_else_sees_or_changes_it(ada: Employee, api: Client, person: Company) -> None:
    client, view = api(ada), uuid4()
    save(client, view)
    bob = api(person("bob@example.com"))
    assert names(bob) == []
    assert bob.delete(f"/v1/me/views/{view}").status_code == 204
    assert save(bob, view, name="Bob's").status_code == 200
    assert (names(client), names(bob)) == ([VIEW["name"]], ["Bob's"])


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "n" * 81}, "name"),
        ({"name": "two\nlines"}, "name"),
        ({"page": "officer"}, "page"),
        ({"query": "a=" + "b" * 4000}, "query"),
        ({"query": "<script>"}, "query"),
        ({"more": 1}, "more"),
    ],
)
def test_what_cannot_be_saved_is_refused(ada: Employee, api: Client, change: dict[str, Any], field: str) -> None:
    client = api(ada)
    answer = save(client, **change)
    assert answer.status_code == 422
    assert [each["pointer"] for each in answer.json()["errors"]] == [f"#/body/{field}"]
    assert save(client, "not-a-uuid").status_code == 422
    assert names(client) == []


def test_names_differ_and_there_are_at_most_fifty(ada: Employee, api: Client) -> None:
    client, view = api(ada), uuid4()
    save(client, view)
    twice = save(client, name=VIEW["name"].upper())
    assert (twice.status_code, "another name" in twice.json()["detail"]) == (409, True)
    for number in range(MOST - 1):
        assert save(client, name=f"view {number}").status_code == 200
    over = save(client, name="one more")
    assert (over.status_code, f"{MOST} saved views" in over.json()["detail"]) == (409, True)
    assert save(client, view, name="renamed all the same").status_code == 200
    assert len(names(client)) == MOST


def test_name_and_selection_are_in_no_file_and_no_log(
    ada: Employee, api: Client, home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    client = api(ada)
    with caplog.at_level(logging.DEBUG):
        save(client)
        save(client)
        names(client)
    assert files_with(home, [b"saved_view"])
    assert files_with(home, OURS) == []
    assert not [ours for ours in OURS if ours.decode() in caplog.text]


def test_they_are_in_a_copy(ada: Employee, api: Client, capture: Capture) -> None:
    capture(ada)
    client = api(ada)
    assert copied(client) == []
    saved = save(client).json()
    assert copied(client) == [saved]


def test_an_erasure_of_everything_deletes_them_and_another_says_that_they_stay(
    ada: Employee, api: Client, capture: Capture
) -> None:
    capture(ada)
    capture(ada, application="Chrome")
    client = api(ada)
    save(client)
    staying = ask(client, "erasure", applications=["Chrome"])["outcome"]["stays"]
    assert [each["count"] for each in staying if each["what"].startswith("views that you saved")] == [1]
    assert names(client) == [VIEW["name"]]
    gone = ask(client, "erasure")["outcome"]
    assert gone["content_key_destroyed"]
    assert not [each for each in gone["stays"] if each["what"].startswith("views that you saved")]
    assert names(client) == []
    save(client, name="Since then")
    assert names(client) == ["Since then"]


def test_one_whose_key_is_gone_is_left_out_and_hinders_nothing(ada: Employee, api: Client, capture: Capture) -> None:
    """As after a restore of an older state, in which the key is destroyed again."""
    client, view = api(ada), uuid4()
    save(client, view)
    KeyRing().destroy_content_key(ada.subject)
    assert names(client) == []
    capture(ada)
    assert copied(client) == [{"id": str(view), "name": None}]
    save(client, name="Since then")
    assert [each["name"] for each in copied(client)] == ["Since then"]
