"""What ingesting would do: the same reading under the same rules, without keys, and nothing is written.

What the lake already knows, what was erased before, deletions at the source and what the safeguards hide show only
when it is stored: all that may be stored is counted as stored.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from uuid import UUID

from directory import Employee, UnknownEmployee
from lake.archives import ARCHIVES
from lake.connectors import Connector, InvalidSource
from lake.ingest import archiving
from lake.ingest.archiving import Archived
from lake.ingest.ingesting import (
    NotIngested,
    Summary,
    batch_of,
    choices_of,
    connector_of,
    employee_of,
    require_capture_allowed,
    require_rules,
)
from lake.ingest.manifest import Entry, Outcome
from lake.ingest.places import Place
from lake.ingest.reading import Admission, Item, Progress, read_items

NOTHING = UUID(int=0)
"""The batch of what isn't stored."""


def preview(name: str, location: str, email: str, progress: Progress, *, start: datetime | None = None) -> Summary:
    """`lake.ingest.ingesting.ingest` without its effects; raises the same."""
    connector = connector_of(name, start)
    return _preview(Admission(*require_rules()), connector, location, employee_of(email), progress)


def preview_manifest(name: str, place: Place, entries: Sequence[Entry], progress: Progress) -> list[Outcome]:
    """`lake.ingest.manifest.ingest_all` without its effects; raises the same."""
    admission = Admission(*require_rules())
    found = []
    for entry in entries:
        try:
            employee, connector = employee_of(entry.email), connector_of(name, entry.start)
            with place.at(entry.source) as location:
                read = _preview(admission, connector, location, employee, progress)
        except (InvalidSource, NotIngested, UnknownEmployee) as error:
            found.append(Outcome(entry, refused=str(error)))
        else:
            found.append(Outcome(entry, summary=read))
    return found


def preview_archive(name: str, location: str, accounts: Path | None, progress: Progress, *, complete: bool) -> Archived:
    """`lake.ingest.archiving.ingest_archive` without its effects, and without what was deleted at the source; raises
    the same."""
    archive = ARCHIVES[name]
    admission = Admission(*require_rules())
    source = f"{archive.name}/{archive.version}"
    known = archiving.read_accounts(accounts) if accounts else {}
    overview = archiving.look_through(archive, location, known, progress, complete)
    people = archiving.people_of(overview)
    done = [
        _read(admission, employee, source, [each.item for each in own], True, progress)
        for employee, own in archiving.of_each(archive, location, known, overview, people, {})
    ]
    return Archived(source, done, overview)


def _preview(
    admission: Admission, connector: Connector, location: str, employee: Employee, progress: Progress
) -> Summary:
    source = f"{connector.name}/{connector.version}"
    return _read(admission, employee, source, connector.read(location), connector.copies, progress)


def _read(
    admission: Admission, employee: Employee, source: str, items: Iterable[Item], copies: bool, progress: Progress
) -> Summary:
    require_capture_allowed(employee)
    reading = read_items(items, admission, *choices_of(employee.subject), copies=copies, progress=progress)
    batch = replace(batch_of(NOTHING, employee, source, reading), stored=reading.allowed)
    return Summary(batch, Counter(), reading.outside_policy, reading.reasons, reading.quarantined)
