"""The governance database's records about a person, for their export: requests, receipts, and who else viewed data.

Each is listed as its owner sees it elsewhere, and counted separately by the database. If something is added in between,
both the list and its count are taken again.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select

from directory import Directory
from directory.access_tokens import Subject
from governance import access_log, receipts
from governance.ai_models import plans
from governance.db.database import reading
from governance.db.tables import RequestRow
from governance.export import Filed
from governance.ledger.tables import ReceiptRow
from governance.notifying import choices, telling
from governance.notifying.answers import Notification, NotificationChoice
from governance.recording import heartbeats, notices, set_hours
from governance.requests import filing
from governance.requests.progress import Postponed
from governance.saved_views import keeping as saved_views
from governance.schemas import Pause
from languages import mark

ATTEMPTS = 5


def filed_of(owner: Subject, processors: list[str]) -> Filed:
    """`processors`: domains of the companies that hold copies for the employer. Raises Postponed."""
    subject = owner.key
    for _ in range(ATTEMPTS):
        before = _counted(subject)
        filed = Filed(
            requests=[
                request.model_dump(mode="json", by_alias=True) for request in filing.all_of(subject, owner.reader)
            ],
            receipts=receipts.documents(subject),
            accesses=_accesses(subject),
            pauses=_pauses(subject),
            recorders=[each.model_dump(mode="json") for each in heartbeats.reported_by(subject)],
            notices=_notices(subject),
            notifications=_notifications(subject),
            notified=_chosen(subject),
            views=saved_views.rows_of_export(owner),
            catalogued=before,
            processors=processors,
            plans=plans.plans(),
            language=choices.language_of(subject).code,
        )
        if _counted(subject) == before:
            return filed
    raise Postponed(mark("Your requests are changing faster than they can be listed."))


def _pauses(subject: UUID) -> list[dict[str, object]]:
    with Directory.open() as directory:
        pauses = directory.pauses_of(subject)
    single = [Pause.model_validate(each).model_dump(mode="json") for each in pauses.every]
    return single + [set_hours.shown(each).model_dump(mode="json") for each in pauses.set_hours]


def _notices(subject: UUID) -> list[dict[str, object]]:
    return [each.model_dump(mode="json") for each in notices.all_for(subject)]


def _notifications(subject: UUID) -> list[dict[str, object]]:
    return [Notification.of(row).model_dump(mode="json") for row in telling.all_of(subject)]


def _chosen(subject: UUID) -> list[dict[str, object]]:
    """How the person chose to be told, if they did."""
    choice = choices.of_person(subject)
    return [NotificationChoice.of(choice).model_dump(mode="json")] if choice.chosen_at else []


def _accesses(subject: UUID) -> list[dict[str, object]]:
    entries: list[dict[str, object]] = []
    while True:
        page = access_log.entries_of(subject, None, None, len(entries), access_log.MAX_ENTRIES).entries
        entries += [entry.model_dump(mode="json") for entry in page]
        if len(page) < access_log.MAX_ENTRIES:
            return entries


def _counted(subject: UUID) -> dict[str, int]:
    mine = select(RequestRow.id).where(RequestRow.subject == subject)
    kept = ReceiptRow.request_id.in_(mine), ReceiptRow.destroyed_at.is_(None)
    counts = {
        "requests": select(func.count()).where(RequestRow.subject == subject),
        "receipts": select(func.count()).where(*kept),
    }
    with reading() as session:
        read, recorders = notices.count_read(session, [subject]), heartbeats.count_of(session, [subject])
        told, chosen = telling.count_of(session, subject), choices.count_of(session, [subject])
        views = saved_views.count_of(session, [subject])
        counted = {category: session.scalar(count) or 0 for category, count in counts.items()}
    with Directory.open() as directory:
        counted["pauses"] = directory.pauses_of(subject).number
        counted["consents"] = len(directory.consents_of(subject).every)
    by_person = {"notices_read": read, "recorders": recorders, "notification_choices": chosen, "views": views}
    counted |= {category: found[subject] for category, found in by_person.items()}
    return {**counted, "notifications": told, "accesses": access_log.count_of(subject)}
