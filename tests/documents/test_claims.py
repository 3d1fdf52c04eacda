"""docs/claims.md can't rot: what it quotes is still shown, and the tests it names exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.documents.claims import PAGE, ROOT, claims, names_of_tests, shown_by

CLAIMS = claims((ROOT / PAGE).read_text(encoding="utf-8"))
SHOWN = [
    *sorted((ROOT / "dashboard").rglob("*.py")),
    *sorted((ROOT / "governance" / "receipts").glob("*.*")),
    *sorted((ROOT / "governance" / "export").glob("page.*")),
    ROOT / "governance" / "export" / "about.py",
    ROOT / "law" / "limits.py",
    ROOT / "verifier.py",
    ROOT / "README.md",
]
"""Where people read what Open Book says."""
TOO_STRONG = re.compile(
    r"\b(nobody (can|else|sees|will|trains)|no one can|guarante\w+|impossible|forever|for good|tamper-proof|anonymous|"
    r"never be|held nowhere|kept nowhere|everything held|only you)\b",
    re.IGNORECASE,
)
"""Words for what no register of an employer can promise."""


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.said[:40])
def test_each_claim_is_still_shown_where_it_says(claim: object) -> None:
    assert isinstance(claim, type(CLAIMS[0]))
    assert claim.shown_in
    for path in claim.shown_in:
        assert claim.said in shown_by(ROOT / path), f"{path} doesn't say this any more: change or delete the row"


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.said[:40])
def test_each_claim_is_attacked_by_a_test(claim: object) -> None:
    assert isinstance(claim, type(CLAIMS[0]))
    assert claim.tests
    for path, name in claim.tests:
        assert name in names_of_tests(ROOT / path), f"{path} has no test {name}"


def test_table_covers_every_place() -> None:
    assert len(CLAIMS) >= 40
    assert len({claim.said for claim in CLAIMS}) == len(CLAIMS)
    places = {Path(path).parts[0] for claim in CLAIMS for path in claim.shown_in}
    assert places >= {"dashboard", "governance", "law", "verifier.py", "README.md"}


@pytest.mark.parametrize("path", [path for path in SHOWN if path.suffix in (".py", ".html", ".md")], ids=str)
def test_nothing_shown_promises_too_much(path: Path) -> None:
    assert [found.group() for found in TOO_STRONG.finditer(shown_by(path))] == []


@pytest.mark.parametrize(
    ("page", "error"),
    [
        ("| “a” | `x.py` | b | c |  |", "not a whole row"),
        ("| “a” | `x.py` | b | c |", "not a whole row"),
    ],
)
def test_incomplete_row_is_refused(page: str, error: str) -> None:
    with pytest.raises(ValueError, match=error):
        claims(page)


def test_texts_are_read_as_they_are_shown(tmp_path: Path) -> None:
    program, page = tmp_path / "one.py", tmp_path / "one.html"
    program.write_text('"""Not shown."""\nSAID = f"**{1} records** of "\\\n    f"{2} people"\n')
    page.write_text("<p>All {{ count }}\n  of <b>them</b>{% if x %}.{% endif %}</p>")
    assert shown_by(program) == "… records of … people"
    assert shown_by(page) == "All … of them."
