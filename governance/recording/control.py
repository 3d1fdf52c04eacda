"""What a recorder may record of a person now: it asks again and again, and obeys. Ingestion doesn't rely on that."""

from __future__ import annotations

import clock
from directory import Directory, Employee
from governance import schemas
from lake.rules.policies import read_policies
from queries.connection import answering

POLL_SECONDS = 60


def control_of(person: Employee) -> schemas.CaptureControl:
    """Raises LakeUnavailable."""
    today = clock.today()
    found = answering(read_policies)
    policies = [each for each in found if each.valid_from <= today and (each.valid_to is None or today < each.valid_to)]
    with Directory.open() as directory:
        current = directory.pauses_of(person.subject).current(clock.now_utc())
        recorded = person.active and not directory.is_about(person.subject)
    in_force = policies if recorded else []
    return schemas.CaptureControl(
        may_record=bool(in_force) and current is None,
        paused_until=current.until_at if current else None,
        policies=[schemas.ControlledPolicy.model_validate(each) for each in in_force],
        applications=sorted({name for each in in_force for name in each.applications}),
        poll_seconds=POLL_SECONDS,
    )
