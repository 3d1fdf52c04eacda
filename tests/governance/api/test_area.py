"""What managers and everyone else see about groups of people: their own area, the company, and nothing else."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from starlette.testclient import TestClient

import lake.storage.connection
import queries.connection
from directory import Employee
from governance.api.app import create_app
from lake.releases import publishing
from lake.rules.policies import apply_policies
from lake.storage.connection import writer
from tests.governance.conftest import POLICY
from tests.support import homes
from tests.support.company import employ
from tests.support.issuer import Issuer, serving_issuer
from tests.support.lake import store_captures

SIZE, LARGE, SMALL, EMPLOYEE = 700, 0, 1, 650
TEAM = 6


@dataclass(frozen=True)
class Tessel:
    """700 people: the first manages 300, the second six, the others no one. A release was published."""

    home: Path
    people: list[Employee]
    issuer: Issuer
    client: TestClient

    def get(self, who: int | str | None, path: str) -> Any:
        sub = f"p{who}" if isinstance(who, int) else who
        headers = {"Authorization": f"Bearer {self.issuer.token_for(sub)}"} if sub else {}
        return self.client.get(path, headers=headers)


@pytest.fixture(scope="module")
def tessel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tessel]:
    home = tmp_path_factory.mktemp("tessel") / "home"
    homes.copy(home)
    with pytest.MonkeyPatch.context() as patch, serving_issuer() as issuer:
        patch.setenv("OPENBOOK_HOME", str(home))
        patch.setenv("OPENBOOK_ISSUER", issuer.url)
        people = employ(home.with_name("people.csv"), SIZE, {LARGE: 300, SMALL: TEAM})
        with writer() as connection:
            apply_policies(connection, [POLICY])
        store_captures(people[LARGE], 4)
        store_captures(people[EMPLOYEE], 9)
        publishing.release({})
        with TestClient(create_app()) as client:
            yield Tessel(home, people, issuer, client)


@pytest.fixture(autouse=True)
def home_of_tessel(tessel: Tessel, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBOOK_HOME", str(tessel.home))
    monkeypatch.setenv("OPENBOOK_ISSUER", tessel.issuer.url)


def test_manager_of_many_gets_area_numbers(tessel: Tessel) -> None:
    area = tessel.get(LARGE, "/v1/area").json()
    assert area["people"] == 300
    tables = {table["name"]: table for table in area["tables"]}
    assert tables["volume"]["people"] == 300
    assert [share["band"] for share in tables["volume"]["shares"]] == ["none", "under_10k", "under_50k", "more"]
    for table in area["tables"]:
        for share in table["shares"]:
            assert 0 <= share["low"] < share["high"] <= 1
    assert "answers" not in tables
    assert [policy["name"] for policy in area["policies"]] == [POLICY.name]
    assert "attacks" not in area


def test_manager_of_six_gets_only_general_information(tessel: Tessel) -> None:
    large, small = (tessel.get(who, "/v1/area").json() for who in (LARGE, SMALL))
    assert (small["people"], small["tables"]) == (TEAM, [])
    shared = {"policies", "models", "releases", "sizes", "told_at"}
    assert {name: small[name] for name in shared} == {name: large[name] for name in shared}
    assert small.keys() == large.keys()


def test_non_managers_get_the_same_refusal(tessel: Tessel) -> None:
    refused = [tessel.get(who, "/v1/area") for who in (EMPLOYEE, 2, 699)]
    assert {answer.status_code for answer in refused} == {403}
    assert len({answer.content for answer in refused}) == 1
    assert tessel.get("nobody-knows", "/v1/area").status_code == 403
    assert tessel.get(None, "/v1/area").status_code == 401


def test_no_parameter_selects_another_area(tessel: Tessel) -> None:
    mine = tessel.get(SMALL, "/v1/area").content
    other = tessel.people[LARGE]
    for query in (f"manager={other.email}", f"subject={other.subject}", f"node={other.subject}", "node=company"):
        assert tessel.get(SMALL, f"/v1/area?{query}").content == mine
    for path in (f"/v1/area/{other.subject}", f"/v1/area/{uuid4()}", "/v1/areas", f"/v1/area/{other.email}"):
        assert tessel.get(SMALL, path).status_code == 404


def test_manager_cannot_access_reports_data(tessel: Tessel) -> None:
    theirs = tessel.client.post(
        "/v1/requests",
        json={"type": "export"},
        headers={"Authorization": f"Bearer {tessel.issuer.token_for('p2')}"},
    ).json()["id"]
    for path in ("", "/export", "/receipt", "/receipt.html"):
        there, not_there = (tessel.get(LARGE, f"/v1/requests/{request}{path}") for request in (theirs, uuid4()))
        assert there.status_code == not_there.status_code == 404
        assert there.content == not_there.content
        assert there.headers.keys() == not_there.headers.keys()
    for path in ("/v1/officer/requests", "/v1/holds"):
        assert tessel.get(LARGE, path).status_code == 403
    assert tessel.get(LARGE, "/v1/requests").json() == []


def test_manager_sees_their_own_data(tessel: Tessel) -> None:
    assert tessel.get(LARGE, "/v1/me/summary").json()["captures"] == 4
    assert tessel.get(EMPLOYEE, "/v1/me/summary").json()["captures"] == 9


def test_everyone_gets_the_same_programme(tessel: Tessel) -> None:
    answers = [tessel.get(who, "/v1/programme") for who in (LARGE, SMALL, EMPLOYEE)]
    assert len({answer.content for answer in answers}) == 1
    programme = answers[0].json()
    assert {table["name"] for table in programme["tables"]} >= {"volume", "retention", "detail", "answers"}
    assert {table["people"] for table in programme["tables"]} == {SIZE}
    release = programme["releases"][0]
    assert release["year_epsilon"] <= release["allowed_epsilon"] == 3
    assert tessel.get(None, "/v1/programme").status_code == 401
    assert tessel.get("nobody-knows", "/v1/programme").status_code == 403


def test_repeated_views_show_the_same_numbers(tessel: Tessel) -> None:
    seen = {json.dumps(tessel.get(LARGE, "/v1/area").json(), sort_keys=True) for _ in range(5)}
    assert len(seen) == 1


def test_published_figures_need_no_lake_and_no_key(
    tessel: Tessel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A home with only the directory's people and the releases, which is all that these two answers need."""
    bare = tmp_path / "bare"
    for part in ("home.json", "directory/directory.sqlite", "releases/releases.duckdb"):
        (bare / part).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(tessel.home / part, bare / part)
    before = [tessel.get(LARGE, path).json() for path in ("/v1/area", "/v1/programme")]
    monkeypatch.setenv("OPENBOOK_HOME", str(bare))
    for module, name in (
        (lake.storage.connection, "reader"),
        (lake.storage.connection, "writer"),
        (queries.connection, "answering"),
    ):
        monkeypatch.setattr(module, name, refuse)
    assert [tessel.get(LARGE, path).json() for path in ("/v1/area", "/v1/programme")] == before
    assert not (bare / "lake").exists()


def refuse(*_: object, **__: object) -> Callable[..., Any]:
    raise AssertionError("the lake was asked")


def test_nothing_published_is_empty(tessel: Tessel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bare = tmp_path / "bare"
    homes.copy(bare)
    shutil.copyfile(tessel.home / "directory" / "directory.sqlite", bare / "directory" / "directory.sqlite")
    monkeypatch.setenv("OPENBOOK_HOME", str(bare))
    area = tessel.get(LARGE, "/v1/area").json()
    assert area == {
        "people": 300, "told_at": None, "policies": [], "models": [], "releases": [], "tables": [], "sizes": [],
        "lost": [], "next_from": None,
    }  # fmt: skip
    assert tessel.get(EMPLOYEE, "/v1/programme").json()["releases"] == []
