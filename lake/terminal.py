"""What the lake's commands answer: the outcome of every record, for people and as JSON; and progress while they work.

Progress goes to standard error, and only to a terminal.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from command_line import Answer, Table
from lake.safeguards import counted

if TYPE_CHECKING:
    from lake.connectors import Quarantined
    from lake.ingest.archiving import Archived
    from lake.ingest.ingesting import Summary
    from lake.ingest.manifest import Outcome
    from lake.releases.published_release import PublishedRelease
    from lake.rules.policies import Policy
    from lake.storage.store import Batch

SHOWN_ROWS = 10
WIDEST_NAME = 60
COUNTS = (
    "read", "stored", "outside_policy", "past_retention", "kept_out", "already_known", "erased_before", "quarantined",
)  # fmt: skip
"""They add up: every record read is stored or counted in exactly one other."""
CORRECT = "Quarantined records were not stored. Correct them and ingest again; stored records stay."
WITHOUT_IDS = (
    "{:,} entries have no id in this export. If another kind of export has them, too, and is ingested before or after"
    " this one, they are stored twice."
)
PREVIEW = (
    "Nothing was changed. “stored” is what would be: records that the lake already knows or that were erased are found"
    " only when they are stored."
)


@contextmanager
def ingest_progress() -> Iterator[Callable[[str, int, int | None], None]]:
    """A progress bar for ingesting."""
    with _progress("Reading", counts=True) as report:
        yield report


@contextmanager
def verifying_progress() -> Iterator[Callable[[str, int, int | None], None]]:
    """A progress bar for `lake.storage.verifying.verify`."""
    with _progress("Starting", counts=False) as report:
        yield report


@contextmanager
def moving_progress() -> Iterator[Callable[[str, int, int | None], None]]:
    """A progress bar for `lake.storage.shards.moving.spread`."""
    with _progress("Starting", counts=True) as report:
        yield report


@contextmanager
def _progress(first: str, *, counts: bool) -> Iterator[Callable[[str, int, int | None], None]]:
    from rich.console import Console  # these take a moment to load, which other commands would spend for nothing
    from rich.progress import BarColumn, Progress, SpinnerColumn, TaskProgressColumn, TextColumn

    console = Console(stderr=True)
    columns = [SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TaskProgressColumn()]
    if counts:
        columns.append(TextColumn("{task.completed:,} records"))
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(first, total=None)

        def report(stage: str, done: int, total: int | None) -> None:
            bar.update(task, description=stage, completed=done, total=total or None)

        yield report


def of_summary(summary: Summary, *, dry_run: bool) -> Answer:
    """The outcome of one person's recording."""
    batch = summary.batch
    rows = [("read", f"{batch.read:,}", ""), ("stored", f"{batch.stored:,}", "")]
    if summary.redactions:
        kinds = counted(dict(summary.redactions.most_common()))
        rows.append(("  of them redacted", f"{batch.redacted:,}", f"from all records read: {kinds}"))
    notes = {
        "outside_policy": _outside(summary.outside_policy),
        "quarantined": _quarantine(summary.reasons, summary.quarantined),
    }
    rows += [_row(count, getattr(batch, count), notes) for count in COUNTS[2:]]
    result = {
        "source": batch.source,
        "counts": _sums([batch]),
        "redactions": dict(summary.redactions),
        **_breakdown(summary.outside_policy, summary.reasons, summary.quarantined),
    }
    return _ingested(batch.source, result, rows, bool(batch.quarantined), dry_run)


def of_archive(done: Archived, *, dry_run: bool) -> Answer:
    """The outcome of an archive, over all people: their names aren't in it."""
    batches = [summary.batch for summary in done.people]
    outside = sum((summary.outside_policy for summary in done.people), Counter[tuple[str, str]]())
    reasons = sum((summary.reasons for summary in done.people), done.overview.reasons.copy())
    broken = [*done.overview.quarantined, *(item for summary in done.people for item in summary.quarantined)]
    counts = _sums(batches)
    for count in ("read", "quarantined"):  # what can't be read is nobody's
        counts[count] += done.overview.reasons.total()
    nobody, skipped = done.overview.left_out, done.overview.skipped
    notes = {
        "outside_policy": _outside(outside),
        "quarantined": [*_reasons(reasons), *_places(broken)],
        "of_nobody": [f"{count:,}: {what}" for what, count in nobody.most_common()],
        "skipped_files": [shown_name(name) for name in skipped],
    }
    rows = [_row(name, count, notes) for name, count in (
        ("people", len(batches)), *counts.items(), ("of_nobody", nobody.total()),
        *((("skipped_files", len(skipped)),) if skipped else ()),
    ) if name != "redacted"]  # fmt: skip
    result = {
        "source": done.source,
        "people": len(batches),
        "counts": counts,
        "of_nobody": dict(nobody),
        "without_ids": done.overview.without_ids,
        "skipped_files": skipped,
        **_breakdown(outside, reasons, broken),
    }
    twice = [WITHOUT_IDS.format(done.overview.without_ids)] if done.overview.without_ids else []
    return _ingested(done.source, result, rows, bool(done.quarantined), dry_run, twice)


def _ingested(
    source: str,
    result: dict[str, Any],
    rows: Sequence[Sequence[str]],
    quarantined: bool,
    dry_run: bool,
    notices: Sequence[str] = (),
) -> Answer:
    last = [PREVIEW] if dry_run else [CORRECT] if quarantined else []
    title = f"{'Would be ingested' if dry_run else 'Ingested'} from {source}"
    return Answer(result, [title, Table((), rows), *last], 3 if quarantined else 0, notices, dry_run)


