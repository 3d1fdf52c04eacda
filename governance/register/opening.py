"""What a person, and what anybody, can get of the newest register, as files for the verifier."""

from __future__ import annotations

from bisect import bisect_left
from typing import Any

from sqlalchemy.orm import Session

from directory import Employee
from errors import NotFound
from governance.db.database import reading
from governance.ledger import log
from governance.register.recording import leaf_of, newest_in_ledger, salt_of
from governance.register.tables import RegisterRow
from lake.storage import merkle
from verifier import REGISTER, REGISTER_LEAVES


class NotInRegister(NotFound, LookupError):
    """There is no register yet, or it is older than this person's entry in the directory."""


def opening(person: Employee) -> dict[str, Any]:
    """The proof that a person is in the newest register, with their address and subject. Raises NotInRegister."""
    with reading() as session:
        row = _newest(session)
        hashes = _hashes(row)
        leaf = leaf_of(row.secret, person)
        place = bisect_left(hashes, leaf)
        if place == len(hashes) or hashes[place] != leaf:
            raise NotInRegister(
                f"The register of {row.day:%-d %B %Y} does not have you as you are in the directory now. The next one "
                "is made after midnight UTC."
            )
        path = merkle.inclusion(place, len(hashes), merkle.in_memory(hashes))
        return {
            "format": REGISTER,
            "email": person.email,
            "subject": str(person.subject),
            "salt": salt_of(row.secret, person.subject).hex(),
            "index": place,
            "inclusion": [value.hex() for value in path],
            **_entry(session, row, *log.known_sizes(session, person.subject)),
        }


def leaves() -> dict[str, Any]:
    """All leaves of the newest register, in order. Raises NotInRegister."""
    with reading() as session:
        row = _newest(session)
        return {
            "format": REGISTER_LEAVES,
            "leaves": [value.hex() for value in _hashes(row)],
            **_entry(session, row),
        }


def _newest(session: Session) -> RegisterRow:
    row = newest_in_ledger(session)
    if row is None:
        raise NotInRegister("There is no register in the ledger yet. A worker makes it, and the next batch has it.")
    return row


def _hashes(row: RegisterRow) -> list[bytes]:
    return [row.leaves[start : start + 32] for start in range(0, len(row.leaves), 32)]


def _entry(session: Session, row: RegisterRow, *since: int) -> dict[str, Any]:
    proven = log.proven_entry(session, row.position, *since)
    assert proven is not None, "public entries are never destroyed"
    statement, entry = proven
    return {"statement": statement, "ledger": entry}
