"""Other systems report who read people's data there; people see the reports, and which systems are silent."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

import clock
from directory import Directory
from governance import access_log
from governance.access_proofs import proof, record_if_due
from governance.api import service_tokens
from governance.api.possible_access import OF_SCOPE, REPORTING
from governance.api.service_tokens import Scope
from tests.governance.conftest import Client
from tests.support.people import Company

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
Program = Callable[..., TestClient]


@pytest.fixture
def program(unknown: TestClient, monkeypatch: pytest.MonkeyPatch) -> Program:
    """`program(scope, namespace)`: a client with a service token; two systems are to report."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    monkeypatch.setenv("OPENBOOK_ACCESS_SYSTEMS", "ticketing=Screenshots in tickets;vault=Backups, encrypted")

    def made(scope: Scope = Scope.ACCESS_REPORT, namespace: str = "*") -> TestClient:
        token, line = service_tokens.make("siem", [scope], [namespace], date(2100, 1, 1))
        monkeypatch.setenv("OPENBOOK_SERVICE_TOKENS", line)
        return TestClient(unknown.app, headers={"Authorization": f"Bearer {token}"})

    return made


def report(**fields: Any) -> dict[str, Any]:
    usual = {
        "id": "42",
        "email": "ada@example.com",
        "role": "support engineer",
        "system": "ticketing",
        "action": "view",
        "purpose": "To find out why a recording failed",
        "ticket": "SUP-1042",
        "rows": 3,
        "time": "2026-03-02T11:30:00Z",
    }
    return {name: value for name, value in (usual | fields).items() if value is not None}


def sent(client: TestClient, *reports: Any) -> dict[str, Any]:
    body = json.dumps({"reports": reports})  # in ASCII, which can express a lone surrogate
    answer = client.post("/v1/access-reports", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def log(api: Client, who: Any) -> list[dict[str, Any]]:
    return list(api(who).get("/v1/me/access-log").json()["entries"])


def states(api: Client, who: Any) -> dict[str, str]:
    found = api(who).get("/v1/me/possible-access").json()["systems"]
    return {each["system"]: each["state"] for each in found}


def test_a_report_is_in_that_persons_log_only(program: Program, api: Client, person: Company) -> None:
    ada, bob = person("ada@example.com"), person("bob@example.com")
    assert sent(program(), report()) == {"new": 1, "known": 0, "left_out": []}
    [entry] = log(api, ada)
    assert entry == {
        "at": "2026-03-02T11:30:00Z",
        "role": "support engineer",
        "purpose": "To find out why a recording failed",
        "what": "records",
        "rows": 3,
        "automatic": False,
        "everybody": False,
        "dataset_version": None,
        "system": "ticketing",
        "action": "view",
        "ticket": "SUP-1042",
        "reported_by": "siem",
        "reported_at": "2026-03-02T12:00:00Z",
        "delay_reason": None,
        "disclosed_at": None,
    }
    assert log(api, bob) == []


def test_reports_identify_people_in_three_ways(program: Program, api: Client, person: Company) -> None:
    ada = person("ada@example.com")
    ways = [{"sub": api(ada).get("/v1/me").json().get("sub") or "ada"}, {"subject": str(ada.subject)}]
    reports = [report(id=str(number), email=None, **way) for number, way in enumerate(ways)]
    answer = sent(program(), *reports, report(id="by address", email="ADA@example.com"))
    assert (answer["new"], answer["left_out"]) == (3, [])
    assert len(log(api, ada)) == 3


def test_repeated_reports_change_nothing(program: Program, api: Client, person: Company) -> None:
    ada, siem = person("ada@example.com"), program()
    assert sent(siem, report(), report()) == {"new": 1, "known": 1, "left_out": []}
    assert sent(siem, report())["known"] == 1
    changed = sent(siem, report(rows=1, purpose="Nothing much"))
    assert (changed["new"], changed["known"]) == (0, 0)
    assert "already reported" in changed["left_out"][0]["detail"]
    assert [(entry["rows"], entry["purpose"]) for entry in log(api, ada)] == [(3, "To find out why a recording failed")]
    assert sent(siem, report(system="vault"))["new"] == 1, "the id is that system's own"


LAW = "Section 29 of the Data Protection Act: an investigation that telling would defeat"


def delayed(until: str = "2026-03-09T12:00:00Z", **fields: Any) -> dict[str, Any]:
    return report(delay={"until": until, "legal_reason": LAW}, **fields)


def told(api: Client, who: Any) -> tuple[int, int, int]:
    """How many entries, new kinds of accessor, and entries in the export's counts somebody has."""
    listed = api(who).get("/v1/me/access-log").json()
    new = api(who).get("/v1/me/new-accessors").json()
    return listed["total"], len(new), access_log.count_of(who.subject)


def test_a_legal_delay_ends_by_itself(
    program: Program, api: Client, person: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENBOOK_DISCLOSURE_DELAY_DAYS", "14")
    ada = person("ada@example.com")
    assert sent(program(), delayed())["new"] == 1
    assert record_if_due()
    assert told(api, ada) == (0, 0, 0)
    assert proof(ada.subject)["leaf"]["own"]["entries"] == 0
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=7, seconds=-1))
    assert told(api, ada) == (0, 0, 0)
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=7))
    assert told(api, ada) == (1, 1, 1)
    [entry] = log(api, ada)
    assert (entry["at"], entry["delay_reason"]) == ("2026-03-02T11:30:00Z", LAW)
    assert (entry["reported_at"], entry["disclosed_at"]) == ("2026-03-02T12:00:00Z", "2026-03-09T12:00:00Z")
    assert record_if_due()
    assert proof(ada.subject)["own"]["entries"][0]["delay_reason"] == LAW
    assert proof(ada.subject)["intact"]


