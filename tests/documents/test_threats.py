"""docs/threats.md covers every kind of attacker, and its tests exist and are counted."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.documents.claims import ROOT, names_of_tests
from tests.documents.threats import PAGE, attacks, main, tried_and_held

ATTACKS = attacks((ROOT / PAGE).read_text(encoding="utf-8"))
ATTACKERS = {
    "A colleague",
    "A manager",
    "A curious administrator",
    "A member of the works council",
    "A stolen laptop or phone",
    "A stolen token",
    "Malicious captured content",
    "A compromised processor",
    "A hostile employee",
    "A hostile employer",
}


def test_every_kind_of_attacker_is_there() -> None:
    assert {attack.attacker for attack in ATTACKS} == ATTACKERS


@pytest.mark.parametrize("test", sorted({test for attack in ATTACKS for test in attack.tests}))
def test_every_named_test_exists(test: str) -> None:
    path, _, name = test.partition("::")
    assert name in names_of_tests(ROOT / path)


def test_every_attack_is_played_by_a_test() -> None:
    assert [attack.what for attack in ATTACKS if not attack.tests] == []


def test_a_row_with_a_gap_is_refused() -> None:
    with pytest.raises(ValueError, match="not a whole row"):
        attacks("## A thief\n| a | b |  | `c` |")


def results(folder: Path, outcome: str) -> Path:
    file = folder / "tests.xml"
    cases = "".join(
        f'<testcase classname="{path.removesuffix(".py").replace("/", ".")}" name="{name}[1]">{outcome}</testcase>'
        for path, _, name in (test.partition("::") for attack in ATTACKS for test in attack.tests)
    )
    file.write_text(f"<testsuites><testsuite>{cases}</testsuite></testsuites>")
    return file


@pytest.mark.parametrize(("outcome", "status"), [("", 0), ("<failure/>", 1), ("<error/>", 1), ("<skipped/>", 1)])
def test_an_attack_that_did_not_hold_is_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], outcome: str, status: int
) -> None:
    file = results(tmp_path, outcome)
    assert main(file) == status
    assert "call routes about a report" in capsys.readouterr().out
    tried, held = tried_and_held(file)
    assert sum(held.values()) == (sum(tried.values()) if status == 0 else 0)
