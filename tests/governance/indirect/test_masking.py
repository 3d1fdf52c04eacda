"""A person asks that their name be masked in records of others that mention them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from starlette.testclient import TestClient

import clock
import lake.masking
from directory import Employee
from governance.fulfilment import masking, standing
from lake.ingest.archiving import ingest_archive
from lake.masking.names import Name
from lake.rules import holds, rules
from lake.rules.scope import Scope
from lake.storage import maintenance
from lake.storage.connection import reader, transaction, writer
from law.exceptions import LegalException
from tests.governance.conftest import Client
from tests.governance.indirect.test_indirect import BOB, workspace
from tests.governance.working import carry_out, maintain_rules
from tests.lake.ingesting import allow, stored
from tests.lake.rows import purge_is_due
from tests.lake.traces import Keys, stored_files
from tests.support.people import Company
from tests.support.slack import Workspace
from tests.support.words import mentions

ADA = "<@U00000001>"
SAID = {
    f"{ADA} Ada Lovelace wrote it; ADA: Ada@example.com": "@someone [name removed] wrote it; [name removed]: "
    "[name removed]",
    f"Lovelace, Ada and {ADA}: Adas plan, not Adam's": "[name removed] and @someone: [name removed] plan, not Adam's",
    f"nothing of hers, {ADA}": "nothing of hers, @someone",
    "Ada Lovelace without a mention": "Ada Lovelace without a mention",
}


@dataclass
class World:
    """Bob wrote what `SAID` has; Ada's name is in two messages that mention her."""

    api: Client
    ada: Employee
    bob: Employee
    officer: TestClient
    space: Workspace
    file: Path

    def read(self) -> None:
        ingest_archive("slack", str(self.space.write(self.file)))

    def bobs(self) -> list[str]:
        return [(each.content or {})["message"] for each in stored(self.bob.subject)]

    def asked(self) -> str:
        answer = self.api(self.ada).post("/v1/requests", json={"type": "masking"})
        assert answer.status_code == 201, answer.text
        request: str = answer.json()["id"]
        return request

    def decide(self, request: str, decision: str, reason: str | None = None) -> None:
        path = f"/v1/requests/{request}/decision"
        answer = self.officer.post(path, json={"decision": decision, **({"reason": reason} if reason else {})})
        assert answer.status_code == 200, answer.text

    def granted(self) -> dict[str, Any]:
        request = self.asked()
        self.decide(request, "approve")
        assert carry_out(request)
        done: dict[str, Any] = self.api(self.ada).get(f"/v1/requests/{request}").json()
        return done


@pytest.fixture
def world(home: Path, person: Company, api: Client, tmp_path: Path) -> World:
    allow(["Slack"], safeguards=["drop_passwords"])
    space = workspace()
    for text in SAID:
        space.say("general", BOB, text)
    ada, bob = person("ada@example.com", name="Ada Lovelace"), person("bob@example.com")
    officer = api(person("olga@example.com", role="privacy_officer"))
    made = World(api, ada, bob, officer, space, tmp_path / "export.zip")
    made.read()
    return made


def test_an_officer_grants_it_and_the_name_is_gone(world: World) -> None:
    before = world.api(world.ada).get("/v1/me/indirect").json()
    request = world.asked()
    assert not carry_out(request), "it waits for a decision"
    [listed] = world.officer.get("/v1/officer/requests").json()
    assert (listed["type"], listed["needs_decision"]) == ("masking", True)
    assert world.bobs() == [text.replace(ADA, "@someone") for text in SAID]
    world.decide(request, "approve")
    assert carry_out(request)
    assert world.bobs() == list(SAID.values())
    done = world.api(world.ada).get(f"/v1/requests/{request}").json()
    assert (done["state"], done["standing"]) == ("completed", True)
    assert "legal hold" in done["history"][-1]["note"]
    statement = world.api(world.ada).get(f"/v1/requests/{request}/receipt").json()["statement"]
    assert statement["done"] == done["history"][-1]["note"]
    for word in ("bob", "Bob", str(world.bob.subject), "[name removed]"):
        assert not mentions(str((done, statement)), word)
    assert world.api(world.ada).get("/v1/me/indirect").json() == before


def test_the_owner_sees_what_was_masked_and_not_for_whom(world: World) -> None:
    counts = world.api(world.bob).get("/v1/me/summary").json()
    world.granted()
    records = world.api(world.bob).get("/v1/me/captures").json()["captures"]
    assert [each["redactions"] for each in records] == [{"name": 3}, {"name": 2}, {}, {}]
    now = world.api(world.bob).get("/v1/me/summary").json()
    assert now["captures"] == counts["captures"]
    looked = world.api(world.bob).get("/v1/me/access-log").json()["entries"]
    [entry] = [each for each in looked if each["purpose"].startswith("To mask a name")]
    assert (entry["what"], entry["rows"], entry["automatic"]) == ("records", 3, True)
    for word in ("Ada", "ada@example.com", "Lovelace", str(world.ada.subject)):
        assert not mentions(str(entry), word)
    with closing(reader()) as connection:
        rollup = connection.execute("select sum(events), sum(redacted) from capture_rollup").fetchall()
    assert rollup == [(4, 2)]


def test_no_byte_of_the_text_as_it_was_stays(world: World) -> None:
    keys = Keys()
    with writer() as connection:
        keys.remember(connection)
        old = connection.execute(
            "select capture_id::varchar as i, sealed from captures order by captured_at"
        ).fetchall()
    world.granted()
    with writer() as connection:
        keys.remember(connection)
    sealed = {row[1] for row in old[:2]}
    assert len(sealed) == 2
    rows_of: dict[str, int] = {}
    for name, file in stored_files():
        data = file.read_bytes()
        assert not [blob for blob in sealed if blob in data], name
        if name.endswith(".parquet") and "captures" in file.parts:
            rows = keys.read(file)
            rows_of[name] = rows.num_rows
            assert not sealed & set(rows["sealed"].to_pylist()), name
    assert sum(rows_of.values()) == len(SAID)


