"""Writing and opening exports, for their tests."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import orjson

import clock
import queries
from directory import Employee
from directory.keys import Oneself
from governance.export import ExportFile, Filed, open_export, write_export
from lake.storage.connection import writer
from lake.storage.objects import at

REQUEST = UUID("7d1b1f0e-3c39-4c0c-9d2f-5a4a3f1f6f00")
ASKED = {
    "id": str(REQUEST),
    "type": "export",
    "state": "in_progress",
    "received_at": "2026-03-09T10:00:00Z",
    "decision": None,
}
HOLD = "insert into holds values ($id, $subject, 'CASE-7', 'gdpr_17_3_e', $signals, null, null, null, $now, $now, null)"
TOMBSTONE = "insert into tombstones values ($id, $subject, $id, $now, $signals, null, null, $until_at)"


def write(employee: Employee, path: Path, *, requests: Sequence[dict[str, Any]] = (), **wanted: Any) -> ExportFile:
    wanted = {"filed": Filed(requests=requests, catalogued={"requests": len(requests)}), **wanted}
    return write_export(queries.for_request(employee.subject, uuid4()), REQUEST, at(path), **wanted)


def read(employee: Employee, path: Path) -> bytes:
    with open_export(at(path), employee.subject, REQUEST, Oneself(employee.subject)) as reader:
        return b"".join(reader.read())


def unzip(employee: Employee, path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(read(employee, path))) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def rule(statement: str, employee: Employee, **parameters: Any) -> None:
    """Insert a hold or a tombstone into the lake."""
    with writer() as connection:
        now = clock.now_utc()
        connection.execute(statement, {"id": uuid4(), "subject": employee.subject, "now": now, **parameters})


def manifest(files: dict[str, bytes]) -> dict[str, Any]:
    """The signed part of the manifest."""
    statement: dict[str, Any] = orjson.loads(files["manifest.json"])["statement"]
    return statement


def lines(files: dict[str, bytes]) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in files["captures.jsonl"].splitlines()]
