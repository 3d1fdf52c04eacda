"""What a recorder may record of a person now: it asks again and again, and obeys. Ingestion doesn't rely on that."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

import clock
from directory import Directory, Employee
from directory.consenting import Consents
from governance import schemas
from governance.recording.working_hours import shown
from lake.rules.consents import needs_consent
from lake.rules.notices import Told, read_notices
from lake.rules.policies import Policy, read_policies
from lake.rules.working_hours import WorkingHours, working_hours
from queries.connection import answering

POLL_SECONDS = 60


def control_of(person: Employee) -> schemas.CaptureControl:
    """Raises LakeUnavailable."""
    now, hours = clock.now_utc(), working_hours()
    found, told = answering(read_policies), Told(answering(read_notices))
    with Directory.open() as directory:
        consents = directory.consents_of(person.subject)
        policies = [each for each in found if _applies(each, told, consents)]
        current = directory.pauses_of(person.subject).current(now)
        recorded = person.active and not directory.is_about(person.subject)
    in_force = policies if recorded else []
    return schemas.CaptureControl(
        may_record=bool(in_force) and current is None and hours.cover(now),
        paused_until=current.until_at if current else None,
        working_hours=shown(),
        policies=[schemas.ControlledPolicy.model_validate(each) for each in in_force],
        applications=sorted({name for each in in_force for name in each.applications}),
        poll_seconds=_poll_seconds(hours, now),
    )


def _poll_seconds(hours: WorkingHours, now: datetime) -> int:
    """Until they begin or end, if that is sooner: both are at a full minute."""
    minute = now.replace(second=0, microsecond=0) + timedelta(minutes=1)
    return POLL_SECONDS if hours.cover(minute) == hours.cover(now) else math.ceil((minute - now).total_seconds())


def _applies(policy: Policy, told: Told, consents: Consents) -> bool:
    """Whether something may be recorded under it now."""
    now, today = clock.now_utc(), clock.today()
    if today < policy.valid_from or (policy.valid_to is not None and policy.valid_to <= today):
        return False
    notice = told.notice(policy.policy, now)
    return notice is not None and (not needs_consent(policy) or consents.cover(notice.notice, now))
