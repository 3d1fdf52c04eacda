"""Every command answers with words or with JSON, and those that change much can say before what they would do."""

from __future__ import annotations

import argparse
import typing

import pytest

import directory.__main__
import governance.__main__
import lake.__main__
from command_line import PROGRAM, Answer, leaves
from tests.conventions.sources import ROOT

EVERY = {
    leaf.prog.removeprefix(PROGRAM): leaf
    for module in (lake.__main__, directory.__main__, governance.__main__)
    for leaf in leaves(module.parser())
}
WITHOUT_ANSWER = {"governance serve", "governance work", "governance verify"}
"""They run until they are stopped, or are the verifier, which is a file of its own."""
COMMANDS = {name: leaf for name, leaf in EVERY.items() if name not in WITHOUT_ANSWER}
CHANGE_NOTHING_MUCH = {
    "lake policy list": "shows",
    "lake verify": "shows",
    "lake dataset list": "shows",
    "lake attack": "shows",
    "lake accuracy": "shows",
    "directory leaving": "shows, unless it gets the number that it showed",
    "governance init": "changes nothing where there is a home",
    "governance join": "changes nothing where there is a home",
    "governance clock": "shows",
    "governance token": "stores nothing",
    "governance letter-code": "can be ended",
    "governance mlflow": "adds what a server says",
    "governance release": "publishes what workers publish, when it is due",
    "governance rotate-keys": "is always the same",
    "governance backup": "adds a copy",
    "governance restore": "replaces nothing without --replace",
    "governance move": "changes nothing before the copy is whole",
    "governance move-to-postgresql": "changes nothing before the copy is whole",
}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_json_and_a_dry_run(name: str) -> None:
    leaf = COMMANDS[name]
    assert typing.get_type_hints(leaf.get_default("answer"))["return"] is Answer
    options = {option for action in leaf._actions for option in action.option_strings}
    assert "--json" in options
    assert ("--dry-run" in options) == (name not in CHANGE_NOTHING_MUCH)


def test_every_command_is_in_the_document() -> None:
    text = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    rows = text.partition("\n## Commands\n")[2].splitlines()
    described = {name for row in rows if row.startswith("| `") for name in row.split("|")[1].split("`")[1::2]}
    assert described == set(COMMANDS)


def test_no_exception_is_of_a_command_that_is_gone() -> None:
    assert set(CHANGE_NOTHING_MUCH) <= set(COMMANDS)
    assert set(EVERY) >= WITHOUT_ANSWER


def test_a_command_below_another_is_found() -> None:
    parser = argparse.ArgumentParser(prog="one")
    parser.add_subparsers().add_parser("two").add_subparsers().add_parser("three")
    assert [leaf.prog for leaf in leaves(parser)] == ["one two three"]
