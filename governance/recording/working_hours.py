"""The employer's working hours, as people and recorders are told."""

from __future__ import annotations

from governance import schemas
from governance.recording.set_hours import WEEK, clock_time
from lake.rules.working_hours import working_hours


def shown() -> list[schemas.WorkingHours]:
    return [
        schemas.WorkingHours(
            days=[WEEK[day - 1] for day in each.days],
            begins=clock_time(each.begins),
            ends=clock_time(each.ends),
            zone=each.zone,
        )
        for each in working_hours().ranges
    ]
