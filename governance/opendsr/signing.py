"""Signatures of OpenDSR: RSA, PKCS #1 v1.5 (RFC 8017) over SHA-256, and the certificate that identifies the signer.

`X-OpenDSR-Processor-Domain` names the signer, in either role; `X-OpenDSR-Signature` is the signature of the raw body,
in base64. That says neither whom a message is for nor when it was sent, and a call without a body (GET, DELETE) would
have the same signature forever. So calls are also signed, as one line:

    GET training.example/requests/3f2b…?page=2 2026-03-01T09:30:00Z
    POST training.example/requests 2026-03-01T09:30:00Z sha256=9f86d0…

with the method, the recipient (the domain and the path after the OpenDSR address, with the query; for a callback its
URL), the time, which `X-OpenDSR-Signed-Time` repeats, and the SHA-256 of the body, if there is one. It counts for five
minutes, and once. Without a body, `X-OpenDSR-Signature` signs this line: the standard leaves it to the processor how
such calls are authenticated. With a body, it is added as `X-OpenDSR-Call-Signature`. A partner that implements only the
standard sends none and ignores ours (`governance.opendsr.serving` says what such a message may do).

Checked before anything is parsed, in this order, each with its own message:

NotVerified
    UnknownDomain     the domain is not on our list
    BadCertificate    its certificate is out of date, is for another name, or has no suitable key
    BadSignature      the signature is missing, doesn't match these bytes and that certificate, is too old, or was used

Our key is created by the first start of a home, unless the settings name one; only our own account can read it. Its
certificate is issued for `OPENBOOK_OPENDSR_DOMAIN`, again when that changes.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

import clock
import home
from governance.db.database import governance_folder, lock
from governance.domain.moments import format_moment, parse_moment
from governance.opendsr import replays
from governance.opendsr.partners import Partner
from home import HomeUnavailable, Part
from lake.storage.durable import write_bytes
from settings import settings

DOMAIN = "X-OpenDSR-Processor-Domain"
SIGNATURE = "X-OpenDSR-Signature"
SIGNED_TIME = "X-OpenDSR-Signed-Time"
CALL_SIGNATURE = "X-OpenDSR-Call-Signature"

FRESH = timedelta(minutes=5)
KEY_BITS = 2048
VALID = timedelta(days=3650)

Known = TypeVar("Known", bound=Partner)


class NotVerified(Exception):
    """The sender can't be verified. The message was not read."""


class UnknownDomain(NotVerified):
    pass


class BadCertificate(NotVerified):
    pass


class BadSignature(NotVerified):
    pass


class UnusableKey(HomeUnavailable):
    """Our own key or certificate can't be used; the message says what to do."""

    def __init__(self, message: str) -> None:
        super().__init__(
            message,
            "The OpenDSR key or its certificate can't be used: it is damaged, or its settings don't fit. Nothing was "
            "changed. The people who run Open Book have to put it right (the log says how); try again later.",
        )


def own_domain() -> str:
    return settings().opendsr_domain or urlsplit(settings().api_base_url).hostname or "localhost"


def own_url() -> str:
    """The address of our OpenDSR routes, for partners."""
    return f"{settings().api_base_url.rstrip('/')}/opendsr/v2"


def sign(body: bytes) -> dict[str, str]:
    """The headers for a message with this body."""
    signature = own_key().sign(body, padding.PKCS1v15(), hashes.SHA256())
    return {DOMAIN: own_domain(), SIGNATURE: base64.b64encode(signature).decode()}


def sign_call(method: str, target: str) -> dict[str, str]:
    """The headers for a call without a body; the target is domain, path and query."""
    time = format_moment(clock.now())
    return {**sign(_line(method, target, time)), SIGNED_TIME: time}


def sign_message(method: str, target: str, body: bytes) -> dict[str, str]:
    """The headers for a call with a body: those of the standard, and the signature of the call."""
    time = format_moment(clock.now())
    return {
        **sign(body),
        SIGNED_TIME: time,
        CALL_SIGNATURE: sign(_line(method, target, time, body))[SIGNATURE],
    }


