"""Lists that the safeguards read from files beside this one: one entry a line, comments behind `#`."""

from __future__ import annotations

from pathlib import Path


def lines_of(name: str) -> list[str]:
    """The entries of the file with that name."""
    text = Path(__file__).with_name(name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]
