"""When and how somebody signed in, as the identity provider says: `auth_time` and `acr`.

Access tokens needn't say it, id tokens do when they are asked for with `max_age`. The dashboard notes what the id token
said with which its access token came.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from sqlalchemy import Engine, delete

import clock
from databases.statements import insert
from directory.models import SignInRow, session_of, writer_of
from directory.sign_outs.revocations import LEEWAY_SECONDS, LONGEST_AGE
from directory.tokens.claims import is_a_name, is_a_time


@dataclass(frozen=True)
class SignInTime:
    """`auth_time` (Unix seconds) and `acr`, as far as they are known."""

    auth_time: float | None = None
    acr: str | None = None

    @classmethod
    def said_by(cls, claims: Mapping[str, Any]) -> Self:
        """What the claims of a verified token say; anything malformed counts as not said."""
        at, acr = claims.get("auth_time"), claims.get("acr")
        return cls(float(at) if is_a_time(at) else None, acr if is_a_name(acr) else None)

    def is_recent(self, minutes: int) -> bool:
        """Whether it is known to be at most so long ago."""
        if self.auth_time is None:
            return False
        return -LEEWAY_SECONDS <= clock.now().timestamp() - self.auth_time <= minutes * 60


def remember(engine: Engine, token: str, said: SignInTime) -> None:
    """Note it for an access token. Raises PartUnavailable."""
    now = clock.now().timestamp()
    with writer_of(engine) as session:
        session.execute(delete(SignInRow).where(SignInRow.kept_until < now))
        row = insert(SignInRow).values(
            token=_digest(token), auth_time=said.auth_time, acr=said.acr, kept_until=now + LONGEST_AGE
        )
        session.execute(row.on_conflict_do_nothing())
        session.commit()


def remembered(engine: Engine, token: str) -> SignInTime:
    """What was noted for an access token. Raises PartUnavailable."""
    with session_of(engine) as session:
        row = session.get(SignInRow, _digest(token))
        return SignInTime(row.auth_time, row.acr) if row else SignInTime()


def _digest(token: str) -> str:
    return hashlib.sha256(f"sign-in:{token}".encode()).hexdigest()
