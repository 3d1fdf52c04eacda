"""`/v1/captures`: continuous intake of the records of many people. For recorders, with a service token."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from typing import Annotated
from uuid import UUID

import pyarrow as pa
from fastapi import APIRouter, Depends, Header, Request, Response
from starlette.concurrency import run_in_threadpool

from governance import schemas
from governance.api.authentication import service
from governance.api.edge.admission import AdmittingRoute
from governance.api.edge.bodies import CAPTURES
from governance.api.edge.gunzip import Gunzip, NotGzip
from governance.api.openapi import SERVICE, errors
from governance.api.service_tokens import Scope, ServiceToken
from governance.intake import batches, columns
from governance.intake.taking import Taking
from governance.intake.unpacking import UnusableColumns
from governance.schemas.problem import BadRequest, TooLarge, UnsupportedMediaType

router = APIRouter(route_class=AdmittingRoute, prefix="/v1/captures", tags=["pipelines"], responses=errors(*SERVICE))

Recorder = Annotated[ServiceToken, service(Scope.CAPTURES_WRITE)]
MOST_RECORDS = 50_000
MOST_PICTURES = 100
LINES = ("application/x-ndjson", "application/jsonl")
IN_COLUMNS = tuple(columns.KINDS)
NOTHING_KEPT = "Nothing of this body was kept."
AT_ONCE = 2**20
"""Bytes that are decompressed, or read from columns, at once."""
LARGEST_ZSTD = LARGEST_IN_COLUMNS = 8 << 20
"""Bytes: of what is kept in memory until the body has arrived."""

IdempotencyKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        min_length=16,
        max_length=255,
        pattern=r"^[!-~]+$",
        description="A new random value for each body, such as a UUID. Repeated with the same body, it returns the "
        "same batch; with another body, 409.",
    ),
]


class _Reading:
    """A body as it arrives, decompressed."""

    def __init__(self, taking: Taking, kind: str, encoding: str) -> None:
        self._taking, self._kind = taking, kind
        self._columns = bytearray() if kind in IN_COLUMNS else None
        self._unpacking = Gunzip() if encoding == "gzip" else None
        self._zstd = bytearray() if encoding == "zstd" else None
        self._size = 0

    def take(self, part: bytes) -> None:
        """Raises BadRequest, TooLarge, and what `Taking.take` raises."""
        if self._zstd is not None:
            self._zstd += part
            if len(self._zstd) > LARGEST_ZSTD:
                raise TooLarge(f"With zstd, a body has at most {LARGEST_ZSTD >> 20} MiB as sent. {NOTHING_KEPT}")
            return
        if self._unpacking is None:
            self._take(part)
            return
        try:
            for each in self._unpacking.parts(part):
                self._take(each)
        except NotGzip as error:
            raise BadRequest(f"{error} {NOTHING_KEPT}") from error

    def finish(self) -> UUID:
        """Raises BadRequest, TooLarge, and what `Taking.finish` raises."""
        try:
            if self._unpacking is not None:
                self._unpacking.end()
        except NotGzip as error:
            raise BadRequest(f"{error} {NOTHING_KEPT}") from error
        if self._zstd is not None:
            for part in _unpacked(bytes(self._zstd)):
                self._take(part)
        if self._columns is not None:
            self._take_columns(bytes(self._columns))
        return self._taking.finish()

    def _take(self, part: bytes) -> None:
        if self._columns is not None:
            self._columns += part
            if len(self._columns) > LARGEST_IN_COLUMNS:
                raise TooLarge(
                    f"In columns, a body has at most {LARGEST_IN_COLUMNS >> 20} MiB. {NOTHING_KEPT} Send it in parts."
                )
            return
        self._count(part)
        self._taking.take(part)
        self._require_few()

    def _take_columns(self, body: bytes) -> None:
        if self._taking.is_repeated(body):
            return
        try:
            with closing(columns.lines_of(self._kind, body, MOST_RECORDS)) as lines:
                for some in _grouped(lines):
                    for line in some:
                        self._count(line)
                    self._taking.take_records(some)
                    self._require_few()
        except columns.TooManyRows as error:
            raise TooLarge(f"{error} {NOTHING_KEPT} Send it in parts.") from error
        except UnusableColumns as error:
            raise BadRequest(f"{error} {NOTHING_KEPT}") from error

    def _require_few(self) -> None:
        for found, most, what in (
            (self._taking.read, MOST_RECORDS, "records"), (self._taking.pictures, MOST_PICTURES, "pictures"),
        ):  # fmt: skip
            if found > most:
                raise TooLarge(f"The body has more than {most:,} {what}. {NOTHING_KEPT} Send it in parts.")

    def _count(self, part: bytes) -> None:
        self._size += len(part)
        if self._size > CAPTURES.size:
            raise TooLarge(f"The body is larger than {CAPTURES.words}. {NOTHING_KEPT} Send it in parts.")


def _grouped(lines: Iterable[bytes]) -> Iterator[list[bytes]]:
    """About `AT_ONCE` bytes at a time."""
    some: list[bytes] = []
    size = 0
    for line in lines:
        some.append(line)
        size += len(line)
        if size >= AT_ONCE:
            yield some
            some, size = [], 0
    yield some


def _unpacked(body: bytes) -> Iterator[bytes]:
    """Raises BadRequest."""
    try:
        with pa.CompressedInputStream(pa.BufferReader(body), "zstd") as stream:
            while part := stream.read(AT_ONCE):
                yield part
    except (OSError, pa.ArrowException) as error:
        raise BadRequest(f"The body is declared as zstd but can't be decompressed. {NOTHING_KEPT}") from error


async def _taken(request: Request, token: Recorder, key: IdempotencyKey) -> UUID:
    """The batch of the body. The caller is authenticated before it is read."""
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip", "zstd"):
        raise UnsupportedMediaType(f"The body's encoding is not supported; use gzip or zstd. {NOTHING_KEPT}")
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in (*LINES, *IN_COLUMNS):
        raise UnsupportedMediaType(
            f"The body must be JSON Lines ({' or '.join(LINES)}), Parquet or an Arrow IPC stream "
            f"({' or '.join(IN_COLUMNS)}). {NOTHING_KEPT}"
        )
    announced = int(request.headers.get("content-length") or 0)
    taking = await run_in_threadpool(Taking, token.name, key, announced)
    try:
        body = _Reading(taking, kind, encoding)
        async for part in request.stream():
            await run_in_threadpool(body.take, part)
        return await run_in_threadpool(body.finish)
    finally:
        taking.discard()


RECORDS = {"type": "string", "description": "JSON Lines: a `CaptureRecord` in each line."}
COLUMNS = {"type": "string", "format": "binary", "description": "A row for each record; columns named as its fields."}
BODIES = {LINES[0]: {"schema": RECORDS}, **{kind: {"schema": COLUMNS} for kind in IN_COLUMNS}}


@router.post(
    "",
    status_code=202,
    responses=errors(400, 409, 415, 422),
    openapi_extra={"requestBody": {"required": True, "content": BODIES}},
)
def take_captures(batch: Annotated[UUID, Depends(_taken)], token: Recorder, response: Response) -> schemas.CaptureBatch:
    """Accept records of any number of people. A 202 means that they are on disk and will be stored, each once. Lines
    that can't be used are counted and don't affect the others."""
    response.headers["Location"] = f"/v1/captures/batches/{batch}"
    return batches.of_service(batch, token.name)


@router.get("/batches/{batch}", responses=errors(404, 422))
def read_batch(batch: UUID, token: Recorder) -> schemas.CaptureBatch:
    """What became of the records of a body, for the service that sent it: counts, no content. It is kept for 30 days
    after everything was stored."""
    return batches.of_service(batch, token.name)
