"""Authentication: the one dependency through which a route gets access to a person's data.

A missing or invalid token is 401. A valid token of someone who is not in the directory is 403. 503 means that the
identity provider can't be reached just now. Routes for privacy officers are 403 for everyone else, including a privacy
officer who has left the company. This is decided before any lookup, so the answer doesn't reveal what exists.

The employer's programs use a different kind of token (`governance.api.service_tokens`). A service token gives no access
to a person's data, and a person's token gives no access to routes for programs; each is 401 at the other's routes. Each
route for programs names the scope that a token needs (403 otherwise); an expired token is 401.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer, SecurityScopes

import queries
from directory import OFFICER, Employee
from directory.access_tokens import sign_in, sub_by_known_keys, verify_access_token
from directory.tokens import letters
from directory.tokens.step_up import require_recent
from errors import Forbidden
from governance.api import service_tokens
from governance.api.fair_turns import Lane
from governance.api.service_tokens import Scope, ServiceToken
from governance.api.viewer import bearer
from governance.schemas.problem import Unauthorized
from languages import mark
from languages.saying import say
from queries import Own

_kept = queries.KeptByToken()

_service = HTTPBearer(
    scheme_name="service",
    description="The token of a pipeline or another program of the employer: `python -m governance token NAME`.",
    auto_error=False,
)


def _signed_in(request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]) -> Own:
    if credentials is None:
        raise Unauthorized(mark("Sign in first: send your access token as `Authorization: Bearer …`."))
    own = queries.sign_in(credentials.credentials, _kept)
    request.state.subject = own.subject.key
    return own


Person = Annotated[Own, Depends(_signed_in)]
"""The data of the person who signed in, and no one else's."""


def sign_in_age(_: Person, credentials: Annotated[HTTPAuthorizationCredentials, Depends(bearer)]) -> Callable[[], None]:
    """Raises SignInNotRecent, when called, unless the person signed in recently."""
    return lambda: require_recent(credentials.credentials)


RecentSignIn = Annotated[Callable[[], None], Depends(sign_in_age)]
"""Call it before a step that needs a recent sign-in."""


def _recently(require: RecentSignIn) -> None:
    require()


RECENTLY = Depends(_recently)
"""For the `dependencies` of a route that needs a recent sign-in."""


def _privacy_officer(person: Person) -> Employee:
    if not person.employee.is_now(OFFICER):
        raise Forbidden(mark("Only privacy officers can do this; the directory lists them. Nothing was changed."))
    return person.employee


Officer = Annotated[Employee, Depends(_privacy_officer)]
"""A privacy officer, who may see other people's requests and holds, but none of their captured data."""


def known_service(
    required: SecurityScopes, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_service)]
) -> ServiceToken:
    if credentials is None:
        raise Unauthorized(
            mark("This is for your company's programs: send a service token as `Authorization: Bearer …`.")
        )
    token = service_tokens.find(credentials.credentials)
    if token is None:
        raise Unauthorized(
            mark(
                "This service token is unknown. `python -m governance token NAME` creates one, and "
                "OPENBOOK_SERVICE_TOKENS lists the known ones. Nothing was changed."
            ),
            error="invalid_token",
        )
    if token.expired:
        raise Unauthorized(
            say(
                "This service token expired on {until}. `python -m governance token {name} …` creates a new one. "
                "Nothing was changed.",
                until=token.until,
                name=token.name,
            ),
            error="invalid_token",
        )
    for scope in required.scopes:
        require(token, Scope(scope))
    return token


def require(token: ServiceToken, scope: Scope) -> None:
    """Raises Forbidden."""
    if scope not in token.scopes:
        raise Forbidden(
            say(
                "The service token of {name} lacks the scope {scope}. `python -m governance token {name} --scope "
                "{scope} …` creates one that has it. Nothing was changed.",
                name=token.name,
                scope=scope,
            )
        )


def service(scope: Scope) -> Any:
    """The calling program of the employer, which needs this scope: `Annotated[ServiceToken, service(…)]`. It represents
    no person.
    """
    return Security(known_service, scopes=[scope.value])


def caller_at_once(token: str) -> tuple[Lane, str] | None:
    """The token's caller, for taking turns. None if it is not accepted, or the issuer would have to be asked."""
    if (program := service_tokens.find(token)) is not None:
        return Lane.PROGRAMS, program.name
    sub = sub_by_known_keys(token)
    return None if sub is None else (Lane.PEOPLE, sub)


def caller_of(token: str) -> tuple[Lane, str] | None:
    """The token's caller, for taking turns; asks the issuer. None if it is not accepted, or can't be verified now."""
    try:
        if letters.is_one(token):
            return Lane.PEOPLE, f"letter {sign_in(token).subject.key}"
        return Lane.PEOPLE, str(verify_access_token(token)["sub"])
    except Exception:  # the route reports what is wrong with it
        return None
