"""Who is asking: the one dependency through which a route gets at a person's data.

No token and a bad token are 401, a valid token of somebody who is not in the directory is 403, and 503
says that the identity provider can't be asked just now. What is for privacy officers is 403 for everybody else, a
privacy officer who has left the company included, before
anything is looked up, so that the answer says nothing about what exists.

The employer's own programs have tokens of another kind (`governance.api.service_tokens`): with one of them nobody
gets at a person's data, and with a person's token nobody gets at what is for programs; each is 401 at the other's
routes. Each route for programs names the scope that a token must have (403 otherwise); one that has ended is 401.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer, SecurityScopes

import queries
from directory import OFFICER, Employee
from directory.tokens import sub_by_known_keys, verify_access_token
from governance.api import service_tokens
from governance.api.fair_turns import Lane
from governance.api.service_tokens import Scope, ServiceToken
from governance.api.viewer import bearer
from governance.schemas.problem import Forbidden, Unauthorized
from queries import Own

_service = HTTPBearer(
    scheme_name="service",
    description="The token of a pipeline or another program of the employer: `python -m governance token NAME`.",
    auto_error=False,
)


def _signed_in(credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]) -> Own:
    if credentials is None:
        raise Unauthorized("Sign in first: send your access token as `Authorization: Bearer …`.")
    return queries.sign_in(credentials.credentials)


Person = Annotated[Own, Depends(_signed_in)]
"""The data of whoever signed in, and of nobody else."""


def _privacy_officer(person: Person) -> Employee:
    if not person.employee.is_now(OFFICER):
        raise Forbidden("This is for privacy officers; the directory says who is one. Nothing was changed.")
    return person.employee


Officer = Annotated[Employee, Depends(_privacy_officer)]
"""A privacy officer, who may see requests and holds of others, and no capture of theirs."""


def known_service(
    required: SecurityScopes, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_service)]
) -> ServiceToken:
    if credentials is None:
        raise Unauthorized("This is for programs of your company: send a service token as `Authorization: Bearer …`.")
    token = service_tokens.find(credentials.credentials)
    if token is None:
        raise Unauthorized(
            "This is not a service token that is known here. `python -m governance token NAME` makes one, and "
            "OPENBOOK_SERVICE_TOKENS says which are known. Nothing was changed.",
            error="invalid_token",
        )
    if token.expired:
        raise Unauthorized(
            f"This service token ended on {token.until:%-d %B %Y}. `python -m governance token {token.name} …` makes "
            "another. Nothing was changed.",
            error="invalid_token",
        )
    for scope in required.scopes:
        require(token, Scope(scope))
    return token


def require(token: ServiceToken, scope: Scope) -> None:
    """Raises Forbidden."""
    if scope not in token.scopes:
        raise Forbidden(
            f"The service token of {token.name} does not have the scope {scope}. `python -m governance token "
            f"{token.name} --scope {scope} …` makes one that has. Nothing was changed."
        )


def service(scope: Scope) -> Any:
    """The program of the employer's that asks, which needs this scope: `Annotated[ServiceToken, service(…)]`. It stands
    for no person."""
    return Security(known_service, scopes=[scope.value])


def caller_at_once(token: str) -> tuple[Lane, str] | None:
    """Whose token it is, for taking turns, where that can be told without waiting for anything."""
    if (program := service_tokens.find(token)) is not None:
        return Lane.PROGRAMS, program.name
    sub = sub_by_known_keys(token)
    return None if sub is None else (Lane.PEOPLE, sub)


def caller_of(token: str) -> tuple[Lane, str] | None:
    """Whose token it is, for taking turns; asks the issuer. None: nobody's, or it can't be verified just now."""
    try:
        return Lane.PEOPLE, str(verify_access_token(token)["sub"])
    except Exception:  # what is wrong with it, the route says
        return None
