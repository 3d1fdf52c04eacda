"""Somebody left: they have no role from then on, their sign-ins end, and their data stays for their rights."""

from __future__ import annotations

from sqlalchemy import event
from sqlalchemy.orm import Session

import security_events
from directory.models import EmployeeRow
from directory.sign_outs import revocations


def mark_as_left(session: Session, row: EmployeeRow) -> None:
    """In a session that the caller commits; only then the security monitoring is told."""
    row.active = False
    if row.sub:
        revocations.end_person(session, row.sub)
    subject = row.subject
    event.listen(session, "after_commit", lambda _: security_events.account_disabled(subject), once=True)
