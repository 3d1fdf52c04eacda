"""`Own`: everything a person may ask about themselves, and nothing about anyone else.

No question takes a subject: it comes from the verified token (`Own.of`), or from the request that the person
filed (`for_request`). Answers are computed each time, and nothing personal is kept between questions, except in a
person's own session (`queries.kept`).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any, Concatenate, ParamSpec, TypeVar
from uuid import UUID

import pandas as pd
import pyarrow as pa
from duckdb import DuckDBPyConnection

import clock
from directory import Directory, Employee, SignedIn
from directory import sign_in as verify
from directory.access_tokens import Subject
from directory.keys import Job, Why
from directory.tokens.claims import is_a_name
from directory.tokens.sign_in_times import SignInTime
from lake.lineage.model_graph import ModelGraph
from lake.rules import erasure
from lake.rules.scope import Scope
from lake.rules.withdrawals import Affected
from queries import connection, indirect, models, overview, records, refused, retention, search, slices, story
from queries import lineage as consumed
from queries.kept import Kept, KeptByToken
from queries.lasting import own_rows
from queries.lasting.own_rows import State
from queries.records import Cursor, Position, Record, Screenshot
from queries.slices import Size

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")

Session = Callable[[], AbstractContextManager[Kept]]
"""What is kept in somebody's session, for one question."""

LARGE = {records.sealed_page, records.mouse_path}
"""Questions whose answers may be megabytes: the API keeps none of them."""

WORKER = "worker"
"""The role of Open Book's own worker in the access log."""


@dataclass(frozen=True)
class AtOnce:
    """One snapshot of the lake, and what is known of its answers."""

    cursor: DuckDBPyConnection
    lake: State
    kept: Kept


