"""Every processor is notified of an erasure once; its answer counts if it is signed."""

from __future__ import annotations

import base64
import socket
import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from starlette.testclient import TestClient

import clock
from directory import Employee
from governance.db.database import reading
from governance.opendsr import notifying, outbound, processor_status
from governance.opendsr.tables import ProcessorNoticeRow
from governance.requests import filing
from governance.requests.progress import Postponed
from governance.schemas import NewRequest
from settings import settings
from tests.governance.conftest import Client
from tests.governance.opendsr.partner import list_partners
from tests.governance.opendsr.processor import Processor
from tests.support.disk import files_with
from tests.support.people import Company


def erasure(employee: Employee, **scope: Any) -> UUID:
    new = NewRequest.model_validate({"type": "erasure", "scope": scope})
    return filing.file(employee, new, None).request.id


def outcome(request_id: UUID, employee: Employee) -> dict[str, str]:
    """What the request says about each processor."""
    found = filing.one_of(employee.subject, request_id).outcome
    return {one.domain: one.state for one in (found.processors if found else None) or []}


def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        return int(probe.getsockname()[1])


def test_acknowledgement_is_stored_without_identity(home: Path, person: Company) -> None:
    ada = person()
    training = Processor("training.example")
    with training.serving():
        list_partners(home / "governance", training.entry(), training=training.certificate())
        request_id = erasure(ada)
        notifying.notify(request_id)
        notifying.notify(request_id)
    ((method, path, told),) = training.heard
    assert (method, path) == ("POST", "/opendsr/v2/requests")
    assert told["subject_identities"] == [
        {"identity_type": "controller_customer_id", "identity_value": "ada", "identity_format": "raw"}
    ]
    assert told["subject_request_type"] == "erasure"
    assert told["subject_request_id"] != str(request_id)
    assert told["status_callback_urls"] == [f"{settings().api_base_url}/opendsr/v2/callbacks"]
    assert outcome(request_id, ada) == {"training.example": "acknowledged"}
    with reading() as session:
        kept = session.get_one(ProcessorNoticeRow, UUID(told["subject_request_id"])).acknowledgement
    assert kept is not None
    assert kept["received_time"] == "2026-11-22T00:00:00Z"
    assert "encoded_request" not in kept
    training.key.public_key().verify(
        base64.b64decode(kept["signature"]),
        bytes.fromhex(kept["sha256"]),
        padding.PKCS1v15(),
        Prehashed(hashes.SHA256()),
    )
    stored = home / "governance"
    assert files_with(stored, [told["subject_request_id"].replace("-", "").encode()])
    identity = base64.b64encode(b"controller_customer_id")[:20]
    assert files_with(stored, [b"controller_customer_id", identity, b"encoded_request"]) == []


def test_unreachable_processor_is_retried_alone(home: Path, person: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    ada = person()
    later = clock.now() + timedelta(seconds=60)
    near, far = Processor("near.example"), Processor("far.example", key="second")
    port = unused_port()
    far.url = f"http://localhost:{port}/opendsr/v2"
    with near.serving():
        entries = near.entry() + far.entry()
        list_partners(home / "governance", entries, near=near.certificate(), far=far.certificate())
        request_id = erasure(ada)
        with pytest.raises(Postponed, match=r"far.example could not be asked to erase its copies: it can't be reached"):
            notifying.notify(request_id)
        assert outcome(request_id, ada) == {"near.example": "acknowledged", "far.example": "unreachable"}
        monkeypatch.setattr(clock, "now", lambda: later)
        with far.serving(port):
            notifying.notify(request_id)
    assert outcome(request_id, ada) == {"near.example": "acknowledged", "far.example": "acknowledged"}
    assert len(near.heard) == len(far.heard) == 1
    assert near.heard[0][2]["subject_request_id"] != far.heard[0][2]["subject_request_id"]


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("unsigned", "its answer can't be verified"),
        ("by another", "its answer can't be verified"),
        ("another request", "its answer is to something else"),
        ("broken", "it answered with the error 500"),
        ("redirected", "it answered with the error 307"),
        ("empty", "its answer is not OpenDSR"),
    ],
)
def test_invalid_acknowledgement_is_retried(home: Path, person: Company, fault: str, words: str) -> None:
    ada = person()
    training = Processor("training.example")
    elsewhere = {"subject_request_id": "0d4b5b2e-3c7c-4b1a-9f6e-2f8a1c9e7d10"}
    match fault:
        case "unsigned":
            training.signs = lambda body: {}
        case "by another":
            training.signs = Processor("training.example", key="second").sign
        case "another request":
            training.answers = lambda *asked: (201, {**training.acknowledge(*asked)[1], **elsewhere})
        case "broken":
            training.answers = lambda *asked: (500, {})
        case "redirected":
            signs = training.signs
            training.signs = lambda body: {**signs(body), "Location": "/elsewhere"}
            training.answers = lambda *asked: (307, {})
        case "empty":
            training.answers = lambda *asked: (201, {})
    with training.serving():
        list_partners(home / "governance", training.entry(), training=training.certificate())
        request_id = erasure(ada)
        with pytest.raises(Postponed, match=words):
            notifying.notify(request_id)
        assert outcome(request_id, ada) == {"training.example": "told"}
        assert len(training.heard) == 1
        training.answers, training.signs = training.acknowledge, training.sign
        notifying.notify(request_id)
    assert outcome(request_id, ada) == {"training.example": "acknowledged"}
    assert training.heard[0] == training.heard[1], "the same is said again, byte by byte"


