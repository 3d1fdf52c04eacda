"""Two privacy officers let each other read a note whose writer didn't allow it.

    asked      an officer says why, and for how many hours
    approved   another officer agrees; from then on both can read the note until the hours are over

Nobody approves what they asked for, and nobody takes part in what is about themselves. An opening ends by itself, and
one that nobody approves lapses after a week. The writer sees each step in the history of their request, and each view
in their access log; the ledger has the approval. With the writer's consent (`share_note`) none of this is needed.
"""

from __future__ import annotations

from datetime import UTC, timedelta
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

import clock
from directory import OFFICER, Directory, Employee
from errors import Conflict, Forbidden, NotFound
from governance import ledger, schemas
from governance.db.database import reading, writing
from governance.db.tables import NoteOpeningRow, RequestRow
from governance.domain.moments import format_moment
from governance.domain.oneself import refuse_oneself
from governance.requests.filing import NoSuchRequest, note
from languages import mark
from law.reasons import NOTE_WORDS, NoteReason

LAPSES_AFTER = timedelta(days=7)


class NoSuchOpening(NotFound, LookupError):
    """There is no such opening."""


class CannotOpen(Conflict):
    """Not possible for this note now. Nothing was changed."""


class NeedsASecondOfficer(Forbidden):
    """Who asked can't approve. Nothing was changed."""


def ask(officer: Employee, request_id: UUID, reason: NoteReason, hours: int) -> schemas.NoteOpening:
    """Raises NoSuchRequest, AboutOneself, CannotOpen."""
    now = clock.now_utc()
    with writing() as session:
        row = session.get(RequestRow, request_id)
        if row is None:
            raise NoSuchRequest(mark("There is no such request."))
        refuse_oneself(officer, row.subject)
        if row.sealed_note is None:
            raise CannotOpen(mark("This request has no note. Nothing was changed."))
        if reason == NoteReason.DECISION and not row.awaits_decision:
            raise CannotOpen(mark("This request no longer waits for a decision. Nothing was changed."))
        if (known := current(session, request_id)) is not None:
            raise CannotOpen(
                mark("Reading this note was asked for already, and can be read now. Nothing was changed.")
                if known.approved_at
                else mark(
                    "Reading this note was asked for already, and waits for another privacy officer. Nothing was "
                    "changed."
                )
            )
        opening = NoteOpeningRow(
            id=uuid4(), request_id=request_id, reason=reason, hours=hours, asked_by=officer.subject, asked_at=now
        )
        session.add(opening)
        note(
            row,
            f"A privacy officer asked to read your note, because {NOTE_WORDS[reason]}. That takes a second "
            "privacy officer, who hasn't approved it yet.",
        )
        return answer(officer, opening)


def approve(officer: Employee, opening_id: UUID) -> schemas.NoteOpening:
    """Let the officer who asked, and this one, read the note; approving again changes nothing.

    Raises NoSuchOpening, AboutOneself, NeedsASecondOfficer, CannotOpen.
    """
    now = clock.now_utc()
    with writing() as session:
        opening = session.get(NoteOpeningRow, opening_id)
        if opening is None:
            raise NoSuchOpening(mark("There is no such opening of a note."))
        row = session.get_one(RequestRow, opening.request_id)
        refuse_oneself(officer, row.subject)
        if officer.subject == opening.asked_by:
            raise NeedsASecondOfficer(mark("You asked for this, so another privacy officer has to approve it."))
        if opening.approved_by == officer.subject:
            return answer(officer, opening)
        if not _is_officer(opening.asked_by):
            raise CannotOpen(
                mark(
                    "Whoever asked for this is no privacy officer any more, so it takes two others. Nothing was "
                    "changed."
                )
            )
        if current(session, opening.request_id) is not opening or opening.approved_at is not None:
            raise CannotOpen(mark("This was approved by somebody else, or it has ended. Nothing was changed."))
        opening.approved_by, opening.approved_at = officer.subject, now
        opening.ends_at = now + timedelta(hours=opening.hours)
        note(
            row,
            f"A second privacy officer approved it, because {NOTE_WORDS[NoteReason(opening.reason)]}. Both can read "
            f"your note until {opening.ends_at:%-d %B %Y, %H:%M} UTC. Each view is listed under Who looked.",
        )
        statement = {
            "request": str(row.id),
            "reason": opening.reason,
            "until": format_moment(opening.ends_at.replace(tzinfo=UTC)),
            "role": officer.role,
        }
        ledger.append(session, "note_opened", statement, whose=row.subject)
        return answer(officer, opening)


def may_read(officer: Employee, request_id: UUID) -> bool:
    """Whether an approved opening lets this officer read the note of a request now."""
    with reading() as session:
        opening = current(session, request_id)
        return (
            opening is not None
            and opening.approved_at is not None
            and officer.subject in (opening.asked_by, opening.approved_by)
        )


def current(session: Session, request_id: UUID) -> NoteOpeningRow | None:
    """The opening of a request's note that waits for approval or is in force. One for a decision ends with it, and one
    that waits ends when whoever asked is no privacy officer any more.
    """
    now = clock.now_utc()
    newest = select(NoteOpeningRow).where(NoteOpeningRow.request_id == request_id)
    opening = session.scalar(newest.order_by(NoteOpeningRow.asked_at.desc()).limit(1))
    if opening is None:
        return None
    if opening.reason == NoteReason.DECISION and not session.get_one(RequestRow, request_id).awaits_decision:
        return None
    if opening.approved_at is None and not _is_officer(opening.asked_by):
        return None
    ends_at = opening.ends_at or opening.asked_at + LAPSES_AFTER
    return opening if opening.asked_at <= now < ends_at else None


def _is_officer(subject: UUID) -> bool:
    with Directory.open() as directory:
        return directory.by_subject(subject).is_now(OFFICER)


def answer(officer: Employee, opening: NoteOpeningRow) -> schemas.NoteOpening:
    return schemas.NoteOpening(
        opening=opening.id,
        request=opening.request_id,
        reason=NoteReason(opening.reason),
        hours=opening.hours,
        asked_at=opening.asked_at,
        asked_by_you=opening.asked_by == officer.subject,
        approved_at=opening.approved_at,
        ends_at=opening.ends_at,
        readable=opening.approved_at is not None and officer.subject in (opening.asked_by, opening.approved_by),
    )
