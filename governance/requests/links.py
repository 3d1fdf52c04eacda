"""Whether a person with another `sub` is the one whom the directory knows: proposed by a file of the HR system, decided
by a privacy officer (`directory.links`).

The ledger gets the decision first, then it is carried out. If that fails, the proposal is still listed; the same
decision, sent again, carries it out, and another one is refused. Each known person sees in their access log that their
proposal was read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select

from directory import Directory, Employee
from directory.links import LinkDecision
from directory.people import Link
from errors import Conflict, Forbidden, NotFound
from governance import access_log, ledger, schemas
from governance.access_log import Purpose
from governance.db.database import writing
from governance.domain.oneself import refuse_oneself
from governance.ledger.tables import EntryRow
from languages import mark

if TYPE_CHECKING:
    from governance.schemas.paging import Paging


class NoSuchLink(NotFound, LookupError):
    """There is no such proposal, or it is decided."""

    def __init__(self) -> None:
        super().__init__("There is no such proposal, or it is decided already. Nothing was changed.")


class DecidedOtherwise(Conflict):
    """The ledger has another decision about this proposal already."""


def all_for(officer: Employee, page: Paging) -> list[schemas.OfficerLink]:
    """A page of the proposals that are not decided, the oldest first."""
    with Directory.open() as directory:
        found = page.of(directory.links())
    access_log.record(officer, Purpose.LINKS, "sign-in changes", Counter(link.known.subject for link in found))
    return [_answer(officer, link) for link in found]


def decide(officer: Employee, proposal: UUID, decision: LinkDecision) -> None:
    """Record a decision and carry it out. Raises NoSuchLink, AboutOneself, DecidedOtherwise."""
    with Directory.open() as directory:
        link = directory.link(proposal)
    if link is None:
        raise NoSuchLink
    refuse_oneself(officer, link.known.subject)
    _record(proposal, decision, officer.role)
    with Directory.open() as directory:
        if not directory.decide_link(proposal, decision):
            raise NoSuchLink


def decide_all(officer: Employee, proposals: Iterable[UUID], decision: LinkDecision) -> schemas.LinkDecisions:
    """The same decision about several proposals, each on its own: one that can't be decided costs no other."""
    decided, left_open = list[UUID](), list[schemas.LeftOpen]()
    for proposal in dict.fromkeys(proposals):
        try:
            decide(officer, proposal, decision)
        except (NotFound, Forbidden, Conflict) as error:
            left_open.append(schemas.LeftOpen(proposal=proposal, reason=str(error)))
        else:
            decided.append(proposal)
    return schemas.LinkDecisions(decided=decided, left_open=left_open)


def _record(proposal: UUID, decision: LinkDecision, role: str) -> None:
    """Add the decision to the ledger, once."""
    about = {"proposal": str(proposal)}
    with writing() as session:
        known = select(EntryRow.statement).where(EntryRow.statement.contains(f'"proposal":"{proposal}"'))
        statement = session.scalar(known.limit(1))
        if statement is None:
            ledger.append(session, "link_decided", {**about, "decision": decision.value, "role": role})
        elif f'"decision":"{decision.value}"' not in statement:
            raise DecidedOtherwise(
                mark(
                    "Another decision about this proposal is in the ledger already, and was not carried out completely."
                    " Nothing was changed. Send that decision again."
                )
            )


def _answer(officer: Employee, link: Link) -> schemas.OfficerLink:
    return schemas.OfficerLink(
        proposal=link.proposal,
        known=schemas.LinkedPerson(
            email=link.known.email,
            name=link.known.name,
            department=link.known.department,
            team=link.known.team,
            sub=link.known_sub,
        ),
        proposed=schemas.LinkedPerson(
            email=link.email, name=link.name, department=link.department, team=link.team, sub=link.sub
        ),
        proposed_at=link.proposed_at,
        own=link.known.subject == officer.subject,
    )
