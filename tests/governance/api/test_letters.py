"""Somebody who has left gets to their own data with the code of a letter, and to nothing else."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

import clock
import security_events
from directory import Directory, Employee
from directory.models import open_engine
from directory.people import directory_path
from directory.sign_outs import revocations
from directory.tokens import letters
from governance import __main__ as governance
from tests.governance.conftest import Capture, Client, bearing
from tests.governance.domain.test_oneself import FOR_OFFICERS
from tests.governance.working import carry_out
from tests.support.disk import files_with
from tests.support.people import Company, signing_in
from tests.support.security import events_in

HEADER = "email,name,sub,department,team,role,manager,regime"
OLGA = "olga@example.com,Olga,olga,Finance,Accounts,privacy_officer,,gdpr"
ADA = "ada@example.com,Ada,ada,Finance,Accounts,privacy_officer,,gdpr"
Hr = Callable[..., None]


@pytest.fixture
def hr(tmp_path: Path) -> Hr:
    def file(*lines: str) -> None:
        path = tmp_path / "hr.csv"
        path.write_text("\n".join([HEADER, OLGA, *lines]) + "\n")
        with Directory.open() as directory:
            directory.synchronise(path)

    return file


@pytest.fixture
def ada(person: Company, capture: Capture, hr: Hr) -> Employee:
    """A former privacy officer, with records."""
    person("olga@example.com", role="privacy_officer")
    employee = person("ada@example.com", role="privacy_officer")
    capture(employee, 3)
    hr()
    return employee


@pytest.fixture
def olga(api: Client, ada: Employee) -> TestClient:
    return api(signing_in("olga"))


def letter(olga: TestClient, **given: Any) -> dict[str, Any]:
    answer = olga.post("/v1/officer/letters", json={"employee": "ada@example.com", **given})
    assert answer.status_code == 201, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    return dict(answer.json())


def redeem(unknown: TestClient, code: str) -> Any:
    return TestClient(unknown.app).post("/letter-sign-in", json={"code": code})


def reading(unknown: TestClient, code: str) -> TestClient:
    answer = redeem(unknown, code)
    assert answer.status_code == 200, answer.text
    assert (answer.json()["token_type"], answer.json()["expires_in"]) == ("Bearer", 3600)
    return bearing(unknown, answer.json()["access_token"])


def later(monkeypatch: pytest.MonkeyPatch, **time: float) -> None:
    at = clock.now() + timedelta(**time)
    monkeypatch.setattr(clock, "now", lambda: at)


def test_a_leaver_reads_files_and_downloads(unknown: TestClient, olga: TestClient) -> None:
    mine = reading(unknown, letter(olga)["code"])
    assert mine.get("/v1/me").json()["email"] == "ada@example.com"
    assert len(mine.get("/v1/me/captures").json()["captures"]) == 3
    filed = mine.post("/v1/requests", json={"type": "export", "scope": {}}).json()["id"]
    carry_out(filed)
    assert mine.get(f"/v1/requests/{filed}").json()["state"] == "completed"
    assert mine.get(f"/v1/requests/{filed}/export").content.startswith(b"PK")
    assert mine.get(f"/v1/requests/{filed}/receipt").status_code == 200
    erased = mine.post("/v1/requests", json={"type": "erasure", "scope": {}})
    assert erased.status_code == 201
    carry_out(erased.json()["id"])
    assert mine.get("/v1/me/captures").json()["captures"] == []


@pytest.mark.parametrize(("method", "path", "body"), FOR_OFFICERS)
def test_a_letter_opens_nothing_for_officers(
    unknown: TestClient, olga: TestClient, method: str, path: str, body: dict[str, Any] | None
) -> None:
    mine = reading(unknown, letter(olga)["code"])
    assert mine.request(method, path, json=body).status_code == 403


def test_a_letter_opens_no_area_and_no_programs_routes(unknown: TestClient, olga: TestClient) -> None:
    mine = reading(unknown, letter(olga)["code"])
    assert mine.get("/v1/area").status_code in (403, 404)
    assert mine.get("/scim/v2/Users").status_code == 401


def test_the_code_is_read_however_it_is_typed(unknown: TestClient, olga: TestClient) -> None:
    code = letter(olga)["code"]
    typed = code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert reading(unknown, f" {typed} ").get("/v1/me").status_code == 200


@pytest.mark.parametrize("code", ["", "x", "00000-00000-00000-00000-00000", "A" * 101, "\ud800", 5, None])
def test_a_wrong_code_opens_nothing(unknown: TestClient, olga: TestClient, code: Any) -> None:
    letter(olga)
    body = json.dumps({"code": code})
    answer = TestClient(unknown.app).post("/letter-sign-in", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 422)
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_guesses_from_an_address_are_limited(unknown: TestClient, olga: TestClient) -> None:
    statuses = [redeem(unknown, "GUESS").status_code for _ in range(25)]
    assert statuses[0] == 422
    assert statuses[-1] == 429


def test_neither_code_nor_token_is_stored(unknown: TestClient, olga: TestClient, home: Path) -> None:
    code = letter(olga)["code"]
    token = redeem(unknown, code).json()["access_token"]
    secrets = (code, code.replace("-", ""), token, token.removeprefix(letters.PREFIX))
    assert files_with(home, [secret.encode() for secret in secrets]) == []


def ended_by_officer(olga: TestClient, given: dict[str, Any], hr: Hr, patch: pytest.MonkeyPatch) -> None:
    assert olga.delete(f"/v1/officer/letters/{given['letter']}").status_code == 204
    assert olga.delete(f"/v1/officer/letters/{given['letter']}").status_code == 404


def replaced(olga: TestClient, given: dict[str, Any], hr: Hr, patch: pytest.MonkeyPatch) -> None:
    assert letter(olga)["code"] != given["code"]


def expired(olga: TestClient, given: dict[str, Any], hr: Hr, patch: pytest.MonkeyPatch) -> None:
    later(patch, minutes=59, days=1)


def came_back_and_left_again(olga: TestClient, given: dict[str, Any], hr: Hr, patch: pytest.MonkeyPatch) -> None:
    hr(ADA)
    hr()


def restored(olga: TestClient, given: dict[str, Any], hr: Hr, patch: pytest.MonkeyPatch) -> None:
    engine = open_engine(directory_path())
    revocations.end_all(engine)


@pytest.mark.parametrize("how", [ended_by_officer, replaced, expired, came_back_and_left_again, restored])
def test_after_its_end_code_and_tokens_are_dead(
    unknown: TestClient, olga: TestClient, hr: Hr, monkeypatch: pytest.MonkeyPatch, how: Callable[..., None]
) -> None:
    given = letter(olga, days=1)
    mine = reading(unknown, given["code"])
    how(olga, given, hr, monkeypatch)
    assert mine.get("/v1/me").status_code == 401
    refused = redeem(unknown, given["code"])
    assert refused.status_code == 422
    assert "another letter" in refused.json()["errors"][0]["detail"]


def test_a_person_who_is_back_uses_no_letter(unknown: TestClient, olga: TestClient, hr: Hr) -> None:
    given = letter(olga)
    mine = reading(unknown, given["code"])
    hr(ADA)
    assert mine.get("/v1/officer/requests").status_code == 401
    assert redeem(unknown, given["code"]).status_code == 422
    refused = olga.post("/v1/officer/letters", json={"employee": "ada@example.com"})
    assert refused.status_code == 409


def test_a_token_ends_after_an_hour_and_the_code_gives_another(
    unknown: TestClient, olga: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = letter(olga)["code"]
    mine = reading(unknown, code)
    later(monkeypatch, minutes=61)
    assert mine.get("/v1/me").status_code == 401
    assert reading(unknown, code).get("/v1/me").status_code == 200


def test_a_code_is_used_a_limited_number_of_times(
    unknown: TestClient, olga: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(letters, "MOST_USES", 2)
    code = letter(olga)["code"]
    assert [redeem(unknown, code).status_code for _ in range(3)] == [200, 200, 422]


def test_the_person_sees_every_step(unknown: TestClient, olga: TestClient) -> None:
    given = letter(olga)
    mine = reading(unknown, given["code"])
    olga.delete(f"/v1/officer/letters/{given['letter']}")
    log = reading(unknown, letter(olga)["code"]).get("/v1/me/access-log", params={"by": "others"}).json()["entries"]
    assert [(entry["role"], entry["what"]) for entry in log] == [
        ("letter", "sign-in with the code"),
        ("privacy_officer", "a letter was made"),
        ("privacy_officer", "a letter was ended"),
        ("letter", "sign-in with the code"),
        ("privacy_officer", "a letter was made"),
    ]
    assert mine.get("/v1/me").status_code == 401


def test_security_monitoring_is_told(
    unknown: TestClient, olga: TestClient, ada: Employee, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = tmp_path / "security.jsonl"
    monkeypatch.setenv("OPENBOOK_SECURITY_EVENTS", str(stream))
    monkeypatch.setattr(security_events, "_recent", security_events._Recent())
    code = letter(olga)["code"]
    redeem(unknown, code)
    redeem(unknown, "GUESS")
    good, bad = events_in(stream)
    assert (good["type_uid"], good["status_id"], good["actor" if "actor" in good else "user"]["uid"]) == (
        300201, 1, str(ada.subject),
    )  # fmt: skip
    assert (bad["type_uid"], bad["status_id"]) == (300201, 2)
    assert code not in stream.read_text()


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"employee": "nobody@example.com"}, 404),
        ({"employee": "olga@example.com"}, 409),
        ({"employee": "ada@example.com", "days": 0}, 422),
        ({"employee": "ada@example.com", "days": 181}, 422),
    ],
)
def test_letters_that_are_not_made(olga: TestClient, given: dict[str, Any], status: int) -> None:
    assert olga.post("/v1/officer/letters", json=given).status_code == status


def test_a_recent_code_is_a_recent_sign_in(
    unknown: TestClient, olga: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENBOOK_STEP_UP_MINUTES", "10")
    monkeypatch.setenv("OPENBOOK_STEP_UP_ACR", "mfa")
    code = letter(olga)["code"]
    mine, erasure = reading(unknown, code), {"type": "erasure", "scope": {}}
    later(monkeypatch, minutes=11)
    assert mine.post("/v1/requests", json=erasure).status_code == 401
    assert mine.get("/v1/me").status_code == 200
    assert reading(unknown, code).post("/v1/requests", json=erasure).status_code == 201


def test_no_provider_is_asked_about_the_token(
    unknown: TestClient, olga: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = letter(olga)["code"]
    monkeypatch.setenv("OPENBOOK_INTROSPECTION_URL", "http://localhost:9/introspect")
    monkeypatch.setenv("OPENBOOK_ISSUER", "http://localhost:9")
    assert reading(unknown, code).get("/v1/me").status_code == 200
    assert bearing(unknown, f"{letters.PREFIX}made-up").get("/v1/me").status_code == 401


def test_the_command_makes_and_ends_a_letter(
    unknown: TestClient, ada: Employee, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr("sys.argv", ["governance", "letter-code", *arguments])
        status = governance.main()
        printed = capsys.readouterr()
        return status, printed.out + printed.err

    status, said = run("ada@example.com", "--days", "2")
    assert status == 0
    code, number = said.split("Code: ")[1].split("\n")[0], said.rstrip().rpartition(" ")[2]
    assert reading(unknown, code).get("/v1/me").status_code == 200
    assert run("--end", number)[0] == 0
    assert redeem(unknown, code).status_code == 422
    status, said = run("--end", number)
    assert (status, "has ended already" in said) == (1, True)
    status, said = run("olga@example.com")
    assert (status, "works here" in said) == (1, True)
    status, said = run("nobody@example.com")
    assert (status, "No one in the directory has this" in said) == (1, True)
    assert run("ada@example.com", "--days", "0")[0] == 1


def test_a_directory_of_the_version_before_takes_letters(unknown: TestClient, olga: TestClient) -> None:
    with closing(sqlite3.connect(directory_path())) as connection:
        connection.executescript("drop table letter_code; drop table letter_token; drop table sign_in")
    assert reading(unknown, letter(olga)["code"]).get("/v1/me").status_code == 200


def test_officers_see_the_letters_in_force(unknown: TestClient, olga: TestClient) -> None:
    made = letter(olga, days=3)
    mine = reading(unknown, made["code"])
    (listed,) = olga.get("/v1/officer/letters").json()
    assert (listed["letter"], listed["employee"]["name"], listed["uses"]) == (made["letter"], "Ada", 1)
    assert listed["expires_at"] == made["expires_at"]
    assert made["code"] not in olga.get("/v1/officer/letters").text
    assert [each["what"] for each in mine.get("/v1/me/access-log").json()["entries"]].count("letters") == 2
    olga.delete(f"/v1/officer/letters/{made['letter']}")
    assert olga.get("/v1/officer/letters").json() == []
