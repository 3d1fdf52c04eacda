"""Whether a service may say what its events say.

What a run reads may be of any namespace: pipelines read what others own. What it makes or writes, retires, deploys or
declares must be of a namespace that its token owns, and so must its job, and the job that a run had before. To retire
and to deploy a model need scopes of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import select

from governance.api.authentication import require
from governance.api.service_tokens import Scope, ServiceToken
from governance.db.database import reading
from governance.lineage.events import Event, Item, Role
from governance.lineage.tables import LineageEventRow
from governance.schemas.problem import Forbidden

DROP = "DROP"
AT_ONCE = 500


def refuse_what_is_not_owned(token: ServiceToken, events: Sequence[Event]) -> None:
    """Raises Forbidden for the first that it may not say; nothing of any of them is kept then."""
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
        f"The service token of {token.name} may not speak for {what}: its namespaces are "
        f"{', '.join(token.namespaces)}. Nothing of this was kept. `python -m governance token {token.name} "
        "--namespace …` makes one for others."
    )


def _jobs_before(runs: Iterable[UUID]) -> set[str]:
    """Of which jobs these runs are, as was told before."""
    found: set[str] = set()
    keys = sorted(runs)
    with reading() as session:
        for start in range(0, len(keys), AT_ONCE):
            some = keys[start : start + AT_ONCE]
            named = select(LineageEventRow.job).where(LineageEventRow.run.in_(some)).distinct()
            found |= {job for job in session.scalars(named) if job is not None}
    return found