def announced(headers: Mapping[str, str], known: Mapping[str, Known]) -> tuple[Known, rsa.RSAPublicKey, bytes]:
    """The known partner that claims to have signed, the key to check it with, and the signature. Raises NotVerified."""
    domain = _header(headers, DOMAIN)
    if domain not in known:
        raise UnknownDomain(f"The domain in {DOMAIN} is not on our list." if domain else f"{DOMAIN} is missing.")
    partner = known[domain]
    return partner, _public_key(partner), _decoded(headers, SIGNATURE)


def verify(headers: Mapping[str, str], body: bytes, known: Mapping[str, Known]) -> Known:
    """The known partner that signed this body. Raises NotVerified."""
    partner, key, signature = announced(headers, known)
    _check(partner, key, signature, body, SIGNATURE)
    return partner


def verify_call(headers: Mapping[str, str], method: str, target: str, known: Mapping[str, Known]) -> Known:
    """The known partner that signed this call without a body, just now and for us. Raises NotVerified."""
    time = _header(headers, SIGNED_TIME)
    line = _line(method, target, time)
    partner = verify(headers, line, known)
    _just_now_and_once(partner, line, time)
    return partner


def verify_message(
    headers: Mapping[str, str], method: str, target: str, body: bytes, known: Mapping[str, Known]
) -> tuple[Known, bool]:
    """The known partner that signed this body, and whether it also signed the call, just now and for us.

    Raises NotVerified, also if a signature of the call is present and wrong.
    """
    partner = verify(headers, body, known)
    time = _header(headers, SIGNED_TIME)
    if not time and not _header(headers, CALL_SIGNATURE):
        return partner, False
    line = _line(method, target, time, body)
    _check(partner, _public_key(partner), _decoded(headers, CALL_SIGNATURE), line, CALL_SIGNATURE)
    _just_now_and_once(partner, line, time)
    return partner, True


