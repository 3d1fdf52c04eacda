"""Employees, organisation and roles, as the HR system gives them (`directory.synchronising`; docs/people.md)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Self
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

import home
import security_events
from directory import consenting, pausing
from directory.consenting import Consent, Consents
from directory.hr_file import read_hr_file
from directory.hr_table import Reading
from directory.keys import uses
from directory.keys.uses import Job, Use
from directory.links import OLDEST_FIRST, LinkDecision, carry_out
from directory.models import EmployeeRow, LinkRow, open_engine, session_of, writer_of
from directory.pausing import Pause, Pauses, SetHours, WeeklyHours
from directory.roles import EMPLOYEE
from directory.sign_outs import revocations
from directory.sign_outs.revocations import Notice
from directory.synchronising import Check, Synchronised, apply
from directory.tokens import letters, sign_in_times
from directory.tokens.letters import Letter, LetterInForce, LetterSignIn
from directory.tokens.sign_in_times import SignInTime
from errors import OpenBookError
from home import Part
from settings import settings


class UnknownEmployee(OpenBookError, LookupError):
    """No such person in the directory."""


@dataclass(frozen=True)
class Employee:
    """A person in the directory. Identify them by `subject`; their address may change and pass to another person."""

    subject: UUID
    email: str
    name: str
    department: str
    team: str
    role: str
    regime: str
    zone: str
    """The IANA time zone of their workplace."""
    active: bool

    @property
    def current_role(self) -> str:
        """Their role; `employee` for whoever has left, who has no other one any more."""
        return self.role if self.active else EMPLOYEE

    def is_now(self, role: str) -> bool:
        """Whether they have this role now: people who have left have none."""
        return self.active and self.role == role


@dataclass(frozen=True)
class Link:
    """A proposal: a person of the directory may be the one whom a line of the HR file gives another `sub`."""

    proposal: UUID
    known: Employee
    known_sub: str
    sub: str
    email: str
    name: str
    department: str
    team: str
    proposed_at: datetime
    """Naive UTC."""


@dataclass(frozen=True)
class Found:
    """The people whom names stand for, and for whom a privacy officer still has to decide who they are."""

    employees: Mapping[tuple[str, str], Employee]
    """By kind of name (`sub`, `email`, `subject`) and name."""
    subs_in_question: Collection[str]
    in_question: Collection[UUID]

    def employee(self, kind: str, name: str) -> Employee | None:
        return self.employees.get((kind, _address(name) if kind == "email" else name))


def directory_path() -> Path:
    return settings().home / "directory" / "directory.sqlite"


class Directory:
    """The directory database; open one with `Directory.open()`."""

    def __init__(self, path: Path) -> None:
        self._engine = open_engine(path)

    @classmethod
    @contextmanager
    def open(cls) -> Iterator[Self]:
        """The directory of this home. Raises HomeUnavailable."""
        home.require(Part.DIRECTORY)
        yield cls(directory_path())

    def record_use(self, job: Job, rows: Mapping[UUID, int]) -> None:
        """Write that a job is about to read so many rows of each of these people. Raises PartUnavailable."""
        uses.record(self._engine, job, rows)

    def waiting_uses(self) -> list[Use]:
        """What was written and is not in the access log yet."""
        return uses.waiting(self._engine)

    def forget_uses(self, collected: Iterable[Use]) -> None:
        """Delete what is in the access log now."""
        uses.forget(self._engine, collected)

    def by_email(self, email: str) -> Employee:
        """The current holder of an address, or the last one. Raises UnknownEmployee."""
        with session_of(self._engine) as session:
            row = session.scalar(select(EmployeeRow).where(EmployeeRow.email == _address(email)))
        if row is None:
            raise UnknownEmployee(f"{email} is not in the directory. Add the person with `python -m directory sync`.")
        return _employee(row)

    def find(self, subs: Collection[str], emails: Collection[str], subjects: Collection[UUID]) -> Found:
        """What `by_sub`, `by_email` and `by_subject` find, with whether it is in question: many people at once."""
        addresses = {_address(email) for email in emails}
        by_name = or_(EmployeeRow.sub.in_(subs), EmployeeRow.email.in_(addresses), EmployeeRow.subject.in_(subjects))
        with session_of(self._engine) as session:
            rows = [(row.sub or "", _employee(row)) for row in session.scalars(select(EmployeeRow).where(by_name))]
            known = [employee.subject for _, employee in rows]
            asked = select(LinkRow.sub, LinkRow.subject).where(or_(LinkRow.sub.in_(subs), LinkRow.subject.in_(known)))
            links = session.execute(asked).all()
        names = {("email", one.email): one for _, one in rows} | {("subject", str(one.subject)): one for _, one in rows}
        return Found(
            names | {("sub", sub): one for sub, one in rows if sub},
            {link.sub for link in links},
            {link.subject for link in links},
        )

    def by_sub(self, sub: str) -> Employee | None:
        """The active or former employee who signs in as `sub`, or None."""
        with session_of(self._engine) as session:
            row = session.scalar(select(EmployeeRow).where(EmployeeRow.sub == sub))
        return _employee(row) if row else None

    def sub_of(self, subject: UUID) -> str | None:
        """The person's `sub`, or None if they can't sign in yet or don't exist."""
        with session_of(self._engine) as session:
            return session.scalar(select(EmployeeRow.sub).where(EmployeeRow.subject == subject))

    def is_in_question(self, sub: str) -> bool:
        """Whether a privacy officer still has to decide who signs in as `sub`."""
        with session_of(self._engine) as session:
            return session.scalar(select(LinkRow.proposal).where(LinkRow.sub == sub)) is not None

    def is_about(self, subject: UUID) -> bool:
        """Whether a privacy officer still has to decide if a known person has another `sub` now."""
        with session_of(self._engine) as session:
            return session.scalar(select(LinkRow.proposal).where(LinkRow.subject == subject).limit(1)) is not None

    def link(self, proposal: UUID) -> Link | None:
        """A proposal that a privacy officer has to decide; None if there is none, or it is decided."""
        with session_of(self._engine) as session:
            row = session.get(LinkRow, proposal)
            return None if row is None else _link(session, row)

    def links(self) -> list[Link]:
        """The proposals that a privacy officer has to decide, the oldest first."""
        with session_of(self._engine) as session:
            return [_link(session, row) for row in session.scalars(select(LinkRow).order_by(*OLDEST_FIRST))]

    def decide_link(self, proposal: UUID, decision: LinkDecision) -> bool:
        """Carry out a decision about a proposal; False if there is no such proposal (any more)."""
        with writer_of(self._engine) as session:
            done = carry_out(session, proposal, decision)
            session.commit()
        return done

    def sign_out(self, notice: Notice) -> None:
        """End sign-ins (`directory.sign_outs.revocations`). Raises AlreadyUsed."""
        revocations.carry_out(self._engine, notice)
        signed_out = self.by_sub(notice.sub) if notice.sub else None
        subject = signed_out.subject if signed_out else None
        security_events.signed_out(subject, None, "The identity provider ended the sign-in.", "directory")

    def remember_session(self, token: str, sid: str) -> None:
        """Note which session of the identity provider an access token came with."""
        revocations.remember(self._engine, token, sid)

    def make_letter(self, subject: UUID, days: int) -> Letter | None:
        """The code of a letter to somebody who has left; None if they work here."""
        return letters.make(self._engine, subject, days)

    def letters(self) -> list[LetterInForce]:
        """The letters whose codes open something now; the one that ends first at the top."""
        return letters.in_force(self._engine)

    def end_letter(self, letter: UUID) -> UUID | None:
        """End a letter, and whom it was for; None if there is no such letter."""
        return letters.end(self._engine, letter)

    def owner_of_letter(self, code: str) -> UUID | None:
        """Whose code it is; None if it isn't one, or no longer."""
        return letters.owner_of(self._engine, code)

    def letter_token(self, code: str) -> str | None:
        """A token for a code; None if its letter has ended meanwhile."""
        return letters.give_token(self._engine, code)

    def letter_sign_in(self, token: str) -> LetterSignIn | None:
        """The owner of such a token; None if it has ended."""
        return letters.signed_in(self._engine, token)

    def remember_sign_in_time(self, token: str, said: SignInTime) -> None:
        """Note when and how the owner of an access token signed in."""
        sign_in_times.remember(self._engine, token, said)

    def sign_in_time(self, token: str) -> SignInTime:
        """What was noted about it."""
        return sign_in_times.remembered(self._engine, token)

    def has_ended(self, token: str, sub: str, sid: object, issued_at: float) -> bool:
        """Whether the identity provider ended the sign-in that this access token is from."""
        return revocations.has_ended(self._engine, token, sub, sid, issued_at)

    def pauses_of(self, subject: UUID) -> Pauses:
        """When the person paused the recording of their work."""
        return pausing.pauses_of(self._engine, subject)

    def pause(self, subject: UUID, now: datetime, until: datetime) -> Pause | None:
        """Begin, change or end a pause (`directory.pausing.pause`)."""
        return pausing.pause(self._engine, subject, now, until)

    def set_pause_hours(self, subject: UUID, wanted: Sequence[WeeklyHours], now: datetime) -> list[SetHours]:
        """Have exactly these set hours from now on (`directory.pausing.set_hours`)."""
        return pausing.set_hours(self._engine, subject, wanted, now)

    def with_pause_hours(self) -> list[UUID]:
        """Who has set hours that are in force."""
        return pausing.with_set_hours(self._engine)

    def consents_of(self, subject: UUID) -> Consents:
        """What the person consented to."""
        return consenting.consents_of(self._engine, subject)

    def give_consent(self, subject: UUID, consent: Consent) -> bool:
        """False if it is given already."""
        return consenting.give(self._engine, subject, consent)

    def withdraw_consent(self, subject: UUID, policy: str, now: datetime) -> bool:
        """End every consent to a policy; False if there is none."""
        return consenting.withdraw(self._engine, subject, policy, now)

    def consents_of_those_who_withdrew(
        self, policies: Collection[str]
    ) -> list[tuple[UUID, str, datetime, datetime | None]]:
        """Every consent to these policies of people who ever withdrew one: subject, policy, given, withdrawn."""
        return consenting.of_those_who_withdrew(self._engine, policies)

    def consenting(self, policies: Collection[str], also_at: datetime) -> list[tuple[UUID, str]]:
        """Who consents to which of these policies now, and did at that time (naive UTC)."""
        return consenting.consenting(self._engine, policies, also_at)

    def by_subject(self, subject: UUID) -> Employee:
        """Raises UnknownEmployee."""
        with session_of(self._engine) as session:
            row = session.get(EmployeeRow, subject)
        if row is None:
            raise UnknownEmployee("No employee has this subject.")
        return _employee(row)

    def everyone(self) -> list[Employee]:
        """All people, including former ones, by e-mail address."""
        with session_of(self._engine) as session:
            return [_employee(row) for row in session.scalars(select(EmployeeRow).order_by(EmployeeRow.email))]

    def number_of(self, role: str) -> int:
        """How many people have this role now."""
        having = select(func.count()).select_from(EmployeeRow).where(EmployeeRow.active, EmployeeRow.role == role)
        with session_of(self._engine) as session:
            return session.scalar(having) or 0

    def managers(self) -> dict[UUID, UUID | None]:
        """Everyone who has not left, with their manager: None if the file names none, or one who is not here."""
        with session_of(self._engine) as session:
            rows = list(session.scalars(select(EmployeeRow).where(EmployeeRow.active)))
        subjects = {row.email: row.subject for row in rows}
        return {row.subject: subjects.get(row.manager_email or "") for row in rows}

    def synchronise(
        self, file: Path, reading: Reading | None = None, *, check: Check | None = None, dry_run: bool = False
    ) -> Synchronised:
        """Synchronise the directory with a file of the HR system, all or nothing; a dry run changes nothing.

        `check` may refuse the extent of the change by an error. Raises InvalidDirectoryFile.
        """
        people = read_hr_file(file, reading)
        with writer_of(self._engine) as session:
            done = apply(session, file, people)
            if check:
                check(done.extent)
            if not dry_run:
                session.commit()
        return done


def _address(email: str) -> str:
    """As the directory has it."""
    return email.strip().lower()


def _link(session: Session, row: LinkRow) -> Link:
    known = session.get_one(EmployeeRow, row.subject)
    email, name, department, team = (str(row.line[key]) for key in ("email", "name", "department", "team"))
    return Link(
        row.proposal,
        _employee(known),
        known.sub or "",
        row.sub,
        email,
        name,
        department,
        team,
        row.proposed_at,
    )


def _employee(row: EmployeeRow) -> Employee:
    return Employee(
        row.subject,
        row.email,
        row.name,
        row.department,
        row.team,
        row.role,
        row.regime,
        row.zone or settings().workplace_zone,
        row.active,
    )
