"""`python -m lake ingest`: one recording, those that a manifest lists, or an archive of many people."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import command_line
from command_line import DRY_RUN, Answer
from errors import OpenBookError
from lake.terminal import ingest_progress, of_archive, of_manifest, of_summary

if TYPE_CHECKING:
    from lake.ingest.manifest import Entry


class _Formats:
    """Their names, which argparse asks for when it needs them: loading all formats takes a moment, which other commands
    would spend for nothing."""

    def __iter__(self) -> Iterator[str]:
        from lake.archives import ARCHIVES
        from lake.connectors import CONNECTORS

        return iter(sorted([*CONNECTORS, *ARCHIVES]))


Known = dict["Entry", tuple[int, int] | None]


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    ingest = commands.add_parser(
        "ingest", help="store a recording of one employee, many that a manifest lists, or an archive of many people"
    )
    ingest.add_argument("format", choices=_Formats(), metavar="FORMAT", help="%(choices)s")
    ingest.add_argument(
        "location",
        help="a file, a folder or a URL, depending on the format; with a manifest also s3://BUCKET/PREFIX",
    )
    whose = ingest.add_mutually_exclusive_group()
    whose.add_argument("--employee", help="e-mail address of the person recorded; not for an archive")
    whose.add_argument(
        "--manifest",
        type=Path,
        help="CSV file with the columns source (in LOCATION, or a URL), email and, if needed, start",
    )
    whose.add_argument(
        "--accounts",
        type=Path,
        help="for an archive that doesn't say e-mail addresses: CSV file with account and email",
    )
    ingest.add_argument(
        "--start",
        type=_time,
        metavar="TIME",
        help="when the recording began (ISO 8601; UTC without a zone), for formats whose times count from there; with a"
        " manifest in its column start",
    )
    ingest.add_argument(
        "--complete",
        action="store_true",
        help="for jira: LOCATION has everything that Jira has; what is stored beyond it was deleted there",
    )
    ingest.add_argument(
        "--every", type=_minutes, metavar="MINUTES", help="with a manifest: go on ingesting what is new, until stopped"
    )
    ingest.add_argument("--dry-run", action="store_true", help=DRY_RUN)
    ingest.set_defaults(answer=_ingest, wrong_usage=ingest.error)


def _minutes(text: str) -> float:
    """Raises ValueError."""
    minutes = float(text)
    if not 0 < minutes <= 24 * 60:
        raise ValueError
    return minutes


def _time(text: str) -> datetime:
    """Raises ValueError."""
    from lake.connectors.records import moment

    return moment(text)


def _require_usable(arguments: argparse.Namespace) -> None:
    """Ends the command with status 2 if options don't go together."""
    from lake.archives import ARCHIVES

    if arguments.every is not None and (arguments.manifest is None or arguments.dry_run):
        arguments.wrong_usage("--every needs a --manifest, and no --dry-run")
    if arguments.complete and not (arguments.format in ARCHIVES and ARCHIVES[arguments.format].may_be_complete):
        arguments.wrong_usage(f"an export in the format {arguments.format} is never complete: leave out --complete")
    if arguments.start is not None and (arguments.format in ARCHIVES or arguments.manifest):
        arguments.wrong_usage("--start is for one recording; a manifest has it in its column start")
    if arguments.format in ARCHIVES:
        if arguments.employee or arguments.manifest:
            arguments.wrong_usage(
                f"{arguments.format} is an archive of many people: leave out --employee and --manifest"
            )
    elif not arguments.employee and not arguments.manifest:
        arguments.wrong_usage("whose recording is it? --employee or --manifest is required")


def _ingest(arguments: argparse.Namespace) -> Answer:
    from lake.archives import ARCHIVES

    _require_usable(arguments)
    if arguments.format in ARCHIVES:
        return _archive(arguments)
    if arguments.every is not None:
        return _watch(arguments)
    if arguments.manifest is not None:
        return _manifest(arguments) or of_manifest([], dry_run=arguments.dry_run)
    from lake.ingest import ingesting, previewing  # they take a moment to load

    of = arguments.format, arguments.location, arguments.employee
    with ingest_progress() as report:
        ingest = previewing.preview if arguments.dry_run else ingesting.ingest
        summary = ingest(*of, report, start=arguments.start)
    return of_summary(summary, dry_run=arguments.dry_run)


def _archive(arguments: argparse.Namespace) -> Answer:
    from lake.ingest import archiving, previewing

    ingest = previewing.preview_archive if arguments.dry_run else archiving.ingest_archive
    of = arguments.format, arguments.location, arguments.accounts
    with ingest_progress() as report:
        done = ingest(*of, report, complete=arguments.complete)
    return of_archive(done, dry_run=arguments.dry_run)


def _watch(arguments: argparse.Namespace) -> Answer:
    """Ingest what a manifest lists again and again, until stopped: new lines, URLs, and files that have changed. Each
    round prints an answer, if there was anything to do."""
    known: Known = {}

    while True:
        try:
            if done := _manifest(arguments, known):
                command_line.show(arguments, done)
        except OpenBookError as error:
            command_line.tell(error, arguments.called if arguments.json else None, then=" Retrying.")
        time.sleep(arguments.every * 60)


def _manifest(arguments: argparse.Namespace, known: Known | None = None) -> Answer | None:
    """Ingest what a manifest lists. `known`: sources whose state is as it was then are left out; gets those that were
    ingested. None: there was nothing to do."""
    from lake.ingest.manifest import ingest_all, read_manifest
    from lake.ingest.places import place_of
    from lake.ingest.previewing import preview_manifest

    name, place = arguments.format, place_of(arguments.location)
    entries, outcomes = read_manifest(arguments.manifest)
    states = {entry: place.state(entry.source) for entry in entries}
    if known is not None:
        entries = [entry for entry in entries if states[entry] is None or known.get(entry) != states[entry]]
        if not entries and not outcomes:
            return None
    with ingest_progress() as report:
        outcomes += (preview_manifest if arguments.dry_run else ingest_all)(name, place, entries, report)
    if known is not None:
        known.update({each.entry: states[each.entry] for each in outcomes if each.summary is not None})
    return of_manifest(outcomes, dry_run=arguments.dry_run)
