"""What a request would do if it were carried out now. Reads only."""

from __future__ import annotations

from datetime import datetime

import clock
from governance import answers, tables
from governance.lake_presence import unless_empty
from governance.lifecycle import Type
from lake import erasure
from lake.scope import Scope
from queries import Own
from queries.connection import answering

NOTHING = answers.Preview(events=0, by=[], withheld=[], models=[])


def preview(person: Own, new: answers.NewRequest) -> answers.Preview:
    """Raises LakeUnavailable."""
    return unless_empty(lambda: _preview(person, new.type, new.scope.of_the_lake(), clock.now_utc()), NOTHING)


def _preview(person: Own, request_type: Type, scope: Scope, now: datetime) -> answers.Preview:
    if request_type == Type.EXPORT:
        by = _slices(person, scope)
        return answers.Preview(events=sum(part.events for part in by), by=by, withheld=[], models=[])
    matched = answering(lambda cursor: erasure.match(cursor, person.subject.key, scope, now))
    return answers.Preview(
        events=matched.events,
        by=[answers.Slice.model_validate(part) for part in matched.by],
        withheld=[answers.Withheld.model_validate(held) for held in matched.held],
        models=tables.rows(person.datasets_affected(scope), answers.AffectedModel),
    )


def _slices(person: Own, scope: Scope) -> list[answers.Slice]:
    hours = person.captures_per_hour(scope)
    hours["day"] = hours["hour"].dt.date
    by = hours.groupby(["application", "signal"], as_index=False, sort=True).agg(
        events=("events", "sum"), first_day=("day", "min"), last_day=("day", "max")
    )
    return tables.rows(by, answers.Slice)