def test_an_accessor_that_was_withheld_is_new_when_it_is_shown(
    program: Program, api: Client, person: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENBOOK_DISCLOSURE_DELAY_DAYS", "60")
    ada, siem = person("ada@example.com"), program()
    for until in ("2026-03-01T00:00:00Z", "2020-01-01T00:00:00Z"):
        assert "has ended already" in sent(siem, delayed(until))["left_out"][0]["detail"]
    assert sent(siem, delayed("2026-03-20T00:00:00Z", time="2026-02-01T00:00:00Z"))["new"] == 1
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=18))
    [new] = api(ada).get("/v1/me/new-accessors").json()
    assert (new["system"], new["first_at"]) == ("ticketing", "2026-03-20T00:00:00Z")


def test_people_are_told_of_delays_while_any_lasts(
    program: Program, api: Client, person: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENBOOK_DISCLOSURE_DELAY_DAYS", "14")
    ada, bob = person("ada@example.com"), person("bob@example.com")
    assert sent(program(), delayed())["new"] == 1
    monkeypatch.setenv("OPENBOOK_DISCLOSURE_DELAY_DAYS", "0")

    def told_to(who: Any) -> int:
        return int(api(who).get("/v1/me/possible-access").json()["delay_days"])

    assert [told_to(ada), told_to(bob)] == [8, 8], "whoever it is about"
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=7))
    assert [told_to(ada), told_to(bob)] == [0, 0]


def test_a_delay_is_never_longer_than_allowed_nor_extended(
    program: Program, api: Client, person: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, siem = person("ada@example.com"), program()
    assert api(ada).get("/v1/me/possible-access").json()["delay_days"] == 0
    assert "allows no delay" in sent(siem, delayed())["left_out"][0]["detail"]
    monkeypatch.setenv("OPENBOOK_DISCLOSURE_DELAY_DAYS", "7")
    assert api(ada).get("/v1/me/possible-access").json()["delay_days"] == 7
    late = "more than 7 days after the access"
    assert late in sent(siem, delayed("2026-03-09T11:31:00Z"))["left_out"][0]["detail"]
    assert late in sent(siem, delayed("2026-03-09T11:00:00Z", time="2026-03-01T09:00:00Z"))["left_out"][0]["detail"]
    assert sent(siem, delayed("2026-03-05T00:00:00Z"))["new"] == 1
    assert "already reported" in sent(siem, delayed("2026-03-06T00:00:00Z"))["left_out"][0]["detail"]
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=3))
    assert [entry["disclosed_at"] for entry in log(api, ada)] == ["2026-03-05T00:00:00Z"]


