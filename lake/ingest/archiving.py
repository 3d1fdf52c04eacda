"""Ingests an archive of many people: everybody of the directory gets their own records from it, in one transaction.

    1. It is read once to learn whom it is about, what is of nobody whom we know, and what was deleted at the source.
    2. For what was deleted and isn't said to be anybody's, the lake says whose it was.
    3. It is read again, for some people at a time, so that only their records are in memory in clear.
    4. One transaction stores them all, and whom else they concern, and removes what newer versions replace.

People whom the directory doesn't know, and those who may not be captured now, are counted together, without names.
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from uuid import UUID, uuid4

from directory import Directory, Employee
from directory.keys import INGESTION, Job, KeyRing, Why, derive
from lake.archives import ARCHIVES, Archive
from lake.archives.items import DELETED, Item, Of, Parts, Skipped, Unattributed, Withdrawn, newest
from lake.connectors import InvalidSource, Quarantined, Record
from lake.connectors.lines import opened
from lake.connectors.records import identity
from lake.ingest.concerning import Concerning
from lake.ingest.gone import gone
from lake.ingest.ingesting import Ingestion, NotIngested, Prepared, Progress, Summary
from lake.ingest.reading import SHOWN_QUARANTINED
from lake.ingest.rows import SESSION, is_part, session_id
from lake.statements import statement
from lake.storage.connection import has_catalog, reader_once

ITEMS_AT_ONCE = 200_000
UNKNOWN = "entry of a person whom the directory doesn't know"
NOT_NOW = "entry of a person who has left, or about whom a privacy officer still has to decide"
OTHER_KINDS = "entry of other kinds"
MOST_KINDS = 100
SHOWN_SKIPPED = 5
GONE = "deletion of something that isn't in the lake"


@dataclass
class Overview:
    """What an archive has, apart from the records themselves."""

    items: Counter[str] = field(default_factory=Counter)
    """By e-mail address."""
    left_out: Counter[str] = field(default_factory=Counter)
    """Entries of nobody whom we know, by kind."""
    reasons: Counter[str] = field(default_factory=Counter)
    quarantined: list[Quarantined] = field(default_factory=list)
    """Entries that can't be used, and aren't known to be anybody's; the first of them."""
    withdrawn: list[Withdrawn] = field(default_factory=list)
    without_ids: int = 0
    """Entries to which this kind of export gives no id."""
    parts: list[Parts] = field(default_factory=list)
    deleted: dict[str, Record] = field(default_factory=dict)
    """What it says was deleted, or edited by nobody knows whom, by session: the record in place of it, whosever it
    is."""
    skipped: list[str] = field(default_factory=list)
    """Files in it that aren't read."""
    sessions: set[str] = field(default_factory=set)
    """Of everything that it has, whosever it is; of a complete one only."""


@dataclass(frozen=True)
class Archived:
    """The outcome for each person, and what is nobody's."""

    source: str
    people: list[Summary]
    overview: Overview

    @property
    def quarantined(self) -> int:
        return sum(each.batch.quarantined for each in self.people) + self.overview.reasons.total()


def ingest_archive(
    name: str,
    location: str,
    accounts: Path | None = None,
    progress: Progress | None = None,
    *,
    complete: bool = False,
) -> Archived:
    """Ingest an archive in format `name`. `accounts`: a CSV file with the e-mail addresses of the source's accounts.
    `complete`: it has everything that the source has, so what the lake has beyond it was deleted there.

    Raises NotIngested, InvalidSource; then nothing is stored.
    """
    archive = ARCHIVES.get(name)
    if archive is None:
        raise NotIngested(f"Unknown format {name!r}; known: {', '.join(ARCHIVES)}. Nothing was changed.")
    if complete and not archive.may_be_complete:
        raise NotIngested(f"An export of {name} doesn't have everything that its source has. Nothing was changed.")
    source = f"{archive.name}/{archive.version}"
    with Ingestion(progress) as ingestion:
        known = read_accounts(accounts) if accounts else {}
        overview = look_through(archive, location, known, progress or (lambda _stage, _done, _total: None), complete)
        if complete and overview.reasons:
            raise NotIngested(
                f"{overview.reasons.total():,} entries can't be read, so it isn't known what is missing: this can't be"
                " ingested as complete. Nothing was changed. Leave out --complete, or export it again."
            )
        people = people_of(overview)
        deleted = _deleted(overview, source, people)
        if complete:
            _add_gone(deleted, overview, source, people)
        prepared: list[Prepared] = []
        concerning = Concerning(people, ingestion.admission)
        for employee, own in of_each(archive, location, known, overview, people, deleted):
            records = [*(each.item for each in own), *deleted.get(employee.subject, ())]
            prepared.append(ingestion.prepare(employee, source, records, copies=True))
            concerning.add(employee, prepared[-1].content_key, own)
        stored = ingestion.store(prepared, versions_of=source, others=concerning.tables())
        return Archived(source, stored, overview)


