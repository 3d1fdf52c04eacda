"""`python -m governance backup FOLDER` and `python -m governance restore FOLDER`.

Exit status: 0 done, 1 refused or failed, 130 interrupted. Unless it is 0, nothing was changed.
"""

from __future__ import annotations

import argparse
import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, SpinnerColumn, TextColumn

from command_line import Answer, Ended, Table
from home import Part
from lake.releases.periods import next_from
from settings import settings

if TYPE_CHECKING:
    from governance.backup import restoring
    from governance.backup.places.place import Place
    from lake.storage.verifying import Report

IN_BUCKET = {Part.SIGNING_KEY: "OPENBOOK_SIGNING_KEY", Part.OPENDSR_KEY: "OPENBOOK_OPENDSR_KEY"}


def add_commands(commands: Any) -> None:
    """Add `backup` and `restore` to the subcommands of a parser; each sets `answer`."""
    backup = commands.add_parser("backup", help="make a backup in a folder or a bucket, while everything keeps running")
    backup.add_argument("folder", nargs="?", help="or s3://BUCKET/PREFIX; default: OPENBOOK_BACKUP_FOLDER")
    backup.add_argument("--prune", action="store_true", help="delete data files that no remaining key part can open")
    backup.add_argument(
        "--damaged", action="store_true", help="make it even if files of the lake or the releases are damaged"
    )
    backup.set_defaults(answer=_backup)
    restore = commands.add_parser("restore", help="replace the home with a backup; stop everything first")
    restore.add_argument("folder", nargs="?", help="or s3://BUCKET/PREFIX; default: OPENBOOK_BACKUP_FOLDER")
    restore.add_argument("--name", help="which backup; default: the newest")
    restore.add_argument("--replace", action="store_true", help="replace an existing home; it is deleted at the end")
    restore.add_argument(
        "--nothing-published-since",
        action="store_true",
        help="you state that no release for managers was published since the backup; the ledger records that",
    )
    restore.set_defaults(answer=_restore)


def _backup(arguments: argparse.Namespace) -> Answer:
    from governance.backup import making  # takes a second to load, which other commands would spend for nothing
    from governance.backup.places.configured import configured

    def make(place: Place, report: Report) -> Answer:
        made = making.make(place, report, prune=arguments.prune, damaged=arguments.damaged)
        rows = [
            ("data files", f"{made.files:,}", _bytes(made.size)),
            ("  of which new", f"{made.new_files:,}", _bytes(made.new_size)),
            ("key part kept until", f"{made.key_part_until:%-d %B %Y}", "at the latest"),
            ("key parts destroyed", f"{len(made.destroyed):,}", ", ".join(made.destroyed)),
        ]
        if arguments.prune:
            rows.append(("data files deleted", f"{made.pruned:,}", "no key part can open them"))
        said = list(made.damaged)
        if made.damaged:
            said.append(
                "Damaged files of the lake are damaged also in this backup; a release database that can't be read is"
                " left out of it."
            )
        missing = [part for part in (Part.SIGNING_KEY, Part.OPENDSR_KEY) if part.is_missing()]
        said += [
            f"In this home {part.words} is missing, so it is not in this backup either. Bring it back."
            for part in missing
        ]
        said += [
            f"The bucket has {part.words}, so whoever reads it can sign with that. {setting} keeps it out of there."
            for part, setting in IN_BUCKET.items()
            if place.is_bucket and part.is_there()
        ]
        watched = configured() == place
        if not watched:
            said.append(
                "OPENBOOK_BACKUP_FOLDER is not this place, so no worker updates its journal or destroys its key parts"
                " between backups. See docs/backup.md."
            )
        result = asdict(made) | {"missing": [part.value for part in missing], "watched": watched}
        return Answer(result, [f"Backup {made.name}", Table((), rows), *said])

    return _carry_out(arguments, make, "This backup was not made; earlier backups are unchanged.")


