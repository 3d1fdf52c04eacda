"""Terminal output of the lake's commands: progress while ingesting, then the outcome of every record."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskProgressColumn, TextColumn
from rich.table import Table
from rich.text import Text

from errors import OpenBookError
from lake.safeguards import counted

if TYPE_CHECKING:
    from lake.ingest.archiving import Archived
    from lake.ingest.ingesting import Summary
    from lake.ingest.manifest import Entry
    from lake.releases.published_release import PublishedRelease
    from lake.rules.policies import Policy
    from lake.storage.store import Batch
    from lake.storage.verifying import Report

SHOWN_ROWS = 10
WIDEST_NAME = 60


def with_progress(console: Console, name: str, location: str, email: str) -> Summary:
    """Ingest with a progress bar; see `lake.ingest.ingesting.ingest`."""
    from lake.ingest.ingesting import ingest  # takes a moment to load, which other commands would spend for nothing

    with _progress(console) as report:
        return ingest(name, location, email, report)


def archive_with_progress(
    console: Console, name: str, location: str, accounts: Path | None, complete: bool
) -> Archived:
    """The same for an archive; see `lake.ingest.archiving.ingest_archive`."""
    from lake.ingest.archiving import ingest_archive

    with _progress(console) as report:
        return ingest_archive(name, location, accounts, report, complete=complete)


@contextmanager
def _progress(console: Console) -> Iterator[Callable[[str, int, int | None], None]]:
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.completed:,} records"),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("Reading", total=None)

        def report(stage: str, done: int, total: int | None) -> None:
            bar.update(task, description=stage, completed=done, total=total)

        yield report


def watch_manifest(console: Console, name: str, folder: Path, path: Path, minutes: float) -> int:
    """Ingest what a manifest lists again and again, until stopped: new lines, URLs, and files that have changed."""
    known: dict[Entry, tuple[int, int] | None] = {}
    while True:
        try:
            ingest_manifest(console, name, folder, path, known)
        except OpenBookError as error:
            console.print(Text(f"{error} Retrying."), soft_wrap=True)
        time.sleep(minutes * 60)


def ingest_manifest(
    console: Console, name: str, folder: Path, path: Path, known: dict[Entry, tuple[int, int] | None] | None = None
) -> int:
    """Ingest what a manifest lists; prints a row for each person, and returns the exit status.

    `known`: sources whose state is as it was then are left out; gets those that were ingested.
    """
    from lake.ingest.manifest import ingest_all, read_manifest, state_of

    entries, outcomes = read_manifest(path)
    states = {entry: state_of(folder, entry) for entry in entries}
    if known is not None:
        entries = [entry for entry in entries if states[entry] is None or known.get(entry) != states[entry]]
        if not entries and not outcomes:
            return 0
    with _progress(console) as report:
        outcomes += ingest_all(name, folder, entries, report)
    if known is not None:
        known.update({each.entry: states[each.entry] for each in outcomes if each.summary is not None})
    people: dict[str, list[Batch]] = {}
    for outcome in outcomes:
        if outcome.summary is not None:
            people.setdefault(outcome.entry.email, []).append(outcome.summary.batch)
    counts = (
        "read",
        "stored",
        "quarantined",
        "outside_policy",
        "past_retention",
        "kept_out",
        "already_known",
        "erased_before",
    )
    table = Table("person", "sources", *(count.replace("_", " ") for count in counts))
    for email, batches in sorted(people.items()):
        sums = (f"{sum(getattr(batch, count) for batch in batches):,}" for count in counts)
        table.add_row(Text(_shown(email)), f"{len(batches):,}", *sums)
    console.print(table)
    refused = sorted((each for each in outcomes if each.summary is None), key=lambda each: each.entry.line)
    for each in refused:
        words = f"line {each.entry.line}, {_shown(each.entry.source)}: {each.refused}"
        console.print(Text(words), soft_wrap=True, highlight=False)
    if refused:
        console.print(f"{len(refused):,} lines of the manifest were refused; nothing of these was stored.")
    quarantined = sum(batch.quarantined for batches in people.values() for batch in batches)
    return 3 if refused or quarantined else 0


@contextmanager
def verifying_progress(console: Console) -> Iterator[Report]:
    """A progress bar for `lake.storage.verifying.verify`."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("Starting", total=None)

        def report(stage: str, done: int, total: int) -> None:
            bar.update(task, description=stage, completed=done, total=total or None)

        yield report