ODD: list[tuple[str, Any]] = [
    ("not an object", 7),
    ("no time", report(id="1", time=None)),
    ("no such time", report(id="2", time="2026-02-30T11:30:00Z")),
    ("in the future", report(id="3", time="2026-03-02T12:06:00Z")),
    ("before there were such systems", report(id="20", time="1999-12-31T23:59:59Z")),
    ("a stranger", report(id="4", email="eve@example.com")),
    ("two people", report(id="5", sub="ada")),
    ("nobody", report(id="6", email=None)),
    ("unlisted system", report(id="7", system="printer")),
    ("unknown action", report(id="8", action="peek")),
    ("long purpose", report(id="9", purpose="p" * 121)),
    ("control character", report(id="10", purpose="a\u0000b")),
    ("content in an unknown field", report(id="11", content="what Ada typed")),
    ("no rows", report(id="12", rows=0)),
    ("rows as text", report(id="13", rows="3")),
    ("too many rows", report(id="14", rows=10**18)),
    ("ticket with words", report(id="15", ticket="about Ada's illness")),
    ("lone surrogate", report(id="16", role="\ud800")),
    ("a delay without a reason", report(id="18", delay={"until": "2026-03-03T00:00:00Z"})),
    ("a delay without an end", report(id="19", delay={"legal_reason": "some law"})),
    ("not a UUID", report(id="17", email=None, subject="ada")),
]


@pytest.mark.parametrize(("name", "odd"), ODD, ids=[name for name, _ in ODD])
def test_an_odd_report_does_not_cost_the_others(
    program: Program, api: Client, person: Company, name: str, odd: Any
) -> None:
    ada = person("ada@example.com")
    answer = sent(program(), report(id="before"), odd, report(id="after"))
    assert answer["new"] == 2
    [fault] = answer["left_out"]
    assert fault["pointer"].startswith("#/body/reports/1")
    assert "what Ada typed" not in str(answer)
    assert [entry["system"] for entry in log(api, ada)] == ["ticketing", "ticketing"]


def only_bob_stays(folder: Path, role: str = "employee") -> None:
    """People missing from the HR system's file have left."""
    file = folder / "after.csv"
    file.write_text(
        f"email,name,sub,department,team,role,manager,regime\nbob@example.com,Bob,bob,Finance,Accounts,{role},,gdpr\n"
    )
    with Directory.open() as directory:
        directory.synchronise(file)


def test_an_address_is_only_its_current_holders(program: Program, person: Company, tmp_path: Path) -> None:
    ada, _ = person("ada@example.com"), person("bob@example.com")
    only_bob_stays(tmp_path)
    assert "nobody" in sent(program(), report())["left_out"][0]["detail"]
    assert sent(program(), report(email=None, subject=str(ada.subject)))["new"] == 1


def test_reports_need_the_scope_and_the_system(program: Program, api: Client, person: Company) -> None:
    ada = person("ada@example.com")
    for path, body in (("", {"reports": [report()]}), ("/heartbeat", {"system": "ticketing"})):
        assert program(Scope.LINEAGE_WRITE).post(f"/v1/access-reports{path}", json=body).status_code == 403
        assert api(ada).post(f"/v1/access-reports{path}", json=body).status_code == 401
    vault = program(namespace="vault")
    assert "does not cover ticketing" in sent(vault, report())["left_out"][0]["detail"]
    assert vault.post("/v1/access-reports/heartbeat", json={"system": "ticketing"}).status_code == 403
    assert log(api, ada) == []
    assert states(api, ada) == {"ticketing": "never", "vault": "never"}


