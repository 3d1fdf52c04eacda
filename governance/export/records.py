"""The records of an export besides its captures, each kind written to its file and counted for the manifest.

    lineage.jsonl    the person's slices in dataset versions
    models.json      model versions, what they were trained on, what is still in them and what is promised
    violations.json  runs that used the person's captures without permission
    ingestions.json  when something about the person was stored, and what happened to every record read
    refused.json     what was refused before anything of it was stored, and why
    indirect.json    in which records of others they are mentioned, quoted or assigned
    retention.json   what is kept until when, what was removed, legal holds in force and lifted
    requests.json    their own requests, with decisions
    receipts.json    the receipts of those requests
    pauses.json      when they paused recording
    recorders.json   what recorders last said about themselves
    notices.json     what they were told about capture policies, and what they said that they read
    notifications.json  what they were told happened, and how they chose to be told
    views.json       views of the dashboard that they saved, in their words
    access-log.json  who else viewed their data

Each is written from the rows themselves; the catalogued numbers are counted separately (`Snapshot.record_counts`,
`Filed`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson

from governance.ai_models import states, violations
from governance.ai_models.plans import Planned
from governance.ai_models.states import Standing
from governance.domain import frames
from governance.export.archive import Archive
from governance.export.counts import Count
from governance.schemas import Hold, Indirect, ModelUse, Refused, Removal, Retention, Upcoming, Violation
from lake.rules.scope import Scope
from languages import DEFAULT
from queries.snapshot import Snapshot

_PRETTY = orjson.OPT_INDENT_2 | orjson.OPT_NAIVE_UTC | orjson.OPT_UTC_Z
_LINE = orjson.OPT_NAIVE_UTC | orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE

Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Filed:
    """The governance database's records about a person, as JSON values."""

    requests: Rows = ()
    """As the API shows them, newest first."""
    receipts: Rows = ()
    accesses: Rows = ()
    pauses: Rows = ()
    recorders: Rows = ()
    notices: Rows = ()
    notifications: Rows = ()
    notified: Rows = ()
    """How they chose to be told: one, or none."""
    views: Rows = ()
    catalogued: Mapping[str, int] = field(default_factory=dict)
    """How many there are of each, counted by the database; of notices, those that were read."""
    processors: Sequence[str] = ()
    """Domains of the companies that are notified of the person's requests."""
    plans: Mapping[UUID, Planned] = field(default_factory=dict)
    """What is promised about model versions."""
    language: str = DEFAULT
    """Of the texts for people in their export: that of their e-mail."""


@dataclass(frozen=True)
class Records:
    """What was written, for the page and the Article 15 information."""

    models: Sequence[ModelUse]
    standings: Mapping[UUID, Standing]
    """The state of each model version with regard to what the person had deleted or kept out of training."""
    violations: Sequence[Violation]
    retention: Retention
    lifted_holds: Rows
    filed: Filed
    datasets: Mapping[tuple[str, str], int]
    """The person's captures in each dataset version, by the names of dataset and version."""
    rows: Mapping[str, int]
    """Rows by file, for files that have rows."""
    counts: Sequence[Count]


