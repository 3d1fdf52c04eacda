"""Notices of capture policies: each is in the ledger once, with the hash of its text, and people say that they read it.

A notice is made in the lake (`lake.rules.notices`), where a command may make it. A worker then records it in the
ledger. One from before notices were kept isn't recorded: nobody can say that it was given.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

import clock
from databases.by_person import count_by_person
from directory import Directory
from errors import Conflict, NotFound
from governance import ledger, schemas
from governance.db.database import reading, writing
from governance.domain.moments import format_moment, parse_moment
from governance.ledger.tables import EntryRow
from governance.recording.tables import NoticeReadRow, NoticeToldRow
from governance.throttle import Throttle
from lake.rules.notices import Notice, read_notices
from lake.rules.policies import Policy, read_policies
from languages import saying
from law.legal_bases import Basis, bases_of
from queries.connection import answering

ROUND_SECONDS = 30.0
SHOWN_CONSENTS = 50
BEFORE_ALL = datetime(1, 1, 1)  # noqa: DTZ001 (naive UTC)

_rounds = Throttle()


class UnknownNotice(NotFound):
    """There is none with this key."""

    def __init__(self) -> None:
        super().__init__("There is no notice with this key.")


class AnotherText(Conflict):
    """What was read is not what the notice says."""

    def __init__(self) -> None:
        super().__init__("The notice has another text. Nothing was recorded. Read it again.")


def record_periodically() -> None:
    """Part of a worker's round; checks every half minute."""
    if _rounds.allows():
        record_missing()
        _rounds.pause(ROUND_SECONDS)


def record_missing() -> int:
    """Record the notices that are not in the ledger yet; returns how many."""
    every = [notice for notice in answering(read_notices) if notice.announced_at is not None]
    with reading() as session:
        left = [notice for notice in every if session.get(NoticeToldRow, notice.notice) is None]
    for notice in left:
        with writing() as session:
            if session.get(NoticeToldRow, notice.notice) is None:  # no other worker was faster
                entry = ledger.append(session, "policy_notice", _statement(notice))
                session.add(NoticeToldRow(notice=notice.notice, position=entry.position))
    return len(left)


def all_for(subject: UUID) -> list[schemas.Notice]:
    """Every notice, the newest first, and whether the person read it. Raises LakeUnavailable."""
    found, policies = answering(lambda cursor: (read_notices(cursor), read_policies(cursor)))
    with reading() as session:
        told = select(NoticeToldRow.notice, EntryRow.leaf).join(EntryRow, EntryRow.position == NoticeToldRow.position)
        entries = {row.notice: row.leaf for row in session.execute(told)}
        read = {
            row.notice: row.read_at
            for row in session.scalars(select(NoticeReadRow).where(NoticeReadRow.subject == subject))
        }
    current = _current(found, policies)
    with Directory.open() as directory:
        consents = directory.consents_of(subject)
    found.sort(key=lambda one: (one.announced_at or BEFORE_ALL, one.told_from, one.policy, one.version), reverse=True)
    return [
        schemas.Notice(
            notice=one.notice,
            policy=one.policy,
            version=one.version,
            name=one.name,
            text=one.shown,
            translation=one.translated(saying.current()),
            sha256=one.sha256,
            announced_at=one.announced_at,
            announced_by=one.announced_by,
            told_from=one.told_from,
            current=one.notice in current,
            read_at=read.get(one.notice),
            needs_consent=Basis.CONSENT in bases_of(one.legal_basis),
            consents=[
                schemas.Consent.model_validate(each) for each in consents.of(one.notice)[: -SHOWN_CONSENTS - 1 : -1]
            ],
            ledger_entry=entries.get(one.notice),
        )
        for one in found
    ]


def find(subject: UUID, notice: UUID) -> schemas.Notice:
    """Raises UnknownNotice, LakeUnavailable."""
    found = next((one for one in all_for(subject) if one.notice == notice), None)
    if found is None:
        raise UnknownNotice
    return found


def acknowledge(subject: UUID, notice: UUID, sha256: str) -> schemas.Notice:
    """Note that the person read a text; the first time counts. Raises UnknownNotice, AnotherText, LakeUnavailable."""
    found = find(subject, notice)
    if found.sha256 != sha256:
        raise AnotherText
    with writing() as session:
        if session.get(NoticeReadRow, (subject, notice)) is None:
            ledger.append(session, "notice_read", {"notice": str(notice), "sha256": sha256}, whose=subject)
            session.add(NoticeReadRow(subject=subject, notice=notice, sha256=sha256, read_at=clock.now_utc()))
    return find(subject, notice)


def count_read(session: Session, people: Collection[UUID]) -> Counter[UUID]:
    """How many notices each of these people said that they read."""
    return count_by_person(session, NoticeReadRow.subject, people)


def _current(found: list[Notice], policies: list[Policy]) -> set[UUID]:
    """The newest notice of each policy that hasn't ended."""
    today = clock.today()
    lasting = {policy.policy for policy in policies if policy.valid_to is None or today < policy.valid_to}
    newest = {one.policy: one.notice for one in sorted(found, key=lambda one: one.version)}
    return {notice for policy, notice in newest.items() if policy in lasting}


def _statement(notice: Notice) -> dict[str, object]:
    assert notice.announced_at is not None
    return {
        "notice": str(notice.notice),
        "policy": notice.policy,
        "version": notice.version,
        "sha256": notice.sha256,
        "announced_at": format_moment(parse_moment(notice.announced_at)),
        "announced_by": notice.announced_by,
        "told_from": format_moment(parse_moment(notice.told_from)),
    }
