"""Callers are authenticated by their signature before anything is read; each failure has its own message."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from starlette.testclient import TestClient

import clock
from settings import settings
from tests.governance.opendsr.conftest import PARENT
from tests.governance.opendsr.partner import DOMAIN, SIGNATURE, Partner, list_partners, signed_by
from tests.support.people import Company


def test_our_certificate_verifies_our_answers(unknown: TestClient, home: Path) -> None:
    discovery = unknown.get("/opendsr/v2/discovery")
    assert discovery.json() == {
        "api_version": "2.0",
        "supported_identities": [{"identity_type": "controller_customer_id", "identity_format": "raw"}],
        "supported_subject_request_types": ["access", "portability", "erasure"],
        "processor_certificate": f"{settings().api_base_url}/opendsr/v2/certificate.pem",
    }
    certificate = unknown.get("/opendsr/v2/certificate.pem")
    assert discovery.headers[DOMAIN] == "localhost"
    assert signed_by(discovery, certificate.content)
    assert (home / "governance" / "opendsr.key.pem").stat().st_mode & 0o777 == 0o600
    assert unknown.get("/opendsr/v2/certificate.pem").content == certificate.content


def test_without_a_list_no_one_may_send_requests(unknown: TestClient) -> None:
    stranger = Partner("parent.example")
    answer = stranger.post(unknown, stranger.asks())
    assert answer.status_code == 403
    assert answer.json()["error"] == {
        "code": 403,
        "message": f"The domain in {DOMAIN} is not on our list.",
        "errors": [
            {
                "domain": "opendsr",
                "reason": "not_verified",
                "message": f"The domain in {DOMAIN} is not on our list.",
            }
        ],
    }


def test_a_tampered_body_or_another_key_is_not_read(unknown: TestClient, parent: Partner, person: Company) -> None:
    person()
    body = json.dumps(parent.asks()).encode()
    tampered = unknown.post(
        "/opendsr/v2/requests", content=body.replace(b"erasure", b"access "), headers=parent.sign(body)
    )
    impostor = Partner("parent.example", key="second").post(unknown, body)
    for answer in (tampered, impostor):
        assert answer.status_code == 403
        assert answer.json()["error"]["message"].endswith(
            "doesn't match this message and the certificate of parent.example."
        )


def test_missing_or_unreadable_signature_is_refused(unknown: TestClient, parent: Partner) -> None:
    body = json.dumps(parent.asks()).encode()
    for headers, words in (
        ({}, f"{DOMAIN} is missing."),
        ({DOMAIN: "parent.example"}, f"{SIGNATURE} is missing."),
        ({DOMAIN: "parent.example", SIGNATURE: "!"}, f"{SIGNATURE} is not base64."),
    ):
        answer = unknown.post("/opendsr/v2/requests", content=body, headers=headers)
        assert (answer.status_code, answer.json()["error"]["message"]) == (403, words)


def test_certificate_must_be_valid_for_the_name(unknown: TestClient, parent: Partner, home: Path) -> None:
    for certificate, words in (
        (parent.certificate(until=clock.now() - timedelta(days=1)), "is not valid now"),
        (parent.certificate(name="other.example"), "is for another name"),
    ):
        list_partners(home / "governance", PARENT, parent=certificate)
        answer = parent.post(unknown, parent.asks())
        assert answer.status_code == 403
        assert words in answer.json()["error"]["message"]


def test_bodyless_call_is_bound_and_short_lived(unknown: TestClient, parent: Partner) -> None:
    path = f"/requests/{uuid4()}"
    assert parent.get(unknown, path).json()["error"]["message"] == "You have no such request."
    late = parent.sign_call("GET", path, at=clock.now() - timedelta(minutes=6))
    for headers in (
        late,
        parent.sign_call("GET", f"/requests/{uuid4()}"),
        parent.sign_call("DELETE", path),
        Partner("parent.example", recipient="other.example").sign_call("GET", path),
        parent.sign(b""),
        {**parent.sign_call("GET", path), "X-OpenDSR-Signed-Time": "yesterday"},
    ):
        assert unknown.get(f"/opendsr/v2{path}", headers=headers).status_code == 403
    message = unknown.get(f"/opendsr/v2{path}", headers=late).json()["error"]["message"]
    assert message.endswith("more than five minutes from our time: it may be a replay.")


def test_a_huge_body_is_refused_unread(unknown: TestClient, parent: Partner, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        answer = parent.post(unknown, parent.asks(extensions={"parent.example": "x" * 256 * 1024}))
    assert answer.status_code == 400
    assert answer.json()["error"]["errors"][0]["reason"] == "too_large"
    assert "xxx" not in caplog.text


def test_invalid_list_is_503_and_logged(
    unknown: TestClient, parent: Partner, home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for text, words in (
        ("[[controllers]\n", "is not TOML"),
        (PARENT.replace("callback_hosts", "callbacks"), "controllers 1, callbacks: Extra inputs are not permitted"),
        (PARENT.replace("parent.pem", "none.pem"), "controllers 1, certificate: none.pem"),
        (PARENT + PARENT, "parent.example is listed twice"),
        (PARENT.replace('"parent.example"]', '"*.example"]'), "controllers 1, callback_hosts, 0: must be a host"),
        ('[[processors]]\ndomain = "a.example"\nurl = "http://a.example"\ncertificate = "parent.pem"', "must be https"),
        ('[[processors]]\ndomain = "a.example"\nauthorization = "Bearer abc"', "processors 1, authorization: write it"),
        ('[[processors]]\ndomain = "a.example"\nauthorization_file = 1', "processors 1, authorization_file: Extra"),
    ):
        list_partners(home / "governance", text)
        answer = parent.post(unknown, parent.asks())
        assert answer.status_code == 503
        assert "our log says why" in answer.json()["error"]["message"]
        assert words in caplog.text, caplog.text
        caplog.clear()
