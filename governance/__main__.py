"""`python -m governance init` creates a home, once; `join` makes its folder on another machine. `serve` runs the API.
`work` runs a worker; start as many as you like.

`token NAME` creates a service token. `mlflow URL` imports from an MLflow server (docs/lineage.md). `backup` and
`restore`: see docs/backup.md. `clock` shows whether the clock is trusted. `rotate-keys` replaces the signing key
(docs/ledger.md) or the master key (docs/settings.md), and `verify FILE` checks a receipt. `release` publishes what
managers see, if it is due (docs/releases.md). `letter-code` gives somebody who has left a way to their data
(docs/people.md). `move-to-postgresql` moves the state of a home into a database
(docs/postgresql.md), `move` a home with its lake into a database and a bucket (docs/operations.md).
"""

from __future__ import annotations

import argparse
import logging
import sys

import command_line
import home
import log_format
import trace_export
import verifier
from collecting import loading, seldom_collecting
from file_modes import keep_private
from governance import moving
from governance.api import service_tokens
from governance.backup import commands as backup
from governance.operations import (
    clock_command,
    init_command,
    joining,
    key_command,
    letter_command,
    mlflow_command,
    release_command,
)
from home import HomeUnavailable
from parts import OutOfReach
from settings import settings

SWITCH_SECONDS = 0.0005
"""Python's default lets one busy call keep the others waiting for 5 ms each time that they need the interpreter."""


class WithoutQuery(logging.Filter):
    """Removes the query string from paths in the access log: filters reveal what a person looked for."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(
                value.partition("?")[0] if isinstance(value, str) and value.startswith("/") else value
                for value in record.args
            )
        return True


def main() -> int:
    keep_private(settings().home)
    if sys.argv[1:2] == ["verify"]:
        return verifier.main(sys.argv[2:])
    arguments = parser().parse_args()
    as_json = getattr(arguments, "json", False)
    log_format.configure(logging.ERROR if as_json else logging.INFO)
    for quiet in ("dbos", "alembic", "httpx"):
        logging.getLogger(quiet).setLevel(logging.WARNING)
    return command_line.run(lambda: _run(arguments), arguments.called if as_json else None)


def parser() -> argparse.ArgumentParser:
    """All commands."""
    whole = argparse.ArgumentParser(prog="python -m governance", description=__doc__)
    commands = whole.add_subparsers(dest="command", required=True)
    commands.add_parser("serve", help="serve the API, at OPENBOOK_API_HOST and OPENBOOK_API_PORT")
    commands.add_parser("work", help="work on requests until stopped")
    init_command.add_command(commands)
    joining.add_command(commands)
    backup.add_commands(commands)
    service_tokens.add_command(commands)
    mlflow_command.add_command(commands)
    clock_command.add_command(commands)
    key_command.add_command(commands)
    release_command.add_command(commands)
    letter_command.add_command(commands)
    moving.add_command(commands)
    commands.add_parser("verify", help="check a receipt, as verifier.py does", add_help=False)
    return command_line.finished(whole)


def _run(arguments: argparse.Namespace) -> int:
    if arguments.command not in ("init", "join", "restore", "token", "move", "move-to-postgresql"):
        with seldom_collecting():
            _begin()
    if arguments.command == "serve":
        with seldom_collecting():
            _check_bucket()
        serve()
    elif arguments.command == "work":
        with loading():
            from governance.worker import process

            _check_bucket()
        with trace_export.of("worker"):
            process.run()
    else:
        return command_line.show(arguments, arguments.answer(arguments))
    return 0


def _begin() -> None:
    """What comes before everything that needs a home. Raises HomeUnavailable."""
    from directory.keys import announce_keys  # these take a second to load, which --help would spend for nothing
    from governance.backup.homes import refuse_while_restoring
    from governance.operations import first_start

    refuse_while_restoring()
    first_start.require_home()
    announce_keys()


def _check_bucket() -> None:
    """Raises PartUnavailable if the sealed files or the lake are in a bucket that can't be right. One that can't be
    reached may be later, and each answer and round says so until then. What was published for managers before there was
    a bucket is put there."""
    from lake.releases import database as releases  # these take time to load
    from lake.storage import objects
    from lake.storage.connection import require_settings
    from lake.storage.objects import prefix, upkeep

    if home.lake_is_in_bucket():
        require_settings()
    if not objects.in_bucket():
        return
    try:
        prefix.require_final_deletions()
        if home.lake_is_in_bucket():
            upkeep.require_no_versions(prefix.location())
        releases.share()
    except (OutOfReach, HomeUnavailable) as error:
        logging.getLogger("governance").warning("%s", error)


def serve() -> None:
    with loading():
        import uvicorn  # these take two seconds to load, and no other command needs them

        from governance.api.app import create_app
        from governance.api.edge.protocol import SERVING

        app = create_app()
    sys.setswitchinterval(SWITCH_SECONDS)
    logging.getLogger("uvicorn.access").addFilter(WithoutQuery())
    with trace_export.of("api"):
        uvicorn.run(app, host=settings().api_host, port=settings().api_port, **SERVING)


if __name__ == "__main__":
    command_line.program(main)
