"""Employees, organisation, roles, and the keys that decrypt a person's captures.

The only place that can link a person to the pseudonymous `subject` in the lake.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from directory.access_tokens import InvalidToken, SignedIn, UnknownPerson, sign_in
    from directory.keys import announce_keys
    from directory.people import Directory, Employee, UnknownEmployee
    from directory.roles import MANAGER, OFFICER

__all__ = [
    "MANAGER",
    "OFFICER",
    "Directory",
    "Employee",
    "InvalidToken",
    "SignedIn",
    "UnknownEmployee",
    "UnknownPerson",
    "announce_keys",
    "sign_in",
]

MODULES = {
    "directory.access_tokens": {"InvalidToken", "SignedIn", "UnknownPerson", "sign_in"},
    "directory.keys": {"announce_keys"},
    "directory.people": {"Directory", "Employee", "UnknownEmployee"},
    "directory.roles": {"MANAGER", "OFFICER"},
}


def __getattr__(name: str) -> object:
    """Import on first use: SQLAlchemy and the token libraries take a moment, which many commands would spend for
    nothing."""
    for module, names in MODULES.items():
        if name in names:
            return getattr(import_module(module), name)
    raise AttributeError(name)
