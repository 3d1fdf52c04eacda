"""Employees, organisation, roles, and the keys that decrypt a person's captures.

The only place that can link a person to the pseudonymous `subject` in the lake.
"""

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
