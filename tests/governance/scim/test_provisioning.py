"""What a provider such as Entra or Okta sends, and what becomes of the people."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

import clock
from directory import Directory
from directory.scim import leaving
from directory.scim.people import Users
from governance.api import service_tokens
from governance.api.service_tokens import Scope
from tests.governance.scim.conftest import ENTERPRISE, PATCH, WORK, Added, patched, user
from tests.support.people import Company, signing_in
from tests.support.security import events_in

TokenFor = Callable[..., str]
ROUTES = [
    *((method, "/Users/00000000-0000-0000-0000-000000000001") for method in ("GET", "PUT", "PATCH", "DELETE")),
    *((method, "/Users") for method in ("GET", "POST")),
    *(("GET", path) for path in ("/ServiceProviderConfig", "/ResourceTypes", "/Schemas", "/ResourceTypes/User")),
    ("GET", "/Schemas/urn:ietf:params:scim:schemas:core:2.0:User"),
    ("POST", "/Bulk"),
    ("POST", "/Groups"),
    ("GET", "/Me"),
    ("GET", "/nothing"),
]


def me(api: TestClient, token: str) -> int:
    return api.get("http://testserver/v1/me", headers={"Authorization": f"Bearer {token}"}).status_code


def test_a_new_user_signs_in_and_has_their_department(scim: TestClient, added: Added, token_for: TokenFor) -> None:
    boss = added("max", **{WORK: {"sub": "max", "regime": "gdpr", "role": "manager"}})
    made = added("ada", **{ENTERPRISE: {"department": "Finance", "manager": {"value": boss["id"]}}})
    ada = signing_in("ada")
    assert (str(ada.subject), ada.email, ada.name, ada.department) == (made["id"], "ada@example.com", "Ada", "Finance")
    with Directory.open() as directory:
        assert directory.managers()[ada.subject] == signing_in("max").subject
    assert signing_in("max").is_now("manager")
    assert me(scim, token_for("ada")) == 200


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "Replace", "path": "active", "value": "False"},
        {"op": "replace", "value": {"active": False}},
        {"op": "Replace", "value": {"active": "False"}},
        {"op": "replace", "path": "active", "value": [{"value": "False"}]},
    ],
)
def test_deactivated_means_out_at_once_and_data_stays(
    scim: TestClient, added: Added, token_for: TokenFor, operation: dict[str, Any]
) -> None:
    made, token = added(), token_for("ada")
    assert me(scim, token) == 200
    answer = patched(scim, made["id"], operation)
    assert (answer.status_code, answer.json().get("active")) == (200, False), answer.text
    assert me(scim, token) == 401
    ada = signing_in("ada")
    assert (str(ada.subject), ada.active) == (made["id"], False)
    later = int(clock.now().timestamp()) + 5
    assert me(scim, token_for("ada", iat=later)) == 200


def test_deleted_is_left_and_returns_by_sub(scim: TestClient, added: Added, token_for: TokenFor) -> None:
    made, token = added(), token_for("ada")
    assert scim.delete(f"/Users/{made['id']}").status_code == 204
    assert me(scim, token) == 401
    assert scim.get(f"/Users/{made['id']}").status_code == 404
    assert scim.get("/Users").json()["totalResults"] == 0
    assert not signing_in("ada").active
    assert added()["id"] == made["id"]
    assert signing_in("ada").active


def test_an_address_of_a_leaver_gives_no_data(scim: TestClient, added: Added) -> None:
    boss = added("max")
    report = added("bo", **{ENTERPRISE: {"manager": {"value": boss["id"]}}})
    scim.delete(f"/Users/{boss['id']}")
    new = added("max", **{WORK: {"sub": "another-max", "regime": "gdpr", "role": "manager"}})
    assert new["id"] != boss["id"]
    assert str(signing_in("max").subject) == boss["id"]
    assert "manager" not in scim.get(f"/Users/{report['id']}").json()[ENTERPRISE] or (
        scim.get(f"/Users/{report['id']}").json()[ENTERPRISE]["manager"]["value"] != new["id"]
    )
    with Directory.open() as directory:
        assert directory.managers()[signing_in("bo").subject] is None


def test_another_sub_is_a_proposal_never_a_person(scim: TestClient, added: Added, token_for: TokenFor) -> None:
    made = added()
    again = scim.post("/Users", json=user("ada", **{WORK: {"sub": "ada-2", "regime": "gdpr"}}))
    assert again.status_code == 409
    assert "privacy officer" in again.json()["detail"]
    with Directory.open() as directory:
        (link,) = directory.links()
        assert (str(link.known.subject), link.sub, directory.by_sub("ada-2")) == (made["id"], "ada-2", None)
    assert me(scim, token_for("ada-2")) == 403
    back = patched(scim, made["id"], {"op": "replace", "path": "active", "value": True})
    assert back.status_code == 409


@pytest.mark.parametrize("way", ["patch", "put"])
def test_a_changed_sub_is_a_proposal(scim: TestClient, added: Added, way: str) -> None:
    made = added()
    if way == "patch":
        answer = patched(scim, made["id"], {"op": "replace", "path": f"{WORK}:sub", "value": "ada-2"})
    else:
        answer = scim.put(f"/Users/{made['id']}", json=user("ada", **{WORK: {"sub": "ada-2", "regime": "gdpr"}}))
    assert answer.status_code == 409, answer.text
    with Directory.open() as directory:
        assert [link.sub for link in directory.links()] == ["ada-2"]
    assert str(signing_in("ada").subject) == made["id"]


def test_many_who_leave_wait_for_a_confirmation(
    scim: TestClient, person: Company, monkeypatch: pytest.MonkeyPatch, token_for: TokenFor
) -> None:
    for number in range(29):
        person.add(f"p{number}@example.com")
    person("p29@example.com")
    ids = [each["id"] for each in scim.get("/Users").json()["Resources"]]
    assert len(ids) == 30
    gone = [scim.delete(f"/Users/{each}").status_code for each in ids[:3]]
    assert gone == [204, 204, 204]
    refused = patched(scim, ids[3], {"op": "replace", "value": {"active": False, "displayName": "Changed"}})
    assert refused.status_code == 409
    assert "4 of 30 people" in refused.json()["detail"]
    assert scim.delete(f"/Users/{ids[4]}").status_code == 409
    kept = scim.get(f"/Users/{ids[3]}").json()
    assert (kept["active"], kept["displayName"] != "Changed") == (True, True)
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=3))
    assert scim.get(f"/Users/{ids[4]}").status_code == 200
    with Users.open() as users:
        assert leaving.waiting(users.engine).refused == 2
        with pytest.raises(leaving.NotTheNumber):
            leaving.confirm(users.engine, 3)
        leaving.confirm(users.engine, 2)
    assert scim.get(f"/Users/{ids[3]}").json()["active"] is False
    assert scim.get(f"/Users/{ids[4]}").status_code == 404
    assert scim.delete(f"/Users/{ids[5]}").status_code == 204


def test_refused_leavers_who_stay_are_forgotten(scim: TestClient, added: Added) -> None:
    ids = [added(name)["id"] for name in ("ada", "bo", "cy")]
    assert scim.delete(f"/Users/{ids[0]}").status_code == 204
    assert scim.delete(f"/Users/{ids[1]}").status_code == 409
    assert patched(scim, ids[1], {"op": "replace", "path": "active", "value": True}).status_code == 200
    with Users.open() as users:
        assert leaving.waiting(users.engine) == leaving.Waiting(1, 0)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ('userName eq "BO@example.com"', ["bo"]),
        ('externalId eq "x-cy"', ["cy"]),
        ('emails[type eq "work"].value eq "ada@example.com"', ["ada"]),
        ('emails.value eq "ada@example.com"', ["ada"]),
        ('emails[type eq "work" and value eq "cy@example.com"]', ["cy"]),
        ('emails[type eq "home" or value eq "cy@example.com"]', ["cy"]),
        ('userName eq "nobody@example.com"', []),
        ('active eq true and displayName sw "B"', ["bo"]),
        ("externalId pr", ["ada", "bo", "cy"]),
        (f'{WORK}:sub eq "bo"', ["bo"]),
    ],
)
def test_users_are_found_by(scim: TestClient, added: Added, asked: str, expected: list[str]) -> None:
    for name in ("ada", "bo", "cy"):
        added(name, externalId=f"x-{name}")
    answer = scim.get("/Users", params={"filter": asked})
    assert answer.status_code == 200, answer.text
    assert sorted(each[WORK]["sub"] for each in answer.json().get("Resources", [])) == expected
    assert answer.json()["totalResults"] == len(expected)


def test_pages_have_everybody_once(scim: TestClient, added: Added) -> None:
    everybody = {added(name)["id"] for name in ("ada", "bo", "cy", "di", "ed")}
    pages = [scim.get("/Users", params={"startIndex": first, "count": 2}).json() for first in (1, 3, 5)]
    assert [(page["totalResults"], page["itemsPerPage"]) for page in pages] == [(5, 2), (5, 2), (5, 1)]
    found = [each["id"] for page in pages for each in page["Resources"]]
    assert (len(found), set(found)) == (5, everybody)
    assert scim.get("/Users", params={"count": 100000}).json()["itemsPerPage"] == 5


@pytest.mark.parametrize(
    ("operation", "place", "expected"),
    [
        ({"op": "Replace", "path": 'emails[type eq "work"].value', "value": "a@b.example"}, "email", "a@b.example"),
        ({"op": "Add", "path": f"{ENTERPRISE}:department", "value": "Sales"}, "department", "Sales"),
        ({"op": "Replace", "value": {f"{ENTERPRISE}:department": "Law", "title": "Dr"}}, "department", "Law"),
        ({"op": "Add", "path": "title", "value": "Dr"}, "name", "Ada"),
        ({"op": "Replace", "path": f"{WORK}:role", "value": "manager"}, "role", "manager"),
        ({"op": "Replace", "path": "displayName", "value": "Ada King"}, "name", "Ada King"),
    ],
)
def test_a_change_as_entra_sends_it(
    scim: TestClient, added: Added, operation: dict[str, Any], place: str, expected: str
) -> None:
    made = added()
    answer = patched(scim, made["id"], operation)
    assert answer.status_code == 200, answer.text
    assert getattr(signing_in("ada"), place) == expected


@pytest.mark.parametrize("as_list", [False, True])
def test_a_manager_as_entra_sends_them(scim: TestClient, added: Added, as_list: bool) -> None:
    boss, made = added("max"), added()
    value: Any = [{"value": boss["id"]}] if as_list else boss["id"]
    answer = patched(scim, made["id"], {"op": "Add", "path": f"{ENTERPRISE}:manager", "value": value})
    assert answer.json()[ENTERPRISE]["manager"]["value"] == boss["id"], answer.text
    gone = patched(scim, made["id"], {"op": "Replace", "path": f"{ENTERPRISE}:manager", "value": ""})
    assert "manager" not in gone.json().get(ENTERPRISE, {}), gone.text


def test_a_replacement_without_our_part_keeps_the_role(scim: TestClient, added: Added) -> None:
    made = added("ada", **{WORK: {"sub": "ada", "regime": "ccpa", "role": "manager", "team": "Red"}})
    sent = user("ada", displayName="Ada King")
    del sent[WORK]
    assert scim.put(f"/Users/{made['id']}", json=sent).status_code == 200
    ada = signing_in("ada")
    assert (ada.name, ada.role, ada.regime, ada.team) == ("Ada King", "manager", "ccpa", "Red")


@pytest.mark.parametrize(
    ("fields", "status", "words"),
    [
        ({WORK: {"sub": "x"}}, 400, "regime must be one of"),
        ({WORK: {"sub": "x", "regime": "gdpr", "role": "king"}}, 400, "role must be one of"),
        ({"emails": [{"value": "no address"}]}, 400, "e-mail address"),
        ({"timezone": "Mars"}, 400, "zone must be"),
        ({"displayName": "x" * 400}, 400, "more than 320"),
        ({"userName": "b\u200bo@example.com"}, 400, "userName has invisible characters"),
        ({ENTERPRISE: {"manager": {"value": "nobody"}}}, 400, "manager"),
        ({WORK: {"sub": "ada", "regime": "gdpr"}}, 409, "has this sub"),
        ({"userName": "ada@example.com"}, 409, "userName"),
        ({"displayName": "x" * 70000}, 413, "64 KiB"),
    ],
)
def test_what_is_unclear_is_refused_and_changes_nothing(
    scim: TestClient, added: Added, fields: dict[str, Any], status: int, words: str
) -> None:
    added()
    answer = scim.post("/Users", json=user("bo") | fields)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/scim+json"), answer.text
    assert words in answer.json()["detail"]
    assert scim.get("/Users").json()["totalResults"] == 1


@pytest.mark.parametrize("path", ["/Groups", "/Bulk"])
def test_groups_and_bulk_are_refused_clearly(scim: TestClient, path: str) -> None:
    answer = scim.post(path, json={"displayName": "Everyone"})
    assert (answer.status_code, answer.json()["status"]) == (501, "501")
    assert "no groups" in answer.json()["detail"]


def test_too_many_operations_or_too_long_a_filter(scim: TestClient, added: Added) -> None:
    operation = {"op": "replace", "path": "displayName", "value": "x"}
    assert patched(scim, added()["id"], *[operation] * 101).status_code == 400
    assert scim.get("/Users", params={"filter": "(" * 2000}).status_code == 400
    assert scim.get("/Users", params={"filter": "(" * 900}).status_code == 400


def test_calls_beyond_the_limit_are_told_when_to_come(scim: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBOOK_SERVICE_EVENTS_MINUTE", "2")
    answers = [scim.get("/Users") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[-1].headers["Retry-After"]) > 0


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_a_call_with_a_body_counts_once(
    scim: TestClient, added: Added, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    path = "/Users" if method == "POST" else f"/Users/{added()['id']}"
    monkeypatch.setenv("OPENBOOK_SERVICE_EVENTS_MINUTE", "3" if method == "POST" else "4")
    statuses = [scim.request(method, path, json={"schemas": []}).status_code for _ in range(4)]
    assert statuses == [400, 400, 400, 429]


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_nobody_else_gets_past(
    scim: TestClient, person: Company, token_for: TokenFor, monkeypatch: pytest.MonkeyPatch, method: str, path: str
) -> None:
    officer = token_for(person("olga@example.com", role="privacy_officer"))
    others = [scope for scope in Scope if scope is not Scope.DIRECTORY_WRITE]
    program, line = service_tokens.make("training", others, ["*"], clock.today())
    monkeypatch.setenv("OPENBOOK_SERVICE_TOKENS", line)
    for token, status in ((officer, 401), (program, 403), ("abc", 401)):
        sent: dict[str, Any] | None = {} if method in ("POST", "PUT", "PATCH") else None
        answer = scim.request(method, path, json=sent, headers={"Authorization": f"Bearer {token}"})
        assert (answer.status_code, answer.json()["schemas"]) == (
            status,
            ["urn:ietf:params:scim:api:messages:2.0:Error"],
        )


def test_nothing_about_people_is_logged(scim: TestClient, added: Added, caplog: pytest.LogCaptureFixture) -> None:
    added("secretive")
    scim.post("/Users", json=user("secretive"))
    scim.post("/Users", json={"schemas": [PATCH], "userName": ["secretive"]})
    assert "secretive" not in caplog.text


GONE = {"op": "replace", "path": "active", "value": False}


def test_the_security_monitoring_is_told_who_left(
    scim: TestClient, added: Added, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = tmp_path / "security.jsonl"
    monkeypatch.setenv("OPENBOOK_SECURITY_EVENTS", str(stream))
    people = [added(name) for name in ("ada", "bo", "cy", "di")]
    assert [patched(scim, each["id"], GONE).status_code for each in people[:2]] == [200, 409], "too many leave"
    [event] = events_in(stream)
    with Directory.open() as directory:
        ada = directory.by_email("ada@example.com")
    assert (event["type_uid"], event["user"]["uid"]) == (300105, str(ada.subject))
    file = tmp_path / "people.csv"
    header = "email,name,sub,department,team,role,manager,regime"
    file.write_text(f"{header}\nbo@example.com,Bo,bo,Finance,Accounts,employee,,gdpr\n")
    with Directory.open() as directory:
        directory.synchronise(file)
        left = {directory.by_email(f"{name}@example.com").subject for name in ("cy", "di")}
    assert {event["user"]["uid"] for event in events_in(stream)[1:]} == {str(subject) for subject in left}
    assert "example.com" not in stream.read_text()
