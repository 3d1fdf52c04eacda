"""Whether a service may report what its events say.

A run may read from any namespace: pipelines read data that others own. Whatever it creates, writes, retires, deploys or
declares must be in a namespace that its token owns. So must its job, and the job that the run had before. Retiring and
deploying a model need scopes of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import select

from errors import Forbidden
from governance.api.authentication import require
from governance.api.service_tokens import Scope, ServiceToken
from governance.db.database import reading
from governance.lineage.events import Event, Item, Role
from governance.lineage.tables import LineageEventRow

DROP = "DROP"
AT_ONCE = 500


def require_ownership(token: ServiceToken, events: Sequence[Event]) -> None:
    """Raises Forbidden for the first event that it may not report; then no event is kept."""
    jobs = {event.job for event in events if event.job is not None}
    for job in sorted(jobs | _jobs_before({event.run for event in events if event.run is not None})):
        if not token.owns(job):
            raise _not_owned(token, f"the job {job}")
    for item in dict.fromkeys(item for event in events for item in event.items):
        _check(token, item)


def _check(token: ServiceToken, item: Item) -> None:
    if item.role is Role.DEPLOYED:
        require(token, Scope.MODELS_DEPLOY)
    if item.role is Role.MADE and item.change == DROP:
        require(token, Scope.MODELS_RETIRE)
    if item.role in (Role.MADE, Role.DEPLOYED) and not token.owns_model(item.name):
        raise _not_owned(token, f"the model {item.name}")
    if item.role is Role.WROTE and not token.owns(f"{item.namespace}/{item.name}"):
        raise _not_owned(token, f"the dataset {item.name} in the namespace {item.namespace}")


def _not_owned(token: ServiceToken, what: str) -> Forbidden:
    return Forbidden(
        f"The service token of {token.name} may not report on {what}: its namespaces are "
        f"{', '.join(token.namespaces)}. Nothing was saved. `python -m governance token {token.name} "
        "--namespace …` creates one for others."
    )


def _jobs_before(runs: Iterable[UUID]) -> set[str]:
    """The jobs that these runs were reported with before."""
    found: set[str] = set()
    keys = sorted(runs)
    with reading() as session:
        for start in range(0, len(keys), AT_ONCE):
            some = keys[start : start + AT_ONCE]
            named = select(LineageEventRow.job).where(LineageEventRow.run.in_(some)).distinct()
            found |= {job for job in session.scalars(named) if job is not None}
    return found
