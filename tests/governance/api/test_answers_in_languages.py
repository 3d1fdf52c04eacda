"""Answers are written in the caller's language, and what is kept stays English."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from starlette.testclient import TestClient

from directory import Employee
from governance.db.database import reading
from governance.db.tables import RequestRow
from lake.lineage.graph import ModelVersion
from lake.storage.connection import transaction, writer
from languages.language import PSEUDO
from tests.governance.conftest import START, Capture, Client
from tests.governance.working import carry_out
from tests.support import lineage
from tests.support.people import Company


@pytest.fixture
def ada(person: Company, capture: Capture) -> Employee:
    found = person()
    capture(found, 4)
    model = ModelVersion("Sable", "1", None, None, START)
    with writer() as connection, transaction(connection):
        slices = [(found.subject, START.date(), "keystroke", "Excel", 4)]
        dataset = lineage.dataset(connection, "set of Sable", "1", START, slices)
        lineage.train(connection, model, [dataset], START + timedelta(days=1))
    return found


def speaking(client: TestClient, language: str) -> TestClient:
    client.headers["Accept-Language"] = language
    return client


def erased(client: TestClient) -> str:
    request_id = str(client.post("/v1/requests", json={"type": "erasure"}).json()["id"])
    assert carry_out(request_id)
    return request_id


def test_models_in_german(api: Client, ada: Employee) -> None:
    answer = speaking(api(ada), "de-AT,en;q=0.5").get("/v1/me/models")
    assert answer.headers["Content-Language"] == "de"
    assert "Accept-Language" in answer.headers["Vary"]
    [model] = answer.json()
    assert model["evidence_words"] == "Sable 1 wurde mit 4 Aufzeichnungen von Ihnen trainiert."
    assert model["words"].endswith("Sie haben nichts davon löschen oder vom Training ausnehmen lassen.")


def test_without_a_language_answers_are_english(api: Client, ada: Employee) -> None:
    client = api(ada)
    client.headers.pop("Accept-Language", None)
    answer = client.get("/v1/me/models")
    assert answer.headers["Content-Language"] == "en"
    assert answer.json()[0]["evidence_words"] == "Sable 1 was trained on 4 records of yours."


def test_one_outcome_is_read_in_two_languages(api: Client, ada: Employee) -> None:
    """It was written by a worker, and filed in German: what is stored is English all the same."""
    german, spanish = speaking(api(ada), "de"), speaking(api(ada), "es")
    request_id = erased(german)
    said = {}
    for code, client in (("de", german), ("es", spanish)):
        request = client.get(f"/v1/requests/{request_id}").json()
        said[code] = [request["outcome"]["models"][0]["words"], *(event["note"] for event in request["history"])]
    assert said["de"][0].startswith("Sable 1 wurde mit 4 dieser Aufzeichnungen trainiert. ")
    assert said["es"][0].startswith("Sable 1 se entrenó con 4 de estos registros. ")
    assert said["de"][1] == "Wir haben Ihren Antrag erhalten."
    with reading() as session:
        row = session.scalars(RequestRow.__table__.select().with_only_columns(RequestRow.outcome)).one()
    assert row["models"][0]["words"].startswith("Sable 1 was trained on 4 of these records. ")
    statement = german.get(f"/v1/requests/{request_id}/receipt").json()["statement"]
    assert statement["models"][0]["words"] == row["models"][0]["words"]
    assert "said" not in statement["models"][0]


def test_an_idempotent_replay_is_in_the_language_of_whoever_asks_again(api: Client, ada: Employee) -> None:
    key = {"Idempotency-Key": str(uuid4())}
    german, french = speaking(api(ada), "de"), speaking(api(ada), "fr")
    first, again = (client.post("/v1/requests", json={"type": "export"}, headers=key) for client in (german, french))
    assert first.json()["id"] == again.json()["id"]
    assert first.json()["history"][0]["note"] == "Wir haben Ihren Antrag erhalten."
    assert again.json()["history"][0]["note"] == "Nous avons reçu votre demande."


def test_a_refusal_in_spanish(api: Client, ada: Employee) -> None:
    client = speaking(api(ada), "es")
    for status in (201, 409):
        answer = client.post("/v1/requests", json={"type": "export"})
        assert answer.status_code == status
    problem = answer.json()
    assert problem["title"] == "Conflicto"
    assert problem["detail"].startswith("Ya ha presentado la misma solicitud")
    assert problem["type"] == "urn:problem-type:open-book:already-open"


PROSE = {"words", "evidence_words", "note", "why", "what", "until", "reads", "who", "detail", "title"}


def bare(answer: Any, name: str = "") -> set[str]:
    """Texts for people in an answer that are not marked as translated."""
    match answer:
        case dict():
            return set().union(*(bare(value, key) for key, value in answer.items()))
        case list():
            return set().union(*(bare(value, name) for value in answer))
        case str() if name in PROSE and re.search("[a-z]", answer) and not answer.startswith("⟦"):
            return {f"{name}: {answer}"}
    return set()


def test_screens_get_only_translated_texts(api: Client, ada: Employee, person: Company) -> None:
    client = speaking(api(ada), PSEUDO)
    export = client.post("/v1/requests", json={"type": "export"}).json()["id"]
    assert carry_out(export)
    request_id = erased(client)
    for path in (
        f"/v1/requests/{export}",
        "/v1/me/models",
        "/v1/me/possible-access",
        "/v1/me/access-log",
        f"/v1/requests/{request_id}",
        f"/v1/requests/{uuid4()}",
        "/v1/me/retention?limit=0",
    ):
        assert bare(client.get(path).json()) - {"what: captures", "what: requests"} == set(), path


def test_the_page_of_a_receipt_is_in_the_readers_language(api: Client, ada: Employee) -> None:
    german = speaking(api(ada), "de")
    address = f"/v1/requests/{erased(german)}/receipt.html"
    page = german.get(address).text
    assert '<html lang="de">' in page
    assert "<h1>Quittung zu Ihrem Antrag</h1>" in page
    assert "Gelöscht: 4 Aufzeichnungen." in page
    pseudo = speaking(api(ada), PSEUDO).get(address).text
    text = re.sub(r"<(style|code|pre)[ >].*?</\1>|<[^>]*>", " ", pseudo, flags=re.DOTALL)
    while (shorter := re.sub(r"⟦[^⟦⟧]*⟧", " ", text)) != text:
        text = shorter
    stores_and_signed = "daily counts export files content key set of Sable GDPR"
    assert set(re.findall(r"[A-Za-z]{2,}", text)) - set(stores_and_signed.split()) == set()
