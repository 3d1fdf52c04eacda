"""Objection, restriction and rectification: what they do, and how their owner ends them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from starlette.testclient import TestClient

import clock
from directory.keys import KeyRing
from governance.db.database import governance_folder, reading
from governance.db.tables import RequestRow
from governance.fulfilment import standing
from governance.fulfilment.standing import settle
from governance.requests.progress import begin
from lake.lineage.graph import (
    DatasetVersion,
    ModelVersion,
    collect_slices,
    record_dataset_version,
    record_model_version,
)
from lake.rules import retention
from lake.storage.connection import reader, transaction, writer
from tests.governance.conftest import START, Capture, Client
from tests.governance.ledger.ending import receipt_of
from tests.governance.working import carry_out, maintain_rules
from tests.support.disk import files_with
from tests.support.lineage import train
from tests.support.people import Company


def filed(client: TestClient, kind: str, **more: Any) -> str:
    return str(client.post("/v1/requests", json={"type": kind, **more}).json()["id"])


def look(client: TestClient, request_id: str) -> dict[str, Any]:
    return dict(client.get(f"/v1/requests/{request_id}").json())


def may_be_trained_on(subject: UUID) -> int:
    with writer() as connection:
        table = collect_slices(connection, START.date(), date(2100, 1, 1), ["keystroke"])
    return sum(row["events"] for row in table.to_pylist() if str(row["subject"]) == str(subject))


@pytest.mark.parametrize("kind", ["objection", "restriction"])
def test_rule_is_in_force_until_its_owner_ends_it(api: Client, person: Company, capture: Capture, kind: str) -> None:
    ada = person()
    capture(ada, 4)
    capture(ada, 3, application="Chrome")
    client = api(ada)
    request_id = filed(client, kind, scope={"applications": ["Chrome"]})
    assert carry_out(request_id)
    done = look(client, request_id)
    assert (done["state"], done["standing"], done["outcome"]["covered"]) == ("completed", True, 3)
    assert may_be_trained_on(ada.subject) == 4
    capture(ada, 5, application="Chrome", start=START + timedelta(days=1))
    assert may_be_trained_on(ada.subject) == 4

    ended = client.delete(f"/v1/requests/{request_id}").json()
    assert (ended["state"], ended["standing"], ended["history"][-1]["note"]) == ("withdrawn", False, "You ended this.")
    assert client.delete(f"/v1/requests/{request_id}").json() == ended
    maintain_rules()
    maintain_rules()
    assert may_be_trained_on(ada.subject) == 12
    assert [receipt["number"] for receipt in ended["receipts"]] == [1, 2]
    assert not carry_out(request_id)


def test_restricted_captures_are_kept_visibly(
    api: Client, person: Company, capture: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = person()
    capture(ada, 4)
    capture(ada, 3, application="Chrome")
    client = api(ada)
    request_id = filed(client, "restriction", scope={"applications": ["Chrome"]})
    assert carry_out(request_id)
    upcoming = client.get("/v1/me/retention").json()["upcoming"]
    assert {row["application"]: row["state"] for row in upcoming} == {"Excel": "retained", "Chrome": "restricted"}
    assert retention.sweep(date(2100, 1, 1)) == {"removed": 4, "people": 1, "held": 3}
    assert len(client.get("/v1/me/captures").json()["captures"]) == 3
    client.delete(f"/v1/requests/{request_id}")
    maintain_rules()
    assert retention.sweep(date(2100, 1, 1))["removed"] == 3


def test_objection_shows_its_effect_on_models(api: Client, person: Company, capture: Capture) -> None:
    ada = person()
    capture(ada, 4)
    trained = DatasetVersion("desktop", "1", "training", START)
    waiting = DatasetVersion("desktop", "2", "training", START)
    unwritten = DatasetVersion("phones", "1", "training", START)
    old = ModelVersion("Quill", "1", "assistance", "Team AI", START, retired_at=START + timedelta(days=1))
    new, other = (ModelVersion(name, "2", "assistance", "Team AI", START) for name in ("Quill", "Scribe"))
    with writer() as connection, transaction(connection):
        slices = collect_slices(connection, START.date(), START.date(), ["keystroke"])
        record_dataset_version(connection, trained, slices)
        record_dataset_version(connection, waiting, slices)
        record_dataset_version(connection, unwritten, None)
        for model, dataset in ((old, trained), (new, trained), (other, unwritten)):
            record_model_version(connection, model)
            train(connection, model, [dataset.dataset_version], START)
    client = api(ada)
    preview = client.post("/v1/requests/preview", json={"type": "objection"}).json()
    assert {(row["version"], row["model_version"]): row["state"] for row in preview["models"]} == {
        ("1", "1"): "model_retired",
        ("1", "2"): "retained_in_weights",
        ("2", None): "excluded_before_training",
    }
    request_id = filed(client, "objection")
    assert carry_out(request_id)
    models = look(client, request_id)["outcome"]["models"]
    assert {(row["dataset"], row["dataset_version"], row["model"], row["version"]): row["state"] for row in models} == {
        ("desktop", "1", "Quill", "1"): "model_retired",
        ("desktop", "1", "Quill", "2"): "retained_in_weights",
        ("desktop", "2", None, None): "excluded_before_training",
        ("phones", "1", "Scribe", "2"): "retained_in_weights",
    }
    unsure = next(row["words"] for row in models if row["model"] == "Scribe")
    assert "may have been" in unsure


def test_rule_ended_while_starting_does_not_remain(
    api: Client, person: Company, capture: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, olga = person("ada@example.com"), person("olga@example.com", role="privacy_officer")
    capture(ada, 4)
    client = api(ada)
    request_id = filed(client, "objection")
    assert begin(UUID(request_id))
    turns: list[str] = []

    def deny_first() -> Any:
        turns.append("at the lake")
        if len(turns) == 1:
            decision = {"decision": "deny", "reason": "manifestly_unfounded"}
            assert api(olga).post(f"/v1/requests/{request_id}/decision", json=decision).status_code == 200
            maintain_rules()
        return writer()

    monkeypatch.setattr("governance.fulfilment.standing.writer", deny_first)
    settle(UUID(request_id))
    assert turns == ["at the lake"] * 2
    standing.finish(UUID(request_id))
    maintain_rules()
    assert look(client, request_id)["state"] == "denied"
    assert may_be_trained_on(ada.subject) == 4


def test_repeated_step_creates_one_rule(api: Client, person: Company, capture: Capture) -> None:
    ada = person()
    capture(ada, 4)
    request_id = filed(api(ada), "restriction")
    assert begin(UUID(request_id))
    settle(UUID(request_id))
    settle(UUID(request_id))
    assert reader().execute("select kind, ended_at from standing_rules").fetchall() == [("restriction", None)]


def test_note_is_sealed_and_lost_with_the_key(api: Client, person: Company, capture: Capture) -> None:
    ada, bob = person("ada@example.com"), person("bob@example.com")
    olga = api(person("olga@example.com", role="privacy_officer"))
    capture(ada, 2)
    client, words = api(ada), "Bürokram, but a secret drill"
    body = {"type": "rectification", "note": words}
    key = {"Idempotency-Key": "once"}
    request_id = client.post("/v1/requests", json=body, headers=key).json()["id"]
    assert client.post("/v1/requests", json=body, headers=key).json()["id"] == request_id
    assert client.post("/v1/requests", json=body | {"note": "Other."}, headers=key).status_code == 422
    olga.post(f"/v1/requests/{request_id}/decision", json={"decision": "approve"})
    assert carry_out(request_id)
    assert [note["note"] for note in client.get("/v1/me/notes").json()] == [words]
    assert api(bob).get("/v1/me/notes").json() == []
    secrets = (words.encode(), b"secret drill", words.encode("unicode_escape"))
    assert files_with(governance_folder(), secrets) == []
    keys = KeyRing()
    keys.destroy_content_key(ada.subject)
    assert client.get("/v1/me/notes").json() == []
    assert look(client, request_id)["note"] is None


def test_a_note_ends_when_its_owner_says_so(api: Client, person: Company, capture: Capture) -> None:
    ada, olga = person("ada@example.com"), api(person("olga@example.com", role="privacy_officer"))
    capture(ada, 2)
    client = api(ada)
    request_id = filed(client, "rectification", note="A drill.")
    olga.post(f"/v1/requests/{request_id}/decision", json={"decision": "approve"})
    assert carry_out(request_id)
    assert client.delete(f"/v1/requests/{request_id}").json()["standing"] is False
    assert client.get("/v1/me/notes").json() == []


@pytest.mark.parametrize(
    "body",
    [
        {"type": "rectification"},
        {"type": "rectification", "note": ""},
        {"type": "rectification", "note": " \n "},
        {"type": "rectification", "note": "x" * 2001},
        {"type": "rectification", "note": "a\u0000b"},
        {"type": "erasure", "note": "because"},
    ],
)
def test_only_rectifications_have_a_nonempty_note(api: Client, person: Company, body: dict[str, Any]) -> None:
    client = api(person())
    assert client.post("/v1/requests", json=body).status_code == 422
    assert client.get("/v1/requests").json() == []


def test_erasure_overrides_own_restriction(api: Client, person: Company, capture: Capture) -> None:
    ada = person()
    capture(ada, 4)
    client = api(ada)
    assert carry_out(filed(client, "restriction"))
    erasure = filed(client, "erasure")
    assert carry_out(erasure)
    outcome = look(client, erasure)["outcome"]
    assert (outcome["erased"], outcome["withheld"]) == (4, 0)


def test_ended_rule_leaves_no_work(api: Client, person: Company, capture: Capture) -> None:
    ada = person()
    capture(ada, 1)
    request_id = filed(api(ada), "objection", scope={"until": (clock.now() + timedelta(days=1)).isoformat()})
    assert carry_out(request_id)
    api(ada).delete(f"/v1/requests/{request_id}")
    maintain_rules()
    with reading() as session:
        assert session.get_one(RequestRow, UUID(request_id)).rule_stands is False


@pytest.mark.parametrize("kind", ["objection", "restriction"])
def test_final_receipt_states_the_rule_ended(api: Client, person: Company, capture: Capture, kind: str) -> None:
    ada = person()
    capture(ada, 2)
    with writer() as connection:
        record_model_version(connection, ModelVersion("assistant", "1", "training", "AI team", START, None))
    request_id = filed(api(ada), kind)
    assert carry_out(request_id)
    in_force = receipt_of(api(ada), request_id)["statement"]
    assert in_force["covered"] == 2
    assert "leave your records out" in str(in_force["models"])
    api(ada).delete(f"/v1/requests/{request_id}")
    over = receipt_of(api(ada), request_id)["statement"]
    assert over["done"].startswith("It was in force until you ended it and no longer is.")
    assert "models" not in over
    assert "covered" not in over


def test_erased_note_is_not_reported_in_force(api: Client, person: Company, capture: Capture) -> None:
    ada = person("ada@example.com")
    capture(ada, 2)
    officer = api(person("olga@example.com", role="privacy_officer"))
    note = filed(api(ada), "rectification", note="I was not at my desk.")
    assert carry_out(filed(api(ada), "erasure"))
    assert officer.post(f"/v1/requests/{note}/decision", json={"decision": "approve"}).status_code == 200
    assert carry_out(note)
    done = look(api(ada), note)
    assert (done["state"], done["note"]) == ("completed", None)
    assert done["history"][-1]["note"] == standing.NOTE_GONE
