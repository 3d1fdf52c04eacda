"""Writing an export: everything from one snapshot of the lake, in one pass, counted twice.

The captures are read once. JSON Lines goes straight into the ZIP, while CSV, Parquet and the pages wait in sealed
spools; the ZIP goes straight into a sealed file. So memory use stays flat, and nothing in clear reaches the disk. What
was written is counted row by row; what the catalogue lists is counted independently. If the two don't add up for every
category (`counts.py`), there is no export.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast
from uuid import UUID

import clock
import verifier
from directory.access_tokens import Subject
from directory.keys import KeyRing, Reader
from directory.sealing import Sealer, Unreadable
from governance.export import manifest
from governance.export.about import about
from governance.export.archive import Archive, Spool
from governance.export.captures import Captures, Csv, JsonLines, Parquet, Tally, pieces
from governance.export.counts import Count, reconciled
from governance.export.page import render_page
from governance.export.readable import Contents, Local, Pages
from governance.export.readable.pages import MOST_DAYS
from governance.export.records import Filed, as_json, write_records
from governance.export.sealed_file import SealedReader, SealedWriter, WrongKey
from governance.export.third_parties import OwnWords
from lake.rules.scope import Scope
from lake.storage.connection import LakeUnavailable
from lake.storage.objects import File, pictures
from languages.language import speaking
from queries import Own
from queries.snapshot import Snapshot

ATTEMPTS = 5
CAPTURE_FILES = ("captures.jsonl", "captures.csv", "captures.parquet")


@dataclass(frozen=True)
class ExportFile:
    """A finished export: size and SHA-256 of the ZIP as the person downloads it, and its contents."""

    size: int
    sha256: str
    counts: dict[str, int]
    """For captures: catalogued = exported + redacted + withheld; for every other category, how many there are."""


@dataclass(frozen=True)
class _Wanted:
    """What an export should contain."""

    own: Own
    request_id: UUID
    file: File
    scope: Scope
    filed: Filed
    content_key: bytes


def write_export(
    own: Own, request_id: UUID, file: File, *, scope: Scope | None = None, filed: Filed | None = None
) -> ExportFile:
    """Write the export of one person to `file`, sealed; an earlier file is replaced, its drafts are removed.

    `scope` selects the captures; models, retention and the rest are always complete. `filed` is what the governance
    database holds about the person. Starts over with the newest snapshot if files were cleaned up during the export.

    Raises LakeUnavailable, ExportDoesNotAddUp, OSError. Then there is no new file.
    """
    file.delete()
    content_key = _content_key(own.subject)
    wanted = _Wanted(own, request_id, file, scope or Scope(), filed or Filed(), content_key)
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return _write(wanted)
        except LakeUnavailable:
            if attempt == ATTEMPTS:
                raise
    raise AssertionError("unreachable")


def open_export(file: File, subject: UUID, request_id: UUID, reader: Reader) -> SealedReader:
    """The ZIP of an export, for `reader`, readable from any offset. Close it.

    Raises SealedFileError (WrongKey if the person's key was destroyed), FileNotFoundError.
    """
    ring = KeyRing()
    content_key = ring.content_key(subject, reader)
    if content_key is None:
        raise WrongKey("The key of this export was destroyed, so it can no longer be opened.")
    return SealedReader(file.open(), content_key, request_id)


def _write(wanted: _Wanted) -> ExportFile:
    as_of = clock.now_utc()
    with (
        Snapshot.of(wanted.own) as snapshot,
        SealedWriter(wanted.file.draft(), wanted.content_key, wanted.request_id) as sealed,
        Archive(cast("IO[bytes]", sealed), as_of) as archive,
    ):
        number = snapshot.number()
        local = Local(wanted.own.employee.zone)
        with speaking(wanted.filed.language):
            tally, contents = _write_captures(archive, snapshot, wanted, local)
        records = write_records(archive, snapshot, wanted.filed)
        counts = reconciled([_count_captures(snapshot, wanted.scope, tally), *records.counts])
        with speaking(wanted.filed.language):
            about_you = about(wanted.own.employee, snapshot.policies(), records, tally, counts["captures"].withheld)
            archive.add("about.json", as_json(about_you))
            page = render_page(
                about=about_you,
                as_of=as_of,
                contents=contents,
                counts=counts,
                local=local,
                records=records,
                request_id=str(wanted.request_id),
                scope=wanted.scope,
                snapshot=number,
                tally=tally,
            )
            archive.add("index.html", page)
            archive.add("verifier.py", Path(verifier.__file__).read_bytes())
            archive.add("HOW-TO-CHECK.txt", manifest.how_to_check())
        content = manifest.statement(
            request_id=wanted.request_id,
            subject=wanted.own.subject.key,
            scope=wanted.scope,
            as_of=as_of,
            snapshot=number,
            counts=counts,
            rows={**records.rows, **dict.fromkeys(CAPTURE_FILES, tally.captures)},
            archive=archive,
        )
        archive.add("manifest.json", as_json(manifest.signed(content)))
    return ExportFile(sealed.size, sealed.sha256, _summary(counts))


def _pictured(captures: Captures) -> list[UUID]:
    plain = captures.plain
    rows = zip(plain["capture_id"], plain["signal"], plain["x"], strict=True)
    return [UUID(str(capture_id)) for capture_id, signal, x in rows if signal == "screenshot" and x is not None]


def _write_pictures(archive: Archive, pictured: list[UUID], wanted: _Wanted) -> frozenset[UUID]:
    """Each as `pictures/<capture_id>.webp`. Those that are missing are returned; their records are there."""
    sealer = Sealer(wanted.content_key)
    missing = set()
    for capture_id in pictured:
        try:
            data = sealer.open_picture(capture_id, pictures.read(capture_id))
        except (FileNotFoundError, Unreadable):
            missing.add(capture_id)
            continue
        with archive.entry(f"pictures/{capture_id}.webp", compressed=False) as sink:
            sink.write(data)
    return frozenset(missing)


def _write_captures(archive: Archive, snapshot: Snapshot, wanted: _Wanted, local: Local) -> tuple[Tally, Contents]:
    tally = Tally()
    pictured: list[UUID] = []
    own_words = OwnWords(wanted.own.employee)
    by_month = snapshot.days(wanted.scope, local.info) > MOST_DAYS
    with Spool() as csv_spool, Spool() as parquet_spool, Spool() as page_spool:
        pages = Pages(page_spool.writer, local, by_month=by_month)
        with archive.entry("captures.jsonl") as sink, Parquet(parquet_spool.writer) as parquet:
            spreadsheet = Csv(csv_spool.writer)
            forms = (JsonLines(sink), spreadsheet, parquet)
            for captures in pieces(snapshot.captures(wanted.scope), own_words):
                pictured += _pictured(captures)
                for form in forms:
                    form.write(captures)
                pages.write(captures)
                tally.add(captures)
            tally.changed_cells = spreadsheet.changed
        with archive.entry("captures.csv") as sink:
            csv_spool.copy(sink)
        with archive.entry("captures.parquet", compressed=False) as sink:
            parquet_spool.copy(sink)
        missing = _write_pictures(archive, pictured, wanted)
        return tally, pages.copy(archive, page_spool, missing)


def _count_captures(snapshot: Snapshot, scope: Scope, tally: Tally) -> Count:
    withheld = snapshot.withheld(scope)
    return Count(
        "captures",
        "captured record",
        catalogued=snapshot.catalogued(scope),
        exported=tally.captures - tally.redacted,
        redacted=tally.redacted,
        withheld=withheld.total,
        parts={
            "redacted_by": {"words_of_others": tally.others_words, "no_key_opens_it": tally.unreadable},
            "withheld_by": {"legal_hold": withheld.held, "erasure_under_way": withheld.to_be_erased},
            "masked_before_storage": {"captures": tally.masked, "pieces": dict(tally.redactions)},
            **({"masked_on_request": {"captures": tally.masked_later}} if tally.masked_later else {}),
        },
    )


def _summary(counts: Mapping[str, Count]) -> dict[str, int]:
    captures = counts["captures"]
    return {
        "catalogued": captures.catalogued,
        "exported": captures.exported,
        "redacted": captures.redacted,
        "withheld": captures.withheld,
        **{category: count.catalogued for category, count in counts.items() if category not in ("captures", "kept")},
    }


def _content_key(subject: Subject) -> bytes:
    """The person's key; created now if nothing of theirs was ever sealed."""
    ring = KeyRing()
    return ring.create_content_key(subject.key, subject.reader)
