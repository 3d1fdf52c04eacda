"""S3-compatible storage: a real server (moto) that is spoken to over HTTP, in the separate environment that `make test`
creates, because it wants an older dateutil; created here if it is missing.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
import urllib.request
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from filelock import FileLock

import home
from lake.storage.objects import File, prefix
from settings import settings
from tests.support.hosts import HERE, Host
from tests.support.ports import free_port

ENVIRONMENT = Path(sys.prefix) / "s3"
REQUIREMENTS = Path(__file__).parents[2] / "requirements/s3.txt"
START_SECONDS = 900
BOTH = pytest.mark.parametrize("objects_in", ["folders", "bucket"], indirect=True)
"""For tests that run with the sealed files in folders, and in a bucket."""
VERSIONING = (
    '<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Status>{}</Status>'
    "</VersioningConfiguration>"
)
SIGNED = (
    "AWS4-HMAC-SHA256 Credential=testing/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=unchecked"
)

_numbers = count()


@dataclass(eq=False)
class Server:
    """A server that can be stopped and started again; its buckets are new then."""

    port: int
    host: Host = HERE
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://{self.host.address}:{self.port}"

    def start(self) -> None:
        command = [str(_python()), "-W", "ignore", "-m", "moto.server", "-H", self.host.address, "-p", str(self.port)]
        self.process = self.host.start(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + START_SECONDS
        while True:
            try:
                with urllib.request.urlopen(f"{self.url}/moto-api/", timeout=10):
                    return
            except OSError as error:
                if self.process.poll() is not None or time.monotonic() > until:
                    raise RuntimeError("moto did not start") from error
                time.sleep(0.1)

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait(30)
            self.process = None

    def ask(self, method: str, path: str, body: bytes | None = None) -> bytes:
        headers = {"Content-Type": "application/xml", "Authorization": SIGNED}
        request = urllib.request.Request(f"{self.url}/{path}", data=body, method=method, headers=headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            content: bytes = answer.read()
        return content


@dataclass(frozen=True)
class TestBucket:
    server: Server
    name: str

    __test__ = False

    @property
    def url(self) -> str:
        return f"s3://{self.name}/open/book"

    def keep_versions(self, status: str = "Enabled") -> None:
        self.server.ask("PUT", f"{self.name}?versioning", VERSIONING.format(status).encode())

    def begin_upload(self, key: str, part: bytes) -> None:
        """Upload a part of an object, and never end it."""
        begun = self.server.ask("POST", f"{self.name}/open/book/{key}?uploads")
        [upload] = re.findall(rb"<UploadId>(.*?)</UploadId>", begun)
        self.server.ask("PUT", f"{self.name}/open/book/{key}?partNumber=1&uploadId={upload.decode()}", part)

    def keys(self) -> list[str]:
        """Of everything in it, also of earlier versions, deletion markers, and uploads that were not completed."""
        listed = self.server.ask("GET", f"{self.name}?versions&max-keys=100000")
        listed += self.server.ask("GET", f"{self.name}?uploads")
        return [key.decode().removeprefix("open/book/") for key in re.findall(rb"<Key>(.*?)</Key>", listed)]

    def contents(self) -> dict[str, bytes]:
        return {key: self.server.ask("GET", f"{self.name}/open/book/{key}") for key in self.keys()}

    def files(self, folder: Path) -> list[Path]:
        """Everything in it, as files in a folder."""
        for key, content in self.contents().items():
            (folder / key).parent.mkdir(parents=True, exist_ok=True)
            (folder / key).write_bytes(content)
        return [file for file in folder.rglob("*") if file.is_file()]

    def replace(self, key: str, content: bytes) -> None:
        self.server.ask("PUT", f"{self.name}/open/book/{key}", content)


@contextmanager
def serving(host: Host = HERE) -> Iterator[Server]:
    server = Server(free_port(), host)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def new_bucket(server: Server, patch: pytest.MonkeyPatch, of: UUID | None = None) -> TestBucket:
    """An empty bucket that the settings name, and that belongs to the home of the settings, or to nobody yet."""
    made = TestBucket(server, f"bucket-{next(_numbers)}")
    server.ask("PUT", made.name)
    patch.setenv("OPENBOOK_OBJECTS_URL", made.url)
    patch.setenv("OPENBOOK_OBJECTS_ENDPOINT", server.url)
    patch.setenv("OPENBOOK_OBJECTS_REGION", "us-east-1")
    patch.setenv("OPENBOOK_OBJECTS_KEY_ID", "testing")
    patch.setenv("OPENBOOK_OBJECTS_SECRET", "testing")
    if of is not None:
        prefix.begin(of)
    return made


def of_settings() -> TestBucket:
    """The one that the settings name."""
    parts = urlsplit(settings().objects_endpoint), urlsplit(settings().objects_url)
    assert parts[0].port is not None
    assert parts[1].hostname is not None
    return TestBucket(Server(parts[0].port), parts[1].hostname)


def bucket_of_home(server: Server, patch: pytest.MonkeyPatch) -> TestBucket:
    return new_bucket(server, patch, home.read().id)


def put(file: File, content: bytes) -> None:
    draft = file.draft()
    draft.write(content)
    draft.keep()
    draft.release()


def _python() -> Path:
    python = ENVIRONMENT / "bin" / "python"
    with FileLock(f"{ENVIRONMENT}.lock"):
        if not python.with_name("moto_server").exists():
            venv.create(ENVIRONMENT, clear=True, with_pip=True)
            install = ["-m", "pip", "install", "--quiet", "--require-hashes", "-r", str(REQUIREMENTS)]
            subprocess.run([python, *install], check=True)
    return python


__all__ = ["BOTH", "Server", "TestBucket", "bucket_of_home", "new_bucket", "of_settings", "put", "serving"]
