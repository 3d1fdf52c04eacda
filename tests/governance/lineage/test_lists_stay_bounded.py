"""Every list that one sender can grow: however much was sent, an answer stays within its size limit; the rest can be
read page by page.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

import clock
from directory import Employee
from directory.models import EmployeeRow, LetterCodeRow, LinkRow, open_engine
from directory.people import directory_path
from governance.db.database import writing
from governance.db.tables import AccessRow, EventRow, RequestRow, TrainingExportRow
from governance.domain.lifecycle import State, Type
from governance.leases.tables import LeaseRow
from governance.lineage import openlineage
from governance.lineage.folding import fold_pending
from governance.lineage.storing import store
from governance.notifying.kinds import Kind
from governance.notifying.telling import tell
from governance.requests import notes
from lake.storage.connection import transaction, writer
from tests.governance.conftest import Capture, Client
from tests.governance.lineage import told
from tests.support import applications
from tests.support.people import Company

MANY = 110
LONG = "n" * 150
KILOBYTE = 1000

OWN_LISTS = {
    "/v1/me/models": 600,
    "/v1/me/models/{model}/datasets": 60,
    "/v1/me/lineage": 800,
    "/v1/me/violations": 60,
    "/v1/me/notes": 60,
    "/v1/me/retention": 400,
    "/v1/me/refused": 250,
    "/v1/me/indirect": 250,
    "/v1/me/access-log": 60,
    "/v1/me/notifications": 60,
    "/v1/me/captures": 100,
    "/v1/requests": 100,
    "/v1/requests/{request}": 150,
    "/v1/programme": 100,
}
OFFICERS_LISTS = {
    "/v1/officer/requests": 60,
    "/v1/officer/models": 300,
    "/v1/officer/violations": 60,
    "/v1/officer/links": 200,
    "/v1/officer/letters": 60,
    "/v1/officer/training-exports": 60,
    "/v1/officer/leases": 60,
    "/v1/holds": 60,
}
"""In kilobytes: the maximum size of an answer, whatever one sender has sent."""

PAGES_IN_OBJECTS = ("/v1/me/retention", "/v1/me/refused", "/v1/me/indirect")

ELSEWHERE = {
    "/v1/me/possible-access",  # as long as the configuration
    "/.well-known/security.txt",
    "/v1/me/recorders",  # at most 20 of them
    "/v1/me/views",  # at most 50 of them, of 4 kB
    "/no-more-mail", "/v1/me/notifications/settings",
    "/v1/me/recording", "/v1/me/notices", "/v1/capture-control", "/v1/capture-control/{device}",
    "/v1/me", "/v1/me/summary", "/v1/me/ledger", "/v1/me/register", "/v1/area", "/healthz", "/readyz",
    "/metrics", "/v1/officer/health",
    "/v1/me/datasets/{dataset_version}/proof", "/v1/me/access-log/proof", "/v1/me/new-accessors",
    "/v1/requests/{request_id}/export", "/v1/requests/{request_id}/receipt", "/v1/requests/{request_id}/receipt.html",
    "/v1/requests/{request_id}/acknowledgement", "/v1/requests/{request_id}/receipt.tlog-proof",
    "/v1/me/captures/{capture_id}/picture",
    "/v1/officer/requests/{request_id}/note", "/v1/datasets/{dataset_version}", "/v1/datasets/{dataset_version}/leaves",
    "/v1/datasets/{dataset_version}/parquet", "/v1/captures/batches/{batch}", "/v1/leases/{lease}",
}  # fmt: skip
"""No lists, or files whose size is that of the person's own data or of the company."""


@pytest.fixture
def flooded(person: Company, capture: Capture) -> tuple[Employee, Employee, str]:
    """Ada, an officer, and the last of Ada's requests, after every kind of sender has sent a lot."""
    ada, officer = person("ada@example.com"), person("olga@example.com", role="privacy_officer")
    capture(ada, 1500)
    _flood_lineage()
    with writer() as connection, transaction(connection):
        subject = {"subject": ada.subject}
        connection.execute(
            "insert into violations select uuid(), 'withdrawn', uuid(), uuid(), $subject, uuid(), 1, now()::timestamp "
            f"from range({MANY})",
            subject,
        )
        connection.execute(
            "insert into removals select uuid(), $subject, now()::timestamp, 'retention', null, 'p', 'scroll', "
            "'Excel', today(), today(), 1 from range(3000)",
            subject,
        )
        connection.execute(
            "insert into refused select uuid(), $subject, today(), 'scroll', 'policy', uuid(), 1 from range(3000)",
            subject,
        )
        connection.execute(
            "insert into mentions select uuid(), $subject, now()::timestamp - to_days(range::integer), "
            "'message', 'Slack', 'mentioned', today() + 30 from range(3000)",
            subject,
        )
        connection.execute(
            "insert into holds select uuid(), $subject, 'HR-' || range, 'gdpr_17_3_e', null, null, null, null, "
            f"now()::timestamp, today() + 30, null from range({MANY})",
            subject,
        )
    _flood_leavers()
    with writing() as session:
        session.add_all(_access(ada) for _ in range(1500))
        tell(session, Kind.POLICY_ANNOUNCED, [(ada.subject, number) for number in range(MANY)])
        session.add_all(_training_export(number) for number in range(MANY))
        session.add_all(_lease(number) for number in range(MANY))
        rows = [_request(ada, Type.ERASURE, State.RECEIVED) for _ in range(MANY)]
        rows += [_request(ada, Type.RECTIFICATION, State.COMPLETED) for _ in range(MANY)]
        session.add_all(rows)
        session.flush()
        rows[-1].history += [EventRow(at=clock.now_utc(), state="completed", note="again " * 30) for _ in range(500)]
        last = str(rows[-1].id)
    return ada, officer, last


