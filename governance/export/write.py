"""Writing an export: everything from one snapshot of the lake, in one pass, counted twice.

The captures are read once. JSON Lines goes straight into the ZIP, while CSV and Parquet wait in sealed
spools; the ZIP itself goes straight into a sealed file. So memory stays flat, and nothing in clear touches
the disk. What was written is counted row by row; what the daily rollup lists is counted by itself; if the
two don't add up, there is no export.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any, cast
from uuid import UUID

import orjson

import clock
from directory.keys import KeyRing
from governance import tables
from governance.answers import Hold, ModelUse, Removal, Retention, Upcoming
from governance.export.about import about
from governance.export.archive import Archive, Spool
from governance.export.captures import Csv, JsonLines, Parquet, Tally, pieces
from governance.export.page import render_page
from governance.export.sealed_file import SealedReader, SealedWriter, WrongKey, discard_drafts
from governance.scopes import RequestScope
from lake.connection import LakeUnavailable
from lake.scope import Scope
from queries import Own
from queries.snapshot import Snapshot, Withheld

SCHEMA_VERSION = 1
ATTEMPTS = 5

_PRETTY = orjson.OPT_INDENT_2 | orjson.OPT_NAIVE_UTC | orjson.OPT_UTC_Z


class ExportDoesNotAddUp(Exception):
    """What was written is not what the lake lists; no export was made."""


@dataclass(frozen=True)
class ExportFile:
    """A finished export: size and SHA-256 of the ZIP as the person downloads it, and what is in it."""

    size: int
    sha256: str
    counts: dict[str, int]
    """catalogued = exported + redacted + withheld; and models, removals, holds, requests."""


@dataclass(frozen=True)
class _Wanted:
    """What an export is asked for."""

    own: Own
    request_id: UUID
    path: Path
    scope: Scope
    requests: Sequence[Mapping[str, Any]]
    content_key: bytes


def write_export(
    own: Own, request_id: UUID, path: Path, *, scope: Scope | None = None, requests: Sequence[Mapping[str, Any]] = ()
) -> ExportFile:
    """Write the export of one person to `path`, sealed; an earlier file is replaced, drafts of it are removed.

    `scope` says which captures; models, retention and the rest are always whole. `requests` are the person's
    own, as the API shows them (JSON values). Begins again on the newest snapshot when files were cleaned up
    under it.

    Raises LakeUnavailable, ExportDoesNotAddUp, OSError. Then there is no new file.
    """
    discard_drafts(path)
    content_key = _content_key(own.subject.key)
    wanted = _Wanted(own, request_id, path, scope or Scope(), requests, content_key)
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return _write(wanted)
        except LakeUnavailable:
            if attempt == ATTEMPTS:
                raise
    raise AssertionError("unreachable")


def open_export(path: Path, subject: UUID, request_id: UUID) -> SealedReader:
    """The ZIP of an export, to be read from any place. Close it.

    Raises SealedFileError (WrongKey where the person's key was destroyed), FileNotFoundError.
    """
    ring = KeyRing()
    try:
        content_key = ring.content_key(subject)
    finally:
        ring.close()
    if content_key is None:
        raise WrongKey("The key of this export was destroyed, and so it can't be opened any more.")
    return SealedReader(path, content_key, request_id)


def _write(wanted: _Wanted) -> ExportFile:
    as_of = clock.now_utc()
    with (
        Snapshot.of(wanted.own) as snapshot,
        SealedWriter(wanted.path, wanted.content_key, wanted.request_id) as sealed,
        Archive(cast("IO[bytes]", sealed), as_of) as archive,
    ):
        number = snapshot.number()
        tally = _write_captures(archive, snapshot, wanted)
        withheld = snapshot.withheld(wanted.scope)
        reconcile = _reconcile(snapshot.catalogued(wanted.scope), tally, withheld)
        models = tables.rows(snapshot.models(), ModelUse)
        retention = Retention(
            upcoming=tables.rows(snapshot.retention(), Upcoming),
            removals=tables.rows(snapshot.removals(), Removal),
            holds=tables.rows(snapshot.holds(), Hold),
        )
        about_you = about(wanted.own.employee, snapshot.policies(), models, tally)
        archive.add("models.json", _json([model.model_dump(mode="json") for model in models]))
        archive.add("retention.json", _json(retention.model_dump(mode="json")))
        archive.add("requests.json", _json(list(wanted.requests)))
        archive.add("about.json", _json(about_you))
        page = render_page(
            about=about_you,
            as_of=as_of,
            models=models,
            reconcile=reconcile,
            request_id=str(wanted.request_id),
            requests=wanted.requests,
            retention=retention,
            scope=wanted.scope,
            snapshot=number,
            tally=tally,
        )
        archive.add("index.html", page)
        others = {
            "models": len(models),
            "removals": len(retention.removals),
            "holds": len(retention.holds),
            "requests": len(wanted.requests),
        }
        archive.add(
            "manifest.json", _json(_manifest(wanted, archive, as_of, number, tally, reconcile, withheld, others))
        )
    return ExportFile(sealed.size, sealed.sha256, {**reconcile, **others})


def _write_captures(archive: Archive, snapshot: Snapshot, wanted: _Wanted) -> Tally:
    tally = Tally()
    with Spool(wanted.path) as csv_spool, Spool(wanted.path) as parquet_spool:
        with archive.entry("captures.jsonl") as sink, Parquet(parquet_spool.writer) as parquet:
            forms = (JsonLines(sink), Csv(csv_spool.writer), parquet)
            for captures in pieces(snapshot.captures(wanted.scope)):
                for form in forms:
                    form.write(captures)
                tally.add(captures)
        with archive.entry("captures.csv") as sink:
            csv_spool.copy(sink)
        with archive.entry("captures.parquet", compressed=False) as sink:
            parquet_spool.copy(sink)
    return tally


def _reconcile(catalogued: int, tally: Tally, withheld: Withheld) -> dict[str, int]:
    """catalogued = exported + redacted + withheld. Raises ExportDoesNotAddUp."""
    counts = {
        "catalogued": catalogued,
        "exported": tally.captures - tally.redacted,
        "redacted": tally.redacted,
        "withheld": withheld.total,
    }
    if catalogued != tally.captures + withheld.total:
        raise ExportDoesNotAddUp(
            f"The daily totals list {catalogued} captures, but {tally.captures} were written and {withheld.total} "
            "withheld. No export was made; the totals and the captures of the lake must be compared."
        )
    return counts


def _manifest(
    wanted: _Wanted,
    archive: Archive,
    as_of: datetime,
    snapshot: int,
    tally: Tally,
    reconcile: Mapping[str, int],
    withheld: Withheld,
    others: Mapping[str, int],
) -> dict[str, Any]:
    rows = dict.fromkeys(("captures.jsonl", "captures.csv", "captures.parquet"), tally.captures)
    rows |= {"models.json": others["models"], "requests.json": others["requests"]}
    return {
        "schema": "open-book-export",
        "schema_version": SCHEMA_VERSION,
        "request": str(wanted.request_id),
        "scope": RequestScope(
            signals=wanted.scope.signals,
            applications=wanted.scope.applications,
            from_at=wanted.scope.from_at,
            until_at=wanted.scope.until_at,
        ).model_dump(mode="json", by_alias=True),
        "as_of": as_of,
        "snapshot": snapshot,
        "captures": {
            **reconcile,
            "withheld_by": {"legal_hold": withheld.held, "erasure_under_way": withheld.to_be_erased},
            "redactions": dict(tally.redactions),
            "unreadable": tally.unreadable,
        },
        "files": [
            {"name": file.name, "bytes": file.size, "sha256": file.sha256, "rows": rows.get(file.name)}
            for file in archive.files
        ],
    }


def _content_key(subject: UUID) -> bytes:
    """The person's key, made now for somebody of whom nothing was ever sealed."""
    ring = KeyRing()
    try:
        return ring.create_content_key(subject)
    finally:
        ring.close()


def _json(value: Any) -> bytes:
    return orjson.dumps(value, option=_PRETTY) + b"\n"
