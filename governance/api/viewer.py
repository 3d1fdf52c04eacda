"""Authentication for pages that are about no particular person: someone in the directory, without access to captures.

Published figures are read with this, so that nothing in a manager's session leads to the lake. The answers to a missing
token, an invalid one and an unknown person are those of `governance.api.authentication`.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from directory.access_tokens import sign_in
from directory.people import Employee
from governance.schemas.problem import Unauthorized
from languages import mark

bearer = HTTPBearer(
    scheme_name="bearer",
    bearerFormat="JWT",
    description="The access token of your sign-in at the company's identity provider.",
    auto_error=False,
)


def _viewer(request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]) -> Employee:
    if credentials is None:
        raise Unauthorized(mark("Sign in first: send your access token as `Authorization: Bearer …`."))
    employee = sign_in(credentials.credentials).employee
    request.state.subject = employee.subject
    return employee


Viewer = Annotated[Employee, Depends(_viewer)]
"""Someone in the company."""
