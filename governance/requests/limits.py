"""How many requests one person may have open, and may file in a day.

The limits keep one person's requests from filling the disk and the workers' time. They never prevent people from
exercising their rights: a request about everything is accepted however many are open (except the same one twice, see
`requests.AlreadyOpen`), and an erasure of everything is accepted whatever else was filed.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

import clock
from errors import TooMany
from governance.db.tables import ExportRow, RequestRow
from governance.domain.lifecycle import OPEN, Type
from governance.domain.scopes import RequestScope
from languages import mark
from languages.saying import moment, say, sentences

MOST_OPEN = {
    Type.EXPORT: 5,
    Type.ERASURE: 20,
    Type.OBJECTION: 20,
    Type.RESTRICTION: 20,
    Type.RECTIFICATION: 20,
}
"""Of a part of the records. A masking is always of everything, so there is one at a time."""
MOST_KEPT_EXPORTS = 20
MOST_A_DAY = 100
DAY = timedelta(days=1)
EVERYTHING = RequestScope.model_validate({})
WHEN_ONE_ENDS_SECONDS = 600


def refuse_too_many(session: Session, subject: UUID, kind: Type, scope: RequestScope) -> None:
    """Call it in the session that would file the request. Raises TooMany."""
    everything = scope.same_as(EVERYTHING)
    if kind == Type.ERASURE and everything:
        return
    _refuse_in_a_day(session, subject)
    if kind == Type.EXPORT:
        _refuse_kept_exports(session, subject)
    if not everything:
        _refuse_open(session, subject, kind)


def _refuse_open(session: Session, subject: UUID, kind: Type) -> None:
    alike = select(RequestRow.id, RequestRow.received_at).where(
        RequestRow.subject == subject, RequestRow.type == kind, RequestRow.state.in_(OPEN)
    )
    found = session.execute(alike.order_by(RequestRow.received_at)).all()
    if len(found) >= MOST_OPEN[kind]:
        which = ", ".join(str(request_id) for request_id, _ in found)
        raise _too_many(
            say(
                "You already have {n} requests of this kind open, the most allowed at once: {which}. File this one "
                "when one of them has ended, withdraw one, or file one about everything.",
                n=len(found),
                which=which,
            ),
            WHEN_ONE_ENDS_SECONDS,
        )


def _refuse_kept_exports(session: Session, subject: UUID) -> None:
    kept = select(func.count(), func.min(ExportRow.expires_at)).join(RequestRow)
    mine = kept.where(RequestRow.subject == subject, ExportRow.deleted_at.is_(None))
    count, until = session.execute(mine).one()
    if count >= MOST_KEPT_EXPORTS:
        raise _too_many(
            say(
                "{n} of your exports are ready to download, the most kept at once. The oldest will be deleted on "
                "{moment}; file this one after that.",
                n=count,
                moment=moment(until),
            ),
            max(1, int((until - clock.now_utc()).total_seconds())),
        )


def _refuse_in_a_day(session: Session, subject: UUID) -> None:
    since = clock.now_utc() - DAY
    filed = select(func.count(), func.min(RequestRow.received_at)).where(
        RequestRow.subject == subject, RequestRow.received_at > since
    )
    count, first = session.execute(filed).one()
    if count >= MOST_A_DAY:
        again = first + DAY
        raise _too_many(
            say(
                "You have filed {n} requests in 24 hours, the most allowed. You can file this one after {moment}.",
                n=count,
                moment=moment(again),
            ),
            max(1, int((again - clock.now_utc()).total_seconds())),
        )


def _too_many(words: str, retry_after: int) -> TooMany:
    return TooMany(
        sentences(words, mark("Nothing was changed. An erasure of everything is always accepted.")), retry_after
    )
