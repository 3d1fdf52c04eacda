"""A company with OpenDSR, for tests: its own key and certificate, real signatures."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from starlette.testclient import TestClient

import clock

DOMAIN, SIGNATURE, TIME = "X-OpenDSR-Processor-Domain", "X-OpenDSR-Signature", "X-OpenDSR-Signed-Time"
CALL = "X-OpenDSR-Call-Signature"


@cache
def key_of(name: str) -> rsa.RSAPrivateKey:
    """A key by name, created once, because that takes long."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Partner:
    """`post`, `get` and `delete` are calls to an API, signed as this company; `asks` is a request for a person."""

    def __init__(self, domain: str, recipient: str = "localhost", key: str = "first") -> None:
        self.domain = domain
        self.recipient = recipient
        self.key = key_of(key)

    def certificate(self, *, name: str | None = None, until: datetime | None = None) -> bytes:
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Partner")])
        until = until or clock.now() + timedelta(days=30)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(self.key.public_key())
            .serial_number(1)
            .not_valid_before(until - timedelta(days=60))
            .not_valid_after(until)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name or self.domain)]), critical=False)
            .sign(self.key, hashes.SHA256())
            .public_bytes(serialization.Encoding.PEM)
        )

    def sign(self, body: bytes) -> dict[str, str]:
        signature = self.key.sign(body, padding.PKCS1v15(), hashes.SHA256())
        return {DOMAIN: self.domain, SIGNATURE: base64.b64encode(signature).decode()}

    def sign_call(self, method: str, path: str, at: datetime | None = None) -> dict[str, str]:
        time = (at or clock.now()).isoformat()
        return {**self.sign(f"{method} {self.recipient}{path} {time}".encode()), TIME: time}

    def sign_message(self, path: str, body: bytes, at: datetime | None = None) -> dict[str, str]:
        """The headers of the standard, and the signature of the call, as another Open Book sends them."""
        time = (at or clock.now()).isoformat()
        line = f"POST {self.recipient}{path} {time} sha256={hashlib.sha256(body).hexdigest()}"
        return {**self.sign(body), TIME: time, CALL: self.sign(line.encode())[SIGNATURE]}

    def asks(self, **fields: Any) -> dict[str, Any]:
        return {
            "regulation": "gdpr",
            "subject_request_id": str(uuid4()),
            "subject_request_type": "erasure",
            "submitted_time": "2026-03-01T09:30:00Z",
            "subject_identities": [
                {"identity_type": "controller_customer_id", "identity_value": "ada", "identity_format": "raw"}
            ],
            "api_version": "2.0",
            **fields,
        }

    def post(self, client: TestClient, message: dict[str, Any] | bytes, path: str = "/requests") -> Any:
        body = message if isinstance(message, bytes) else json.dumps(message).encode()
        headers = self.sign(body) if path == "/callbacks" else self.sign_message(path, body)
        return client.post(f"/opendsr/v2{path}", content=body, headers=headers)

    def get(self, client: TestClient, path: str) -> Any:
        return client.get(f"/opendsr/v2{path}", headers=self.sign_call("GET", path))

    def delete(self, client: TestClient, path: str) -> Any:
        return client.delete(f"/opendsr/v2{path}", headers=self.sign_call("DELETE", path))


def list_partners(folder: Path, text: str, **certificates: bytes) -> None:
    """Write a list of partners and their certificates (`parent=…` is `parent.pem`)."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, certificate in certificates.items():
        (folder / f"{name}.pem").write_bytes(certificate)
    (folder / "partners.toml").write_text(text)


def signed_by(answer: Any, certificate: bytes) -> bool:
    """Whether an answer is signed with this certificate; raises otherwise."""
    key = x509.load_pem_x509_certificate(certificate).public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    key.verify(base64.b64decode(answer.headers[SIGNATURE]), answer.content, padding.PKCS1v15(), hashes.SHA256())
    return True