class Own:
    """One person's questions. All raise LakeUnavailable; each DataFrame is documented in its own module."""

    def __init__(
        self,
        subject: Subject,
        employee: Employee,
        signed_in: SignedIn | None,
        snapshot: AtOnce | None = None,
        session: Session | None = None,
    ) -> None:
        """Use `sign_in`, `Own.of` or `for_request`."""
        self.subject = subject
        self.employee = employee
        self._signed_in = signed_in
        self._snapshot = snapshot
        self._session = session

    @classmethod
    def of(cls, signed_in: SignedIn, session: Session | None = None) -> Own:
        """The questions of the owner of a verified token; what is kept between them, if anything, is in `session`."""
        return cls(signed_in.subject, signed_in.employee, signed_in, session=session)

    @property
    def signed_in(self) -> SignedIn:
        """The owner of the token. Raises LookupError if no one is signed in (`for_request`)."""
        if self._signed_in is None:
            raise LookupError("This was made for a request: no one is signed in.")
        return self._signed_in

    @contextmanager
    def at_once(self, kept: Kept | None = None) -> Iterator[Own]:
        """The same questions, answered from one snapshot of the lake until the block ends. Erasures wait for it: ask in
        it, and nothing else. What was answered before, also in `kept`, is not asked again. Raises LakeUnavailable."""
        with connection.snapshot(self.subject.key) as cursor:
            yield self._at(cursor, Kept() if kept is None else kept)

    @property
    def lake(self) -> State | None:
        """The state of the lake that answers in `at_once` are from: the same as long as nothing that concerns the
        person has changed. None: each question is answered from a snapshot of its own."""
        return self._snapshot.lake if self._snapshot else None

    def summary(self, zone: tzinfo = UTC) -> overview.Summary:
        def from_slices(own: Own) -> overview.Summary:
            everything, removed = own._pieces(zone), own._answer(retention.removed)
            lineage = own._lineage_since(overview.first_day(everything, removed))
            return overview.summary(everything, removed, lineage, own.model_slices(None))

        return self._from_one_snapshot(lambda own: own._kept(("summary", zone), lambda: from_slices(own)))

    def captures_per_day(self, zone: tzinfo = UTC) -> pd.DataFrame:
        def from_slices(own: Own) -> pd.DataFrame:
            return overview.captures_per_day(own._pieces(zone))

        return self._from_one_snapshot(lambda own: own._kept(("captures_per_day", zone), lambda: from_slices(own)))

    def slices(self, zone: tzinfo = UTC) -> pd.DataFrame:
        """By days of the zone: see `slices.slices`."""
        return self._from_one_snapshot(
            lambda own: own._kept(("slices", zone), lambda: slices.slices(own._pieces(zone)))
        )

    def _pieces(self, zone: tzinfo) -> pa.Table:
        return self._answer(slices.pieces, Scope(), Size.DAY, zone)

    def captures_per(self, scope: Scope, size: Size, zone: tzinfo = UTC) -> pd.DataFrame:
        return self._answer(overview.captures_per, scope, size, zone)

    def count(self, scope: Scope) -> int:
        return self._answer(overview.count, scope)

    def records(self, scope: Scope, *, after: records.Cursor | None = None, limit: int = 100) -> records.Page:
        """Also raises InvalidCursor, and ValueError for a limit out of 1 to 1000."""
        return self._answer(records.sealed_page, scope, after, limit).opened(self.subject)

    def records_by_id(self, positions: tuple[Position, ...]) -> list[Record]:
        """Those of these records that are still there, newest first."""
        return self._answer(records.sealed_by_id, positions).opened(self.subject).records

    def search(
        self,
        query: search.Query,
        filters: search.Filters,
        *,
        after: Cursor | None = None,
        limit: int = 20,
        seconds: float | None = None,
    ) -> search.Found:
        """Where words are, newest first. `seconds`: how long it looks until it says how far it has come. Nothing of it
        is kept. Also raises InvalidCursor, NoSuchValue, and ValueError for a limit out of 1 to 100."""
        return search.search(self.subject, query, filters, after, limit, seconds)

    def screenshots(self, scope: Scope, limit: int) -> list[Screenshot]:
        """The newest with a picture."""
        return self._answer(records.screenshots, scope, limit)

    def picture(self, capture_id: UUID) -> bytes | None:
        """The picture of a screenshot, as WebP; None if there is none that is theirs."""
        return records.picture(self.subject, capture_id) if self._answer(records.has_picture, capture_id) else None

    def refused(self) -> list[refused.Refused]:
        """What was refused at ingestion, by day, application, kind and reason; the newest day first."""
        return self._answer(refused.sealed).opened(self.subject)

    def indirect(self) -> list[indirect.Indirect]:
        """In which records of others they are mentioned, quoted or assigned, by day; the newest first."""
        return self._answer(indirect.indirect)

    def mouse_path(self, scope: Scope, limit: int = 20_000) -> pd.DataFrame:
        return self._answer(records.mouse_path, scope, limit)

    def minutes(self, scope: Scope) -> pd.DataFrame:
        """What happened in each minute of the scope's time: see `story.minutes`."""
        return self._answer(story.minutes, scope)

    def pointer_heat(self, scope: Scope) -> pd.DataFrame:
        """Where the pointer was in the scope's time: see `story.heat`."""
        return self._answer(story.heat, scope)

    def pace(self, scope: Scope) -> pd.DataFrame:
        """How fast keys, clicks and movements followed each other in the scope's time: see `story.pace`."""
        return self._answer(story.pace, scope)

    def model_graph(self) -> ModelGraph:
        return self._answer(_graph)

    def lineage(self) -> consumed.Lineage:
        return self._answer(consumed.lineage)

    def lineage_and_withdrawn(self) -> tuple[consumed.Lineage, consumed.Withdrawn]:
        """Both from one snapshot."""
        return self._answer(consumed.lineage_and_withdrawn)

    def datasets_read(self, model_version: UUID, offset: int, limit: int) -> consumed.DatasetsRead:
        return self._answer(consumed.datasets_read, model_version, offset, limit)

    def models(self) -> pd.DataFrame:
        return self._answer(models.models)

    def model_slices(self, model_version: UUID | None) -> pd.DataFrame:
        return self._answer(models.model_slices, model_version)

    def datasets_affected(self, scope: Scope) -> Affected:
        return self._answer(models.datasets_affected, scope)

    def membership(self, dataset_version: UUID) -> dict[str, Any]:
        """Also raises NoSuchDataset."""
        return self._answer(consumed.membership, dataset_version)

    def matched(self, scope: Scope, received_at: datetime, zone: tzinfo = UTC) -> erasure.Matched:
        """What an erasure of the scope would do, by days of the zone."""
        return self._answer(_matched, scope, received_at, zone)

    def retention(self) -> pd.DataFrame:
        return self._answer(retention.retention)

    def removals(self) -> pd.DataFrame:
        return self._answer(retention.removals)

    def holds(self) -> pd.DataFrame:
        return self._answer(retention.holds)

    def violations(self) -> pd.DataFrame:
        return self._answer(consumed.violations)

    def sources(self) -> list[tuple[str, datetime]]:
        """By which connectors records were stored, and when the last time."""
        return self._answer(retention.sources)

    def policies(self) -> pd.DataFrame:
        return self._answer(retention.policies)

    def _answer(
        self,
        question: Callable[Concatenate[DuckDBPyConnection, Subject, Asked], Answer],
        *args: Asked.args,
        **kwargs: Asked.kwargs,
    ) -> Answer:
        def ask(cursor: DuckDBPyConnection) -> Answer:
            return question(cursor, self.subject, *args, **kwargs)

        if self._snapshot is None:
            if self._session is None:
                return connection.answering(ask, self.subject.key)
            if question in LARGE:
                return self._from_one_snapshot(lambda own: ask(own._cursor()))
            return self._from_one_snapshot(lambda own: own._answer(question, *args, **kwargs))
        return self._kept((question, args, *kwargs.items()), lambda: ask(self._cursor()))

    def _lineage_since(self, first_day: datetime | None) -> consumed.Lineage:
        """`lineage`, kept under its name."""
        return self._kept(
            (consumed.lineage, ()), lambda: consumed.lineage_since(self._cursor(), self.subject, first_day)
        )

    def _cursor(self) -> DuckDBPyConnection:
        assert self._snapshot is not None
        return self._snapshot.cursor

    def _kept(self, question: Hashable, ask: Callable[[], Answer]) -> Answer:
        assert self._snapshot is not None
        return self._snapshot.kept.answer(question, ask)

    def _from_one_snapshot(self, read: Callable[[Own], Answer]) -> Answer:
        if self._snapshot is not None:
            return read(self)
        with nullcontext(Kept()) if self._session is None else self._session() as kept:
            return connection.answering(lambda cursor: read(self._at(cursor, kept)), self.subject.key)

    def _at(self, cursor: DuckDBPyConnection, kept: Kept) -> Own:
        owner = self.subject, self.employee, clock.today()
        lake = kept.begin(
            owner, own_rows.state(cursor), lambda since: own_rows.are_unchanged(cursor, self.subject, since)
        )
        connection.keep(cursor, kept)
        return Own(self.subject, self.employee, self._signed_in, AtOnce(cursor, lake, kept))


