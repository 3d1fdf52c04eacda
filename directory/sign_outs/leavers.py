"""Somebody left: they have no role from then on, their sign-ins end, and their data stays for their rights.

Whoever a proposal is about (`directory.links`) has no role already, but has not left by that: when they do, it is news.
"""

from __future__ import annotations

from sqlalchemy import event, select
from sqlalchemy.orm import Session

import clock
import security_events
from directory.models import EmployeeRow, LinkRow
from directory.sign_outs import revocations


def mark_as_left(session: Session, row: EmployeeRow) -> None:
    """In a session that the caller commits; only then the security monitoring is told. Nothing if it is no news."""
    open_links = session.scalars(select(LinkRow).where(LinkRow.subject == row.subject)).all()
    if not row.active and all(link.left_at for link in open_links):
        return
    row.active = False
    for link in open_links:
        link.left_at = clock.now_utc()
    if row.sub:
        revocations.end_person(session, row.sub)
    subject = row.subject
    event.listen(session, "after_commit", lambda _: security_events.account_disabled(subject), once=True)
