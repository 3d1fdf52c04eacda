"""Logs as JSON: one object per line, whatever a message contains."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LOGGING = """
import logging, log_format
log_format.configure(logging.INFO)
logging.getLogger("governance").info("two\\nlines and %s", '"quotes"')
try:
    int("what somebody typed")
except ValueError:
    logging.getLogger("lake").exception("it failed")
"""


def logged(home: Path, kind: str) -> str:
    environment = os.environ | {"OPENBOOK_LOG_FORMAT": kind, "OPENBOOK_HOME": str(home)}
    done = subprocess.run(
        [sys.executable, "-c", LOGGING], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    return done.stderr


def test_each_line_is_one_object(tmp_path: Path) -> None:
    first, second = map(json.loads, logged(tmp_path, "json").splitlines())
    assert (first["level"], first["logger"], first["message"]) == ("INFO", "governance", 'two\nlines and "quotes"')
    assert first["time"].endswith("+00:00")
    assert (second["level"], second["message"], second["exception"]) == ("ERROR", "it failed", "ValueError")
    assert "typed" not in json.dumps(second)


def test_lines_for_people_by_default(tmp_path: Path) -> None:
    assert " INFO governance two\n" in logged(tmp_path, "text")


@pytest.mark.parametrize("kind", ["xml", ""])
def test_other_formats_are_refused(tmp_path: Path, kind: str) -> None:
    with pytest.raises(subprocess.CalledProcessError) as refused:
        logged(tmp_path, kind)
    assert "OPENBOOK_LOG_FORMAT" in refused.value.stderr