def write_records(archive: Archive, snapshot: Snapshot, filed: Filed) -> Records:
    """Raises OSError, LakeUnavailable."""
    listed = snapshot.record_counts()
    datasets, slices = _write_lineage(archive, snapshot)
    models = frames.rows(snapshot.models(), ModelUse)
    uses = sum(max(model.datasets, 1) for model in models)
    standings = states.of_person(*snapshot.lineage_and_withdrawn(), filed.plans)
    violated = violations.in_words(snapshot.violations())
    ingestions = frames.records(snapshot.batches())
    refused = [Refused.of(each).model_dump(mode="json") for each in snapshot.refused()]
    about_them, hidden_about_them = snapshot.indirect()
    indirect = [Indirect.model_validate(each).model_dump(mode="json") for each in about_them]
    retention = Retention(
        upcoming=frames.rows(snapshot.retention(), Upcoming),
        removals=frames.rows(snapshot.removals(), Removal),
        holds=frames.rows(snapshot.holds(), Hold),
    )
    lifted = frames.records(snapshot.lifted_holds())
    archive.add("models.json", as_json([_with_state(model, standings) for model in models]))
    archive.add("violations.json", as_json([one.model_dump(mode="json") for one in violated]))
    archive.add("ingestions.json", as_json(ingestions))
    archive.add("refused.json", as_json(refused))
    archive.add("indirect.json", as_json(indirect))
    archive.add("retention.json", as_json({**retention.model_dump(mode="json"), "lifted_holds": lifted}))
    archive.add("requests.json", as_json(list(filed.requests)))
    archive.add("receipts.json", as_json(list(filed.receipts)))
    archive.add("pauses.json", as_json(list(filed.pauses)))
    archive.add("recorders.json", as_json(list(filed.recorders)))
    archive.add("notices.json", as_json(list(filed.notices)))
    told = {"notifications": list(filed.notifications), "choices": list(filed.notified)}
    archive.add("notifications.json", as_json(told))
    archive.add("views.json", as_json(list(filed.views)))
    archive.add("access-log.json", as_json(list(filed.accesses)))
    kept = sum(entry.events for entry in retention.upcoming)
    hidden = snapshot.withheld(Scope()).total
    notices_read = [each for each in filed.notices if each["read_at"]]
    consents = [each for notice in filed.notices for each in notice["consents"]]
    return Records(
        models=models,
        standings=standings,
        violations=violated,
        retention=retention,
        lifted_holds=lifted,
        filed=filed,
        datasets=datasets,
        rows={
            "lineage.jsonl": slices,
            "models.json": len(models),
            "violations.json": len(violated),
            "ingestions.json": len(ingestions),
            "refused.json": len(refused),
            "indirect.json": len(indirect),
            "requests.json": len(filed.requests),
            "receipts.json": len(filed.receipts),
            "pauses.json": len(filed.pauses),
            "recorders.json": len(filed.recorders),
            "notices.json": len(filed.notices),
            "views.json": len(filed.views),
            "access-log.json": len(filed.accesses),
        },
        counts=[
            Count("dataset_slices", "day, kind and application in a dataset", listed["dataset_slices"], slices),
            Count("model_uses", "model version and a dataset it was trained on", listed["model_uses"], uses),
            Count("violations", "run that used data without permission", listed["violations"], len(violated)),
            Count("ingestions", "time something of yours was stored", listed["batches"], len(ingestions)),
            Count("refused", "record that was refused", listed["refused"], sum(each["records"] for each in refused)),
            Count(
                "indirect",
                "record of somebody else that concerns you",
                listed["indirect"],
                sum(each.records for each in about_them),
                0,
                hidden_about_them,
            ),
            Count("kept", "captured record whose last day is in retention.json", listed["captures"], kept, 0, hidden),
            Count("removals", "entry about deleted records", listed["removals"], len(retention.removals)),
            Count("holds", "legal hold, in force or lifted", listed["holds"], len(retention.holds) + len(lifted)),
            _count(filed, "requests", "your request", filed.requests),
            _count(filed, "receipts", "receipt of a request", filed.receipts),
            _count(filed, "pauses", "time you paused recording", filed.pauses),
            _count(filed, "recorders", "recorder that said whether it runs", filed.recorders),
            _count(filed, "notices_read", "notice that you said you read", notices_read),
            _count(filed, "consents", "time you consented to a capture policy", consents),
            _count(filed, "notifications", "time you were told that something happened", filed.notifications),
            _count(filed, "notification_choices", "choice of how you are told", filed.notified),
            _count(filed, "views", "view that you saved", filed.views),
            _count(filed, "accesses", "time someone or something else read your data", filed.accesses),
        ],
    )


def _with_state(model: ModelUse, standings: Mapping[UUID, Standing]) -> dict[str, Any]:
    stands = standings.get(model.model_version) if model.model_version else None
    return model.model_dump(mode="json") | {
        "state": stands and stands.state.value,
        "by": stands and stands.by,
        "overdue": stands is not None and stands.overdue,
        "words": stands and stands.words,
    }


def as_json(value: Any) -> bytes:
    return orjson.dumps(value, option=_PRETTY) + b"\n"


def _count(filed: Filed, category: str, what: str, rows: Rows) -> Count:
    return Count(category, what, filed.catalogued.get(category, 0), len(rows))


def _write_lineage(archive: Archive, snapshot: Snapshot) -> tuple[dict[tuple[str, str], int], int]:
    """Captures by dataset version, and the number of slices written."""
    captures: Counter[tuple[str, str]] = Counter()
    slices = 0
    with archive.entry("lineage.jsonl") as sink:
        for batch in snapshot.dataset_slices():
            rows = batch.to_pylist()
            slices += len(rows)
            for row in rows:
                row["dataset_version"] = str(row["dataset_version"])
                captures[row["dataset"] or "not recorded", row["dataset_release"] or ""] += row["events"]
            sink.write(b"".join([orjson.dumps(row, option=_LINE) for row in rows]))
    return dict(captures), slices
