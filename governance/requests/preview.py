"""What a request would do if it were carried out now, and later how its outcome differs from that. Reads only."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, tzinfo
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pandas as pd
from sqlalchemy import select

import clock
from governance import schemas
from governance.ai_models import plans, states
from governance.db.database import reading
from governance.db.tables import ExportRow, RequestRow
from governance.domain import frames
from governance.domain.lifecycle import Type
from governance.receipts.page import MODEL_STATES
from lake.rules.scope import Scope
from languages import mark
from queries import Own, Size

AFFECTING = (Type.ERASURE, Type.OBJECTION, Type.RESTRICTION)
"""The types of request that have an effect on models."""
NAMED = 8
"""How many models or datasets a difference names."""


class Filed(schemas.Previewed):
    """What is stored of a preview with the request: also its models, to compare them with the outcome."""

    models: dict[str, str] | None
    """The state of each model and dataset, by name; None for a type of request that has no effect on models."""
    models_left_out: dict[str, int] | None


def preview(person: Own, new: schemas.NewPreview) -> schemas.Preview:
    """Raises LakeUnavailable."""
    with person.at_once() as own:
        return _preview(own, new.type, new.scope.of_the_lake(), clock.now_utc(), ZoneInfo(new.zone))


def counts(person: Own, new: schemas.RequestedScope) -> Filed:
    """The part of a preview that is stored with a request. Raises LakeUnavailable."""
    with person.at_once() as own:
        return _counts(own, new.type, new.scope.of_the_lake(), clock.now_utc())


def differences(previewed: dict[str, Any], outcome: dict[str, Any]) -> list[str]:
    """How an outcome differs from its preview at filing, and why, in words."""
    counted = _covered if "covered" in outcome else _erased
    return [*counted(previewed, outcome), *_differing_models(previewed, outcome)]


def _covered(previewed: dict[str, Any], outcome: dict[str, Any]) -> list[str]:
    """Of a request that removes nothing."""
    more = int(outcome["covered"]) - int(previewed["events"])
    if more > 0:
        return [f"{record_count(more)} more than previewed: added since the request was filed."]
    if more < 0:
        return [f"{record_count(-more)} fewer than previewed: deleted since, by retention or by another request."]
    return []


def _erased(previewed: dict[str, Any], outcome: dict[str, Any]) -> list[str]:
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


def _differing_models(previewed: Mapping[str, Any], outcome: Mapping[str, Any]) -> list[str]:
    """The models whose state is another than previewed; nothing if either was not recorded."""
    if previewed.get("models") is None or outcome.get("models") is None:
        return []
    before = {_as_today(name): state for name, state in previewed["models"].items()}
    now = _by_name(outcome["models"])
    found = [
        f"{name}: {_state(now[name])}; the preview said: {_state(state)}."
        for name, state in before.items()
        if now.get(name, state) != state
    ]
    shown, more = found[:NAMED], len(found) - NAMED
    if more > 0:
        shown.append(f"And {more:,} more models or datasets have another state than previewed.")
    left_out = [dict(each.get("models_left_out") or {}) for each in (previewed, outcome)]
    if left_out[0] == left_out[1]:
        came, went = ([name for name in one if name not in other] for one, other in ((now, before), (before, now)))
        if came:
            shown.append(f"Not in the preview: {_listed(came)}. They were made or reported since.")
        if went:
            shown.append(f"Only in the preview: {_listed(went)}. What was reported about them changed since.")
    else:
        shown.append(
            mark("The number of models and datasets is another than previewed: some were made or reported since.")
        )
    return shown


def _by_name(entries: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The state of each entry of `states.outcome`."""
    return {_entry_name(entry): str(entry["state"]) for entry in entries}


def _as_today(name: str) -> str:
    """Names that were stored before it was spelled "dataset" say "data set"."""
    return re.sub("(^|, from |an unnamed )data set", r"\1dataset", name)


def _entry_name(entry: Mapping[str, Any]) -> str:
    model = f"{entry['model']} {entry['version']}" if entry["model"] else None
    dataset = f"dataset {entry['dataset']} {entry['dataset_version']}".strip() if entry["dataset"] else None
    return ", from ".join(name for name in (model, dataset) if name) or "an unnamed dataset"


def _state(state: str) -> str:
    return MODEL_STATES.get(state, state)


def _listed(names: Sequence[str]) -> str:
    more = len(names) - NAMED
    return "; ".join(names[:NAMED]) + (f"; and {more:,} more" if more > 0 else "")


