"""The companies that we notify of erasures and that may send us requests: a TOML file, `OPENBOOK_OPENDSR_PARTNERS`.

[[processors]]                               # notified of every erasure
domain = "training.example"                  # what it signs as; its certificate must be for this name
url = "https://training.example/opendsr/v2"  # its OpenDSR address
certificate = "training.pem"                 # its signing certificate; paths are relative to this file's folder
identity = "controller_customer_id/raw"      # how it identifies people
customer_id = "sub"                          # what that id is: the directory's `sub`, or the lake's `subject`
understands_scope = false                    # whether it is an Open Book, which can erase part of the data
authorization_file = "training.token"        # optional: the text of an `Authorization` header, if it wants one

[[controllers]]                              # may send us requests about people
domain = "parent.example"
controller_id = "parent"                     # what we call it in our answers
certificate = "parent.pem"
identities = ["controller_customer_id/raw", "email/sha256"]
customer_id = "sub"
callback_hosts = ["parent.example"]          # where status callbacks may go, `host` or `host:port`
unaddressed_requests = false                 # accept requests without a signed statement that they are for us

Without the file no one is notified and no one may send requests. It is read each time it is needed, so a change needs
no restart. A certificate is trusted because it is listed here; its issuer does not matter.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from cryptography import x509
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from errors import OpenBookError
from governance.db.database import governance_folder
from settings import settings

IdentityKind = Literal["controller_customer_id/raw", "email/raw", "email/sha256"]
CustomerId = Literal["sub", "subject"]

Domain = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$")]

LOCAL = ("localhost", "127.0.0.1", "::1")


class InvalidPartners(OpenBookError, ValueError):
    """The file of partners can't be used; the message says where the fault is. No one is notified or answered."""


def _reachable(url: str) -> str:
    check_url(url)
    return url.rstrip("/")


def _host(host: str) -> str:
    if host != host.lower() or host != host.strip() or not host or any(mark in host for mark in "/@*?# "):
        raise ValueError("must be a host, or host:port, in lowercase, without wildcards")
    return host


def check_url(url: str) -> str:
    """The `host` or `host:port` of an address that may be called. Raises ValueError with a message for people."""
    parts = urlsplit(url)
    try:
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise ValueError("is not a URL") from error
    if not host or parts.username is not None or parts.fragment or any(ord(sign) <= 32 for sign in url):
        raise ValueError("must be a plain URL, without a user name or fragment")
    if parts.scheme != "https" and not (parts.scheme == "http" and host in LOCAL):
        raise ValueError("must be https")
    return f"{host}:{port}" if port else host


class Partner(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    domain: Domain
    certificate: x509.Certificate
    customer_id: CustomerId = "sub"


class Processor(Partner):
    """A company that holds copies of captures on our behalf."""

    url: Annotated[str, AfterValidator(_reachable)]
    identity: IdentityKind = "controller_customer_id/raw"
    understands_scope: bool = False
    authorization: str | None = Field(None, repr=False)


class Controller(Partner):
    """A company on whose behalf we hold captures."""

    controller_id: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    identities: list[IdentityKind] = Field(["controller_customer_id/raw"], min_length=1)
    callback_hosts: list[Annotated[str, AfterValidator(_host)]] = []
    unaddressed_requests: bool = False

    def may_be_called_at(self, url: str) -> bool:
        try:
            return check_url(url) in self.callback_hosts
        except ValueError:
            return False


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    processors: list[Processor] = []
    controllers: list[Controller] = []

    @model_validator(mode="after")
    def each_once(self) -> Self:
        for kind in (self.processors, self.controllers):
            domains = [partner.domain for partner in kind]
            if repeated := {domain for domain in domains if domains.count(domain) > 1}:
                raise ValueError(f"{', '.join(sorted(repeated))} is listed twice")
        return self


@dataclass(frozen=True)
class Partners:
    """Whom we notify and who may send requests, by domain."""

    processors: dict[str, Processor]
    controllers: dict[str, Controller]


def partners_path() -> Path:
    configured = settings().opendsr_partners
    return Path(configured) if configured else governance_folder() / "partners.toml"


def load() -> Partners:
    """Read the file; no partners if there is none. Raises InvalidPartners."""
    path = partners_path()
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Partners({}, {})
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidPartners(f"{path} can't be read: {error}.") from error
    try:
        listed = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidPartners(f"{path} is not TOML: {error}.") from error
    for kind in ("processors", "controllers"):
        for number, entry in enumerate(listed.get(kind, []) if isinstance(listed.get(kind), list) else [], start=1):
            if isinstance(entry, dict):
                _read_files(path, f"{kind} {number}", entry)
    try:
        file = _File.model_validate(listed)
    except ValidationError as error:
        faults = "\n".join(f"{_place(fault['loc'])}: {_words(fault)}" for fault in error.errors())
        raise InvalidPartners(f"{path} can't be used.\n{faults}") from error
    return Partners(
        {processor.domain: processor for processor in file.processors},
        {controller.domain: controller for controller in file.controllers},
    )


def _read_files(path: Path, place: str, entry: dict[str, Any]) -> None:
    """Put the contents of the named files into the entry."""
    if isinstance(named := entry.get("certificate"), str):
        try:
            entry["certificate"] = x509.load_pem_x509_certificate((path.parent / named).read_bytes())
        except (OSError, ValueError) as error:
            raise InvalidPartners(f"{path} can't be used.\n{place}, certificate: {named}: {error}") from error
    if "authorization" in entry:
        raise InvalidPartners(
            f"{path} can't be used.\n{place}, authorization: write it to a file, `authorization_file`"
        )
    if isinstance(named := entry.get("authorization_file"), str):
        try:
            entry["authorization"] = (path.parent / named).read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise InvalidPartners(f"{path} can't be used.\n{place}, authorization_file: {named}: {error}") from error
        del entry["authorization_file"]


def _place(location: tuple[int | str, ...]) -> str:
    """`processors 2, url` for the url of the second processor."""
    kind, *rest = location or ("the file",)
    if rest and isinstance(rest[0], int):
        kind, rest = f"{kind} {rest[0] + 1}", rest[1:]
    return ", ".join([str(kind), *map(str, rest)])


def _words(fault: Any) -> str:
    if fault["type"] == "is_instance_of":
        return "must be the path of a PEM file"
    return str(fault["msg"]).removeprefix("Value error, ")
