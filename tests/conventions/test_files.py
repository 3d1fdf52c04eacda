"""No giant files, and nothing specific to one machine."""

from __future__ import annotations

import re

import pytest

from tests.conventions.sources import ROOT, files

MAX_LINES = 350
ONE_FILE_BY_PURPOSE = {"verifier.py": 1400, "witness.py": 600}
"""People copy it to another machine, where it must run alone."""
TEXT = {".py", ".md", ".toml", ".sql", ".html", ".css", ".js", ".yml", ".yaml", ".cfg", ".ini", ".sh", ".txt", ""}
GENERATED = re.compile(r"^(requirements.*\.txt|uv\.lock)$")
OWN_PLACE = re.compile(
    r"(?<![\w.])(?:/(?:home|root|workspace|work|mnt|tmp/[a-z])/?\w*|/Users/[A-Za-z]\w*)|[A-Z]:\\\\?Users\b"
)


def test_no_file_is_longer_than_350_lines() -> None:
    long = {
        str(file): lines
        for file in files()
        if file.suffix in {".py", ".sql"}
        if (lines := len((ROOT / file).read_text(encoding="utf-8").splitlines()))
        > ONE_FILE_BY_PURPOSE.get(str(file), MAX_LINES)
    }
    assert long == {}


def test_no_file_names_a_local_path() -> None:
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
def test_local_paths_are_recognised(line: str) -> None:
    assert OWN_PLACE.search(line)


@pytest.mark.parametrize(
    "line", ["../shared/data", "POST /v1/requests", "$OPENBOOK_HOME/lake/data", "framework/main", "GET /Users"]
)
def test_other_paths_are_allowed(line: str) -> None:
    assert not OWN_PLACE.search(line)
