"""The terminal output of `python -m governance backup FOLDER` and `python -m governance restore FOLDER`.

Exit status: 0 done, 1 refused or failed, 130 interrupted. Unless it is 0, nothing was changed.
"""

from __future__ import annotations

import argparse
import errno
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, SpinnerColumn, TextColumn
from rich.table import Table

from home import Part
from lake.releases.periods import next_from
from settings import settings

if TYPE_CHECKING:
    from governance.backup import making, restoring
    from governance.backup.folder import Folder


def add_commands(commands: Any) -> None:
    """Add `backup` and `restore` to the subcommands of a parser; each sets `run`."""
    backup = commands.add_parser("backup", help="make a backup in a folder, while everything keeps running")
    backup.add_argument("folder", type=Path, nargs="?", help="default: OPENBOOK_BACKUP_FOLDER")
    backup.add_argument("--prune", action="store_true", help="delete data files that no remaining key part can open")
    backup.add_argument(
        "--damaged", action="store_true", help="make it even if files of the lake or the releases are damaged"
    )
    backup.set_defaults(run=_backup)
    restore = commands.add_parser("restore", help="replace the home with a backup; stop everything first")
    restore.add_argument("folder", type=Path, nargs="?", help="default: OPENBOOK_BACKUP_FOLDER")
    restore.add_argument("--name", help="which backup; default: the newest")
    restore.add_argument("--replace", action="store_true", help="replace an existing home; it is deleted at the end")
    restore.add_argument(
        "--nothing-published-since",
        action="store_true",
        help="you state that no release for managers was published since the backup; the ledger records that",
    )
    restore.set_defaults(run=_restore)


def _backup(arguments: argparse.Namespace) -> int:
    from governance.backup import making  # takes a second to load, which other commands would spend for nothing
    from governance.backup.folder import configured

    def make(folder: Folder, report: making.Progress) -> None:
        made = making.make(folder, report, prune=arguments.prune, damaged=arguments.damaged)
        table = _table(f"Backup {made.name}")
        table.add_row("data files", f"{made.files:,}", _bytes(made.size))
        table.add_row("  of which new", f"{made.new_files:,}", _bytes(made.new_size))
        table.add_row("key part kept until", f"{made.key_part_until:%-d %B %Y}", "at the latest")
        table.add_row("key parts destroyed", f"{len(made.destroyed):,}", ", ".join(made.destroyed))
        if arguments.prune:
            table.add_row("data files deleted", f"{made.pruned:,}", "no key part can open them")
        console.print(table)
        for damage in made.damaged:
            console.print(damage, soft_wrap=True, highlight=False)
        if made.damaged:
            console.print(
                "Damaged files of the lake are damaged also in this backup; a release database that can't be read is"
                " left out of it.",
                soft_wrap=True,
            )
        for part in (Part.SIGNING_KEY, Part.OPENDSR_KEY):
            if part.is_missing():
                console.print(
                    f"In this home {part.words} is missing, so it is not in this backup either. Bring it back.",
                    soft_wrap=True,
                )
        if configured() != folder:
            console.print(
                "OPENBOOK_BACKUP_FOLDER is not this folder, so no worker updates its journal or destroys its key parts"
                " between backups. See docs/backup.md."
            )

    console = Console()
    return _run(arguments, console, make, "This backup was not made; earlier backups are unchanged.")


def _restore(arguments: argparse.Namespace) -> int:
    from governance.backup import restoring

    def restore(folder: Folder, report: making.Progress) -> restoring.Restore:
        return restoring.restore(
            folder, arguments.name, replace=arguments.replace, report=report,
            nothing_published=arguments.nothing_published_since,
        )  # fmt: skip

    return show(arguments, restore, "Nothing was restored; the home is unchanged.")


def show(
    arguments: argparse.Namespace, restore: Callable[[Folder, making.Progress], restoring.Restore], kept: str
) -> int:
    """Restore from the folder of the arguments, and show what was done; returns the exit status. `kept`: what is said
    if it fails."""
    from governance.backup import restoring

    state_from = {
        restoring.FROM_HOME: "of the home that was replaced",
        restoring.FROM_JOURNAL: "of the journal",
        restoring.FROM_BACKUP: "of the backup itself: later changes are lost, and the ledger has lost entries",
    }

    def show_done(folder: Folder, report: making.Progress) -> None:
        done = restore(folder, report)
        for warning in done.warnings:
            console.print(warning)
        table = _table(f"Restored {done.manifest.name} to {done.home}")
        table.add_row("made at", f"{done.manifest.made_at:%-d %B %Y, %H:%M} UTC")
        table.add_row("records", f"{done.captures:,}")
        table.add_row("erasures carried out again", f"{done.replayed.erasures:,}")
        table.add_row("  records removed again", f"{done.replayed.captures:,}")
        table.add_row("governance state", state_from[done.state_from])
        table.add_row("journal updated", _kept_up_to(folder))
        if done.nothing_published:
            table.add_row("releases for managers", "the ledger has your statement: none was published since")
        console.print(table)
        if done.assumed is not None:
            possible = next_from(done.assumed.period, [done.assumed.published_at])
            console.print(
                "What was restored may be older than the last release for managers. The release of"
                f" {done.assumed.period} counts as published, and the year's budget as spent; the next is possible"
                f" from {possible:%-d %B %Y}. If you know that nothing was published since the backup, state so:"
                " restore it again with --nothing-published-since.",
                soft_wrap=True,
            )
        console.print("Next, update the directory (python -m directory sync FILE), then start everything.")

    console = Console()
    return _run(arguments, console, show_done, kept)


def _run(
    arguments: argparse.Namespace, console: Console, work: Callable[[Folder, making.Progress], None], kept: str
) -> int:
    from governance.backup.folder import Folder
    from governance.db import database

    path = arguments.folder or settings().backup_folder
    if not path:
        print("Name a folder, or set OPENBOOK_BACKUP_FOLDER.", file=sys.stderr)
        return 1
    folder = Folder(Path(path).absolute())
    try:
        with _progress(console) as report:
            work(folder, report)
    except OSError as error:
        print(f"{_in_words(error)} {kept}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"Stopped. {kept}", file=sys.stderr)
        return 130
    finally:
        database.close()
    return 0


def _in_words(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "The disk is full."
    where = f"{error.filename}: " if error.filename else ""
    return f"{where}{error.strerror or error}.".replace("..", ".")


def _kept_up_to(folder: Folder) -> str:
    from governance.backup import journal

    path = folder.journal / journal.STATE
    if not path.exists():
        return "never"
    return f"{datetime.fromtimestamp(path.stat().st_mtime, UTC):%-d %B %Y, %H:%M} UTC"


@contextmanager
def _progress(console: Console) -> Iterator[making.Progress]:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("Beginning", total=None)

        def report(stage: str, done: int, total: int) -> None:
            bar.update(task, description=stage, completed=done, total=total or None)

        yield report


def _table(title: str) -> Table:
    table = Table(title=title, title_justify="left", show_header=False)
    for justify in ("left", "right", "left"):
        table.add_column(justify=justify)
    return table


def _bytes(size: int) -> str:
    for unit in ("bytes", "kB", "MB"):
        if size < 1000:
            return f"{size:,.0f} {unit}"
        size = size // 1000
    return f"{size:,} GB"