def test_processor_without_the_person_is_done(home: Path, person: Company) -> None:
    ada = person()
    training = Processor("training.example")
    fault = {"domain": "subject_identities", "reason": "not_found", "message": "Nobody."}
    training.answers = lambda *asked: (400, {"error": {"code": 400, "message": "Nobody.", "errors": [fault]}})
    with training.serving():
        list_partners(home / "governance", training.entry(), training=training.certificate())
        request_id = erasure(ada)
        notifying.notify(request_id)
    assert outcome(request_id, ada) == {"training.example": "not_known"}


def test_partial_erasure_reaches_only_capable_processors(home: Path, person: Company) -> None:
    ada = person()
    whole, part = Processor("whole.example"), Processor("part.example", key="second")
    with whole.serving(), part.serving():
        entries = whole.entry() + part.entry() + "understands_scope = true\ncustomer_id = 'subject'\n"
        list_partners(home / "governance", entries, whole=whole.certificate(), part=part.certificate())
        request_id = erasure(ada, signals=["keystroke"])
        notifying.notify(request_id)
    assert outcome(request_id, ada) == {"part.example": "acknowledged", "whole.example": "not_told"}
    assert whole.heard == []
    told = part.heard[0][2]
    assert told["extensions"]["part.example"]["scope"] == {"signals": ["keystroke"]}
    assert told["subject_identities"][0]["identity_value"] == str(ada.subject)


def test_processor_token_is_sent(home: Path, person: Company) -> None:
    ada = person()
    training = Processor("training.example")
    with training.serving():
        entry = training.entry(authorization_file="training.token")
        list_partners(home / "governance", entry, training=training.certificate())
        (home / "governance" / "training.token").write_text("Bearer abc\n")
        notifying.notify(erasure(ada))
    assert training.headers[0]["authorization"] == "Bearer abc"


def test_invalid_list_fails_the_erasure_visibly(home: Path, person: Company) -> None:
    ada = person()
    list_partners(home / "governance", "[[processors]]\nurl = 1\n")
    with pytest.raises(Postponed, match="The list of companies that hold copies can't be used just now"):
        notifying.notify(erasure(ada))


def test_polling_slows_down_until_the_end(home: Path, person: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    ada = person()
    now = datetime(2026, 3, 2, tzinfo=UTC)
    monkeypatch.setattr(clock, "now", lambda: now)
    training = Processor("training.example")
    with training.serving():
        list_partners(home / "governance", training.entry(), training=training.certificate())
        request_id = erasure(ada)
        notifying.notify(request_id)
        processor_status.poll_due()
        assert len(training.heard) == 1
        now += timedelta(seconds=6)
        training.status = "in_progress"
        processor_status.poll_due()
        processor_status.poll_due()
        assert [method for method, _, _ in training.heard] == ["POST", "GET"]
        assert outcome(request_id, ada) == {"training.example": "acknowledged"}
        now += timedelta(seconds=11)
        training.status, training.said = "completed", {
            "extensions": {"training.example": {"state": "partially_completed", "words": "<b>no</b>"}}
        }  # fmt: skip
        processor_status.poll_due()
        now += timedelta(hours=1)
        training.said = {}
        processor_status.poll_due()
        now += timedelta(days=1)
        processor_status.poll_due()
    assert [method for method, _, _ in training.heard] == ["POST", "GET", "GET", "GET"]
    assert outcome(request_id, ada) == {"training.example": "completed"}
    words = [event.note for event in filing.one_of(ada.subject, request_id).history]
    assert words[1:] == [
        "training.example was asked to erase its copies and acknowledged it.",
        "training.example says that it erased part of its copies and must keep the rest for now.",
        "training.example says that its copies are erased.",
    ]


def test_callback_counts_only_from_its_processor(home: Path, api: Client, unknown: TestClient, person: Company) -> None:
    ada = person()
    training, other = Processor("training.example"), Processor("other.example", key="second")
    with training.serving(), other.serving():
        entries = training.entry() + other.entry()
        list_partners(home / "governance", entries, training=training.certificate(), other=other.certificate())
        request_id = erasure(ada)
        notifying.notify(request_id)
    told = training.heard[0][2]
    message = {
        **training.acknowledge("GET", told["subject_request_id"], b"")[1],
        "request_status": "completed",
        "status_callback_url": told["status_callback_urls"][0],
    }
    assert other.post(unknown, message, "/callbacks").status_code == 400
    impostor = Processor("training.example", key="second")
    assert impostor.post(unknown, message, "/callbacks").status_code == 403
    for fault in ({"status_callback_url": "https://other.example"}, {"request_status": "gone"}):
        assert training.post(unknown, {**message, **fault}, "/callbacks").status_code == 400
    assert training.post(unknown, b"{", "/callbacks").status_code == 400
    assert outcome(request_id, ada)["training.example"] == "acknowledged"
    assert training.post(unknown, message, "/callbacks").status_code == 202
    assert outcome(request_id, ada)["training.example"] == "completed"
    late = {**message, "request_status": "cancelled"}
    assert training.post(unknown, late, "/callbacks").status_code == 202
    assert outcome(request_id, ada) == {"training.example": "completed", "other.example": "acknowledged"}


def test_slow_answer_times_out(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbound, "LONGEST_ANSWER_SECONDS", 0.2)
    ended = threading.Event()
    with socket.create_server(("localhost", 0)) as server:

        def dribble() -> None:
            connection, _ = server.accept()
            with connection, suppress(OSError):
                connection.recv(10_000)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
                while not ended.wait(0.05):
                    connection.sendall(b"x")

        thread = threading.Thread(target=dribble)
        thread.start()
        try:
            with pytest.raises(outbound.Unreachable, match="takes too long"):
                outbound.call("GET", f"http://localhost:{server.getsockname()[1]}/", {})
        finally:
            ended.set()
            thread.join()