def test_reports_are_limited_in_number_and_size(
    program: Program, api: Client, person: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, siem = person("ada@example.com"), program()
    many = [{"id": str(number)} for number in range(201)]
    assert siem.post("/v1/access-reports", json={"reports": many}).status_code == 422
    assert siem.post("/v1/access-reports", json={"reports": []}).status_code == 422
    assert siem.post("/v1/access-reports", json={"reports": [{"id": "x" * 70_000}]}).status_code == 413
    monkeypatch.setenv("OPENBOOK_SERVICE_EVENTS_MINUTE", "3")
    assert sent(siem, report(id="1"), report(id="2"))["new"] == 2
    answer = siem.post("/v1/access-reports", json={"reports": [report(id="3"), report(id="4")]})
    assert (answer.status_code, "Retry-After" in answer.headers) == (429, True)
    assert len(log(api, ada)) == 2


def test_systems_that_do_not_report_are_shown(
    program: Program, api: Client, person: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, siem = person("ada@example.com"), program()
    assert states(api, ada) == {"ticketing": "never", "vault": "never"}
    assert siem.post("/v1/access-reports/heartbeat", json={"system": "vault"}).json() == {
        "system": "vault",
        "at": "2026-03-02T12:00:00Z",
    }
    sent(siem, report())
    assert states(api, ada) == {"ticketing": "reporting", "vault": "reporting"}
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(hours=23))
    siem.post("/v1/access-reports/heartbeat", json={"system": "ticketing"})
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(hours=25))
    assert states(api, ada) == {"ticketing": "reporting", "vault": "silent"}
    [vault] = [each for each in api(ada).get("/v1/me/possible-access").json()["systems"] if each["system"] == "vault"]
    assert (vault["last_heard"], vault["reads"]) == ("2026-03-02T12:00:00Z", "Backups, encrypted")
    assert siem.post("/v1/access-reports/heartbeat", json={"system": "printer"}).status_code == 404


def test_who_could_lists_roles_programs_and_companies(
    program: Program, api: Client, person: Company, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    bob = person("bob@example.com")
    person("gone@example.com", role="privacy_officer")
    only_bob_stays(tmp_path, role="privacy_officer")
    lines = [
        service_tokens.make("trainer", [Scope.CAPTURES_READ], ["*"], date(2100, 1, 1))[1],
        service_tokens.make("pipeline", [Scope.LINEAGE_WRITE], ["*"], date(2100, 1, 1))[1],
        service_tokens.make("old", [Scope.CAPTURES_READ], ["*"], date(2026, 4, 1))[1],
    ]
    monkeypatch.setenv("OPENBOOK_SERVICE_TOKENS", ",".join(lines))
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 4, 2, tzinfo=UTC))
    found = {each["who"]: each for each in api(bob).get("/v1/me/possible-access").json()["standing"]}
    assert list(found) == [
        "Privacy officers (1)",
        "Managers",
        "Whoever runs the servers and has their keys",
        "pipeline",
        "trainer",
    ]
    assert "without names" in found["trainer"]["reads"]
    assert found["pipeline"]["reads"].startswith("Nothing about you")


def test_every_scope_that_reads_is_described() -> None:
    assert OF_SCOPE.keys() | REPORTING == set(Scope)


def test_an_unreadable_list_of_companies_is_said(
    program: Program, api: Client, person: Company, tmp_path: Path
) -> None:
    ada = person("ada@example.com")
    with pytest.MonkeyPatch.context() as patch:
        (tmp_path / "partners.toml").write_text("[[processors]]\n")
        patch.setenv("OPENBOOK_OPENDSR_PARTNERS", str(tmp_path / "partners.toml"))
        found = api(ada).get("/v1/me/possible-access").json()["standing"][-1]
    assert (found["kind"], found["reads"][:8]) == ("company", "Unknown:")
