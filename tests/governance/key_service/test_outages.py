"""The token is away, or another one: answers say so, nothing is lost or half done, and it goes on once it is back."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest

import queries.connection
from directory.keys import KeyRing, Oneself, service, token
from directory.keys.service import KeyServiceUnavailable
from governance.api.monitoring import health
from governance.fulfilment.erasure import TOGETHER
from governance.intake import storing
from governance.requests import filing
from governance.requests.progress import attempt, begin
from governance.schemas import NewRequest
from tests.governance.backup.conftest import Recorded, work_on
from tests.governance.conftest import Client
from tests.governance.intake.conftest import Send, record
from tests.governance.key_service.test_people import row_of
from tests.support.people import Company
from tests.support.softhsm import LABEL, SoftHsm

Outage = Callable[[SoftHsm], None]


def another(hsm: SoftHsm) -> None:
    """Of the same name, and empty: as if it had lost everything."""
    hsm.take_away()
    hsm.new_token(LABEL)


OUTAGES: dict[str, Outage] = {"away": SoftHsm.take_away, "another": another}
each_outage = pytest.mark.parametrize("outage", OUTAGES.values(), ids=OUTAGES)


def end(hsm: SoftHsm) -> None:
    for left in hsm.tokens.iterdir():
        for file in left.iterdir():
            file.unlink()
        left.rmdir()
    hsm.bring_back()


@pytest.fixture(autouse=True)
def patient_health(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "SECONDS", 120.0)


@each_outage
def test_answers_say_so_until_it_is_back(
    home: Path, hsm: SoftHsm, company: Recorded, api: Client, outage: Outage
) -> None:
    queries.connection.close()
    client = api(company.ada)
    assert "typed this into" in client.get("/v1/me/captures").text
    outage(hsm)
    answer = client.get("/v1/me/captures")
    assert (answer.status_code, "key service" in answer.json()["detail"]) == (503, True)
    assert answer.headers["Retry-After"]
    told = client.get("/healthz")
    assert told.status_code == 503
    assert "keys: The key service" in told.json()["detail"]
    assert client.get("/v1/requests").status_code == 200  # what needs no key goes on
    end(hsm)
    assert "typed this into" in client.get("/v1/me/captures").text
    assert client.get("/healthz").json()["keys"] == "ok"


@each_outage
def test_an_erasure_waits_and_claims_nothing(
    home: Path, hsm: SoftHsm, company: Recorded, outage: Outage, caplog: pytest.LogCaptureFixture
) -> None:
    """A token that is away, or empty, doesn't count as one in which the key was destroyed."""
    ada = company.ada
    _, name = row_of(ada.subject)
    queries.connection.close()
    request_id = filing.file(ada, NewRequest.model_validate({"type": "erasure", "scope": {}}), None).request.id
    begin(request_id)
    outage(hsm)
    reasons = [attempt(step, [request_id]) for step in TOGETHER]
    assert any(reason and "The key service" in reason for reason in reasons)
    assert filing.one_of(ada.subject, request_id).state == "in_progress"
    assert row_of(ada.subject)[1] == name
    end(hsm)
    assert name in service.key_service().names()
    assert work_on(request_id) is None
    done = filing.one_of(ada.subject, request_id)
    assert done.state == "completed"
    assert done.outcome
    assert done.outcome.content_key_destroyed
    assert name not in service.key_service().names()


@each_outage
def test_nothing_is_stored_without_it(home: Path, hsm: SoftHsm, company: Recorded, outage: Outage) -> None:
    before = len(company.captures(company.ada))
    outage(hsm)
    stranger = uuid4()
    with pytest.raises(KeyServiceUnavailable):
        KeyRing().create_content_key(stranger, Oneself(stranger))
    with pytest.raises(KeyServiceUnavailable):
        KeyRing().content_key(company.ada.subject, Oneself(company.ada.subject))
    end(hsm)
    assert len(company.captures(company.ada)) == before
    assert KeyRing().content_key(stranger, Oneself(stranger)) is None
    assert KeyRing().create_content_key(stranger, Oneself(stranger))


def test_what_recorders_send_is_stored_once_it_is_back(
    home: Path, hsm: SoftHsm, person: Company, send: Send, api: Client
) -> None:
    """One body comes while it is away, and another one waits to be stored then."""
    ada = person("ada@example.com")
    assert send([record(1)]).status_code == 202
    hsm.take_away()
    refused = send([record(2)], key := str(uuid4()))
    assert (refused.status_code, "key service" in refused.text) == (503, True)
    with pytest.raises(KeyServiceUnavailable):  # a worker's round makes another one after a while
        storing.store_due()
    hsm.bring_back()
    assert send([record(2)], key).status_code == 202
    storing.store_due()
    texts = {one["content"]["text"] for one in api(ada).get("/v1/me/captures").json()["captures"]}
    assert texts == {"typed text 1", "typed text 2"}


def test_a_key_that_could_not_be_noted_is_destroyed(home: Path, hsm: SoftHsm, monkeypatch: pytest.MonkeyPatch) -> None:
    ada = uuid4()
    ring = KeyRing()
    with monkeypatch.context() as failing:
        failing.setattr("directory.keys.ring.insert", lambda _: (_ for _ in ()).throw(OSError("the disk")))
        with pytest.raises(OSError, match="the disk"):
            ring.create_content_key(ada, Oneself(ada))
    assert hsm.objects() == 1
    assert ring.create_content_key(ada, Oneself(ada))


def test_a_process_that_was_forked_has_its_own_session(home: Path) -> None:
    ada = uuid4()
    key = KeyRing().create_content_key(ada, Oneself(ada))
    with token._shared.turn:  # another thread is at it, and the child has no such thread
        if (child := os.fork()) == 0:
            status = 1
            try:
                status = int(KeyRing().content_key(ada, Oneself(ada)) != key)
            finally:
                os._exit(status)
    assert os.waitpid(child, 0)[1] == 0
    assert KeyRing().content_key(ada, Oneself(ada)) == key


def test_a_module_that_does_not_answer_is_not_waited_for(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(token, "PATIENCE_SECONDS", 0.05)
    with token._shared.turn, pytest.raises(KeyServiceUnavailable, match="doesn't answer in time"):
        service.check()
    service.check()
