"""The attacks in docs/threats.md. As a program, it counts how often each was tried, and held, in a test run:

make test ARGS="--junitxml=build/tests.xml"
python -m tests.documents.threats build/tests.xml
"""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from rich.console import Console
from rich.table import Table

from tests.documents.claims import ROOT, cells, quoted

PAGE = "docs/threats.md"
COLUMNS = ["attack", "what stops it", "what doesn't", "tests"]


@dataclass(frozen=True)
class Attack:
    attacker: str
    what: str
    tests: tuple[str, ...]
    """`path::name` each."""


def attacks(page: str) -> list[Attack]:
    """Raises ValueError for a row that is incomplete."""
    found, attacker = [], ""
    for line in page.splitlines():
        if line.startswith("## "):
            attacker = line.removeprefix("## ")
        if not line.startswith("| "):
            continue
        row = cells(line)
        if row == COLUMNS:
            continue
        if len(row) != len(COLUMNS) or not all(row):
            raise ValueError(f"not a whole row: {line}")
        found.append(Attack(attacker, row[0], quoted(row[3])))
    return found


def tried_and_held(results: Path) -> tuple[Counter[str], Counter[str]]:
    """By `path::name`, how many cases of a test ran, and how many passed, from a JUnit file of pytest."""
    tried: Counter[str] = Counter()
    held: Counter[str] = Counter()
    for case in ElementTree.parse(results).iter("testcase"):
        if case.find("skipped") is not None:
            continue
        name = f"{case.attrib['classname'].replace('.', '/')}.py::{case.attrib['name'].partition('[')[0]}"
        tried[name] += 1
        held[name] += case.find("failure") is None and case.find("error") is None
    return tried, held


def main(results: Path) -> int:
    """Print the table. Exit status: 0 all were tried and held, 1 otherwise."""
    tried, held = tried_and_held(results)
    table = Table("attacker", "attack", "tried", "held", "test")
    whole = True
    for attack in attacks((ROOT / PAGE).read_text(encoding="utf-8")):
        for test in attack.tests:
            whole = whole and 0 < tried[test] == held[test]
            table.add_row(attack.attacker, attack.what, str(tried[test]), str(held[test]), test.partition("::")[2])
    Console(width=200).print(table)
    return 0 if whole else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
