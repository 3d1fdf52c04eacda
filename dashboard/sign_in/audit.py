"""Sign-ins at the dashboard, for the employer's security monitoring (`security_events`)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from starlette.types import Scope

import security_events
from directory import Directory
from errors import Unavailable

REFUSED = "The identity provider didn't confirm a sign-in."
UNREACHABLE = "The identity provider couldn't be reached."
NOT_KEPT = "The sign-in could not be stored."


def signed_in(sub: Any, address: str | None) -> None:
    security_events.signed_in(_subject(sub), address)


def signed_out(sub: Any, address: str | None) -> None:
    security_events.signed_out(_subject(sub), address, "The person signed out.", "dashboard")


def sign_in_failed(address: str | None, why: str) -> None:
    security_events.sign_in_failed(address, why, "dashboard")


def address_of(scope: Scope) -> str | None:
    return str(scope["client"][0]) if scope.get("client") else None


def _subject(sub: Any) -> UUID | None:
    """The person's key, if the directory can be asked and knows them."""
    try:
        with Directory.open() as directory:
            employee = directory.by_sub(sub) if isinstance(sub, str) else None
    except Unavailable:
        return None
    return employee.subject if employee else None
