"""Ingests the recordings of many people that a manifest lists, in groups that are stored together.

A manifest is a CSV file with the columns `source` and `email`: a file or folder in the folder or bucket given
(`lake.ingest.places`), or a URL, and whose recording it is; and `start`, when it began, for recordings whose times
count from there. A source that can't be ingested never affects the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from directory import Directory, Employee, UnknownEmployee
from lake.connectors import InvalidSource, Quarantined
from lake.connectors.csv_rows import rows
from lake.connectors.lines import opened
from lake.connectors.records import InvalidRecord, moment
from lake.ingest.ingesting import Ingestion, NotIngested, Prepared, Summary, connector_of
from lake.ingest.places import Place
from lake.ingest.reading import Progress

COLUMNS = ("source", "email")
TOGETHER = 50_000
"""Records that are stored in one transaction, besides those of the source that exceeds them."""


@dataclass(frozen=True)
class Entry:
    """A line of a manifest."""

    line: int
    source: str
    email: str
    start: datetime | None = None
    """When the recording began, if its times count from there."""


@dataclass(frozen=True)
class Outcome:
    """What became of an entry: a summary, or why it was refused."""

    entry: Entry
    summary: Summary | None = None
    refused: str = ""


def read_manifest(path: Path) -> tuple[list[Entry], list[Outcome]]:
    """Its entries, and the lines that can't be used. Raises InvalidSource."""
    with opened(path, "manifest") as file:
        table = rows(file)
        header = next(table, None)
        names = [] if header is None or isinstance(header, Quarantined) else [name.strip() for name in header[1]]
        if not set(COLUMNS) <= set(names):
            raise InvalidSource(
                f"{path} is not a manifest: its first line must be a CSV header with {' and '.join(COLUMNS)}."
                " Nothing was changed."
            )
        entries, unusable = [], []
        for row in table:
            if isinstance(row, Quarantined):
                unusable.append(Outcome(Entry(row.line, "", ""), refused=row.reason))
                continue
            line, fields = row
            values = {name: value.strip() for name, value in zip(names, fields, strict=True)}
            entry = Entry(line, values["source"], values["email"])
            try:
                if values.get("start"):
                    entry = replace(entry, start=moment(values["start"]))
            except InvalidRecord:
                unusable.append(Outcome(entry, refused="Its start is no ISO 8601 time."))
                continue
            if entry.source and entry.email:
                entries.append(entry)
            else:
                unusable.append(Outcome(entry, refused="It names no source or no e-mail address."))
        return entries, unusable


def ingest_all(
    name: str, place: Place, entries: Sequence[Entry], progress: Progress | None = None
) -> Iterator[Outcome]:
    """Each entry's outcome, in order. Raises NotIngested, LakeUnavailable; what was returned before is stored."""
    connector_of(name)
    left = list(entries)
    while left:
        with Ingestion(progress) as ingestion:
            group, count = _prepared(ingestion, name, place, left)
            left = left[count:]
            yield from _stored(ingestion, group)


def _prepared(
    ingestion: Ingestion, name: str, place: Place, entries: Sequence[Entry]
) -> tuple[list[tuple[Entry, Prepared | str]], int]:
    """The first entries, prepared or with the reason why not; and how many they are."""
    group: list[tuple[Entry, Prepared | str]] = []
    records = 0
    for entry in entries:
        try:
            employee, connector = _employee(entry.email), connector_of(name, entry.start)
            source = f"{connector.name}/{connector.version}"
            with place.at(entry.source) as location:
                items = connector.read(location)
                prepared = ingestion.prepare(employee, source, items, copies=connector.copies)
        except (InvalidSource, NotIngested, UnknownEmployee) as error:
            group.append((entry, str(error)))
            continue
        group.append((entry, prepared))
        records += prepared.rows.num_rows
        if records >= TOGETHER:
            break
    return group, len(group)


def _stored(ingestion: Ingestion, group: list[tuple[Entry, Prepared | str]]) -> Iterator[Outcome]:
    ready = [prepared for _, prepared in group if isinstance(prepared, Prepared)]
    refused = ""
    summaries: Iterator[Summary] = iter(())
    if ready:
        try:
            summaries = iter(ingestion.store(ready))
        except NotIngested as error:
            refused = str(error)
    for entry, prepared in group:
        if isinstance(prepared, str):
            yield Outcome(entry, refused=prepared)
        elif refused:
            yield Outcome(entry, refused=refused)
        else:
            yield Outcome(entry, summary=next(summaries))


def _employee(email: str) -> Employee:
    with Directory.open() as directory:
        return directory.by_email(email)
