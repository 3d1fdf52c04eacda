"""Who is asking, where it is about nobody in particular: somebody of the directory, without a way to any capture.

What is published is asked with this, so that nothing of a manager's session leads to the lake. The answers to no token,
a bad one and an unknown person are those of `governance.api.authentication`.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from directory.people import Employee
from directory.tokens import sign_in
from governance.schemas.problem import Unauthorized

bearer = HTTPBearer(
    scheme_name="bearer",
    bearerFormat="JWT",
    description="The access token of your sign-in at the company's identity provider.",
    auto_error=False,
)


def _viewer(credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]) -> Employee:
    if credentials is None:
        raise Unauthorized("Sign in first: send your access token as `Authorization: Bearer …`.")
    return sign_in(credentials.credentials).employee


Viewer = Annotated[Employee, Depends(_viewer)]
"""Somebody of the company."""