def _flood_leavers() -> None:
    """Many people have left with a letter, and get another sub in the HR system's file."""
    texts = {"name": LONG, "department": LONG, "team": LONG, "role": "employee", "regime": "gdpr"}
    engine = open_engine(directory_path())
    with Session(engine) as session, session.begin():
        for number in range(MANY):
            known, email = uuid4(), f"p{number}@example.com"
            session.add(EmployeeRow(subject=known, email=email, sub=f"{number}", active=False, **texts))
            line = {**texts, "email": email, "sub": f"{number}{LONG}", "zone": None, "manager_email": None}
            letter = {"letter": uuid4(), "code": f"{number}", "expires_at": clock.now().timestamp() + 60, "uses": 0}
            session.add(LetterCodeRow(subject=known, **letter))
            session.add(LinkRow(proposal=uuid4(), subject=known, sub=f"{number}{LONG}", line=line))


def _flood_lineage() -> None:
    owner = {"ownership": {"owners": [{"name": f"team:{LONG}"}]}}
    models = [told.model(f"{LONG} {number}", LONG, **owner) for number in range(MANY)]
    inputs = [told.dataset(LONG, f"{LONG} {number}", LONG) for number in range(1000)]
    events = [told.event("COMPLETE", "wide", inputs=inputs, outputs=models)]
    for place in range(12):
        facet = {"openBook_deployment": {"place": f"{LONG} {place}", "recipient": LONG}}
        events.append(told.event("COMPLETE", f"place {place}", inputs=models[:6], run_facets=facet))
    store([openlineage.parse(event) for event in events], "training", 1)
    fold_pending()


def _access(ada: Employee) -> AccessRow:
    return AccessRow(
        subject=ada.subject, at=clock.now_utc(), role="privacy_officer", actor=uuid4(), purpose="deadlines",
        what="requests", rows=1, dataset_version=None,
    )  # fmt: skip


def _training_export(number: int) -> TrainingExportRow:
    return TrainingExportRow(
        id=uuid4(), dataset_version=uuid4(), program=f"trainer-{number}", dataset=LONG, version=LONG, purpose=LONG,
        people=1, records=1, pictures=False, asked_at=clock.now_utc(),
    )  # fmt: skip


def _lease(number: int) -> LeaseRow:
    return LeaseRow(
        id=uuid4(), dataset_version=uuid4(), program=f"trainer-{number}", dataset=LONG, version=LONG,
        asked_at=clock.now_utc(), until=clock.now_utc(), attempt=0,
    )  # fmt: skip


def _request(ada: Employee, kind: Type, state: State) -> RequestRow:
    key: UUID = uuid4()
    entry = {"model": LONG, "version": LONG, "dataset": LONG, "dataset_version": LONG, "state": "x", "by": None}
    return RequestRow(
        id=key, subject=ada.subject, type=kind, state=state, scope={}, regime="gdpr", received_at=clock.now_utc(),
        due_at=clock.now_utc(), first_due_at=clock.now_utc(), completed_at=clock.now_utc(),
        due_on=clock.today(), first_due_on=clock.today(),
        sealed_note=notes.seal(ada.subject, key, LONG).sealed if kind == Type.RECTIFICATION else None,
        outcome={"covered": 1, "models": [{**entry, "words": LONG}] * 40},
    )  # fmt: skip


def _too_large(client: TestClient, bounds: dict[str, int], **keys: str) -> dict[str, str]:
    found = {}
    for path, kilobytes in bounds.items():
        answer = client.get(path.format(**keys))
        assert answer.status_code == 200, answer.text
        if len(answer.content) > kilobytes * KILOBYTE:
            found[path] = f"{len(answer.content):,} bytes"
    return found


def test_lists_stay_within_their_bounds(flooded: tuple[Employee, Employee, str], api: Client) -> None:
    ada, officer, request = flooded
    client = api(ada)
    model = client.get("/v1/me/models").json()[0]["model_version"]
    assert _too_large(client, OWN_LISTS, model=model, request=request) == {}
    assert _too_large(api(officer), OFFICERS_LISTS) == {}
    for path in (*OWN_LISTS, *OFFICERS_LISTS):
        asking = api(officer) if path in OFFICERS_LISTS else client
        address = path.format(model=model, request=request)
        first: Any = asking.get(f"{address}?limit=100")
        if "Total-Count" not in first.headers or path in PAGES_IN_OBJECTS:
            continue
        assert int(first.headers["Total-Count"]) >= MANY, path
        assert len(first.json()) == 100, path
        rest = asking.get(first.links["next"]["url"])
        assert 0 < len(rest.json()) <= 100, path
        assert rest.json()[0] not in first.json(), path
        assert asking.get(f"{address}?limit=101").status_code == 422


def test_every_list_of_the_api_is_measured() -> None:
    document = applications.published()
    reads = {path for path, operations in document["paths"].items() if "get" in operations}
    reads = {path for path in reads if not path.startswith(("/opendsr/", "/v1/ledger"))}
    measured = {path.format(model="{model_version}", request="{request_id}") for path in (*OWN_LISTS, *OFFICERS_LISTS)}
    assert reads == measured | ELSEWHERE
