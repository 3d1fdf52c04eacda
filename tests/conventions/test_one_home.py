"""What is decided once is written once: other places read it."""

from __future__ import annotations

import ast
import re

from lake.releases.accounting import DELTA, EPSILON
from lake.releases.hierarchy import LEAST_PEOPLE_PER_AREA, LEAST_PEOPLE_PER_ATOM
from lake.safeguards import KINDS
from tests.conventions.sources import ROOT, files

NAIVE = {"clock.py", "dashboard/moments.py"}
"""The clock makes times naive in UTC; the dashboard also makes them naive in the zone of a person."""


def test_one_function_makes_times_naive() -> None:
    found = {
        str(file)
        for file in files(".py")
        if file.parts[0] not in {"tests", "demo"}
        for node in ast.walk(ast.parse((ROOT / file).read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "replace"
        if any(key.arg == "tzinfo" and ast.unparse(key.value) == "None" for key in node.keywords)
    }
    assert found == NAIVE


def test_the_page_on_releases_states_the_rules_of_the_code() -> None:
    page = (ROOT / "docs" / "releases.md").read_text(encoding="utf-8")
    assert f"it has {LEAST_PEOPLE_PER_AREA} people or more" in page
    assert f"what remains of the surrounding area has {LEAST_PEOPLE_PER_ATOM} people or more" in page
    assert set(re.findall(r"(\d+) people or more", page)) == {str(LEAST_PEOPLE_PER_AREA), str(LEAST_PEOPLE_PER_ATOM)}


def test_the_dashboard_has_no_figures_of_the_rules_itself() -> None:
    figures = {LEAST_PEOPLE_PER_AREA, LEAST_PEOPLE_PER_ATOM, EPSILON, DELTA}
    words = re.compile(rf"\b({LEAST_PEOPLE_PER_AREA}|{LEAST_PEOPLE_PER_ATOM}|ten|fifty|seven) (people|others)\b")
    pages = [ROOT / file for file in files(".py") if file.parts[:2] == ("dashboard", "releases")]
    for page in [*pages, ROOT / "dashboard" / "views" / "area.py", ROOT / "dashboard" / "views" / "programme.py"]:
        for node in ast.walk(ast.parse(page.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant):
                assert not (isinstance(node.value, str) and words.search(node.value)), page
                assert not (isinstance(node.value, float) and node.value in figures), page
            if isinstance(node, ast.keyword) and node.arg == "default" and isinstance(node.value, ast.Constant):
                assert node.value.value not in figures, page


def test_one_table_names_the_kinds_of_redaction() -> None:
    also_for_other_things = {KINDS[kind] for kind in ("iban", "password", "name", "address")}
    names = set(KINDS.values()) - also_for_other_things
    found = {
        str(file)
        for file in files(".py")
        if file.parts[0] not in {"tests", "benchmarks"}
        for node in ast.walk(ast.parse((ROOT / file).read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if node.value in names or any(f"[{name} removed]" == node.value for name in KINDS.values())
    }
    assert found == {"lake/safeguards/__init__.py"}
