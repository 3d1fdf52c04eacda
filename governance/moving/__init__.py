"""`python -m governance move-to-postgresql` moves the state of a home from its files into PostgreSQL.

    1  nothing may run: the files are set aside, so that nobody opens them meanwhile
    2  in one transaction of PostgreSQL: the schemas, every table and every row are created, and compared with the files
    3  the home no longer lists the files as parts, and they are overwritten and deleted

If it fails before the end of step 2, the files are put back and PostgreSQL has nothing. If it is killed, it is run
again, and continues: whether step 2 was done can be seen in PostgreSQL. The queue is made anew; workers find the
requests that wait.
"""

from __future__ import annotations

import argparse
from contextlib import suppress
from pathlib import Path
from typing import Any

from command_line import Answer
from governance.copies.errors import NotMoved
from home import Part

ASIDE = ".moving"
MOVED = (Part.GOVERNANCE, Part.DIRECTORY)
GONE = (*MOVED, Part.QUEUE)


def add_command(commands: Any) -> None:
    """Add `move-to-postgresql` and `move` to the subcommands of a parser; each sets `answer`."""
    move_command = commands.add_parser(
        "move-to-postgresql", help="move the state of this home into OPENBOOK_DATABASE_URL; stop everything first"
    )
    move_command.set_defaults(answer=_to_postgresql)
    move_all = commands.add_parser(
        "move", help="move this home and its lake to where the settings say, by a backup; stop everything first"
    )
    move_all.add_argument(
        "folder", nargs="?", help="of backups, or s3://BUCKET/PREFIX; default: OPENBOOK_BACKUP_FOLDER"
    )
    move_all.set_defaults(answer=_move)


def _move(arguments: argparse.Namespace) -> Answer:
    from governance.backup.commands import restored
    from governance.moving import whole

    return restored(arguments, whole.move, "The home was not moved; it is unchanged.")


def _to_postgresql(_arguments: argparse.Namespace) -> Answer:
    if move():
        words = (
            "The state of this home is in PostgreSQL now, and its files are deleted. Start everything again, with "
            "OPENBOOK_DATABASE_URL set for the API, the workers, the dashboards and every command."
        )
        return Answer({"moved": True}, [words])
    return Answer({"moved": False}, ["The state of this home is in PostgreSQL already. Nothing was changed."])


def move() -> bool:
    """Move the state of this home into PostgreSQL; False: it is there already. Raises NotMoved, HomeUnavailable,
    PartUnavailable: then the files are as before.
    """
    from filelock import FileLock, Timeout

    import home
    from databases import postgresql
    from governance.backup.homes import refuse_while_restoring
    from governance.copies import state as copying

    refuse_while_restoring()
    if not postgresql.is_used():
        raise NotMoved("Set OPENBOOK_DATABASE_URL to the database that shall have the state. Nothing was changed.")
    try:
        with FileLock(home.folder() / "init.lock", timeout=0):
            of = home.read()
            if not postgresql.is_of(of):
                _set_aside()
                try:
                    copying.copy(of, *(_aside(part) for part in MOVED))
                except BaseException:
                    _put_back()
                    raise
            elif not any(_aside(part).exists() for part in MOVED):
                return False
            _finish(of)
    except Timeout:
        raise NotMoved("Somebody else is moving or creating this home. Nothing was changed.") from None
    return True


def _aside(part: Part) -> Path:
    return part.path.with_name(part.path.name + ASIDE)


def _set_aside() -> None:
    """Raises NotMoved."""
    from lake.storage.durable import sync_folder

    _require_files()
    _require_nobody()
    for part in MOVED:
        if part.is_there():
            part.path.replace(_aside(part))
            sync_folder(part.path.parent)


def _put_back() -> None:
    for part in MOVED:
        if _aside(part).exists() and not part.path.exists():
            _aside(part).replace(part.path)


def _require_files() -> None:
    for part in MOVED:
        if part.is_there() == _aside(part).exists():
            raise NotMoved(
                f"This home has no file of {part.words}, or two ({part.path}), so there is nothing that could be moved "
                "for sure. Nothing was changed."
            )


def _require_nobody() -> None:
    from databases import locks
    from directory.keys import holders
    from governance.copies import state as copying
    from governance.db.database import governance_folder

    running = holders.running()
    if locks.is_any_file_held(governance_folder() / "workers"):
        running.append("a worker")
    if any(copying.is_open(part.path) for part in GONE if part.is_there()):
        running.append("somebody who uses its databases")
    if running:
        raise NotMoved(
            f"This home is in use: {', '.join(running)}. Stop the API, the workers, the dashboards and every command "
            "first. Nothing was changed."
        )


def _finish(of: Any) -> None:
    import home
    from governance.db import work_queue
    from home import Home
    from lake.storage.durable import overwrite, write_bytes

    work_queue.create()
    write_bytes(home.identity_path(), Home(of.id, of.parts - set(GONE)).to_json())
    for file in (Part.QUEUE.path, *(_aside(part) for part in MOVED)):
        for each in (*file.parent.glob(f"{file.name}-*"), file):
            with suppress(FileNotFoundError):
                overwrite(each)
                each.unlink()
