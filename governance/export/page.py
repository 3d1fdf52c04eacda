"""`index.html`: the export for a person to read, in plain words and with the answer first.

It leads to the pages of the records (`readable`), loads nothing and runs nothing: Jinja escapes every value, and a
content security policy backs that up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from governance.ai_models.states import Standing
from governance.export.about import EVIDENCE, SIGNALS
from governance.export.captures import Tally
from governance.export.counts import Count
from governance.export.readable import Contents, Local
from governance.export.readable.local import day_words
from governance.export.readable.pages import MOST_DAYS
from governance.export.records import Records
from governance.schemas import ModelUse, Removal, Upcoming
from lake.rules.scope import Scope
from lake.safeguards import KINDS
from law import limits

FILES = {
    "index.html": "this page; in days and kinds are the pages that it leads to, in pictures your screenshots",
    "captures.jsonl": "every record as stored, without other people's words: one JSON object per line",
    "captures.csv": "the same for a spreadsheet; a cell that could be taken for a formula starts with a '",
    "captures.parquet": "the same for data tools such as pandas and DuckDB",
    "lineage.jsonl": "which of them went into which data set: one day, kind and application per line",
    "models.json": "which models were trained on those data sets, what is still in them, and what is promised",
    "violations.json": "reported use of your data without permission: jobs, data sets, when",
    "ingestions.json": "when they were stored, and what happened to every record that was read",
    "refused.json": "what was refused before anything of it was stored: application, kind, day and reason",
    "indirect.json": "in which records of others you are mentioned, quoted or assigned: application, day and how",
    "retention.json": "what will be deleted when, what was deleted, and legal holds, including past ones",
    "requests.json": "your requests, decisions and outcomes",
    "receipts.json": "the signed receipts of your requests",
    "pauses.json": "when you paused the recording of your work, and in which hours of the week",
    "recorders.json": "which recorders said that they run for you, and what each last said",
    "notices.json": "what you were told about capture policies, and what you said that you read",
    "notifications.json": "what you were told happened, and how you chose to be told",
    "access-log.json": "who or what else read your data, when and why",
    "about.json": "purposes, grounds, recipients, rights, and what was not searched",
    "manifest.json": "counts that add up, size and SHA-256 of every file, and a signature that covers all of it",
    "verifier.py": "a program that checks all this; HOW-TO-CHECK.txt explains how to run it",
}
CATEGORIES = {
    "captures": "Records",
    "dataset_slices": "Days of records in data sets",
    "model_uses": "Models and what they were trained on",
    "ingestions": "Times data was stored",
    "refused": "Records that were refused",
    "indirect": "Records of others that concern you",
    "kept": "Records with their last day",
    "removals": "Entries about deleted records",
    "holds": "Legal holds",
    "violations": "Reported runs without permission",
    "requests": "Your requests",
    "receipts": "Receipts",
    "pauses": "Times you paused recording",
    "recorders": "Recorders that said whether they run",
    "notices_read": "Notices that you said you read",
    "consents": "Times you consented to a capture policy",
    "notifications": "Times you were told that something happened",
    "notification_choices": "Choices of how you are told",
    "accesses": "Times others, or Open Book's programs, read data",
}
STATES = {
    "retained": "kept",
    "held": "on legal hold",
    "restricted": "kept because you asked for it",
    "expired": "due for deletion",
}
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
    bars, bars_by = chart(contents.days)
    used = [use for use in records.models if use.evidence in EVIDENCE or use.through]
    news = _news(used, records.standings)
    kinds = [
        {"application": application, "what": SIGNALS.get(signal, signal), "events": events}
        for (application, signal), events in sorted(tally.kinds.items(), key=lambda kind: (kind[0][0], -kind[1]))
    ]
    page = _environment(local).get_template("page.html")
    return page.render(
        about=about,
        accesses=[access for access in records.filed.accesses if not access["automatic"]],
        own_work=sum(bool(access["automatic"]) for access in records.filed.accesses),
        applications={application for application, _ in tally.kinds},
        as_of=as_of,
        bars=bars,
        bars_by=bars_by,
        by_month=len(contents.days) > MOST_DAYS,
        categories=CATEGORIES,
        contents=contents,
        counts=counts,
        datasets=sorted(records.datasets.items()),
        files=FILES,
        holds=retention.holds,
        kept_until=max(
            (entry.retained_until for entry in retention.upcoming if entry.state == "retained"), default=None
        ),
        kinds=kinds,
        limits=limits,
        local=local,
        lifted_holds=records.lifted_holds,
        meanings=EVIDENCE,
        model_news=news,
        overdue=sum(each.standing.overdue for each in news),
        promised=[each.standing.by for each in news if each.standing.by],
        person=about["person"],
        redactions=KINDS,
        removals=_removals(retention.removals, local),
        request_id=request_id,
        requests=records.filed.requests,
        rules=_rules(retention.upcoming),
        scope=scope_words(scope, local),
        snapshot=snapshot,
        tally=tally,
        used=used,
        violations=records.violations,
        withheld=counts["captures"].withheld,
    ).encode()


def _news(used: Iterable[ModelUse], standings: Mapping[UUID, Standing]) -> list[ModelNews]:
    """Those with promised dates first, the earliest first."""
    names = {use.model_version: f"{use.model} {use.version}" for use in used if use.model_version in standings}
    news = [ModelNews(name, standings[model]) for model, name in names.items() if model is not None]
    return sorted(news, key=lambda each: each.standing.by or date.max)


def scope_words(scope: Scope, local: Local) -> str:
    """`clicks in Excel, from 3 May 2026, 14:00 UTC`; empty for everything."""
    if scope.everything:
        return ""
    words = [
        " and ".join(signal.replace("_", " ") for signal in scope.signals) if scope.signals else "every kind",
        f"in {' and '.join(scope.applications)}" if scope.applications else "in every application",
        f"from {local.moment(scope.from_at)}" if scope.from_at else "",
        f"until {local.moment(scope.until_at)}" if scope.until_at else "",
    ]
    return ", ".join(word for word in words if word)


def chart(days: Mapping[date, int]) -> tuple[list[Bar], str]:
    """Bars of captures per day, or per month if there are too many days to tell apart; and which of the two."""
    if len(days) < 2:
        return [], ""
    first, last = min(days), max(days)
    if (last - first).days < _MOST_BARS:
        span = [first + timedelta(days=offset) for offset in range((last - first).days + 1)]
        events = {day_words(day): days.get(day, 0) for day in span}
        return _bars(events), "a day"
    months: Counter[date] = Counter()
    for day, number in days.items():
        months[day.replace(day=1)] += number
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    starts = [date(first.year + (first.month - 1 + n) // 12, (first.month - 1 + n) % 12 + 1, 1) for n in range(count)]
    return _bars({f"{start:%B %Y}": months[start] for start in starts}), "a month"


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
            STATES.get(state, state),
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


def _environment(local: Local) -> Environment:
    folder = Path(__file__).parent
    environment = Environment(
        loader=FileSystemLoader([folder, folder / "readable"]), autoescape=True, undefined=StrictUndefined
    )
    environment.filters |= {"number": "{:,}".format, "day": local.day, "moment": local.moment}
    return environment
