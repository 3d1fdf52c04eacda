"""Takes a body as it arrives, in bounded memory: whole lines are checked, sealed by person, and written.

Its lines go to disk sealed, in frames of one person each. When `finish` returns, they and the batch are on disk. An
`Idempotency-Key` that is known already is not taken again: the body is only compared.
"""

from __future__ import annotations

import codecs
import hashlib
import shutil
from collections import Counter
from collections.abc import Iterator
from typing import TypeAlias
from uuid import UUID, uuid4, uuid5

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import select
from sqlalchemy.orm import Session

import clock
import home
from directory.keys import INGESTION, Job, KeyRing, Why
from errors import Conflict, TooMany
from governance.db.database import reading, writing
from governance.intake import landing
from governance.intake.people import NotCaptured, People
from governance.intake.records import LINE_LIMIT, UNUSABLE, CaptureRecord, Unusable, kept_of, parsed, unusable
from governance.intake.tables import LOST, STORED, WAITING, IntakeBatchRow
from home import Part
from lake.connectors.records import TOO_LARGE, InvalidRecord
from lake.storage.shards import slot_of
from parts import using
from settings import settings

NAME = "The landing area of the intake"
JOBS = UUID("5a6cb0c4-2b0d-4d55-9b5c-3a2b7a5f4a0e")
FRAME_BYTES = 1 << 16
BUFFER_BYTES = 1 << 22
LINES_AT_ONCE = 500
SHOWN_LINES = 100
REASONS = 50
"""How many different reasons are told apart."""
SPARE_BYTES = 256 << 20
"""Of the disk, which the intake leaves free."""
MEGABYTE = 1_000_000
RETRY_SECONDS = 30


Given: TypeAlias = CaptureRecord | Unusable | InvalidRecord


class KeyUsed(Conflict):
    """This Idempotency-Key was used with another body. Nothing was changed."""


class IntakeFull(TooMany):
    """Too much waits to be stored, or the disk is nearly full. Nothing was kept."""


def job_of(service: str) -> Job:
    """What the access log of each person has about the intake: an entry a day for each program."""
    return Job(uuid5(JOBS, f"{clock.today()} {service}"), INGESTION, Why.INGESTION, "day of recording")


