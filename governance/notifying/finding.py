"""What a worker finds that people are to be told, by comparing what there is with how far it looked before.

    requests    entries of histories since the last one that was looked at; deadlines that are near now
    policies    notices since then, as the ledger has them
    recorders   that are silent, or heard again after that
    accesses    entries of access logs since then, once the person may see them: the first of its kind
    violations  in the lake, found since then
    plans       about models, whose date has passed, or which are kept

A notification and the note of how far it looked are in one transaction, so each event is told once, whatever ends the
worker.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import Session, aliased

import clock
from directory import Directory
from directory.keys import EVERYBODY
from governance import access_log
from governance.ai_models import officer_models, plans
from governance.db.database import reading, writing
from governance.db.tables import AccessRow, EventRow, RequestRow
from governance.domain.lifecycle import OPEN, State, Type
from governance.logs import log_unexpected
from governance.notifying.kinds import Kind
from governance.notifying.tables import NotificationRow, ToldUntilRow
from governance.notifying.telling import digest, tell
from governance.recording import heartbeats
from governance.recording.tables import NoticeToldRow, RecorderRow
from governance.throttle import Throttle
from home import HomeUnavailable
from lake.statements import statement
from parts import PartUnavailable
from queries.connection import answering

AT_ONCE = 1000
NEAR = timedelta(days=3)
SILENT_FOR = timedelta(hours=1)
"""Of a recorder, until its person is told."""
EVER = datetime(1970, 1, 1)  # noqa: DTZ001 (our databases' times are naive UTC)
OVERLAP = timedelta(hours=1)
SECONDS_OF_LAKE = 60.0
ENDED = (State.COMPLETED, State.PARTIALLY_COMPLETED, State.DENIED)
"""Whoever withdraws a request knows it."""

_lake = Throttle()


def find() -> None:
    """Everything; if a part can't be looked at now, the others are. Safe to repeat, and to do in several workers."""
    parts: list[Callable[[], None]] = [requests, deadlines, policies, recorders, accesses]
    if _lake.allows():
        _lake.pause(SECONDS_OF_LAKE)
        parts += [violations, model_plans]
    for part in parts:
        try:
            part()
        except (PartUnavailable, HomeUnavailable):
            continue  # others log it, and the next round looks again
        except Exception as error:
            log_unexpected(error)


def requests() -> None:
    """The states that requests reached."""
    new = select(EventRow.id, EventRow.state, EventRow.note, RequestRow.id, RequestRow.subject, RequestRow.type).join(
        RequestRow, RequestRow.id == EventRow.request_id
    )
    with reading() as session:
        if not _is_behind(session, "requests", select(EventRow.id).order_by(EventRow.id.desc()).limit(1)):
            return
    with writing() as session:
        until = _until(session, "requests")
        rows = session.execute(new.where(EventRow.id > until.position).order_by(EventRow.id).limit(AT_ONCE)).all()
        ended: dict[UUID, str] = {}
        for event, state, _, request, subject, kind in rows:
            if state == State.EXTENDED:
                tell(session, Kind.DEADLINE_MOVED, [(subject, event)])
            elif state in ENDED and _has_reached(session, event, request, state):
                copy = kind == Type.EXPORT and state != State.DENIED
                tell(session, Kind.COPY_READY if copy else Kind.REQUEST_ENDED, [(subject, event)])
            ended[request] = state
        _note(until, [event for event, *_ in rows])


def _has_reached(session: Session, event: int, request: UUID, state: str) -> bool:
    """Whether the entry is of reaching that state, and no note in it."""
    before = select(EventRow.state).where(EventRow.request_id == request, EventRow.id < event)
    last = session.scalar(before.order_by(EventRow.id.desc()).limit(1))
    return last != state


def deadlines() -> None:
    now = clock.now_utc()
    near = select(RequestRow.id, RequestRow.subject, RequestRow.due_on).where(
        RequestRow.state.in_(OPEN), RequestRow.due_at <= now + NEAR, RequestRow.due_at > now - NEAR
    )
    with reading() as session:
        rows = session.execute(near).all()
    _tell_once(Kind.DEADLINE_NEAR, [(subject, f"{request} {due}") for request, subject, due in rows])


def policies() -> None:
    """Everybody who works here is told."""
    newest = select(NoticeToldRow.position).order_by(NoticeToldRow.position.desc()).limit(1)
    with reading() as session:
        if not _is_behind(session, "policies", newest):
            return
    with Directory.open() as directory:
        people = [each.subject for each in directory.everyone() if each.active]
    with writing() as session:
        until = _until(session, "policies")
        rows = session.scalars(select(NoticeToldRow).where(NoticeToldRow.position > until.position)).all()
        for row in rows:
            tell(session, Kind.POLICY_ANNOUNCED, [(subject, row.notice) for subject in people])
        _note(until, [row.position for row in rows])


