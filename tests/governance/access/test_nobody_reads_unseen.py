"""Whatever opens a person's data other than that person leaves an entry first, or gets nothing."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

import queries
from directory import Directory, Employee, models
from directory.access_tokens import Subject
from directory.keys import EVERYBODY, Job, KeyRing, Oneself, Why, uses
from directory.keys.ring import NotTheirKey
from directory.models import writer_of
from directory.people import directory_path
from governance import access_log
from governance.access_log import WORDS, Purpose
from governance.backup import making
from governance.backup.places.folder import Folder
from governance.db import database
from governance.fulfilment import export
from governance.requests.progress import begin
from governance.rounds import releases
from lake.ingest.ingesting import ingest
from lake.rules.scope import Scope
from parts import PartUnavailable
from tests.governance.ai_models.test_datasets import made, pipeline
from tests.governance.conftest import Capture, Client
from tests.governance.working import carry_out
from tests.lake.ingesting import allow, ui_log, ui_log_row
from tests.support.people import Company

__all__ = ["pipeline"]

WRITING = Job(UUID(int=7), "worker", Why.REQUEST, "requests")
Entry = dict[str, Any]


def entries(api: Client, who: Employee) -> list[Entry]:
    return list(api(who).get("/v1/me/access-log").json()["entries"])


def of(entry: Entry) -> tuple[Any, ...]:
    return entry["role"], entry["what"], entry["rows"], entry["automatic"]


@pytest.fixture
def locked(home: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], AbstractContextManager[None]]:
    """In the block, the directory can be read, and no entry can be written into it."""
    monkeypatch.setattr(models, "PATIENCE_SECONDS", 0.1)

    @contextmanager
    def block() -> Iterator[None]:
        with models.change_of(models.open_engine(directory_path())):
            yield

    return block


def requested(client: TestClient, kind: str = "export", **more: Any) -> UUID:
    return UUID(client.post("/v1/requests", json={"type": kind, **more}).json()["id"])


def recording(folder: Path) -> str:
    return str(ui_log(folder / "log.csv", [ui_log_row(0), ui_log_row(1)]))


def test_writing_an_export_is_in_the_log_once(api: Client, person: Company, capture: Capture) -> None:
    ada, bob = person("ada@example.com"), person("bob@example.com")
    capture(ada, 3)
    assert carry_out(requested(api(ada)))
    [entry] = entries(api, ada)
    assert of(entry) == ("worker", "requests", 1, True)
    assert entry["purpose"] == "To carry out a request of yours, such as writing your copy"
    assert entries(api, bob) == []


def test_a_worker_that_reads_a_note_is_listed(api: Client, person: Company, capture: Capture) -> None:
    ada, olga = person("ada@example.com"), person("olga@example.com", role="privacy_officer")
    capture(ada, 3)
    note = requested(api(ada), "rectification", note="A drill.")
    api(olga).post(f"/v1/requests/{note}/decision", json={"decision": "approve"})
    assert carry_out(note)
    assert [entry["role"] for entry in entries(api, ada)] == ["worker", "privacy_officer"]


def test_ingestion_is_listed_with_how_many(api: Client, person: Company, tmp_path: Path) -> None:
    ada = person("ada@example.com")
    allow()
    ingest("ui-log", recording(tmp_path), ada.email)
    [entry] = entries(api, ada)
    assert of(entry) == ("ingestion", "records", 2, True)


def test_a_training_program_is_listed_and_not_automatic(
    pipeline: TestClient, api: Client, person: Company, capture: Capture
) -> None:
    ada = person("ada@example.com")
    capture(ada, 5)
    version = made(pipeline)["dataset_version"]
    assert pipeline.get(f"/v1/datasets/{version}/parquet").status_code == 200
    training, selected = entries(api, ada)
    assert of(training) == ("training-pipeline", "captures", 5, False)
    assert training["dataset_version"] == version
    assert (*of(selected), selected["everybody"]) == ("dataset", "all records", 1, True, True)


@pytest.mark.state_in_files
def test_backups_and_releases_are_listed_for_everybody(
    api: Client, person: Company, capture: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, bob = person("ada@example.com"), person("bob@example.com")
    capture(ada, 3)
    making.make(Folder(tmp_path / "backups"))
    for who in (ada, bob):
        [entry] = entries(api, who)
        assert (*of(entry), entry["everybody"]) == ("backup", "all records", 1, True, True)
    from lake.releases import publishing

    def seen(*_: object, **__: object) -> None:
        assert entries(api, ada)[0]["role"] == "release"
        raise publishing.NotDue("no")

    monkeypatch.setattr(releases, "_is_swept", lambda: True)
    monkeypatch.setattr(publishing, "require_due", lambda: None)
    monkeypatch.setattr(publishing, "release", seen)
    with pytest.raises(publishing.NotDue):
        releases.release_now()


def opened_by_an_export(api: Client, ada: Employee, _folder: Path) -> object:
    client = api(ada)
    known = client.get("/v1/requests").json()
    request_id = UUID(known[0]["id"]) if known else requested(client)
    begin(request_id)
    export.write(request_id)
    return client.get(f"/v1/requests/{request_id}").json()["export"]


def opened_by_ingestion(_api: Client, ada: Employee, folder: Path) -> object:
    return ingest("ui-log", recording(folder), ada.email)


def opened_by_the_worker(_api: Client, ada: Employee, _folder: Path) -> object:
    return queries.for_request(ada.subject, uuid4()).records(Scope()).records


def opened_with_the_key(_api: Client, ada: Employee, _folder: Path) -> object:
    return KeyRing().content_key(ada.subject, WRITING)


@pytest.mark.parametrize(
    "opening", [opened_by_an_export, opened_by_ingestion, opened_by_the_worker, opened_with_the_key]
)
def test_without_an_entry_nothing_is_opened(
    api: Client,
    person: Company,
    capture: Capture,
    tmp_path: Path,
    locked: Callable[[], AbstractContextManager[None]],
    opening: Callable[[Client, Employee, Path], object],
) -> None:
    ada = person("ada@example.com")
    allow()
    capture(ada, 3)
    with locked(), pytest.raises(PartUnavailable):
        opening(api, ada, tmp_path)
    assert entries(api, ada) == []
    assert opening(api, ada, tmp_path)
    assert len(entries(api, ada)) == 1


def test_a_program_gets_no_byte_without_entries(
    pipeline: TestClient,
    api: Client,
    person: Company,
    capture: Capture,
    locked: Callable[[], AbstractContextManager[None]],
) -> None:
    ada = person("ada@example.com")
    capture(ada, 5)
    version = made(pipeline)["dataset_version"]
    with locked():
        refused = pipeline.get(f"/v1/datasets/{version}/parquet")
        assert refused.status_code == 503
        assert b"PAR1" not in refused.content
    assert [entry["role"] for entry in entries(api, ada)] == ["dataset"]


KEYS = [
    name
    for name, method in inspect.getmembers(KeyRing, inspect.isfunction)
    if not name.startswith("_") and "bytes" in str(inspect.signature(method).return_annotation)
]
OF_SEVERAL = "create_content_keys"
"""Gives the keys of several people, to a job only."""


def key_of(ring: KeyRing, name: str, subject: UUID, reader: Job | Oneself) -> bytes:
    if name != OF_SEVERAL:
        return bytes(getattr(ring, name)(subject, reader))
    [key] = getattr(ring, name)(reader, {subject: 1}).values()
    return bytes(key)


@pytest.mark.parametrize("name", KEYS)
def test_every_way_to_a_key_writes_its_entry_first(person: Company, name: str) -> None:
    ada = person("ada@example.com")
    ring = KeyRing()
    ring.create_content_key(ada.subject, Oneself(ada.subject))
    noted: list[int] = []
    unwrap = ring._unwrap

    def counted(wrapped: bytes) -> bytes:
        with Directory.open() as directory:
            noted.append(len(directory.waiting_uses()))
        return unwrap(wrapped)

    ring._unwrap = counted  # type: ignore[method-assign]
    assert len(key_of(ring, name, ada.subject, WRITING)) == 32
    assert noted
    assert set(noted) == {1}


@pytest.mark.parametrize("name", [name for name in KEYS if name != OF_SEVERAL])
def test_a_token_opens_only_its_owners_key(person: Company, name: str) -> None:
    ada, bob = person("ada@example.com"), person("bob@example.com")
    KeyRing().create_content_key(ada.subject, Oneself(ada.subject))
    with pytest.raises(NotTheirKey):
        getattr(KeyRing(), name)(ada.subject, Oneself(bob.subject))
    own = queries.Own(Subject(ada.subject, Oneself(bob.subject)), ada, None)
    with pytest.raises(NotTheirKey):
        own.records(Scope())


def test_looking_at_ones_own_data_leaves_no_entry(api: Client, person: Company, capture: Capture) -> None:
    ada = person("ada@example.com")
    capture(ada, 3)
    assert len(api(ada).get("/v1/me/captures").json()["captures"]) == 3
    assert entries(api, ada) == []


def test_entries_are_collected_once_whatever_is_interrupted(
    api: Client, person: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = person("ada@example.com")
    with monkeypatch.context() as patch:
        patch.setattr(Directory, "forget_uses", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        KeyRing().create_content_key(ada.subject, WRITING)
        with pytest.raises(KeyboardInterrupt):
            access_log.collect()
    KeyRing().content_key(ada.subject, WRITING)
    assert len(entries(api, ada)) == 1
    with Directory.open() as directory:
        assert directory.waiting_uses() == []


def test_many_people_have_one_entry_each(person: Company) -> None:
    ada = person("ada@example.com")
    people = {ada.subject: 1, **{uuid4(): number for number in range(2 * uses.CHUNK)}}
    ring = KeyRing()
    ring.record(WRITING, people)
    ring.record(WRITING, people)
    access_log.collect()
    assert access_log.count_of(ada.subject) == 1
    assert {access_log.count_of(subject) for subject in list(people)[:20]} == {1}


def test_every_purpose_has_words() -> None:
    assert WORDS.keys() == {*Purpose, *Why} - {Purpose.REPORTED}


def test_a_directory_of_before_gets_the_table(person: Company, api: Client) -> None:
    ada = person("ada@example.com")
    with Directory.open() as directory, writer_of(directory._engine) as session:
        session.execute(text("drop table key_use"))
        session.commit()
    database.close()
    KeyRing().create_content_key(ada.subject, WRITING)
    assert len(entries(api, ada)) == 1


def test_nobody_is_everybody(person: Company) -> None:
    assert EVERYBODY not in {person(f"{name}@example.com").subject for name in ("ada", "bob")}
