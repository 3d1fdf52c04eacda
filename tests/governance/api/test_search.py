"""`POST /v1/me/captures/search`: found, filtered, limited, and nothing of it is kept."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from governance.api import call_rates
from queries.search import scanning
from tests.governance.conftest import START, Capture, Client
from tests.governance.working import carry_out
from tests.support.disk import files_with
from tests.support.people import Company

PATH = "/v1/me/captures/search"


def found(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [result["capture"]["content"]["text"] for result in answer.json()["results"]]


def test_finds_words_newest_first_page_by_page(api: Client, person: Company, capture: Capture) -> None:
    ada = person("ada@example.com")
    capture(ada, 5, text="Überweisung")
    capture(ada, 3, text="other", start=START + timedelta(hours=1))
    capture(person("bob@example.com"), 5, text="Überweisung of Bob")
    client = api(ada)
    texts: list[str] = []
    body: dict[str, Any] = {"words": "UBERWEISUNG", "limit": 2}
    while True:
        answer = client.post(PATH, json=body)
        texts += found(answer)
        page = answer.json()
        if page["next"] is None:
            break
        assert page["searched"] == 3 + len(texts)
        assert page["back_to"] == page["results"][-1]["capture"]["captured_at"]
        body["cursor"] = page["next"]
    assert texts == [f"Überweisung {number}" for number in reversed(range(5))]
    assert (page["searched"], page["total"], page["back_to"]) == (8, 8, None)
    first = client.post(PATH, json={"words": "uberweisung 4"}).json()["results"][0]
    assert [(match["start"], match["end"]) for match in first["matches"]] == [(0, 11), (12, 13)]
    assert first["capture"] in client.get("/v1/me/captures").json()["captures"]


def test_filters_are_those_of_a_request(api: Client, person: Company, capture: Capture) -> None:
    ada = person()
    capture(ada, 4, text="note", application="Excel")
    capture(ada, 3, text="note", application="Chrome", signal="navigation")
    client = api(ada)

    def count(**filters: Any) -> int:
        return len(found(client.post(PATH, json={"words": "note", **filters})))

    assert count() == 7
    assert count(scope={"applications": ["Chrome"]}) == 3
    assert count(scope={"signals": ["keystroke"], "until": "2026-03-02T09:02:00Z"}) == 2
    assert (count(masked=True), count(masked=False)) == (0, 7)
    session = client.post(PATH, json={"words": "note"}).json()["results"][0]["capture"]["session"]
    assert count(session=session) in (3, 4)


@pytest.mark.parametrize(
    ("body", "pointer", "says"),
    [
        ({}, "#/body/words", "required"),
        ({"words": ""}, "#/body/words", "no word"),
        ({"words": "\u0301"}, "#/body/words", "no word"),
        ({"words": "a" * 201}, "#/body/words", "200"),
        ({"words": "a b c d e f g h i j k"}, "#/body/words", "more than 10"),
        ({"words": 5}, "#/body/words", "string"),
        ({"words": "a", "limit": 101}, "#/body/limit", "100"),
        ({"words": "a", "cursor": "x"}, "#/body/cursor", "cursor"),
        ({"words": "a", "masked": "perhaps"}, "#/body/masked", "boolean"),
        ({"words": "a", "session": "x"}, "#/body/session", "UUID"),
        ({"words": "a", "session": "00000000-0000-0000-0000-000000000007"}, "#/body/session", "session"),
        ({"words": "a", "scope": {"signals": ["telepathy"]}}, "#/body/scope/signals/0", "keystroke"),
        ({"words": "a", "scope": {"applications": ["Exel"]}}, "#/body/scope/applications", "not in your records"),
        ({"words": "a", "filter": "x"}, "#/body/filter", "permitted"),
    ],
)
def test_what_cant_be_searched_for_is_explained(
    api: Client, person: Company, capture: Capture, body: dict[str, Any], pointer: str, says: str
) -> None:
    ada = person()
    capture(ada)
    answer = api(ada).post(PATH, json=body)
    assert answer.status_code == 422
    [fault] = answer.json()["errors"]
    assert fault["pointer"] == pointer
    assert says in fault["detail"]


def test_a_call_says_how_far_it_came(
    api: Client, person: Company, capture: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scanning, "SECONDS", 0.0)
    monkeypatch.setattr(scanning, "TOGETHER", 10)
    ada = person()
    capture(ada, 40, text="number")
    answer = api(ada).post(PATH, json={"words": "nowhere"}).json()
    assert (answer["results"], answer["searched"], answer["total"]) == ([], 10, 40)
    assert answer["back_to"] == "2026-03-02T09:30:00Z"
    assert answer["next"]


@pytest.fixture
def one_search(monkeypatch: pytest.MonkeyPatch) -> None:
    """An API that starts after this allows one search, and the next long after."""
    monkeypatch.setitem(call_rates.RATES, call_rates.Kind.SEARCHES, (1, 1 / 3600000))


def test_too_many_searches_are_told_when_to_go_on(
    one_search: None, api: Client, person: Company, capture: Capture
) -> None:
    ada = person()
    capture(ada)
    client = api(ada)
    first, second = (client.post(PATH, json={"words": "typed"}) for _ in range(2))
    assert (first.status_code, second.status_code) == (200, 429)
    assert int(second.headers["Retry-After"]) > 0
    assert client.get("/v1/me/captures").status_code == 200


def test_after_an_erasure_nothing_is_found(api: Client, person: Company, capture: Capture) -> None:
    ada = person()
    capture(ada, 2, text="zebrafink")
    capture(ada, 2, text="zebrafink", application="Chrome")
    client = api(ada)
    filed = client.post("/v1/requests", json={"type": "erasure", "scope": {"applications": ["Excel"]}})
    carry_out(filed.json()["id"])
    answer = client.post(PATH, json={"words": "zebrafink"})
    assert [each["capture"]["application"] for each in answer.json()["results"]] == ["Chrome", "Chrome"]
    filed = client.post("/v1/requests", json={"type": "erasure"})
    carry_out(filed.json()["id"])
    answer = client.post(PATH, json={"words": "zebrafink"})
    assert (found(answer), answer.json()["total"], answer.json()["next"]) == ([], 0, None)


def test_words_that_were_searched_for_are_nowhere_in_the_home(
    api: Client, person: Company, capture: Capture, home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    ada = person()
    capture(ada, 3, text="a Zebrafink sings")
    client = api(ada)
    assert len(found(client.post(PATH, json={"words": "zebrafink"}))) == 3
    for body in ({"words": "zebrafink quokka", "scope": {"applications": ["Exel"]}}, {"words": "quokka " * 30}):
        assert client.post(PATH, json=body).status_code == 422
    assert client.post(PATH, content=b'{"words": "quokka').status_code >= 400
    words = re.compile(rb"zebrafink|quokka", re.IGNORECASE)
    assert files_with(home, [b"zebrafink", b"Zebrafink", b"quokka", b"Quokka"]) == []
    assert not words.search(caplog.text.encode())
