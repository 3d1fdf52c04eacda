"""No giant files, and nothing that is only true of one machine."""

from __future__ import annotations

import re

import pytest

from tests.conventions.sources import ROOT, files

MAX_LINES = 350
ONE_FILE_BY_PURPOSE = {"verifier.py": 800}
"""People take it to another machine, where it must run by itself."""
TEXT = {".py", ".md", ".toml", ".sql", ".html", ".css", ".js", ".yml", ".yaml", ".cfg", ".ini", ".sh", ".txt", ""}
GENERATED = re.compile(r"^(requirements.*\.txt|uv\.lock)$")
OWN_PLACE = re.compile(r"(?<![\w.])/(?:home|Users|root|workspace|work|mnt|tmp/[a-z])/?\w*|[A-Z]:\\\\?Users\b")


def test_no_file_is_longer_than_350_lines() -> None:
    long = {
        str(file): lines
        for file in files()
        if file.suffix in {".py", ".sql"}
        if (lines := len((ROOT / file).read_text(encoding="utf-8").splitlines()))
        > ONE_FILE_BY_PURPOSE.get(str(file), MAX_LINES)
    }
    assert long == {}


def test_no_file_names_the_place_of_a_home_or_a_workplace() -> None:
    found = []
    for file in files():
        if file.suffix not in TEXT or GENERATED.match(file.name) or file.name == "test_files.py":
            continue
        for number, line in enumerate((ROOT / file).read_text(encoding="utf-8").splitlines(), start=1):
            if OWN_PLACE.search(line):
                found.append(f"{file}:{number}: {line.strip()[:100]}")
    assert found == []


@pytest.mark.parametrize(
    "line", ["cd /work/main", "open('/home/ada/x')", "/Users/ada", "see /tmp/trial", "/root/.cache"]
)
def test_the_place_of_a_home_is_recognised(line: str) -> None:
    assert OWN_PLACE.search(line)


@pytest.mark.parametrize("line", ["../shared/data", "POST /v1/requests", "$OPENBOOK_HOME/lake/data", "framework/main"])
def test_other_paths_are_let_be(line: str) -> None:
    assert not OWN_PLACE.search(line)
