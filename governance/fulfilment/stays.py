"""What an erasure leaves about the person: each kind of record, why it stays, and until when.

It is counted when the erasure ends and stored with its outcome, so that the receipt lists it. A kind of which there is
nothing is not listed, except what every request leaves.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import lazyload

import clock
from governance import access_log
from governance.db.database import reading, writing
from governance.db.tables import RequestRow
from governance.fulfilment import counting
from governance.notifying import telling
from governance.recording import heartbeats
from governance.requests.filing import KEYS_KEPT
from governance.requests.progress import add, read_works
from governance.rounds.tidying import WORKFLOWS_KEPT
from lake.rules import condensing
from lake.rules.condensing import Remaining
from languages import mark
from queries.connection import answering
from settings import settings

NO_END = mark("No end is set.")
OWN_LAST_DAY = mark("Each until its own last day.")


@dataclass(frozen=True)
class Staying:
    """One kind of record."""

    what: str
    count: int | None
    """None: it is not counted."""
    why: str
    until: str

    @property
    def record(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if value is not None}


def count_in_lake(ids: Sequence[UUID]) -> None:
    """Record what stays in the lake with requests that are worked on together. Raises LakeUnavailable."""
    with reading() as session:
        subjects = set(session.scalars(select(RequestRow.subject).where(RequestRow.id.in_(ids))))
    left = answering(lambda cursor: condensing.remaining(cursor, subjects))
    with writing() as session:
        for row in session.scalars(select(RequestRow).where(RequestRow.id.in_(ids)).options(lazyload("*"))):
            add(row, stays=_records(_of_the_lake(left[row.subject])))


def list_what_stays(*request_ids: UUID) -> None:
    """The step: record with the requests what stays elsewhere, too. Raises LakeUnavailable."""
    begun_by_an_earlier_version = [work.id for work in read_works(request_ids) if "stays" not in work.outcome]
    if begun_by_an_earlier_version:
        count_in_lake(begun_by_an_earlier_version)
    access_log.collect()
    with writing() as session:
        rows = session.scalars(select(RequestRow).where(RequestRow.id.in_(request_ids)).options(lazyload("*"))).all()
        counted = counting.count_of(session, {row.subject for row in rows})
        for row in rows:
            in_lake = [each for each in (row.outcome or {})["stays"] if each["what"] in IN_LAKE]
            add(row, stays=[*in_lake, *_records(_of_governance(counted, row.subject))])


def _records(listed: Iterable[Staying]) -> list[dict[str, Any]]:
    return [each.record for each in listed if each.count != 0]


def _of_the_lake(left: Remaining) -> Iterator[Staying]:
    yield Staying(
        mark(
            "dataset versions that list your records: day, kind, application, number, first and last time, and a hash"
        ),
        left.datasets,
        mark(
            "They say what models may have learned. An erasure of everything reduces them to a number, once no record"
            " of yours is left."
        ),
        NO_END,
    )
    yield Staying(
        mark(
            "dataset versions that list how many records of yours they had, by the request that withdrew them and, "
            "where their retention had ended before, by the last training that began until then, with the hash of "
            "your entry"
        ),
        left.condensed,
        mark(
            "Without this, a model that learned from them would seem never to have had them, and nobody else's proof "
            "about the dataset could be checked. Days, kinds, applications, times and hashes of your records are "
            "gone."
        ),
        NO_END,
    )
    yield Staying(
        mark("when records of yours were stored, and by which recorder"),
        left.batches,
        mark(
            "They say where records came from and how many were refused. An erasure of everything reduces them to that "
            "number, once no record of yours is left."
        ),
        NO_END,
    )
    yield Staying(
        mark("records that were refused and never stored: how many, in one total for each reason"),
        left.refused,
        mark("Otherwise nobody could say that anything was kept out."),
        NO_END,
    )
    yield Staying(
        mark(
            "records that were refused, each counted once: day, kind, reason, and the name of the application, "
            "encrypted"
        ),
        left.kept_out,
        mark(
            "They show you what was kept out. An erasure of everything reduces them to a number for each reason, once"
            " no record of yours is left."
        ),
        NO_END,
    )
    yield Staying(
        mark("how many records were refused, each counted once, for each reason"),
        left.kept_out_condensed,
        mark("Otherwise nobody could say that anything was kept out. Days, kinds and applications are gone."),
        NO_END,
    )
    yield Staying(
        mark(
            "that you are mentioned, quoted or assigned in records of others: application, quarter of an hour, and "
            "how; and in which record, while that is kept"
        ),
        left.mentions,
        mark("They show you what others wrote about you. An erasure of everything deletes them."),
        OWN_LAST_DAY,
    )
    yield Staying(
        mark(
            "that records of yours mentioned, quoted or assigned others: with each of these people the application, "
            "the quarter of an hour, and how"
        ),
        None if left.mentions_of_others else 0,
        mark("It is about them, and says neither which record it was nor that it was yours. So it can't be counted."),
        OWN_LAST_DAY,
    )
    yield Staying(
        mark(
            "entries about deleted records: how many, when they were deleted, and at which request; kinds, "
            "applications and days are gone if everything was erased"
        ),
        left.removals,
        mark("They show what was deleted."),
        NO_END,
    )
    yield Staying(
        mark("deletion rules with the scope that you chose"),
        left.tombstones,
        mark("They keep what you had erased from coming back, from a recorder or from a backup."),
        NO_END,
    )
    yield Staying(
        mark("objections, restrictions, maskings of your name, and deletions that waited a day, with their scopes"),
        left.rules,
        mark(
            "Objections, restrictions and maskings are in force, also for what is captured later, until you end them; "
            "afterwards they show when they were."
        ),
        NO_END,
    )
    yield Staying(
        mark("legal holds, in force or lifted: the case, the scope and the dates"),
        left.holds,
        mark("They show under which legal exception your employer kept records."),
        NO_END,
    )
    yield Staying(
        mark("violations: which job read records of yours without permission, when, and how many"),
        left.violations,
        mark("They are evidence for you and against whoever read them."),
        NO_END,
    )


IN_LAKE = frozenset(each.what for each in _of_the_lake(Remaining(*[0] * len(fields(Remaining)))))


def _of_governance(counted: counting.Counted, subject: UUID) -> Iterator[Staying]:
    kept_until = clock.now_utc() + timedelta(days=settings().receipt_days)
    yield Staying(
        mark("your requests, with their scopes, decisions, histories and results"),
        counted.requests[subject],
        mark("They show what you asked for and what was done."),
        NO_END,
    )
    yield Staying(
        mark("receipts and the ledger's entries about your requests"),
        None,
        mark("They prove what was done. Afterwards only hashes are left, from which nothing can be read."),
        f"{kept_until:%-d %B %Y} for this one",
    )
    yield Staying(
        mark("entries of your access log, and a hash over them: who or what read how much about you, when and why"),
        counted.accesses[subject],
        mark("They show you who saw your data."),
        NO_END,
    )
    yield Staying(
        mark("changes of legal holds that an officer made, with their terms"),
        counted.hold_changes[subject],
        mark("They show who placed and lifted holds."),
        NO_END,
    )
    yield Staying(
        mark("notices to processors about your requests, and their answers"),
        counted.processor_notices[subject],
        mark("They prove that processors were notified."),
        NO_END,
    )
    yield Staying(
        mark("size, hash and dates of the export files that you requested; the files themselves were deleted"),
        counted.exports[subject],
        mark("They let you check a copy that you saved."),
        NO_END,
    )
    yield Staying(
        mark("which state of the ledger you last verified"),
        counted.verified_heads[subject],
        mark("With it, the dashboard notices if the ledger is rewritten."),
        NO_END,
    )
    yield Staying(
        mark("marks that keep a repeated request from being filed twice"),
        counted.idempotency_keys[subject],
        mark("A program sent them with your request."),
        f"{KEYS_KEPT.days * 24} hours after they were used",
    )
    yield Staying(
        mark("the queue's records of work on your requests, with your key in this app"),
        None,
        mark("Workers share the work by them."),
        f"{WORKFLOWS_KEPT.seconds // 60} minutes after the work ended",
    )
    yield Staying(
        mark("when you paused the recording of your work, and the ledger's entries about that"),
        counted.pauses[subject],
        mark("What a recorder sends later from a pause is refused by them."),
        NO_END,
    )
    yield Staying(
        mark("when you consented to capture policies, and withdrew that, also in the ledger"),
        counted.consents[subject],
        mark("What you didn't consent to is refused by them."),
        NO_END,
    )
    yield Staying(
        mark("which notices of capture policies you said that you read, and when, also in the ledger"),
        counted.notices_read[subject],
        mark("They show what you were told."),
        NO_END,
    )
    yield Staying(
        mark("which recorders said that they run for you: device, version, and what each last said"),
        counted.recorders[subject],
        mark("They show you what runs. An erasure of everything forgets them; one that still runs reports again."),
        f"{heartbeats.KEPT.days} days after each was last heard of",
    )
    yield Staying(
        mark(
            "what you were told, or will be, such as that this request has ended: the kind, when, and whether by e-mail"
        ),
        None,
        mark("An erasure of everything forgets what you were told before."),
        f"{telling.KEPT.days} days after each",
    )
    yield Staying(
        mark("how you chose to be told; after an erasure of everything, only that you want no e-mail, if you do"),
        counted.choices[subject],
        mark("Otherwise you would be sent e-mail again."),
        NO_END,
    )
    yield Staying(
        mark("views that you saved: the names and what they select, encrypted"),
        counted.views[subject],
        mark("They are yours to open or delete. An erasure of everything deletes them."),
        NO_END,
    )
    yield Staying(
        mark("the hash of your entry in the register of people"),
        None,
        mark("With it, everyone can check that nobody is in the register twice. Nothing can be read from it."),
        NO_END,
    )
    yield Staying(
        mark("numbers in releases for managers, published with noise"),
        None,
        mark("They were counted before, over bands of people, and name nobody."),
        NO_END,
    )
    yield Staying(
        mark("your entry in the directory of employees, with your key in this app"),
        1,
        mark(
            "You sign in with it. When you leave, it is marked so and kept, because you keep the rights to your data."
        ),
        NO_END,
    )
    if settings().security_events:
        yield Staying(
            mark(
                "your sign-ins in the records of your employer's security monitoring, with your key in this app and "
                "your network address"
            ),
            None,
            mark("Attacks are found with them. They were handed over when they happened; Open Book can't delete them."),
            settings().logs_kept or NO_END,
        )
