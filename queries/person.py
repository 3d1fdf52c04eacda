"""`Own`: everything a person may ask about themselves, and nothing about anyone else.

No question takes a subject: it comes from the verified token (`Own.of`), or from the request that the person
filed (`for_request`). Answers are computed each time; nothing personal is kept between questions.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, tzinfo
from typing import Any
from uuid import UUID

import pandas as pd

from directory import Directory, Employee, SignedIn
from directory import sign_in as verify
from directory.access_tokens import Subject
from directory.keys import Job, Why
from directory.tokens.claims import is_a_name
from directory.tokens.sign_in_times import SignInTime
from lake.lineage.model_graph import ModelGraph
from lake.rules.scope import Scope
from lake.rules.withdrawals import Affected
from queries import datasets, models, overview, records, retention
from queries import lineage as consumed
from queries import violations as violating
from queries.connection import answering
from queries.slices import Size

WORKER = "worker"
"""The role of Open Book's own worker in the access log."""


class Own:
    """One person's questions. All raise LakeUnavailable; each DataFrame is documented in its own module."""

    def __init__(self, subject: Subject, employee: Employee, signed_in: SignedIn | None) -> None:
        """Use `sign_in`, `Own.of` or `for_request`."""
        self.subject = subject
        self.employee = employee
        self._signed_in = signed_in

    @classmethod
    def of(cls, signed_in: SignedIn) -> Own:
        """The questions of the owner of a verified token."""
        return cls(signed_in.subject, signed_in.employee, signed_in)

    @property
    def signed_in(self) -> SignedIn:
        """The owner of the token. Raises LookupError if no one is signed in (`for_request`)."""
        if self._signed_in is None:
            raise LookupError("This was made for a request: no one is signed in.")
        return self._signed_in

    def summary(self) -> overview.Summary:
        return answering(lambda cursor: overview.summary(cursor, self.subject))

    def captures_per_day(self, zone: tzinfo = UTC) -> pd.DataFrame:
        return answering(lambda cursor: overview.captures_per_day(cursor, self.subject, zone))

    def captures_per(self, scope: Scope, size: Size, zone: tzinfo = UTC) -> pd.DataFrame:
        return answering(lambda cursor: overview.captures_per(cursor, self.subject, scope, size, zone))

    def count(self, scope: Scope) -> int:
        return answering(lambda cursor: overview.count(cursor, self.subject, scope))

    def records(self, scope: Scope, *, after: records.Cursor | None = None, limit: int = 100) -> records.Page:
        """Also raises InvalidCursor, and ValueError for a limit out of 1 to 1000."""
        return answering(lambda cursor: records.records(cursor, self.subject, scope, after=after, limit=limit))

    def mouse_path(self, scope: Scope, limit: int = 20_000) -> pd.DataFrame:
        return answering(lambda cursor: records.mouse_path(cursor, self.subject, scope, limit))

    def model_graph(self) -> ModelGraph:
        return answering(consumed.graph)

    def lineage(self) -> consumed.Lineage:
        return answering(lambda cursor: consumed.lineage(cursor, self.subject))

    def lineage_and_withdrawn(self) -> tuple[consumed.Lineage, consumed.Withdrawn]:
        """Both from one snapshot."""
        return answering(
            lambda cursor: (consumed.lineage(cursor, self.subject), consumed.withdrawn(cursor, self.subject))
        )

    def datasets_read(self, model_version: UUID, offset: int, limit: int) -> consumed.DatasetsRead:
        return answering(lambda cursor: consumed.datasets_read(cursor, self.subject, model_version, offset, limit))

    def models(self) -> pd.DataFrame:
        return answering(lambda cursor: models.models(cursor, self.subject))

    def model_slices(self, model_version: UUID) -> pd.DataFrame:
        return answering(lambda cursor: models.model_slices(cursor, self.subject, model_version))

    def datasets_affected(self, scope: Scope) -> Affected:
        return answering(lambda cursor: models.datasets_affected(cursor, self.subject, scope))

    def membership(self, dataset_version: UUID) -> dict[str, Any]:
        """Also raises NoSuchDataset."""
        return answering(lambda cursor: datasets.membership(cursor, self.subject, dataset_version))

    def retention(self) -> pd.DataFrame:
        return answering(lambda cursor: retention.retention(cursor, self.subject))

    def removals(self) -> pd.DataFrame:
        return answering(lambda cursor: retention.removals(cursor, self.subject))

    def holds(self) -> pd.DataFrame:
        return answering(lambda cursor: retention.holds(cursor, self.subject))

    def violations(self) -> pd.DataFrame:
        return answering(lambda cursor: violating.violations(cursor, self.subject))

    def policies(self) -> pd.DataFrame:
        return answering(lambda cursor: retention.policies(cursor, self.subject))


def sign_in(token: str) -> Own:
    """The questions of a token's owner.

    Raises InvalidToken, UnknownPerson, IdentityProviderUnavailable; a missing lake only shows at the first
    question.
    """
    return Own.of(verify(token))


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
