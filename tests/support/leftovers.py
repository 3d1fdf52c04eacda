"""What a file of tests left behind in the environment of its process, where the next file would find it."""

from __future__ import annotations

import os

_before: dict[str, str] = {}


def remember() -> None:
    """The environment as every file of tests should find it."""
    _before.update(os.environ)


def settings_left() -> list[str]:
    """The names of variables that were added, changed or removed since; they are put back. Values may be secrets."""
    names = [name for name in {*_before, *os.environ} if _before.get(name) != os.environ.get(name)]
    left = sorted(name for name in names if name != "PYTEST_CURRENT_TEST" and not name.startswith("COV_"))
    for name in left:
        if name in _before:
            os.environ[name] = _before[name]
        else:
            del os.environ[name]
    return left