def _restore(arguments: argparse.Namespace) -> Answer:
    from governance.backup import restoring

    def restore(place: Place, report: Report) -> restoring.Restore:
        return restoring.restore(
            place, arguments.name, replace=arguments.replace, report=report,
            nothing_published=arguments.nothing_published_since,
        )  # fmt: skip

    return restored(arguments, restore, "Nothing was restored; the home is unchanged.")


def restored(arguments: argparse.Namespace, restore: Callable[[Place, Report], restoring.Restore], kept: str) -> Answer:
    """Restore from the place of the arguments. `kept`: what is said if it fails. Raises Ended."""
    from governance.backup import restoring

    state_from = {
        restoring.FROM_HOME: "of the home that was replaced",
        restoring.FROM_JOURNAL: "of the journal",
        restoring.FROM_BACKUP: "of the backup itself: later changes are lost, and the ledger has lost entries",
    }

    def carried_out(place: Place, report: Report) -> Answer:
        done = restore(place, report)
        updated = done.journal_updated
        rows = [
            ("made at", f"{done.manifest.made_at:%-d %B %Y, %H:%M} UTC"),
            ("records", f"{done.captures:,}"),
            ("erasures carried out again", f"{done.replayed.erasures:,}"),
            ("  records removed again", f"{done.replayed.captures:,}"),
            ("governance state", state_from[done.state_from]),
            ("journal updated", f"{updated:%-d %B %Y, %H:%M} UTC" if updated else "never"),
        ]
        if done.nothing_published:
            rows.append(("releases for managers", "the ledger has your statement: none was published since"))
        said = []
        if done.assumed is not None:
            possible = next_from(done.assumed.period, [done.assumed.published_at])
            said.append(
                "What was restored may be older than the last release for managers. The release of"
                f" {done.assumed.period} counts as published, and the year's budget as spent; the next is possible"
                f" from {possible:%-d %B %Y}. If you know that nothing was published since the backup, state so:"
                " restore it again with --nothing-published-since."
            )
        said.append("Next, update the directory (python -m directory sync FILE), then start everything.")
        result = {
            "name": done.manifest.name,
            "home": done.home,
            "made_at": done.manifest.made_at,
            "records": done.captures,
            "erasures_again": done.replayed.erasures,
            "records_removed_again": done.replayed.captures,
            "state_from": done.state_from,
            "journal_updated": updated,
            "nothing_published": done.nothing_published,
            "assumed_release": done.assumed.period if done.assumed else None,
            "warnings": done.warnings,
        }
        title = f"Restored {done.manifest.name} to {done.home}"
        return Answer(result, [title, Table((), rows), *said], notices=done.warnings)

    return _carry_out(arguments, carried_out, kept)


def _carry_out(arguments: argparse.Namespace, work: Callable[[Place, Report], Answer], kept: str) -> Answer:
    from governance.backup.places.configured import place_of
    from governance.backup.places.place import OutOfReach
    from governance.db import database

    name = arguments.folder or settings().backup_folder
    if not name:
        raise Ended("Name a folder or a bucket, or set OPENBOOK_BACKUP_FOLDER.", 1)
    try:
        with _progress() as report:
            return work(place_of(name), report)
    except OutOfReach as error:
        raise Ended(f"{error} {kept}", 1) from error
    except OSError as error:
        raise Ended(f"{_in_words(error)} {kept}", 1) from error
    except KeyboardInterrupt:
        raise Ended(f"Stopped. {kept}", 130) from None
    finally:
        database.close()


def _in_words(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "The disk is full."
    where = f"{error.filename}: " if error.filename else ""
    return f"{where}{error.strerror or error}.".replace("..", ".")


@contextmanager
def _progress() -> Iterator[Report]:
    """On standard error: standard output is for the answer."""
    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("Beginning", total=None)

        def report(stage: str, done: int, total: int) -> None:
            bar.update(task, description=stage, completed=done, total=total or None)

        yield report


def _bytes(size: int) -> str:
    for unit in ("bytes", "kB", "MB"):
        if size < 1000:
            return f"{size:,.0f} {unit}"
        size = size // 1000
    return f"{size:,} GB"
