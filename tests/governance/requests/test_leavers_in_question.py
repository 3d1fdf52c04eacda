"""Somebody about whom a proposal is open leaves: they are signed out like anybody, and the monitoring is told."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from directory import Directory, Employee
from directory.links import LinkDecision
from directory.models import open_engine, writer_of
from directory.people import directory_path
from tests.governance.conftest import Client
from tests.governance.scim.conftest import PATCH, scim, user
from tests.support.people import signing_in
from tests.support.security import events_in

__all__ = ["scim"]

HEADER = "email,name,sub,department,team,role,manager,regime"
OTHERS = [f"p{number}@example.com,P,p{number},D,T,employee,,gdpr" for number in range(30)]
ADA = "ada@example.com,Ada,ada,D,T,manager,,gdpr"
NEW = ADA.replace(",ada,", ",oidc|ada,")
GONE = {"schemas": [PATCH], "Operations": [{"op": "replace", "path": "active", "value": False}]}
RENAMED = {"schemas": [PATCH], "Operations": [{"op": "replace", "path": "displayName", "value": "Zoe"}]}


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """The people of whom the security monitoring was told that they left."""
    stream = tmp_path / "security.jsonl"
    monkeypatch.setenv("OPENBOOK_SECURITY_EVENTS", str(stream))
    return lambda: [event["user"]["uid"] for event in events_in(stream) if event["type_uid"] == 300105]


def synchronise(folder: Path, *lines: str) -> int:
    (folder / "hr.csv").write_text("\n".join([HEADER, *OTHERS, *lines]) + "\n")
    with Directory.open() as directory:
        return directory.synchronise(folder / "hr.csv").left


@pytest.fixture
def ada(home: Path, tmp_path: Path) -> Employee:
    """Whether a new line is hers is open."""
    synchronise(tmp_path, ADA)
    assert synchronise(tmp_path, NEW) == 0
    return signing_in("ada")


def decided_other() -> None:
    with Directory.open() as directory:
        [link] = directory.links()
        assert directory.decide_link(link.proposal, LinkDecision.OTHER)


@pytest.mark.parametrize("way", ["deactivated", "replaced", "deleted", "missing", "decided other"])
def test_whoever_leaves_in_question_is_signed_out(
    scim: TestClient, ada: Employee, api: Client, again: Client, told: Callable[[], list[str]], tmp_path: Path, way: str
) -> None:
    before = api(ada)
    assert before.get("/v1/me").status_code == 200
    if way == "deactivated":
        assert scim.patch(f"/Users/{ada.subject}", json=GONE).status_code == 200
    elif way == "replaced":
        assert scim.put(f"/Users/{ada.subject}", json=user(active=False)).status_code == 200
    elif way == "deleted":
        assert scim.delete(f"/Users/{ada.subject}").status_code == 204
    elif way == "missing":
        assert synchronise(tmp_path) == 1
    else:
        decided_other()
    assert before.get("/v1/me").status_code == 401
    assert told() == [str(ada.subject)]
    assert again(ada).get("/v1/me").status_code == 200
    with Directory.open() as directory:
        assert len(directory.links()) == (way != "decided other")


def test_said_again_while_gone_signs_nobody_out(
    scim: TestClient, ada: Employee, told: Callable[[], list[str]], tmp_path: Path
) -> None:
    assert synchronise(tmp_path) == 1
    assert len(told()) == 1
    assert synchronise(tmp_path) == 0
    assert scim.patch(f"/Users/{ada.subject}", json=GONE).status_code == 200
    decided_other()
    assert len(told()) == 1


def test_left_again_after_another_line_ends_sign_ins_again(ada: Employee, api: Client, tmp_path: Path) -> None:
    assert [synchronise(tmp_path, *lines) for lines in ([], [NEW])] == [1, 0]
    before = api(ada)
    with writer_of(open_engine(directory_path())) as session:
        session.connection().exec_driver_sql("delete from revocation")
        session.commit()
    assert before.get("/v1/me").status_code == 200
    assert synchronise(tmp_path) == 1
    assert before.get("/v1/me").status_code == 401


@pytest.mark.parametrize("way", ["patch", "put"])
def test_other_changes_in_question_are_refused_not_ignored(
    scim: TestClient, ada: Employee, api: Client, told: Callable[[], list[str]], way: str
) -> None:
    sent = user(displayName="Zoe")
    del sent["active"]
    path = f"/Users/{ada.subject}"
    answer = scim.patch(path, json=RENAMED) if way == "patch" else scim.put(path, json=sent)
    assert (answer.status_code, answer.json()["status"]) == (409, "409")
    assert "privacy officer" in answer.json()["detail"]
    assert api(ada).get("/v1/me").status_code == 200
    assert (signing_in("ada").name, told()) == ("Ada", [])


@pytest.mark.state_in_files
def test_a_proposal_of_the_version_before_signs_out_too(ada: Employee, api: Client, tmp_path: Path) -> None:
    before = api(ada)
    with closing(sqlite3.connect(directory_path())) as connection:
        connection.execute("alter table link drop column left_at")
        connection.commit()
    assert synchronise(tmp_path) == 1
    assert before.get("/v1/me").status_code == 401
