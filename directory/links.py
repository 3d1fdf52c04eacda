"""Another `sub` for the address of a known person: the same person, or someone else? A privacy officer decides.

An identity provider that was replaced gives everybody another `sub`; a new hire may get the address of someone who has
just left. The file looks the same. So its line becomes a proposal (`LinkRow`), and nobody gets anything by it:

- the line's `sub` can't sign in
- the known person counts as not working here: no role, and no new captures. Their own `sub` still gets to their data.
  If they are then said to have left, they are signed out as any leaver

A proposal stays open until it is decided, or until a file has the known person's own `sub` again: then it is that
person's line, or the two are two people.
"""

from __future__ import annotations

from collections import defaultdict
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.hr_file import Line
from directory.models import EmployeeRow, LinkRow
from directory.sign_outs.leavers import mark_as_left

OLDEST_FIRST = (LinkRow.proposed_at, LinkRow.proposal)


class LinkDecision(StrEnum):
    """Who the line with another `sub` is."""

    SAME = "same"
    OTHER = "other"


class Questions:
    """The lines of a file that a privacy officer has to decide about; new ones are added to the session."""

    def __init__(self, session: Session, lines: list[Line], rows: list[EmployeeRow]) -> None:
        self._session = session
        self._subs = {line.sub for line in lines if line.sub}
        self._known_subs = {row.sub for row in rows if row.sub}
        self._by_email = {row.email: row for row in rows}
        self._links: dict[str, LinkRow] = {}
        self._about: defaultdict[UUID, dict[str, LinkRow]] = defaultdict(dict)
        for row in session.scalars(select(LinkRow)):
            self._add(row)
        self._unsaid = {link.subject for link in self._links.values() if link.left_at is None}
        self._named: set[UUID] = set()
        self.before = len(self._unsaid)
        """People in question before the file of whom nobody has said that they left."""
        self._withdraw({row.subject: row.sub for row in rows})
        self._numbers: set[int] = set()
        self.notices: list[str] = []
        for line in lines:
            self._look_at(line)

    def __contains__(self, line: Line) -> bool:
        return line.number in self._numbers

    def __len__(self) -> int:
        return len(self._numbers)

    def open(self) -> set[UUID]:
        """The known people whom it is about."""
        return {subject for subject, links in self._about.items() if links}

    def unnamed(self) -> set[UUID]:
        """The known people who were in question, and of whom the file has no line with another `sub` any more."""
        return self._unsaid - self._named

    def _add(self, link: LinkRow) -> None:
        self._links[link.sub] = self._about[link.subject][link.sub] = link

    def _drop(self, link: LinkRow) -> None:
        del self._links[link.sub], self._about[link.subject][link.sub]
        self._session.delete(link)

    def _withdraw(self, subs: dict[UUID, str | None]) -> None:
        for link in list(self._links.values()):
            if subs[link.subject] in self._subs or link.sub in self._known_subs:
                self._drop(link)
        self._session.flush()

    def _look_at(self, line: Line) -> None:
        if line.sub in self._known_subs:
            return
        link = self._links.get(line.sub or "")
        if link is not None:
            link.line, subject = line.values, link.subject
        elif (known := self._by_email.get(line.email)) is None or not self._may_be(known, line):
            return
        else:
            subject = known.subject
            if line.sub:
                self._propose(known, line)
        self._name(subject)
        self._numbers.add(line.number)
        self.notices.append(
            f"line {line.number}: the address of a known person, with another sub. A privacy officer has to decide"
            " whether it is the same person; until then nobody gets the other's data"
        )

    def _name(self, subject: UUID) -> None:
        self._named.add(subject)
        for link in self._about[subject].values():
            link.left_at = None

    def _may_be(self, known: EmployeeRow, line: Line) -> bool:
        """Whether nobody can tell if the line is this person."""
        if self._about.get(known.subject):
            return True
        return bool(known.active and known.sub and line.sub and known.sub not in self._subs)

    def _propose(self, known: EmployeeRow, line: Line) -> None:
        for link in [link for link in self._about[known.subject].values() if link.sub not in self._subs]:
            self._drop(link)
        self._add(propose(self._session, known, line.values))


def propose(session: Session, known: EmployeeRow, values: dict[str, str | None]) -> LinkRow:
    """Ask whether a line with another `sub` is this person, in a session that the caller commits."""
    known.active = False
    proposed = LinkRow(proposal=uuid4(), subject=known.subject, sub=str(values["sub"]), line=values)
    session.add(proposed)
    return proposed


def carry_out(session: Session, proposal: UUID, decision: LinkDecision) -> bool:
    """Make the decision true in a session, which the caller commits; False if there is no such proposal."""
    link = session.get(LinkRow, proposal)
    if link is None:
        return False
    known = session.get_one(EmployeeRow, link.subject)
    if decision is LinkDecision.OTHER:
        mark_as_left(session, known)
    email = str(link.line["email"])
    holder = session.scalar(select(EmployeeRow).where(EmployeeRow.email == email))
    session.delete(link)
    if decision is LinkDecision.SAME:
        email = email if holder in (None, known) else known.email
        for key, value in {**link.line, "active": True, "email": email}.items():
            setattr(known, key, value)
        return True
    subject = uuid4()
    if holder is known:
        known.email = passed_on(known.email, known.subject)
        session.flush()
    elif holder is not None:
        email = passed_on(email, subject)
    session.add(EmployeeRow(**{**link.line, "subject": subject, "active": True, "email": email}))
    return True


def passed_on(email: str, subject: UUID) -> str:
    """A former holder's address: unique and, because of its spaces, not an address that a file may contain."""
    return f"{email} (passed on, {subject})"
