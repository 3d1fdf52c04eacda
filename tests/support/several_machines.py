"""A home on several machines, a folder on each: state and catalog in PostgreSQL, everything else in a bucket."""

from __future__ import annotations

import base64
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

import queries.connection
from directory.keys import holders
from governance.db import database, work_queue
from governance.opendsr import signing as opendsr
from governance.operations import first_start
from tests.governance.conftest import ROOT
from tests.support import object_storage
from tests.support.object_storage import TestBucket
from tests.support.postgres import Server

DOMAIN = "machines.example"


@contextmanager
def first(
    folder: Path, keys: Path, server: Server, storage: object_storage.Server, patch: pytest.MonkeyPatch
) -> Iterator[TestBucket]:
    """That of the first machine, made by the real first start in a folder that doesn't exist yet; settings say where
    everything is. `keys`: where the key for OpenDSR is."""
    state, lake = server.new_database(), server.new_database()
    bucket = object_storage.new_bucket(storage, patch)
    key, certificate = _opendsr(keys)
    for name, value in {
        "HOME": str(folder),
        "DATABASE_URL": state,
        "LAKE_CATALOG": lake,
        "LAKE_DATA": "bucket",
        "MASTER_KEY": new_key(),
        "SIGNING_KEY": new_key(),
        "COOKIE_SECRET": secrets.token_urlsafe(48),
        "OPENDSR_DOMAIN": DOMAIN,
        "OPENDSR_KEY": str(key),
        "OPENDSR_CERTIFICATE": str(certificate),
    }.items():
        patch.setenv(f"OPENBOOK_{name}", value)
    first_start.init()
    try:
        yield bucket
    finally:
        queries.connection.close()
        work_queue.close()
        database.close()
        holders.forget()
        for url in (state, lake):
            server.drop_database(url)


def run(folder: Path, *command: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """A command on the machine with this folder."""
    environment = {**os.environ, "OPENBOOK_HOME": str(folder), **settings}
    return subprocess.run([sys.executable, "-m", *command], cwd=ROOT, env=environment, capture_output=True, text=True)


def join(folder: Path) -> None:
    """Make the folder of another machine."""
    done = run(folder, "governance", "join")
    assert done.returncode == 0, done.stderr


@contextmanager
def on(folder: Path, patch: pytest.MonkeyPatch) -> Iterator[None]:
    """This process is on the machine with this folder."""
    with patch.context() as moved:
        moved.setenv("OPENBOOK_HOME", str(folder))
        yield


def new_key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def _opendsr(folder: Path) -> tuple[Path, Path]:
    key, certificate = folder / "opendsr.key.pem", folder / "opendsr.certificate.pem"
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pkcs8, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    key.write_bytes(made.private_bytes(serialization.Encoding.PEM, pkcs8, plain))
    signed = opendsr.self_signed(made, DOMAIN)
    certificate.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    return key, certificate