def recorders() -> None:
    """At most once a day of each: devices sleep at night without saying so."""
    now = clock.now_utc()
    silent = and_(RecorderRow.state != "stopped", RecorderRow.heard_at < now - SILENT_FOR)
    heard = RecorderRow.heard_at >= now - heartbeats.SILENT_AFTER
    untold = RecorderRow.told_silent_at.is_(None)
    changed = select(RecorderRow).where(or_(and_(silent, untold), and_(heard, ~untold)))
    with reading() as session:
        if session.scalar(changed.limit(1)) is None:
            return
    with writing() as session:
        for row in session.scalars(changed.limit(AT_ONCE)):
            kind = Kind.RECORDER_SILENT if row.told_silent_at is None else Kind.RECORDER_RESUMED
            row.told_silent_at = now if row.told_silent_at is None else None
            tell(session, kind, [(row.subject, digest(row.service, row.device, now.date()))])


def accesses() -> None:
    """Delayed ones are told when they may be seen, and are no sooner than that the reason for anything."""
    access_log.collect()
    new = select(AccessRow).where(
        AccessRow.subject != EVERYBODY, AccessRow.purpose.not_in(access_log.AUTOMATIC), access_log.disclosed()
    )
    with reading() as session:
        told = _until(session, "accesses")
        position, at = told.position, told.at
        newest = session.scalar(select(AccessRow.id).order_by(AccessRow.id.desc()).limit(1)) or 0
        if newest <= position and session.scalar(new.where(AccessRow.disclosed_at > at).limit(1)) is None:
            return
    with writing() as session:
        until = _until(session, "accesses")
        last = min(newest, until.position + AT_ONCE)
        arrived = and_(AccessRow.id > until.position, AccessRow.id <= last)
        appeared = and_(AccessRow.id <= until.position, AccessRow.disclosed_at > until.at)
        earlier = aliased(AccessRow)
        known = exists().where(
            earlier.subject == AccessRow.subject,
            earlier.id <= until.position,
            earlier.purpose.not_in(access_log.AUTOMATIC),
            earlier.role == AccessRow.role,
            earlier.system.is_not_distinct_from(AccessRow.system),
            earlier.action.is_not_distinct_from(AccessRow.action),
            or_(earlier.disclosed_at.is_(None), earlier.disclosed_at <= until.at),
        )
        for row in session.scalars(new.where(or_(arrived, appeared), ~known)):
            tell(session, Kind.NEW_ACCESSOR, [(row.subject, digest(row.role, row.system, row.action))])
        _note(until, [last])


def violations() -> None:
    """Raises LakeUnavailable."""
    with reading() as session:
        since = _until(session, "violations").at
    found = answering(
        lambda cursor: cursor.execute(statement("violations_since"), {"since": since - OVERLAP}).fetchall()
    )
    _tell_once(Kind.VIOLATION, [(subject, str(run)) for subject, run, _ in found])
    newest = max((at for *_, at in found), default=since)
    if newest > since:
        with writing() as session:
            _until(session, "violations").at = newest


def model_plans() -> None:
    """Raises LakeUnavailable."""
    planned = {model: each for model, each in plans.plans().items() if each.by is not None}
    if not planned:
        return
    kept, missed = officer_models.kept_and_missed(planned)
    for kind, models in ((Kind.PLAN_KEPT, kept), (Kind.PLAN_MISSED, missed)):
        _tell_once(
            kind, [(person, digest(model, planned[model].made_at)) for model in models for person in models[model]]
        )


def _tell_once(kind: Kind, events: list[tuple[UUID, str]]) -> None:
    """Without a transaction that writes, if all of it is told."""
    if not events:
        return
    told = select(NotificationRow.subject, NotificationRow.about).where(NotificationRow.kind == kind)
    known: set[tuple[UUID, str]] = set()
    with reading() as session:
        for start in range(0, len(events), AT_ONCE):
            subjects, abouts = (set(each) for each in zip(*events[start : start + AT_ONCE], strict=True))
            these = told.where(NotificationRow.subject.in_(subjects), NotificationRow.about.in_(abouts))
            known.update((subject, about) for subject, about in session.execute(these))
    if new := [event for event in events if event not in known]:
        with writing() as session:
            tell(session, kind, new)


def _is_behind(session: Session, name: str, newest: object) -> bool:
    return (session.scalar(newest) or 0) > _until(session, name).position  # type: ignore[call-overload]


def _until(session: Session, name: str) -> ToldUntilRow:
    row = session.get(ToldUntilRow, name)
    if row is None:
        row = ToldUntilRow(name=name, position=0, at=EVER)
        session.add(row)
    return row


def _note(until: ToldUntilRow, positions: Iterable[int]) -> None:
    until.position = max([until.position, *positions])
    until.at = clock.now_utc()
