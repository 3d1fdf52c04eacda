"""How every command ends: an error for people is printed without a traceback. Everything may import this module."""

from __future__ import annotations

import sys
from collections.abc import Callable

from errors import OpenBookError
from parts import explained


def run(command: Callable[[], int]) -> int:
    """Run a command. Returns its exit status; 1 if it ended with an error for people, which is printed."""
    try:
        return command()
    except Exception as error:
        known = error if isinstance(error, OpenBookError) else explained(error)
        if known is None:
            raise
        print(known, file=sys.stderr)
        return 1