def read_accounts(file: Path) -> dict[str, str]:
    """E-mail addresses by account, from the columns `account` (or `accountId`) and `email`. Raises InvalidSource."""
    with opened(file, "CSV file of accounts") as raw:
        rows = csv.DictReader((line.decode("utf-8", "replace") for line in raw), strict=False)
        names = {name.strip().casefold().replace("_", ""): name for name in rows.fieldnames or ()}
        account, email = names.get("accountid") or names.get("account"), names.get("email")
        if account is None or email is None:
            raise InvalidSource(
                f"{file} doesn't say whose accounts these are: its first line must be a CSV header with account and"
                " email. Nothing was changed."
            )
        return {row[account].strip(): row[email].strip().lower() for row in rows if row.get(account) and row.get(email)}


def look_through(
    archive: Archive, location: str, known: Mapping[str, str], progress: Progress, complete: bool
) -> Overview:
    """Raises NotIngested if there is nothing in it that can be read, InvalidSource."""
    found = Overview()
    number = 0
    for number, item in enumerate(archive.read(location, known), start=1):
        if number % 1000 == 0:
            progress("Looking through", number, None)
        if complete:
            found.sessions.add(_session_of(item))
        match item:
            case Of():
                found.items[item.person] += 1
                found.without_ids += item.without_id
                if isinstance(item.item, Record) and _is_deletion(item.item):
                    found.deleted[item.item.session] = item.item
            case Withdrawn():
                found.withdrawn.append(item)
                before = found.deleted.get(item.record.session, item.record)
                found.deleted[item.record.session] = _newer(before, item.record)
            case Parts():
                found.parts.append(item)
            case Unattributed(quarantined=Quarantined() as broken):
                found.reasons[broken.reason] += 1
                if len(found.quarantined) < SHOWN_QUARANTINED:
                    found.quarantined.append(broken)
            case Unattributed():
                few = item.what in found.left_out or len(found.left_out) < MOST_KINDS
                found.left_out[item.what if few else OTHER_KINDS] += 1
            case Skipped():
                found.skipped.append(item.file)
    if found.skipped and number == len(found.skipped):
        some = ", ".join(found.skipped[:SHOWN_SKIPPED]) + (", …" if number > SHOWN_SKIPPED else "")
        raise NotIngested(
            f"Nothing of {location} could be read. Nothing was changed. It isn't known what these files are: {some}."
        )
    return found


def _newer(one: Record, other: Record) -> Record:
    return other if newest(other.content) > newest(one.content) else one


def _is_deletion(record: Record) -> bool:
    return record.content.get("action") == DELETED


def _session_of(item: Item) -> str:
    """Empty if it has none."""
    if isinstance(item, Of):
        return item.item.session if isinstance(item.item, Record) else ""
    return item.session if isinstance(item, Unattributed) else ""


def people_of(overview: Overview) -> dict[str, Employee]:
    """Those who may be captured, by e-mail address; the entries of the others are counted."""
    with Directory.open() as directory:
        everyone = {employee.email: employee for employee in directory.everyone()}
        for email in list(overview.items):
            employee = everyone.get(email)
            if employee is None:
                overview.left_out[UNKNOWN] += overview.items.pop(email)
                continue
            if not employee.active or directory.is_about(employee.subject):
                overview.left_out[NOT_NOW] += overview.items.pop(email)
                del everyone[email]
    return everyone