class Outcomes:
    """Counts of what became of records, with the first lines that can't be used."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()
        self.lines: list[tuple[int, str]] = []

    def quarantine(self, line: int, reason: str) -> None:
        self.add_reason(reason, 1)
        if len(self.lines) < SHOWN_LINES:
            self.lines.append((line, reason))

    def add_reason(self, reason: str, records: int) -> None:
        self.counts["quarantined"] += records
        self.reasons[reason if reason in self.reasons or len(self.reasons) < REASONS else "other reasons"] += records


class Taking:
    """One body of a service. Call `discard` unless `finish` has returned."""

    def __init__(self, service: str, key: str, announced: int) -> None:
        """`announced`: bytes of the body, as far as known. Raises IntakeFull, HomeUnavailable, PartUnavailable."""
        home.require(Part.GOVERNANCE, Part.DIRECTORY)
        self.read = 0
        self.pictures = 0
        self._service = service
        self._key = hashlib.sha256(key.encode()).hexdigest()
        self._print = hashlib.blake2b(key=hashlib.sha512(key.encode()).digest(), digest_size=32)
        self._batch = uuid4()
        self._number = 0
        self._rest = b""
        self._too_long = False
        self._outcomes = Outcomes()
        self._landed = 0
        self._buffers: dict[UUID, list[bytes]] = {}
        self._sizes: Counter[UUID] = Counter()
        self._ciphers: dict[UUID, tuple[bytes, AESGCM]] = {}
        self._file: landing.LandingFile | None = None
        self._people: People | None = None
        with reading() as session:
            known = _known(session, service, self._key)
            self._repeated = known is not None and known.state != LOST
        if not self._repeated:
            _require_room(announced)
            self._people = People(service)
            with using(NAME, OSError):
                self._file = landing.LandingFile(self._batch)

    def take(self, part: bytes) -> None:
        """JSON Lines, cut anywhere. Raises IntakeFull, PartUnavailable."""
        if self.is_repeated(part):
            return
        *lines, self._rest = (self._rest + part).split(b"\n")
        self.take_records(lines)
        if len(self._rest) > LINE_LIMIT:
            self._too_long = True
            self._rest = b""

    def is_repeated(self, part: bytes) -> bool:
        """Note a part of the body; whether the body is only compared, because its key is known already."""
        self._print.update(part)
        return self._repeated

    def finish(self) -> UUID:
        """The batch, which is on disk. Raises KeyUsed, IntakeFull, PartUnavailable."""
        if not self._repeated and (self._rest or self._too_long):
            self.take_records([self._rest])
        self._flush(self._buffers)
        if self._file is not None and self._landed:
            with using(NAME, OSError):
                self._file.land()
        with writing() as session:
            known = _known(session, self._service, self._key)
            if known is not None and known.state != LOST:
                if known.body_print != self._print.hexdigest():
                    raise KeyUsed("This Idempotency-Key was used for another body. Nothing was changed; use a new key.")
                batch = known.id
            else:
                if known is not None:
                    session.delete(known)
                    session.flush()
                session.add(self._row())
                batch = self._batch
        if self._file is not None and batch == self._batch and self._landed:
            self._file.release()
            self._file = None
        self.discard()
        return batch

    def discard(self) -> None:
        """Leave nothing of it behind that isn't in a batch."""
        if self._people is not None:
            self._people.close()
            self._people = None
        if self._file is not None:
            self._file.discard()
            self._file = None

    def take_records(self, lines: list[bytes]) -> None:
        """Whole lines. Raises IntakeFull, PartUnavailable."""
        assert self._people is not None
        for start in range(0, len(lines), LINES_AT_ONCE):
            read = list(self._read(lines[start : start + LINES_AT_ONCE]))
            self._people.learn(given for _, _, given in read if not isinstance(given, InvalidRecord))
            for number, line, given in read:
                self._keep(number, line, given)

    def _read(self, lines: list[bytes]) -> Iterator[tuple[int, bytes, Given]]:
        """What is in the lines that aren't blank, with their numbers."""
        for line in lines:
            self._number += 1
            if self._number == 1:
                line = line.removeprefix(codecs.BOM_UTF8)
            too_long, self._too_long = self._too_long or len(line) > LINE_LIMIT, False
            if not too_long and not line.strip():
                continue
            self.read += 1
            try:
                given: Given = InvalidRecord(TOO_LARGE) if too_long else parsed(line)
            except InvalidRecord as error:
                given = unusable(line, str(error)) or error
            yield self._number, line.strip(), given

    def _keep(self, number: int, line: bytes, given: Given) -> None:
        """Of a line that can't be used only what is known of it, so that its person sees that it came."""
        assert self._people is not None
        if isinstance(given, InvalidRecord):
            self._outcomes.quarantine(number, str(given))
            return
        try:
            subject = self._people.subject_of(given)
        except (InvalidRecord, NotCaptured) as error:
            if isinstance(given, Unusable):
                self._outcomes.quarantine(number, given.reason)
            elif isinstance(error, NotCaptured):
                self._outcomes.counts[error.outcome] += 1
            else:
                self._outcomes.quarantine(number, str(error))
            return
        if isinstance(given, Unusable):
            line = UNUSABLE + given.model_dump_json(exclude={"sub", "email", "device"}).encode()
        else:
            self.pictures += given.picture is not None
            line = kept_of(line, given)
        kept = b"%d %s" % (number, line)
        self._landed += 1
        self._buffers.setdefault(subject, []).append(kept)
        self._sizes[subject] += len(kept)
        if self._sizes[subject] >= FRAME_BYTES:
            self._flush([subject])
        elif self._sizes.total() >= BUFFER_BYTES if number % 100 == 0 else False:
            self._flush(self._buffers)

    def _flush(self, subjects: dict[UUID, list[bytes]] | list[UUID]) -> None:
        if self._file is None or not subjects:
            return
        going = list(subjects)
        self._open_keys([subject for subject in going if subject not in self._ciphers])
        before = self._file.written
        with using(NAME, OSError):
            for subject in going:
                self._file.add(subject, *self._ciphers[subject], self._buffers.pop(subject))
                del self._sizes[subject]
        if self._file.written // MEGABYTE > before // MEGABYTE:
            _require_room(0)

    def _open_keys(self, subjects: list[UUID]) -> None:
        """The entries for the access log are on disk before."""
        if not subjects:
            return
        job = job_of(self._service)
        ring = KeyRing()
        content_keys = ring.create_content_keys(job, dict.fromkeys(subjects, job.rows))
        prints = ring.fingerprints(subjects)
        for subject, content_key in content_keys.items():
            self._ciphers[subject] = landing.print_of(prints.get(subject)), landing.cipher_of(content_key)

    def _row(self) -> IntakeBatchRow:
        now = clock.now_utc()
        return IntakeBatchRow(
            id=self._batch,
            service=self._service,
            key_sha256=self._key,
            body_print=self._print.hexdigest(),
            state=WAITING if self._landed else STORED,
            received_at=now,
            settled_at=None if self._landed else now,
            read=self.read,
            landed=self._landed,
            slots=sorted({slot_of(subject) for subject in self._ciphers}),
            size=self._file.written if self._file and self._landed else 0,
            counts=dict(self._outcomes.counts),
            reasons=dict(self._outcomes.reasons),
            lines=self._outcomes.lines,
        )


def _known(session: Session, service: str, key: str) -> IntakeBatchRow | None:
    mine = IntakeBatchRow.service == service, IntakeBatchRow.key_sha256 == key
    return session.scalar(select(IntakeBatchRow).where(*mine))


def _require_room(more: int) -> None:
    """Raises IntakeFull if `more` bytes would be too many."""
    limit = settings().intake_megabytes
    if landing.size() + more > limit * MEGABYTE:
        raise IntakeFull(
            f"{limit:,} MB wait to be stored already (OPENBOOK_INTAKE_MEGABYTES). Nothing of this body was kept; send "
            "it again later.",
            RETRY_SECONDS,
        )
    if shutil.disk_usage(settings().home).free - more < SPARE_BYTES:
        raise IntakeFull(
            "The disk is nearly full. Nothing of this body was kept; send it again later. The people who run Open Book "
            "must free space.",
            RETRY_SECONDS,
        )