def _graph(cursor: DuckDBPyConnection, _: Subject) -> ModelGraph:
    return consumed.graph(cursor)


def _matched(
    cursor: DuckDBPyConnection, subject: Subject, scope: Scope, received_at: datetime, zone: tzinfo
) -> erasure.Matched:
    return erasure.match(cursor, subject.key, scope, received_at, zone)


def sign_in(token: str, kept: KeptByToken | None = None) -> Own:
    """The questions of a token's owner. With `kept`, what was answered before is asked again only when the lake or the
    owner's place in the company has changed.

    Raises InvalidToken, UnknownPerson, IdentityProviderUnavailable; a missing lake only shows at the first
    question.
    """
    return Own.of(verify(token), None if kept is None else lambda: kept.of(token))


def remember_sign_in(token: str, claims: Mapping[str, Any]) -> None:
    """Note what the id token says that an access token came with: the session of the identity provider, so that it ends
    with that session, and when and how its owner signed in.

    Raises HomeUnavailable, PartUnavailable.
    """
    sid, said = claims.get("sid"), SignInTime.said_by(claims)
    if not is_a_name(sid) and said == SignInTime():
        return
    with Directory.open() as directory:
        if is_a_name(sid):
            directory.remember_session(token, sid)
        if said != SignInTime():
            directory.remember_sign_in_time(token, said)


def has_ended(token: str, sub: str, sid: object, issued_at: float) -> bool:
    """Whether the identity provider has ended the sign-in of this access token, issued at that Unix time.

    Raises HomeUnavailable, PartUnavailable.
    """
    with Directory.open() as directory:
        return directory.has_ended(token, sub, sid, issued_at)


def for_request(subject: UUID, request_id: UUID) -> Own:
    """The questions of the person who filed a request: for the worker that fulfils it, and nothing else. The entry for
    their access log is on disk when this returns.

    Raises UnknownEmployee, PartUnavailable.
    """
    job = Job(request_id, WORKER, Why.REQUEST, "requests")
    with Directory.open() as directory:
        employee = directory.by_subject(subject)
        directory.record_use(job, {subject: job.rows})
    return Own(Subject(subject, job), employee, None)
