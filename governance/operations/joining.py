"""`python -m governance join` makes the home folder of another machine, for a home that has no state in files.

The folder then has the identity of the home, and what only concerns its machine: whether the clock was trusted, copies
of what is read often, and logs. Everything else is in the places that the settings name, and is found to be of this
home before anything is written.
"""

from __future__ import annotations

import argparse
from typing import Any

from filelock import FileLock

import home
from command_line import Answer
from home import Home, HomeUnavailable, Part
from parts import using
from settings import settings


def add_command(commands: Any) -> None:
    """Add `join` to the subcommands of a parser; it sets `answer`."""
    command = commands.add_parser("join", help="make the home folder of another machine (docs/several-machines.md)")
    command.set_defaults(answer=_answer)


def _answer(_arguments: argparse.Namespace) -> Answer:
    from governance.db import database  # these take a second to load, which other commands would spend for nothing

    was_there = home.identity_path().exists()
    try:
        found = join()
    finally:
        database.close()
    said = "is already there" if was_there else "was made"
    words = f"The folder {home.folder()} of the home {found.id} {said}. Nothing else was changed."
    return Answer({"home": home.folder(), "id": found.id, "was_there": was_there}, [words])


def join() -> Home:
    """The home, whose folder is on this machine now. Safe to repeat. Raises HomeUnavailable, PartUnavailable,
    WrongMasterKey. If it has a key service, that has to work here.
    """
    from databases import postgresql
    from directory.keys import check_master_key, service
    from governance.operations import first_start
    from lake.storage.connection import require_settings
    from lake.storage.durable import write_bytes
    from lake.storage.objects import prefix

    place = home.folder()
    place.mkdir(parents=True, exist_ok=True)
    with FileLock(place / "init.lock"):
        if home.identity_path().exists():
            _make_folders()  # if it was interrupted
            return home.read()
        if home.making_path().exists() or first_start.is_there():
            raise HomeUnavailable(f"{place} has parts of another home. Nothing was changed. Name an empty folder.")
        if missing := home.missing_to_share():
            raise HomeUnavailable(
                f"A home is on several machines only if none of its state is in files. These settings are missing: "
                f"{', '.join(missing)} (docs/several-machines.md). Nothing was created."
            )
        require_settings()
        of = postgresql.owner()
        own_key = _own_key_in_key_service()
        found = Home(of, frozenset({Part.EXPORTS, Part.KEY_SERVICE} if own_key else {Part.EXPORTS}))
        prefix.connect(prefix.location()).require_owner(found.id)
        if own_key:
            Part.KEY_SERVICE.path.parent.mkdir(exist_ok=True)
            write_bytes(Part.KEY_SERVICE.path, own_key.encode())
        write_bytes(home.identity_path(), found.to_json())
        try:
            check_master_key()
            service.check()
        except BaseException:
            home.identity_path().unlink()
            Part.KEY_SERVICE.path.unlink(missing_ok=True)
            raise
        _make_folders()
    return found


def _own_key_in_key_service() -> str:
    """The name of the home's own key; empty: it has no key service. Raises HomeUnavailable, PartUnavailable."""
    import psycopg

    from databases import postgresql
    from directory.keys.service import KeyServiceNotNamed

    with using(postgresql.NAME), postgresql.connect() as connection:
        try:
            row = connection.execute("select key_service from governance.home").fetchone()
        except psycopg.errors.UndefinedColumn:
            row = None
    if row is None or row[0] is None:
        raise HomeUnavailable(
            "An earlier version made this home, and it isn't noted yet whether it has a key service. Start the API of "
            "this version once on a machine that it is on already, then join again. Nothing was created."
        )
    if row[0] and not settings().key_service_module:
        raise KeyServiceNotNamed
    return str(row[0])


def _make_folders() -> None:
    for folder in (Part.EXPORTS.path, Part.CATALOG.path.parent, Part.DIRECTORY.path.parent):
        folder.mkdir(parents=True, mode=0o700, exist_ok=True)
