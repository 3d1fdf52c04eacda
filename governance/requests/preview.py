"""What a request would do if it were carried out now, and later how its outcome differs from that. Reads only."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pandas as pd

import clock
from governance import schemas
from governance.ai_models import plans, states
from governance.domain.lifecycle import Type
from governance.schemas import frames
from lake.rules import erasure
from lake.rules.scope import Scope
from queries import Own
from queries.connection import answering


def preview(person: Own, new: schemas.NewPreview) -> schemas.Preview:
    """Raises LakeUnavailable."""
    return _preview(person, new.type, new.scope.of_the_lake(), clock.now_utc())


def counts(person: Own, new: schemas.NewPreview) -> schemas.Previewed:
    """The part of a preview that is stored with a request. Raises LakeUnavailable."""
    return _counts(person, new.type, new.scope.of_the_lake(), clock.now_utc())


def differences(previewed: dict[str, Any], outcome: dict[str, Any]) -> list[str]:
    """How an erasure differs from its preview at filing, and why, in words."""
    more = int(outcome.get("erased", 0)) - int(previewed["events"])
    kept = int(outcome.get("withheld", 0)) - int(previewed["withheld"])
    total = more + kept
    found = []
    if total > 0:
        found.append(f"{record_count(total)} more than previewed: added between filing and the erasure.")
    if total < 0:
        found.append(
            f"{record_count(-total)} fewer than previewed: already deleted before the erasure, by retention or "
            "by another request."
        )
    if kept > 0:
        found.append(
            f"{record_count(kept)} more withheld than previewed: a hold was placed since, or the records are newer."
        )
    if kept < 0:
        found.append(
            f"{record_count(-kept)} fewer withheld than previewed: a hold was lifted, or they were already gone."
        )
    return found


def record_count(number: int) -> str:
    """`1,204 records`, `1 record`."""
    return f"{number:,} {'record' if number == 1 else 'records'}"


def _preview(person: Own, request_type: Type, scope: Scope, now: datetime) -> schemas.Preview:
    if request_type == Type.ERASURE:
        matched = answering(lambda cursor: erasure.match(cursor, person.subject.key, scope, now))
        return schemas.Preview(
            events=matched.events,
            by=[schemas.Slice.model_validate(part) for part in matched.by],
            days=[schemas.DayCount(day=day, events=events) for day, events in matched.days],
            withheld=[schemas.Withheld.model_validate(held) for held in matched.held],
            **_models(person, scope),
        )
    hours = person.captures_per_hour(scope)
    hours["day"] = hours["hour"].dt.date
    by = _slices(hours)
    days = hours.groupby("day", as_index=False, sort=True).agg(events=("events", "sum"))
    return schemas.Preview(
        events=sum(part.events for part in by),
        by=by,
        days=frames.rows(days, schemas.DayCount),
        withheld=[],
        **(_models(person, scope) if request_type in (Type.OBJECTION, Type.RESTRICTION) else {"models": []}),
    )


def _counts(person: Own, request_type: Type, scope: Scope, now: datetime) -> schemas.Previewed:
    if request_type != Type.ERASURE:
        return schemas.Previewed(events=person.count(scope), withheld=0)
    matched = answering(lambda cursor: erasure.match(cursor, person.subject.key, scope, now))
    return schemas.Previewed(events=matched.events, withheld=matched.withheld)


def _models(person: Own, scope: Scope) -> dict[str, Any]:
    """The dataset versions with captures in the scope, and what would happen to them and their models; and the models
    that were made from such a model.
    """
    affected = person.datasets_affected(scope)
    if not affected.listed:
        return {"models": []}
    entries = states.states(person.model_graph(), affected.listed, plans.plans(), affected.until)
    kept, left_out = states.foremost([entry for entry in entries if entry["events"] or entry["inherited"]])
    models = [
        schemas.AffectedModel(**{**entry, "model_version": entry["version"], "version": entry["dataset_version"]})
        for entry in kept
    ]
    return {"models": models, "models_left_out": left_out or None}


def _slices(hours: pd.DataFrame) -> list[schemas.Slice]:
    by = hours.groupby(["application", "signal"], as_index=False, sort=True).agg(
        events=("events", "sum"), first_day=("day", "min"), last_day=("day", "max")
    )
    return frames.rows(by, schemas.Slice)
