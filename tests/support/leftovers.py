"""What a file of tests left behind in the environment of its process, where the next file would find it.

Libraries set variables of their own when they are first used; ours and the proxies decide whom a test talks to.
"""

from __future__ import annotations

import os

_before: dict[str, str] = {}


def remember() -> None:
    """The settings as every file of tests should find them."""
    _before.update(_now())


def settings_left() -> list[str]:
    """The names of settings that were added, changed or removed since; they are put back. Values may be secrets."""
    now = _now()
    left = sorted(name for name in {*_before, *now} if _before.get(name) != now.get(name))
    for name in left:
        os.environ.pop(name, None)
    os.environ.update(_before)
    return left


def _now() -> dict[str, str]:
    names = [name for name in os.environ if name.startswith("OPENBOOK_") or name.lower().endswith("_proxy")]
    return {name: os.environ[name] for name in names}
