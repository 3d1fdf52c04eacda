"""A known address with another `sub`: the HR person runs the command, a privacy officer decides over the API."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from directory import Directory, Employee
from directory.__main__ import main
from directory.people import directory_path
from governance.db.database import reading
from governance.ledger.tables import EntryRow
from tests.governance.conftest import Capture, Client
from tests.support.people import signing_in

HEADER = "email,name,sub,department,team,role,manager,regime"
OTHERS = [f"p{number}@example.com,P,p{number},D,T,employee,,gdpr" for number in range(30)]
OLGA = "olga@example.com,Olga,olga,D,T,privacy_officer,,gdpr"
PAUL = "paul@example.com,Paul,paul,D,T,privacy_officer,,gdpr"
ADA = "ada@example.com,Ada,ada,D,T,manager,,gdpr"
NEW = ADA.replace(",ada,", ",oidc|ada,")


class Hr:
    """Runs `python -m directory sync`."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._file, self._monkeypatch, self._capsys = folder / "hr.csv", monkeypatch, capsys

    def __call__(self, *lines: str) -> str:
        self._file.write_text("\n".join([HEADER, OLGA, PAUL, *OTHERS, *lines]) + "\n")
        self._monkeypatch.setattr("sys.argv", ["directory", "sync", str(self._file)])
        assert main() == 0
        printed = self._capsys.readouterr()
        return printed.out + printed.err


