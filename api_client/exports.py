"""An export download: passed on as it arrives, or saved to a file that an interrupted download continues.

The part that has arrived is kept next to the file as `….part`, also if the download fails or is stopped. The next
attempt requests the rest (`Range`) of exactly this export (`If-Range` with its SHA-256, the `ETag`); if the API sends
the whole file instead, it starts over. A result that doesn't match the export is deleted.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, Self

import httpx

from api_client.errors import DamagedDownload, Gone, NotFound, UnexpectedAnswer
from api_client.models import ExportInfo, Request
from api_client.sending import transport_error

CHUNK_BYTES = 65_536
PASSED_ON = ("Content-Length", "Content-Range", "ETag", "Accept-Ranges", "Sunset")


class ExportStream:
    """A running export download: `chunks()` yields the bytes of the ZIP; `size` is their number, if the API gave it.

    `start` is the offset of the first byte in the ZIP: not 0 if a range was requested and sent. `headers` are those
    that must be passed on with the bytes. Close it, or use it in a `with` statement, unless it was read to the end.
    """

    def __init__(self, answer: httpx.Response) -> None:
        """Raises UnexpectedAnswer."""
        self._answer = answer
        self.status = answer.status_code
        self.headers = {name: value for name in PASSED_ON if (value := answer.headers.get(name)) is not None}
        length = self.headers.get("Content-Length", "")
        self.size = int(length) if length.isdigit() else None
        self.start = 0
        if self.status == 206:
            found = re.match(r"bytes ([0-9]{1,18})-", self.headers.get("Content-Range", ""))
            if found is None:
                answer.close()
                raise UnexpectedAnswer("Part of the export arrived, and the answer does not say which.")
            self.start = int(found[1])

    def chunks(self) -> Iterator[bytes]:
        """Raises TransportError, TimedOut."""
        try:
            yield from self._answer.iter_bytes()
        except httpx.HTTPError as error:
            raise transport_error(error, str(self._answer.request.url)) from error
        finally:
            self.close()

    def close(self) -> None:
        self._answer.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def save(export: ExportInfo, target: Path, fetch: Callable[[str | None, str], ExportStream]) -> Path:
    """Complete a file, from whatever it has so far; `fetch` gets the export, for values of `Range` and `If-Range`.

    Raises DamagedDownload, OSError, and what `fetch` raises. What has arrived is kept for the next time, unless it is
    damaged or the export was deleted.
    """
    part = target.with_name(f"{target.name}.part")
    try:
        with os.fdopen(os.open(part, os.O_CREAT | os.O_RDWR, 0o600), "r+b") as file:
            size, digest = _download_rest(file, export, fetch)
            file.flush()
            os.fsync(file.fileno())
        if (size, digest) != (export.size, export.sha256):
            raise DamagedDownload(f"{size} of {export.size} bytes arrived, or they don't match the export.")
        part.replace(target)
    except (DamagedDownload, Gone, NotFound):
        part.unlink(missing_ok=True)
        raise
    except BaseException:
        if part.exists() and not part.stat().st_size:
            part.unlink()
        raise
    return target


def _download_rest(
    file: IO[bytes], export: ExportInfo, fetch: Callable[[str | None, str], ExportStream]
) -> tuple[int, str]:
    """Size and SHA-256 of the file, once the download ends."""
    digest = hashlib.sha256()
    while chunk := file.read(CHUNK_BYTES):
        digest.update(chunk)
    here = file.tell()
    if here == export.size and digest.hexdigest() == export.sha256:
        return here, digest.hexdigest()
    if here >= export.size:
        here, digest = _empty(file)
    with fetch(f"bytes={here}-" if here else None, f'"{export.sha256}"') as stream:
        if stream.start != here:
            if stream.start:
                raise UnexpectedAnswer("The export part that arrived is not the requested one.")
            here, digest = _empty(file)
        for chunk in stream.chunks():
            file.write(chunk)
            digest.update(chunk)
            here += len(chunk)
    return here, digest.hexdigest()


def _empty(file: IO[bytes]) -> tuple[int, Any]:
    file.seek(0)
    file.truncate()
    return 0, hashlib.sha256()


def why_not_ready(request: Request) -> str:
    """Why a request has no export to download."""
    if request.type != "export":
        return f"Request {request.id} is for {request.type}: there is nothing to download."
    if request.export is not None:
        return f"The export of request {request.id} was deleted after its time. File a new request to get a new one."
    if request.ended:
        return f"Request {request.id} is {request.state} and has no export."
    return f"Request {request.id} is {request.state}: its export is still being made. `wait` for it first."