def show_summary(console: Console, summary: Summary) -> None:
    """A table that adds up: every record read is either stored or counted in exactly one other row."""
    batch = summary.batch
    table = Table(title=f"Ingested from {batch.source}", title_justify="left", show_header=False)
    table.add_column(justify="left")
    table.add_column(justify="right")
    table.add_column(justify="left", style="dim")
    table.add_row("read", f"{batch.read:,}")
    table.add_row("stored", f"{batch.stored:,}", "", style="bold")
    if summary.redactions:
        kinds = counted(dict(summary.redactions.most_common()))
        table.add_row("  of them redacted", f"{batch.redacted:,}", Text(f"from all records read: {kinds}"))
    outside = [
        f"{count:,} {signal} in {_shown(application)}"
        for (application, signal), count in summary.outside_policy.most_common()
    ]
    table.add_row("outside policy", f"{batch.outside_policy:,}", _lines(outside))
    table.add_row("past retention", f"{batch.past_retention:,}", "")
    table.add_row("kept out", f"{batch.kept_out:,}", "")
    table.add_row("already known", f"{batch.already_known:,}", "")
    table.add_row("erased before", f"{batch.erased_before:,}", "")
    places = [f"{item.place}: {item.reason}" for item in summary.quarantined]
    reasons = [f"{count:,} records: {reason}" for reason, count in summary.reasons.most_common()]
    few = len(places) == batch.quarantined <= SHOWN_ROWS
    table.add_row("quarantined", f"{batch.quarantined:,}", _lines(places if few else [*reasons, *places]))
    console.print(table)
    if batch.quarantined:
        console.print("Quarantined records were not stored. Correct them and ingest again; stored records stay.")


def show_archive(console: Console, done: Archived) -> None:
    """A table that adds up, over all people: names of people aren't in it."""
    batches = [summary.batch for summary in done.people]
    table = Table(title=f"Ingested from {done.source}", title_justify="left", show_header=False)
    table.add_column(justify="left")
    table.add_column(justify="right")
    table.add_column(justify="left", style="dim")
    table.add_row("people", f"{len(batches):,}")
    outside = sum((summary.outside_policy for summary in done.people), Counter[tuple[str, str]]())
    reasons = sum((summary.reasons for summary in done.people), done.overview.reasons.copy())
    broken = [*done.overview.quarantined, *(item for summary in done.people for item in summary.quarantined)]
    notes = {
        "outside_policy": [f"{count:,} {what} in {_shown(name)}" for (name, what), count in outside.most_common()],
    }
    for count in ("read", "stored", "outside_policy", "past_retention", "kept_out", "already_known", "erased_before"):
        table.add_row(
            count.replace("_", " "),
            f"{sum(getattr(batch, count) for batch in batches):,}",
            _lines(notes.get(count, [])),
        )
    listed = [f"{count:,} records: {reason}" for reason, count in reasons.most_common()]
    table.add_row(
        "quarantined", f"{done.quarantined:,}", _lines([*listed, *(f"{i.place}: {i.reason}" for i in broken)])
    )
    nobody = done.overview.left_out
    table.add_row(
        "of nobody", f"{nobody.total():,}", _lines([f"{count:,}: {what}" for what, count in nobody.most_common()])
    )
    console.print(table)
    if done.quarantined:
        console.print("Quarantined records were not stored. Correct them and ingest again; stored records stay.")


def policy_table(policies: Sequence[Policy]) -> Table:
    """All policies, one per row."""
    table = Table("policy", "name", "signals", "applications", "safeguards", "days", "from", "to")
    for policy in policies:
        table.add_row(
            *map(Text, (policy.policy, policy.name, ", ".join(policy.signals), ", ".join(policy.applications))),
            ", ".join(policy.safeguards),
            f"{policy.retention_days:,}",
            f"{policy.valid_from}",
            f"{policy.valid_to or 'in force'}",
        )
    return table


def release_table(releases: Sequence[PublishedRelease]) -> Table:
    """What was published, one release per row."""
    table = Table("release", "period", "published (UTC)", "counted as of", "epsilon of the year", "digest")
    for release in releases:
        when = f"{release.published_at:%Y-%m-%d %H:%M}"
        if release.is_statement:
            words = "operator's statement at a restore: nothing was published since the backup"
            table.add_row(words, "", when, "", "", "")
            continue
        lost = "may have been published, and is lost" if release.is_assumed else release.digest[:16]
        epsilon = f"{release.year_epsilon:.2f}"
        table.add_row(str(release.release), release.period, when, f"{release.as_of}", epsilon, lost)
    return table


def _lines(items: Sequence[str]) -> Text:
    more = [f"and {len(items) - SHOWN_ROWS:,} more"] if len(items) > SHOWN_ROWS else []
    return Text("\n".join([*items[:SHOWN_ROWS], *more]))


def _shown(name: str) -> str:
    """A name from a source, safe to print in a terminal."""
    return "".join(character if character.isprintable() else "·" for character in name[:WIDEST_NAME])