def of_manifest(outcomes: Sequence[Outcome], *, dry_run: bool) -> Answer:
    """The outcome for each person of a manifest, and its lines that were refused."""
    people: dict[str, list[Batch]] = {}
    for outcome in outcomes:
        if outcome.summary is not None:
            people.setdefault(outcome.entry.email, []).append(outcome.summary.batch)
    sums = {email: _sums(batches) for email, batches in sorted(people.items())}
    rows = [
        (shown_name(email), f"{len(people[email]):,}", *(f"{counts[count]:,}" for count in COUNTS))
        for email, counts in sums.items()
    ]
    refused = sorted((each for each in outcomes if each.summary is None), key=lambda each: each.entry.line)
    words = [f"line {each.entry.line}, {shown_name(each.entry.source)}: {each.refused}" for each in refused]
    if refused:
        words.append(f"{len(refused):,} lines of the manifest were refused; nothing of these was stored.")
    if dry_run:
        words.append(PREVIEW)
    result = {
        "people": [{"email": email, "sources": len(people[email]), "counts": sums[email]} for email in sums],
        "refused": [{"line": each.entry.line, "source": each.entry.source, "reason": each.refused} for each in refused],
    }
    incomplete = refused or any(counts["quarantined"] for counts in sums.values())
    table = Table(("person", "sources", *(count.replace("_", " ") for count in COUNTS)), rows)
    return Answer(result, [table, *words], 3 if incomplete else 0, dry_run=dry_run)


def of_policies(policies: Sequence[Policy]) -> Answer:
    """All policies, one per row."""
    rows = [
        (
            policy.policy,
            policy.name,
            ", ".join(policy.signals),
            ", ".join(policy.applications),
            ", ".join(policy.safeguards),
            f"{policy.retention_days:,}",
            f"{policy.valid_from}",
            f"{policy.valid_to or 'in force'}",
        )
        for policy in policies
    ]
    told = {"announced_on", "announced_by"}
    result = [{name: value for name, value in asdict(each).items() if name not in told} for each in policies]
    columns = ("policy", "name", "signals", "applications", "safeguards", "days", "from", "to")
    return Answer({"policies": result}, [Table(columns, rows)])


def of_releases(releases: Sequence[PublishedRelease]) -> Answer:
    """What was published, one release per row."""
    rows, result = [], []
    for release in releases:
        when = f"{release.published_at:%Y-%m-%d %H:%M}"
        what = "statement" if release.is_statement else "assumed" if release.is_assumed else "release"
        result.append(
            {
                "release": release.release,
                "what": what,
                "period": release.period,
                "published_at": release.published_at,
                "as_of": release.as_of,
                "year_epsilon": release.year_epsilon,
                "digest": release.digest,
            }
        )
        if release.is_statement:
            words = "operator's statement at a restore: nothing was published since the backup"
            rows.append((words, "", when, "", "", ""))
            continue
        lost = "may have been published, and is lost" if release.is_assumed else release.digest[:16]
        epsilon = f"{release.year_epsilon:.2f}"
        rows.append((str(release.release), release.period, when, f"{release.as_of}", epsilon, lost))
    columns = ("release", "period", "published (UTC)", "counted as of", "epsilon of the year", "digest")
    return Answer({"releases": result}, [Table(columns, rows)])


def _sums(batches: Sequence[Batch]) -> dict[str, int]:
    return {count: sum(getattr(batch, count) for batch in batches) for count in (*COUNTS, "redacted")}


def _breakdown(
    outside: Counter[tuple[str, str]], reasons: Counter[str], broken: Sequence[Quarantined]
) -> dict[str, Any]:
    return {
        "outside_policy": [
            {"application": application, "signal": signal, "records": count}
            for (application, signal), count in outside.most_common()
        ],
        "quarantined_for": dict(reasons),
        "quarantined": [{"place": item.place, "reason": item.reason} for item in broken],
    }


def _row(count: str, number: int, notes: Mapping[str, Sequence[str]]) -> tuple[str, str, str]:
    return count.replace("_", " "), f"{number:,}", _lines(notes.get(count, ()))


def _outside(outside: Counter[tuple[str, str]]) -> list[str]:
    return [f"{count:,} {signal} in {shown_name(name)}" for (name, signal), count in outside.most_common()]


def _quarantine(reasons: Counter[str], broken: Sequence[Quarantined]) -> list[str]:
    few = len(broken) == reasons.total() <= SHOWN_ROWS
    return [*([] if few else _reasons(reasons)), *_places(broken)]


def _reasons(reasons: Counter[str]) -> list[str]:
    return [f"{count:,} records: {reason}" for reason, count in reasons.most_common()]


def _places(broken: Sequence[Quarantined]) -> list[str]:
    return [f"{item.place}: {item.reason}" for item in broken]


def _lines(items: Sequence[str]) -> str:
    more = [f"and {len(items) - SHOWN_ROWS:,} more"] if len(items) > SHOWN_ROWS else []
    return "\n".join([*items[:SHOWN_ROWS], *more])


def shown_name(name: str) -> str:
    """A name from a source, safe to print in a terminal."""
    return "".join(character if character.isprintable() else "·" for character in name[:WIDEST_NAME])