def _decoded(headers: Mapping[str, str], name: str) -> bytes:
    """Raises BadSignature."""
    try:
        signature = base64.b64decode(_header(headers, name), validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadSignature(f"{name} is not base64.") from error
    if not signature:
        raise BadSignature(f"{name} is missing.")
    return signature


def _check(partner: Partner, key: rsa.RSAPublicKey, signature: bytes, signed: bytes, name: str) -> None:
    """Raises BadSignature."""
    try:
        key.verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature as error:
        raise BadSignature(f"{name} doesn't match this message and the certificate of {partner.domain}.") from error


def _just_now_and_once(partner: Partner, line: bytes, time: str) -> None:
    """Raises BadSignature."""
    try:
        signed_at = parse_moment(time)
    except ValueError as error:
        raise BadSignature(f"{SIGNED_TIME} {error}.") from error
    if abs(clock.now() - signed_at) > FRESH:
        raise BadSignature(f"{SIGNED_TIME} is more than five minutes from our time: it may be a replay.")
    if not replays.is_new(partner.domain, line, signed_at + FRESH):
        raise BadSignature("This call was already accepted: it is a replay. Sign it again, with a new time.")


def own_certificate() -> bytes:
    """Our certificate as PEM. Raises UnusableKey."""
    own_key()
    return _paths()[1].read_bytes()


def own_key() -> rsa.RSAPrivateKey:
    """The signing key. Raises UnusableKey."""
    key_path, certificate_path = _paths()
    if not settings().opendsr_key:
        _ensure(key_path, certificate_path, own_domain())
    try:
        changed = (key_path.stat().st_mtime_ns, certificate_path.stat().st_mtime_ns)
        return _read(key_path, certificate_path, own_domain(), changed)
    except OSError as error:
        raise UnusableKey(f"The OpenDSR key and certificate can't be read: {error}.") from error


def check_key() -> None:
    """Whether our key can be used; makes nothing. Raises UnusableKey, and HomeUnavailable where it is missing."""
    home.require(Part.OPENDSR_KEY)
    _ = own_key() if settings().opendsr_key else _private_key(_paths()[0])


def create_key() -> None:
    """Create the key; only for the first start of a home."""
    made = rsa.generate_private_key(public_exponent=65537, key_size=3072)
    pem = made.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    write_bytes(Part.OPENDSR_KEY.path, pem)


def unguessable(purpose: str) -> str:
    """A value that is always the same for this purpose, and that no one can compute without our key."""
    secret = own_key().private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return hmac.new(hashlib.sha256(secret).digest(), purpose.encode(), hashlib.sha256).hexdigest()


def _header(headers: Mapping[str, str], name: str) -> str:
    return next((value for given, value in headers.items() if given.lower() == name.lower()), "")


def _line(method: str, target: str, time: str, body: bytes | None = None) -> bytes:
    digest = "" if body is None else f" sha256={hashlib.sha256(body).hexdigest()}"
    return f"{method} {target} {time}{digest}".encode()


def _public_key(partner: Partner) -> rsa.RSAPublicKey:
    """Raises BadCertificate."""
    certificate = partner.certificate
    if not certificate.not_valid_before_utc <= clock.now() <= certificate.not_valid_after_utc:
        raise BadCertificate(f"The certificate of {partner.domain} is not valid now.")
    if partner.domain not in _names(certificate):
        raise BadCertificate(f"The certificate of {partner.domain} is for another name.")
    key = certificate.public_key()
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size < KEY_BITS:
        raise BadCertificate(f"The certificate of {partner.domain} has no RSA key of {KEY_BITS} bits or more.")
    return key


def _names(certificate: x509.Certificate) -> list[str]:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return []
    return names.value.get_values_for_type(x509.DNSName)


def _paths() -> tuple[Path, Path]:
    configured = settings()
    if bool(configured.opendsr_key) != bool(configured.opendsr_certificate):
        raise UnusableKey("Set both OPENBOOK_OPENDSR_KEY and OPENBOOK_OPENDSR_CERTIFICATE, or neither.")
    if configured.opendsr_key:
        return Path(configured.opendsr_key), Path(configured.opendsr_certificate)
    return governance_folder() / "opendsr.key.pem", governance_folder() / "opendsr.certificate.pem"


@lru_cache(maxsize=4)
def _read(key_path: Path, certificate_path: Path, domain: str, _changed: tuple[int, int]) -> rsa.RSAPrivateKey:
    try:
        certificate = x509.load_pem_x509_certificate(certificate_path.read_bytes())
    except ValueError as error:
        raise UnusableKey(f"The OpenDSR certificate, {certificate_path}, is not PEM.") from error
    key = _private_key(key_path)
    if certificate.public_key() != key.public_key():
        raise UnusableKey("The OpenDSR certificate doesn't match the OpenDSR key.")
    if domain not in _names(certificate):
        raise UnusableKey(f"The OpenDSR certificate is not for {domain}; see OPENBOOK_OPENDSR_DOMAIN.")
    return key


def _ensure(key_path: Path, certificate_path: Path, domain: str) -> None:
    """Create the key's certificate for this name, unless it exists. Raises HomeUnavailable."""
    home.require(Part.OPENDSR_KEY)
    if _is_for_domain(certificate_path, domain):
        return
    with lock("opendsr"):
        if _is_for_domain(certificate_path, domain):
            return
        key = _private_key(key_path)
        write_bytes(certificate_path, self_signed(key, domain).public_bytes(serialization.Encoding.PEM))


def _private_key(path: Path) -> rsa.RSAPrivateKey:
    """Raises UnusableKey."""
    try:
        return _parsed(path.read_bytes())
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        why = error.strerror if isinstance(error, OSError) else f"no PEM of an RSA key of {KEY_BITS} bits or more"
        raise UnusableKey(f"The OpenDSR key, {path}, can't be used: {why}. Bring the right one back.") from error


@lru_cache(maxsize=4)
def _parsed(pem: bytes) -> rsa.RSAPrivateKey:
    """Raises ValueError, TypeError for one with a password, UnsupportedAlgorithm."""
    key = serialization.load_pem_private_key(pem, password=None)
    if not isinstance(key, rsa.RSAPrivateKey) or key.key_size < KEY_BITS:
        raise ValueError("another kind of key")
    return key


@lru_cache(maxsize=4)
def _for_domain(pem: bytes, domain: str) -> bool:
    return domain in _names(x509.load_pem_x509_certificate(pem))


def _is_for_domain(certificate_path: Path, domain: str) -> bool:
    try:
        return _for_domain(certificate_path.read_bytes(), domain)
    except (FileNotFoundError, ValueError):
        return False


def self_signed(key: rsa.RSAPrivateKey, domain: str) -> x509.Certificate:
    """A certificate for this name by its own key."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, domain[:64])])
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(clock.now() - timedelta(days=1))
        .not_valid_after(clock.now() + VALID)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(domain)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
