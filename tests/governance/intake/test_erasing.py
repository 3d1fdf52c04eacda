"""What waits when its person erases everything, or a part: nothing of it is stored, and no byte stays."""

from __future__ import annotations

from collections.abc import Callable
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from directory.keys import KeyRing
from governance.intake import landing, storing
from lake.safeguards import placeholder
from lake.storage.objects import Area, store
from tests.governance.conftest import Client, ended
from tests.governance.intake.conftest import Send, captures, record
from tests.support.disk import files_with
from tests.support.object_storage import BOTH
from tests.support.people import Company

pytestmark = [BOTH, pytest.mark.usefixtures("objects_in")]

Work = Callable[[], BaseProcess]


def test_everything_is_erased_while_records_wait(
    send: Send,
    recorder: TestClient,
    api: Client,
    person: Company,
    home: Path,
    work: Work,
    objects_in: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ada, bob = person("ada@example.com"), person("bob@example.com")
    monkeypatch.setenv("OPENBOOK_INTAKE_SECONDS", "600")
    both = send([record(1, text="planted words"), record(2, email="bob@example.com")])
    with store(Area.LANDING).open(*landing.names()) as file:
        sealed = [file.read()[60:]]
    assert len(files_with(home, sealed)) == (objects_in == "folders")
    request = api(ada).post("/v1/requests", json={"type": "erasure", "scope": {}}).json()
    work()
    outcome = ended(api(ada), request["id"])
    assert outcome["state"] == "completed"
    assert landing.names() == []
    assert files_with(home, [b"planted words", *sealed]) == []
    batch = recorder.get(both.headers["Location"]).json()
    assert {name: count for name, count in batch["counts"].items() if count} == {"stored": 1, "erased_before": 1}
    assert [subject for subject, _ in captures()] == [bob.subject]


def test_a_key_destroyed_meanwhile_counts_as_erased(send: Send, recorder: TestClient, person: Company) -> None:
    ada = person("ada@example.com")
    location = send([record(1), record(2)]).headers["Location"]
    keys = KeyRing()
    keys.destroy_content_key(ada.subject)
    storing.store_due()
    counts = recorder.get(location).json()["counts"]
    assert (counts["erased_before"], counts["stored"]) == (2, 0)
    assert keys.fingerprint(ada.subject) is None


def test_a_part_is_erased_while_records_wait(
    send: Send, api: Client, person: Company, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = person("ada@example.com")
    monkeypatch.setenv("OPENBOOK_INTAKE_SECONDS", "600")
    send([record(1), record(2, application="Chrome")])
    scope = {"applications": ["Excel"]}
    request = api(ada).post("/v1/requests", json={"type": "erasure", "scope": scope}).json()
    work()
    ended(api(ada), request["id"])
    assert landing.names() == []
    (left,) = api(ada).get("/v1/me/captures").json()["captures"]
    assert left["application"] == "Chrome"


def test_an_export_has_what_has_just_arrived(
    send: Send, api: Client, person: Company, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = person("ada@example.com")
    monkeypatch.setenv("OPENBOOK_INTAKE_SECONDS", "600")
    send([record(1), record(2)])
    request = api(ada).post("/v1/requests", json={"type": "export", "scope": {}}).json()
    work()
    outcome = ended(api(ada), request["id"])["outcome"]["exported"]
    assert outcome["exported"] == 2, outcome


def test_a_secret_typed_across_two_bodies(send: Send, api: Client, person: Company) -> None:
    ada = person("ada@example.com")
    keys = [
        record(number, signal="keystroke", content={"key": key, "action": "press"})
        for number, key in enumerate("4539578763621486")
    ]
    send(keys[:8])
    send(keys[8:])
    storing.store_due()
    shown = api(ada).get("/v1/me/captures").json()["captures"]
    assert {one["content"]["key"] for one in shown} == {placeholder("card_number")}