def test_a_denial_changes_nothing(world: World) -> None:
    request = world.asked()
    world.decide(request, "deny", "others_rights")
    assert not carry_out(request)
    masking.mask_due()
    assert world.bobs() == [text.replace(ADA, "@someone") for text in SAID]


def test_it_has_no_scope(world: World) -> None:
    answer = world.api(world.ada).post("/v1/requests", json={"type": "masking", "scope": {"applications": ["Slack"]}})
    assert answer.status_code == 422
    preview = world.api(world.ada).post("/v1/requests/preview", json={"type": "masking"}).json()
    assert (preview["events"], preview["by"], preview["models"]) == (3, [], [])


def test_what_comes_later_is_masked_until_it_is_ended(world: World) -> None:
    request = world.granted()["id"]
    world.read()
    masking.mask_due()
    assert world.bobs() == list(SAID.values()), "read again: nothing comes back"
    world.space.messages["general"][2].update(
        text=f"{ADA} edited: Ada Lovelace", edited={"user": BOB, "ts": "1767700000.000000"}
    )
    world.space.say("general", BOB, f"new about Ada {ADA}")
    world.read()
    masking.mask_due()
    assert world.bobs()[2:] == ["@someone edited: [name removed]", "Ada Lovelace without a mention",
                                "new about [name removed] @someone"]  # fmt: skip
    assert world.api(world.ada).delete(f"/v1/requests/{request}").status_code == 200
    maintain_rules()
    world.space.say("general", BOB, f"after the end: Ada {ADA}")
    world.read()
    masking.mask_due()
    assert world.bobs()[-2:] == ["new about [name removed] @someone", "after the end: Ada @someone"]


def test_a_hold_postpones_it_and_the_answer_doesnt_say_that_there_is_one(world: World) -> None:
    with writer() as connection, transaction(connection):
        held = holds.place_hold(
            connection, world.bob.subject, Scope(), case="HR-1", exception=LegalException.GDPR_17_3_B,
            placed_at=clock.now_utc(), review_on=clock.today(),
        )  # fmt: skip
    done = world.granted()
    assert world.bobs() == [text.replace(ADA, "@someone") for text in SAID]
    assert (done["state"], done["outcome"]) == ("completed", None)
    assert "once the hold ends" in done["history"][-1]["note"], "said of any hold, whether there is one or not"
    with writer() as connection, transaction(connection):
        holds.lift_hold(connection, held, clock.now_utc())
    masking.mask_due()
    assert world.bobs() == list(SAID.values())


def killed_before_the_purge(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maintenance, "purge", _die)


def killed_between_transactions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lake.masking, "AT_ONCE", 1)
    monkeypatch.setattr(maintenance, "purge_where_due", _die)


def _die(*_: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("killed", [killed_before_the_purge, killed_between_transactions], ids=lambda one: one.__name__)
def test_it_is_done_once_however_often_it_is_begun(
    world: World, monkeypatch: pytest.MonkeyPatch, killed: Callable[[pytest.MonkeyPatch], None]
) -> None:
    request = world.asked()
    world.decide(request, "approve")
    with monkeypatch.context() as patched:
        killed(patched)
        with pytest.raises(KeyboardInterrupt):
            carry_out(request)
    masking.mask_due()
    for step in standing.STEPS:
        step(UUID(request))
    assert world.bobs() == list(SAID.values())
    assert [each.redactions for each in stored(world.bob.subject)] == [{"name": 3}, {"name": 2}, None, None]
    assert not purge_is_due()
    with closing(reader()) as connection:
        assert connection.execute("select count(*) from name_masks").fetchall() == [(1,)]


def test_a_lake_from_before_it_gets_the_rule_and_masks_again(world: World) -> None:
    """As after a restore: the rule is in the journal, the records are as the backup had them."""
    with writer() as connection:
        lake.masking.start(connection, world.ada.subject, world.ada.subject)
        kept = rules.read_rules(connection)
        connection.execute("delete from name_masks")
        rules.merge_rules(connection, {"name_masks": kept["name_masks"]})
        rules.merge_rules(connection, {"name_masks": kept["name_masks"]})
    masking.mask_due()
    assert world.bobs() == list(SAID.values())


NAMES = [
    ("Ada Lovelace", "ask ada lovelace, ADA_LOVELACE, Lovelace, Ada or ada.lovelace", 4),
    ("Ada Lovelace", "Adam, adagio, loveland and ada in small letters", 0),
    ("Zoë Müller-Lüdenscheidt", "Zoe, Zoë and Zoe\u0308 met Müller-Lüdenscheidt's team", 4),
    ("Jan van der Berg", "van der is no name, Berg is, and Jan Berg", 2),
    ("Zoë Müller", "see https://example.com/Zo%C3%AB?q=1", 1),
    ("山田太郎", "山田太郎さんに聞いて", 1),
    ("J. Doe", "J is a letter; Does it? Doe knows", 2),
]


@pytest.mark.parametrize(("name", "text", "places"), NAMES)
def test_names_are_found_in_their_forms(name: str, text: str, places: int) -> None:
    person = Employee(uuid4(), "a.l@example.com", name, "Finance", "Accounts", "employee", "gdpr", "UTC", True)
    content, found = Name(person).masked({"message": f"{text} (@a.l, A.L@EXAMPLE.com)", "action": name})
    assert found == places + 2, content
    assert content["message"].count("[name removed]") == found
    assert content["action"] == name
