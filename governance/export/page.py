"""`index.html`: the export for a person to read, in plain words and with the answer first.

It leads to the pages of the records (`readable`), loads nothing and runs nothing: Jinja escapes every value, and a
content security policy backs that up. It is in the language of the block `speaking`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from jinja2 import Template, pass_context
from jinja2.runtime import Context

from governance.ai_models.states import Standing
from governance.export import wording
from governance.export.captures import Tally
from governance.export.counts import Count
from governance.export.readable import Contents, Local
from governance.export.readable.pages import MOST_DAYS
from governance.export.readable.rows import KINDS
from governance.export.readable.templates import environment, word
from governance.export.records import Records
from governance.schemas import ModelUse, Removal, Upcoming
from lake.rules.scope import Scope
from lake.safeguards import masked
from languages.saying import current, t, tn
from law import limits

_CHART_WIDTH, _CHART_HEIGHT = 800, 120
_MOST_BARS = 120


@dataclass(frozen=True)
class Bar:
    """One bar of the chart, in its own units."""

    label: str
    events: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Rule:
    """What one policy keeps in one state, and when the first and the last of it will be deleted."""

    name: str
    state: str
    events: int
    first: date
    last: date


@dataclass(frozen=True)
class ModelNews:
    """What becomes of a model version that was trained, or may have been, on records of the person."""

    name: str
    standing: Standing


def render_page(
    *,
    about: Mapping[str, Any],
    as_of: datetime,
    contents: Contents,
    counts: Mapping[str, Count],
    local: Local,
    records: Records,
    request_id: str,
    scope: Scope,
    snapshot: int,
    tally: Tally,
) -> bytes:
    """The page, UTF-8. `as_of` is naive UTC."""
    retention = records.retention
    bars, monthly = chart(contents.days)
    used = [use for use in records.models if use.evidence in wording.EVIDENCE or use.through]
    news = _news(used, records.standings)
    kinds = [
        {"application": application, "what": word(wording.SIGNALS, signal), "events": events}
        for (application, signal), events in sorted(tally.kinds.items(), key=lambda kind: (kind[0][0], -kind[1]))
    ]
    page = _template()
    return page.render(
        about=about,
        accesses=[access for access in records.filed.accesses if not access["automatic"]],
        own_work=sum(bool(access["automatic"]) for access in records.filed.accesses),
        applications={application for application, _ in tally.kinds},
        as_of=as_of,
        bars=bars,
        by_month=len(contents.days) > MOST_DAYS,
        contents=contents,
        counts=counts,
        datasets=sorted(records.datasets.items()),
        holds=retention.holds,
        kept_until=max(
            (entry.retained_until for entry in retention.upcoming if entry.state == "retained"), default=None
        ),
        kinds=kinds,
        lang=current().code,
        limits=limits,
        local=local,
        lifted_holds=records.lifted_holds,
        masked=masked(tally.redactions, tn),
        model_news=news,
        monthly=monthly,
        overdue=sum(each.standing.overdue for each in news),
        promised=[each.standing.by for each in news if each.standing.by],
        person=about["person"],
        removals=_removals(retention.removals, local),
        request_id=request_id,
        requests=records.filed.requests,
        rules=_rules(retention.upcoming),
        scope=scope_words(scope, local),
        snapshot=snapshot,
        tally=tally,
        used=used,
        versions=len({use.model_version for use in used}),
        violations=records.violations,
        withheld=counts["captures"].withheld,
        wording=wording,
    ).encode()


def _news(used: Iterable[ModelUse], standings: Mapping[UUID, Standing]) -> list[ModelNews]:
    """Those with promised dates first, the earliest first."""
    names = {use.model_version: f"{use.model} {use.version}" for use in used if use.model_version in standings}
    news = [ModelNews(name, standings[model]) for model, name in names.items() if model is not None]
    return sorted(news, key=lambda each: each.standing.by or date.max)


def scope_words(scope: Scope, local: Local) -> str:
    """`Clicks, in Excel, from 3 May 2026, 14:00 UTC`; empty for everything."""
    if scope.everything:
        return ""
    listed = current().listed
    words = [
        listed([word(KINDS, signal) for signal in scope.signals]) if scope.signals else t("every kind"),
        t("in {applications}", applications=listed(scope.applications))
        if scope.applications
        else t("in every application"),
        t("from {time}", time=local.moment(scope.from_at)) if scope.from_at else "",
        t("until {time}", time=local.moment(scope.until_at)) if scope.until_at else "",
    ]
    return ", ".join(word for word in words if word)


def chart(days: Mapping[date, int]) -> tuple[list[Bar], bool]:
    """Bars of captures per day, or per month if there are too many days to tell apart; and whether they are months."""
    if len(days) < 2:
        return [], False
    first, last = min(days), max(days)
    if (last - first).days < _MOST_BARS:
        span = [first + timedelta(days=offset) for offset in range((last - first).days + 1)]
        events = {current().day(day): days.get(day, 0) for day in span}
        return _bars(events), False
    months: Counter[date] = Counter()
    for day, number in days.items():
        months[day.replace(day=1)] += number
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    starts = [date(first.year + (first.month - 1 + n) // 12, (first.month - 1 + n) % 12 + 1, 1) for n in range(count)]
    return _bars({current().month(start): months[start] for start in starts}), True


def _bars(events: Mapping[str, int]) -> list[Bar]:
    step = _CHART_WIDTH / len(events)
    most = max(events.values())
    return [
        Bar(
            label=label,
            events=number,
            x=round(index * step, 2),
            y=round(_CHART_HEIGHT * (1 - number / most), 2),
            width=round(step * 0.85, 2),
            height=round(_CHART_HEIGHT * number / most, 2),
        )
        for index, (label, number) in enumerate(events.items())
    ]


def _rules(upcoming: Sequence[Upcoming]) -> list[Rule]:
    by_policy: dict[tuple[str, str], list[Upcoming]] = {}
    for entry in upcoming:
        by_policy.setdefault((entry.policy_name or entry.policy, entry.state), []).append(entry)
    return [
        Rule(
            name,
            word(wording.KEPT, state),
            sum(entry.events for entry in entries),
            min(entry.retained_until for entry in entries),
            max(entry.retained_until for entry in entries),
        )
        for (name, state), entries in sorted(by_policy.items())
    ]


def _removals(removals: Sequence[Removal], local: Local) -> list[dict[str, Any]]:
    """Newest first, one per local day, cause and application."""
    summed: Counter[tuple[date, str, str]] = Counter()
    for removal in removals:
        summed[local.time(removal.removed_at).date(), removal.cause, removal.application] += removal.events
    return [
        {"day": day, "cause": cause, "application": application, "events": events}
        for (day, cause, application), events in sorted(summed.items(), reverse=True)
    ]


@cache
def _template() -> Template:
    folder = Path(__file__).parent
    made = environment(folder, folder / "readable")
    made.filters |= {"day": _day, "moment": _moment}
    return made.get_template("page.html")


@pass_context
def _day(context: Context, value: date | str) -> str:
    local: Local = context["local"]
    return local.day(value)


@pass_context
def _moment(context: Context, value: datetime) -> str:
    local: Local = context["local"]
    return local.moment(value)
