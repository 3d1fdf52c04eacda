"""How every command answers and ends: with words and tables for people, or one line of JSON (docs/commands.md).

A command is a function from its arguments to an `Answer`, which its parser has as the default `answer`; `finished`
gives each of them `--json`. An error for people is printed without a traceback. Everything may import this module.
"""

from __future__ import annotations

import argparse
import dataclasses
import gc
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn
from uuid import UUID

import errors
from errors import OpenBookError
from parts import explained

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table as Drawn

DRY_RUN = "say what would change, and change nothing"
PROGRAM = "python -m "


class Ended(OpenBookError):
    """The command ended early, with this exit status. The message says what was kept."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


@dataclasses.dataclass(frozen=True)
class Table:
    """Rows for people. Without columns, its rows are facts: a name, its value, and a note. Nothing is ever cut."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclasses.dataclass(frozen=True)
class Answer:
    """What a command did or found: `result` for programs, `shown` for people."""

    result: Mapping[str, Any]
    shown: Sequence[str | Table]
    status: int = 0
    notices: Sequence[str] = ()
    """What people are told on standard error; `result` has it, too."""
    dry_run: bool = False


def leaves(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """The parsers of all commands, without those that only have commands below them."""
    kinds = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    below = [each for kind in kinds for each in kind.choices.values()]
    if not below:
        yield parser
    for each in below:
        yield from leaves(each)


def finished(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """Give every command that has an answer its `--json`."""
    for leaf in leaves(parser):
        if leaf.get_default("answer"):
            leaf.add_argument("--json", action="store_true", help="print one line of JSON instead of words and tables")
            leaf.set_defaults(called=leaf.prog.removeprefix(PROGRAM))
    return parser


def answered(arguments: argparse.Namespace, work: Callable[[argparse.Namespace], Answer] | None = None) -> int:
    """Run a command (default: that of the arguments) and print its answer, or the error for people that ended it.
    Returns its exit status."""

    def do() -> int:
        return show(arguments, (work or arguments.answer)(arguments))

    return run(do, arguments.called if arguments.json else None)


def show(arguments: argparse.Namespace, answer: Answer) -> int:
    """Print an answer; returns its exit status, also if whoever reads standard output closes it early."""
    try:
        _print(arguments, answer)
        sys.stdout.flush()
    except BrokenPipeError:
        _drop_output()
    return answer.status


def _print(arguments: argparse.Namespace, answer: Answer) -> None:
    if getattr(arguments, "json", False):
        said = {"command": arguments.called, "status": answer.status, "dry_run": answer.dry_run}
        print(json.dumps({**said, "result": answer.result}, default=_plain, ensure_ascii=False))
        return
    for notice in answer.notices:
        print(notice, file=sys.stderr)
    for each in answer.shown:
        if isinstance(each, str):
            print(each)
        else:
            print(_drawn_out(each), end="")


def _drop_output() -> None:
    """Nobody reads standard output any more; what is still to be written must not fail when Python ends."""
    with Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())


def program(command: Callable[[], int]) -> NoReturn:
    """Run a command, and end the process with its exit status."""
    try:
        sys.exit(run(command))
    finally:
        gc.freeze()  # Python would look for garbage once more and free each object, which takes 0.2 s


def run(command: Callable[[], int], called: str | None = None) -> int:
    """Run a command. Returns its exit status; 1, or that of `Ended`, if it ended with an error for people, which is
    printed: as JSON if `called` names the command."""
    try:
        return command()
    except Exception as error:
        known = error if isinstance(error, OpenBookError) else explained(error)
        if known is None:
            raise
        return tell(known, called)
    finally:
        try:
            sys.stdout.flush()  # what `--help` printed
        except BrokenPipeError:
            _drop_output()


def tell(error: OpenBookError, called: str | None = None, *, then: str = "") -> int:
    """Print an error for people to standard error, and what happens then; returns the exit status."""
    status = error.status if isinstance(error, Ended) else 1
    if called is None:
        print(f"{error}{then}", file=sys.stderr)
    else:
        said = {"kind": _kind(error), "message": f"{error}{then}"}
        print(json.dumps({"command": called, "status": status, "error": said}, ensure_ascii=False), file=sys.stderr)
    return status


def _kind(error: OpenBookError) -> str:
    """The kind of `errors` that it is: `not_found`, `conflict`, …; of no kind, it is `refused`."""
    of = next(each for each in type(error).__mro__ if each.__module__ == errors.__name__)
    if of is OpenBookError:
        return "refused"
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in of.__name__).lstrip("_")


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            aware = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
            return aware.isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case Enum():
            return value.value
        case UUID() | Path():
            return str(value)
    raise TypeError(f"{type(value)} has no form in JSON")


def _drawn_out(table: Table) -> str:
    from rich.console import Console  # takes a moment to load, which commands without a table would spend for nothing

    console = Console(highlight=False)
    with console.capture() as drawn_out:  # rich would end the command when the pipe is closed
        if not table.columns:
            console.print(_facts(table.rows))
        elif _widest(console, drawn := _drawn(table)) <= console.width:
            console.print(drawn)
        else:
            for row in table.rows:  # too wide: each row as a block of its own
                console.print(_facts([pair for pair in zip(table.columns, row, strict=True) if pair[1]]))
    return drawn_out.get()


def _widest(console: Console, drawn: Drawn) -> int:
    """The width that a table would like to have, whatever the width of the terminal."""
    return console.measure(drawn, options=console.options.update_width(10_000)).maximum


def _drawn(table: Table) -> Drawn:
    from rich.table import Table as Drawn
    from rich.text import Text

    drawn = Drawn()
    for name in table.columns:
        drawn.add_column(Text(name), overflow="fold")
    for row in table.rows:
        drawn.add_row(*map(Text, row))
    return drawn


def _facts(rows: Sequence[Sequence[str]]) -> Drawn:
    from rich.table import Table as Drawn
    from rich.text import Text

    drawn = Drawn(show_header=False)
    for _ in range(max(map(len, rows), default=1)):
        drawn.add_column(overflow="fold")
    for row in rows:
        drawn.add_row(*map(Text, row))
    return drawn