def _deleted(overview: Overview, source: str, people: Mapping[str, Employee]) -> dict[UUID, list[Record]]:
    """For what was deleted at the source and is in the lake: the record in place of it, by person."""
    found: dict[UUID, list[Record]] = defaultdict(list)
    by_time: dict[object, list[Withdrawn]] = defaultdict(list)
    for gone_one in overview.withdrawn:
        by_time[gone_one.record.captured_at].append(gone_one)
    parts_by_time: dict[object, list[Parts]] = defaultdict(list)
    for each in overview.parts:
        parts_by_time[each.record.captured_at].append(each)
    known = {employee.subject for employee in people.values()}
    ring = KeyRing()
    there: set[int] = set()
    job = Job(uuid4(), INGESTION, Why.INGESTION, "records", rows=len(overview.withdrawn) + len(overview.parts))
    for subject, at, session in _captures_at(source, [*{**by_time, **parts_by_time}]):
        content_key = ring.content_key(subject, job) if subject in known else None
        if content_key is not None:
            key = derive(content_key, SESSION)
            whole = [each for each in by_time.get(at, ()) if session_id(key, each.record.session) == session.bytes]
            there.update(map(id, whole))
            found[subject] += [each.record for each in whole] + _gone_parts(key, session, parts_by_time.get(at, ()))
    for gone_one in overview.withdrawn:
        if id(gone_one) not in there:
            overview.left_out[gone_one.otherwise or GONE] += 1
    return {subject: records for subject, records in found.items() if records}


def _gone_parts(key: bytes, session: UUID, parts: Iterable[Parts]) -> list[Record]:
    """The record in place of the part with this session, if the source has it no longer."""
    for each in parts:
        of = each.record.session
        if is_part(session.bytes, session_id(key, of)) and session.bytes not in {
            session_id(key, of, part) for part in each.kept
        }:
            name = identity("part", session.hex)
            return [replace(each.record, session="", identity=name, stored_session=session.bytes)]
    return []


def _add_gone(
    deleted: dict[UUID, list[Record]], overview: Overview, source: str, people: Mapping[str, Employee]
) -> None:
    for subject, records in gone(source, overview.sessions, [each.subject for each in people.values()]).items():
        deleted.setdefault(subject, []).extend(records)


def _captures_at(source: str, times: list[object]) -> list[tuple[UUID, object, UUID]]:
    if not times or not has_catalog():
        return []
    with reader_once() as connection:
        return connection.execute(statement("find_at"), {"source": source, "times": times}).fetchall()


def of_each(
    archive: Archive,
    location: str,
    known: Mapping[str, str],
    overview: Overview,
    people: Mapping[str, Employee],
    deleted: Mapping[UUID, list[Record]],
) -> Iterator[tuple[Employee, list[Of]]]:
    """Each person with what the archive has of them, without what it says was deleted. It is read once for each group
    of people, so that memory holds no more than theirs. Raises InvalidSource."""
    parts: dict[str, list[Parts]] = defaultdict(list)
    for each in overview.parts:
        parts[each.record.session].append(each)
    for group in _groups(overview, people, deleted):
        items: dict[str, list[Of]] = {email: [] for email in group}
        for item in archive.read(location, known):
            if isinstance(item, Of) and item.person in items:
                items[item.person].append(_without_deleted(item, overview.deleted, parts))
        for email in group:
            yield people[email], items.pop(email)


def _without_deleted(item: Of, deleted: Mapping[str, Record], parts: Mapping[str, Sequence[Parts]]) -> Of:
    """The item; in place of what the same archive says was deleted, the record without words."""
    record = item.item
    if not isinstance(record, Record):
        return item
    if not record.part:
        return replace(item, item=_newer(record, deleted.get(record.session, record)))
    if all(record.part in each.kept for each in parts.get(record.session, ())):
        return item
    of = parts[record.session][0].record
    name = identity("part", record.session, record.part)
    return replace(item, item=replace(of, part=record.part, needs=record.needs, identity=name))


def _groups(
    overview: Overview, people: Mapping[str, Employee], deleted: Mapping[UUID, list[Record]]
) -> Iterator[list[str]]:
    """E-mail addresses of people whose items are read together."""
    group: list[str] = []
    size = 0
    for email, employee in people.items():
        count = overview.items[email] + len(deleted.get(employee.subject, ()))
        if not count:
            continue
        if group and size + count > ITEMS_AT_ONCE:
            yield group
            group, size = [], 0
        group.append(email)
        size += count
    if group:
        yield group