def record_count(number: int) -> str:
    """`1,204 records`, `1 record`."""
    return f"{number:,} {'record' if number == 1 else 'records'}"


def _preview(person: Own, request_type: Type, scope: Scope, now: datetime, zone: tzinfo) -> schemas.Preview:
    if request_type == Type.ERASURE:
        matched = person.matched(scope, now, zone)
        return schemas.Preview(
            events=matched.events,
            by=[schemas.Slice.model_validate(part) for part in matched.by],
            days=[schemas.DayCount(day=day, events=events) for day, events in matched.days],
            withheld=[schemas.Withheld.model_validate(held) for held in matched.held],
            copies_removed=_copies(person.subject.key, now),
            **_models(person, scope),
        )
    if request_type == Type.MASKING:
        return _of_mentions(person)
    counted = person.captures_per(scope, Size.DAY, zone)
    counted["day"] = counted["start"].dt.date
    by = _slices(counted)
    days = counted.groupby("day", as_index=False, sort=True).agg(events=("events", "sum"))
    return schemas.Preview(
        events=sum(part.events for part in by),
        by=by,
        days=frames.rows(days, schemas.DayCount),
        withheld=[],
        copies_removed=[],
        **(_models(person, scope) if request_type in AFFECTING else {"models": []}),
    )


def _of_mentions(person: Own) -> schemas.Preview:
    """How often others mention the person, as they see it: which records these are isn't theirs to know."""
    mentions: Counter[date] = Counter()
    for each in person.indirect():
        mentions[each.day] += each.records
    days = [schemas.DayCount(day=day, events=events) for day, events in sorted(mentions.items())]
    return schemas.Preview(events=mentions.total(), by=[], days=days, withheld=[], models=[], copies_removed=[])


def _copies(subject: UUID, now: datetime) -> list[schemas.Copy]:
    """The person's exports that can be downloaded now, newest first. An erasure deletes all of them."""
    theirs = (
        select(ExportRow)
        .join(RequestRow)
        .where(RequestRow.subject == subject, ExportRow.deleted_at.is_(None), ExportRow.expires_at > now)
        .order_by(ExportRow.written_at.desc())
    )
    with reading() as session:
        return [
            schemas.Copy(request=row.request_id, written_at=row.written_at, expires_at=row.expires_at)
            for row in session.scalars(theirs)
        ]


def _counts(person: Own, request_type: Type, scope: Scope, now: datetime) -> Filed:
    events, withheld, models = 0, 0, None
    if request_type == Type.ERASURE:
        matched = person.matched(scope, now)
        events, withheld = matched.events, matched.withheld
    elif request_type == Type.MASKING:
        events = sum(each.records for each in person.indirect())
    else:
        events = person.count(scope)
    if request_type in AFFECTING:
        affected = person.datasets_affected(scope)
        models = states.outcome(person.model_graph(), affected.listed, plans.plans(), affected.until, affected.before)
    return Filed(
        events=events,
        withheld=withheld,
        models=None if models is None else _by_name(models["models"]),
        models_left_out=None if models is None else models["models_left_out"],
    )


def _models(person: Own, scope: Scope) -> dict[str, Any]:
    """The dataset versions with captures in the scope, and what would happen to them and their models; the models
    that were made from such a model; and apart from these, everything else that the outcome would list.
    """
    affected = person.datasets_affected(scope)
    entries = states.states(person.model_graph(), affected.listed, plans.plans(), affected.until, affected.before)
    kept, left_out = states.foremost([entry for entry in entries if entry["events"] or entry["inherited"]])
    others = [entry for entry in states.foremost(entries)[0] if not (entry["events"] or entry["inherited"])]
    return {
        "models": [_affected(entry) for entry in kept],
        "models_left_out": left_out or None,
        "models_uncertain": [_affected(entry) for entry in others] or None,
    }


def _affected(entry: Mapping[str, Any]) -> schemas.AffectedModel:
    named = {**entry, "model_version": entry["version"], "version": entry["dataset_version"]}
    return schemas.AffectedModel(**named)


def _slices(counted: pd.DataFrame) -> list[schemas.Slice]:
    by = counted.groupby(["application", "signal"], as_index=False, sort=True).agg(
        events=("events", "sum"), first_day=("day", "min"), last_day=("day", "max")
    )
    return frames.rows(by, schemas.Slice)