@pytest.fixture
def hr(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Hr:
    return Hr(tmp_path, monkeypatch, capsys)


def is_known(sub: str) -> bool:
    with Directory.open() as directory:
        return directory.by_sub(sub) is not None


def decide(client: TestClient, decision: str) -> int:
    [link] = client.get("/v1/officer/links").json()
    return client.post(f"/v1/officer/links/{link['proposal']}/decision", json={"decision": decision}).status_code


def decisions() -> list[dict[str, Any]]:
    with reading() as session:
        statements = [json.loads(row.statement or "{}") for row in session.scalars(select(EntryRow))]
    return [statement for statement in statements if statement.get("kind") == "link_decided"]


@pytest.fixture
def signed_in(unknown: TestClient, token_for: Callable[..., str]) -> Callable[[str], TestClient]:
    """A client with a token of the identity provider for this `sub`."""

    def client(sub: str) -> TestClient:
        return TestClient(unknown.app, headers={"Authorization": f"Bearer {token_for(sub)}"})

    return client


@pytest.fixture
def ada(hr: Hr, capture: Capture) -> Employee:
    """A manager with captures, whose `sub` has changed in the file."""
    hr(ADA)
    known = signing_in("ada")
    capture(known, 3)
    assert "0 added, 0 updated, 32 unchanged, 0 marked as left, 1 for a privacy officer to decide" in hr(NEW)
    return known


def test_nobody_gets_the_others_data_until_it_is_decided(
    ada: Employee, hr: Hr, api: Client, signed_in: Callable[[str], TestClient]
) -> None:
    said = hr(NEW)
    assert "line 34: the address of a known person, with another sub" in said
    assert not is_known("oidc|ada")
    assert signing_in("ada").subject == ada.subject
    assert not signing_in("ada").is_now("manager")
    assert len(api(ada).get("/v1/me/captures").json()["captures"]) == 3
    answer = signed_in("oidc|ada").get("/v1/me")
    assert answer.status_code == 403
    assert "privacy officer has to check" in answer.json()["detail"]


def test_same_person_keeps_data_and_role_under_the_new_sub(
    ada: Employee, hr: Hr, api: Client, signed_in: Callable[[str], TestClient]
) -> None:
    assert decide(api(signing_in("olga")), "same") == 204
    assert signed_in("ada").get("/v1/me").status_code == 403
    assert (signing_in("oidc|ada").subject, signing_in("oidc|ada").is_now("manager")) == (ada.subject, True)
    assert len(signed_in("oidc|ada").get("/v1/me/captures").json()["captures"]) == 3
    assert hr(NEW) == "0 added, 0 updated, 33 unchanged, 0 marked as left\n"


def test_other_person_starts_without_any_data(
    ada: Employee, hr: Hr, api: Client, again: Client, signed_in: Callable[[str], TestClient]
) -> None:
    assert decide(api(signing_in("olga")), "other") == 204
    assert signed_in("oidc|ada").get("/v1/me/captures").json()["captures"] == []
    assert (signing_in("ada").subject, signing_in("ada").active) == (ada.subject, False)
    assert len(again(ada).get("/v1/me/captures").json()["captures"]) == 3
    assert hr(NEW) == "0 added, 0 updated, 33 unchanged, 0 marked as left\n"


@pytest.mark.parametrize("decision", ["same", "other"])
def test_the_decision_is_in_the_ledger_without_names(ada: Employee, hr: Hr, api: Client, decision: str) -> None:
    [link] = api(signing_in("olga")).get("/v1/officer/links").json()
    assert decide(api(signing_in("olga")), decision) == 204
    [statement] = decisions()
    assert statement.pop("at")
    assert statement == {
        "kind": "link_decided", "proposal": link["proposal"], "decision": decision, "role": "privacy_officer",
    }  # fmt: skip


def test_the_person_sees_who_looked(ada: Employee, api: Client) -> None:
    api(signing_in("olga")).get("/v1/officer/links")
    [entry] = api(ada).get("/v1/me/access-log").json()["entries"]
    assert (entry["role"], entry["what"], entry["rows"]) == ("privacy_officer", "sign-in changes", 1)
    assert "another sign-in id" in entry["purpose"]


def test_the_officer_sees_both_and_decides_once(ada: Employee, hr: Hr, api: Client) -> None:
    client = api(signing_in("olga"))
    [link] = client.get("/v1/officer/links").json()
    assert (link["known"]["sub"], link["proposed"]["sub"], link["own"]) == ("ada", "oidc|ada", False)
    assert link["known"]["name"] == link["proposed"]["name"] == "Ada"
    assert decide(client, "same") == 204
    again = client.post(f"/v1/officer/links/{link['proposal']}/decision", json={"decision": "other"})
    assert again.status_code == 404
    assert client.get("/v1/officer/links").json() == []
    assert len(decisions()) == 1


def test_officer_does_not_decide_about_oneself(hr: Hr, api: Client, signed_in: Callable[[str], TestClient]) -> None:
    rosa = "rosa@example.com,Rosa,rosa,D,T,privacy_officer,,gdpr"
    married, third = (
        rosa.replace("rosa@", "rosa.l@").replace(",rosa,", ",oidc|rosa,"),
        rosa.replace(",rosa,", ",third,"),
    )
    hr(rosa)
    hr(rosa.replace(",rosa,", ",oidc|rosa,"))
    assert signed_in("rosa").get("/v1/officer/links").status_code == 403
    hr(married, third)
    olga = api(signing_in("olga"))
    links = {link["proposed"]["sub"]: link["proposal"] for link in olga.get("/v1/officer/links").json()}
    assert links.keys() == {"oidc|rosa", "third"}
    olga.post(f"/v1/officer/links/{links['oidc|rosa']}/decision", json={"decision": "same"})
    client = signed_in("oidc|rosa")
    assert [link["own"] for link in client.get("/v1/officer/links").json()] == [True]
    answer = client.post(f"/v1/officer/links/{links['third']}/decision", json={"decision": "other"})
    assert answer.status_code == 403
    assert "another privacy officer" in answer.json()["detail"]
    assert [link["own"] for link in olga.get("/v1/officer/links").json()] == [False]
    assert len(decisions()) == 1


@pytest.mark.parametrize("who_asks", ["p1", "ada"])
def test_nobody_else_lists_or_decides(ada: Employee, api: Client, who_asks: str) -> None:
    [link] = api(signing_in("olga")).get("/v1/officer/links").json()
    client = api(signing_in(who_asks))
    assert client.get("/v1/officer/links").status_code == 403
    path = f"/v1/officer/links/{link['proposal']}/decision"
    assert client.post(path, json={"decision": "same"}).status_code == 403
    assert api(signing_in("olga")).post(path, json={"decision": "maybe"}).status_code == 422
    unknown = f"/v1/officer/links/{uuid4()}/decision"
    assert api(signing_in("olga")).post(unknown, json={"decision": "same"}).status_code == 404
    assert not is_known("oidc|ada")


def test_a_decision_that_a_crash_left_is_completed(ada: Employee, api: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    client = api(signing_in("olga"))
    with monkeypatch.context() as broken:
        broken.setattr(Directory, "decide_link", _crash)
        assert decide(client, "same") == 500
    assert not is_known("oidc|ada")
    assert decide(client, "other") == 409
    assert not is_known("oidc|ada")
    assert decide(client, "same") == 204
    assert signing_in("oidc|ada").subject == ada.subject
    assert len(decisions()) == 1


def _crash(*_: object) -> bool:
    raise OSError("crash")


class TestFilesMeanwhile:
    def test_the_old_sub_back_in_the_file_ends_the_question(self, ada: Employee, hr: Hr, api: Client) -> None:
        assert hr(ADA) == "0 added, 1 updated, 32 unchanged, 0 marked as left\n"
        assert (signing_in("ada").active, signing_in("ada").is_now("manager")) == (True, True)
        assert api(signing_in("olga")).get("/v1/officer/links").json() == []

    def test_both_subs_in_the_file_are_two_people(self, ada: Employee, hr: Hr) -> None:
        assert "1 added, 1 updated" in hr(NEW, ADA.replace("ada@", "ada.l@"))
        assert signing_in("oidc|ada").subject != ada.subject
        assert signing_in("ada").email == "ada.l@example.com"

    def test_a_cut_off_file_does_not_end_the_question(self, ada: Employee, hr: Hr, api: Client) -> None:
        hr()
        assert "1 for a privacy officer to decide" in hr(NEW)
        assert not is_known("oidc|ada")
        assert decide(api(signing_in("olga")), "same") == 204
        assert signing_in("oidc|ada").subject == ada.subject

    @pytest.mark.parametrize("line", [ADA.replace(",ada,", ",,"), NEW.replace("ada@", "ada.l@")])
    def test_another_line_of_the_same_stays_a_question(self, ada: Employee, hr: Hr, api: Client, line: str) -> None:
        assert "0 added, 0 updated, 32 unchanged, 0 marked as left, 1 for" in hr(line)
        assert not is_known("oidc|ada")
        assert decide(api(signing_in("olga")), "same") == 204
        assert signing_in("oidc|ada").subject == ada.subject

    def test_a_third_sub_replaces_the_question(self, ada: Employee, hr: Hr, api: Client) -> None:
        hr(ADA.replace(",ada,", ",third,"))
        [link] = api(signing_in("olga")).get("/v1/officer/links").json()
        assert link["proposed"]["sub"] == "third"
        assert decide(api(signing_in("olga")), "other") == 204
        assert not is_known("oidc|ada")
        assert signing_in("third").subject != ada.subject

    @pytest.mark.parametrize("decision", ["same", "other"])
    def test_a_colleague_who_took_the_address_keeps_it(self, ada: Employee, hr: Hr, api: Client, decision: str) -> None:
        grace = "grace@example.com,Grace,grace,D,T,employee,,gdpr"
        hr(NEW, grace)
        hr(grace.replace("grace@", "ada@"))
        assert decide(api(signing_in("olga")), decision) == 204
        assert signing_in("grace").email == "ada@example.com"
        assert (signing_in("oidc|ada").subject == ada.subject) is (decision == "same")

    def test_a_dry_run_proposes_nothing(self, hr: Hr, api: Client, tmp_path: Path) -> None:
        hr(ADA)
        (tmp_path / "dry.csv").write_text("\n".join([HEADER, OLGA, PAUL, *OTHERS, NEW]) + "\n")
        with Directory.open() as directory:
            assert directory.synchronise(tmp_path / "dry.csv", dry_run=True).proposed == 1
        assert api(signing_in("olga")).get("/v1/officer/links").json() == []
        assert signing_in("ada").active


@pytest.mark.state_in_files
def test_directory_of_the_version_before_takes_proposals(hr: Hr, api: Client) -> None:
    hr(ADA)
    with closing(sqlite3.connect(directory_path())) as connection:
        connection.execute("drop table link")
        connection.commit()
    hr(NEW)
    assert decide(api(signing_in("olga")), "same") == 204
    assert is_known("oidc|ada")


def test_hire_with_the_address_of_a_leaver_is_said(hr: Hr) -> None:
    hr(ADA)
    hr()
    said = hr(NEW)
    assert "line 34: a new person, with the address of someone who left" in said
    assert "1 added" in said


def test_several_are_decided_at_once_each_on_its_own(ada: Employee, hr: Hr, api: Client) -> None:
    others = ["p28@example.com,P,oidc|p28,D,T,employee,,gdpr", "p29@example.com,P,oidc|p29,D,T,employee,,gdpr"]
    with pytest.MonkeyPatch.context() as changed:
        changed.setattr("tests.governance.requests.test_links.OTHERS", OTHERS[:28])
        assert "3 for a privacy officer to decide" in hr(NEW, *others)
    client = api(signing_in("olga"))
    adas, *found = [link["proposal"] for link in client.get("/v1/officer/links").json()]
    assert client.post(f"/v1/officer/links/{adas}/decision", json={"decision": "same"}).status_code == 204
    unknown = str(uuid4())
    body = {"decision": "same", "proposals": [found[0], unknown, adas, found[1], found[0]]}
    answer = client.post("/v1/officer/links/decisions", json=body).json()
    assert answer["decided"] == found
    assert [left["proposal"] for left in answer["left_open"]] == [unknown, adas]
    assert all("Nothing was changed" in left["reason"] for left in answer["left_open"])
    assert [is_known(sub) for sub in ("oidc|ada", "oidc|p28", "oidc|p29", "p28")] == [True, True, True, False]
    assert len(decisions()) == 3
    many = {"decision": "same", "proposals": [str(uuid4()) for _ in range(101)]}
    assert client.post("/v1/officer/links/decisions", json=many).status_code == 422
