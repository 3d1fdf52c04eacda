"""Sign-in: from an access token to a `Subject`, the only way to a person's data.

Accepted: RS256 or ES256, signed by a key of the issuer's JWKS, with `iss`, `aud`, `iat`, `exp` and `sub`. The issuer
signs id tokens and logout tokens for the same audience with the same keys, so a token of another `typ`, or with
a claim of those two kinds, is refused. `auth_time` doesn't count: RFC 9068 allows it in access tokens and the demo's
provider adds it. A token that is no JWT is introspected, where the settings say so (`directory.tokens`). Roles come
from the directory by `sub`; groups in the token are ignored. A token of a sign-in that the provider has ended is
refused (`directory.sign_outs.revocations`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from joserfc import jws, jwt
from joserfc.jwk import KeySet

from directory.issuer_keys import ALGORITHMS, IdentityProviderUnavailable, IssuerKeys
from directory.keys.uses import Oneself, Reader
from directory.people import Directory, Employee
from directory.tokens import letters
from directory.tokens.claims import InvalidToken, require_acceptable
from directory.tokens.introspection import introspected, introspected_lately
from errors import Forbidden
from languages import mark
from languages.saying import say
from settings import settings

__all__ = [
    "IdentityProviderUnavailable",
    "InvalidToken",
    "SignedIn",
    "SubInQuestion",
    "Subject",
    "UnknownPerson",
    "sign_in",
    "verify_access_token",
]

ACCESS_TOKEN_TYPES = ("at+jwt", "application/at+jwt", "jwt")
OTHER_TOKENS_CLAIMS = {"nonce", "at_hash", "c_hash", "events"}
"""Claims that id and logout tokens have and access tokens don't; RFC 9068 allows auth_time, acr and amr in these."""
LONGEST_TOKEN = 16 * 1024
NOT_SIGNED = mark("The access token is malformed or not signed by the identity provider.")


class UnknownPerson(Forbidden):
    """A valid token of a person who isn't in the directory."""


class SubInQuestion(UnknownPerson):
    """A privacy officer has to decide first whether the token's owner is a person whom the directory knows."""


@dataclass(frozen=True)
class Subject:
    """The pseudonymous key of one employee, and who asks. Made only by `sign_in`, from a verified token, and for a
    request that its owner filed (`queries.for_request`).
    """

    key: UUID
    reader: Reader


@dataclass(frozen=True)
class SignedIn:
    """The owner of a verified token."""

    subject: Subject
    employee: Employee
    expires_at: int
    """Unix seconds."""


def sign_in(token: str) -> SignedIn:
    """Verify an access token and find its owner.

    Raises InvalidToken, UnknownPerson, SubInQuestion, IdentityProviderUnavailable.
    """
    if letters.is_one(token):
        return _sign_in_by_letter(token)
    claims = verify_access_token(token)
    with Directory.open() as directory:
        if directory.has_ended(token, claims["sub"], claims.get("sid"), claims["iat"]):
            raise InvalidToken(mark("Your sign-in was ended."))
        employee = directory.by_sub(claims["sub"])
        in_question = employee is None and directory.is_in_question(claims["sub"])
    if in_question:
        raise SubInQuestion(
            mark(
                "You are signed in, but your company's HR system gives your address another sign-in id than before. A "
                "privacy officer has to check that you are the same person; ask your privacy office. Nothing was "
                "deleted."
            )
        )
    if employee is None:
        raise UnknownPerson(
            mark(
                "You are signed in, but you are not in the directory of this company. Ask your HR department to add "
                "you."
            )
        )
    return SignedIn(Subject(employee.subject, Oneself(employee.subject)), employee, int(claims["exp"]))


def _sign_in_by_letter(token: str) -> SignedIn:
    """Raises InvalidToken."""
    with Directory.open() as directory:
        found = directory.letter_sign_in(token)
        if found is None:
            raise InvalidToken(mark("Your sign-in with the code of a letter has ended."), expired=True)
        employee = directory.by_subject(found.subject)
    return SignedIn(Subject(employee.subject, Oneself(employee.subject)), employee, int(found.expires_at))


def verify_access_token(token: str) -> dict[str, Any]:
    """The claims of a token that we accept. Raises InvalidToken, IdentityProviderUnavailable."""
    if letters.is_one(token):
        raise InvalidToken(mark("This isn't a token of the identity provider."))
    if _is_opaque(token):
        return introspected(token)
    return _accepted(token, keys_of(settings().token_issuer_url).for_token(named_key(token)))


def sub_by_known_keys(token: str) -> str | None:
    """The `sub` of a token that we accept, verified with a cached key. None if it is not accepted, or the issuer would
    have to be asked. Doesn't block.
    """
    if letters.is_one(token):
        return None
    try:
        if _is_opaque(token):
            claims = introspected_lately(token)
        else:
            keys = keys_of(settings().token_issuer_url).known(named_key(token))
            claims = None if keys is None else _accepted(token, keys)
    except InvalidToken:
        return None
    return None if claims is None else str(claims["sub"])


def _is_opaque(token: str) -> bool:
    """Whether only the identity provider can read it, and can be asked."""
    if not settings().introspection_url or not 0 < len(token) <= LONGEST_TOKEN:
        return False
    try:
        jws.extract_compact(token.encode())
    except Exception:  # joserfc raises many kinds for malformed input
        return token.isascii() and token.isprintable()
    return False


def _accepted(token: str, keys: KeySet) -> dict[str, Any]:
    """Raises InvalidToken."""
    verified = decoded(token, keys)
    claims = verified.claims
    require_acceptable(claims)
    if str(verified.header.get("typ", "JWT")).lower() not in ACCESS_TOKEN_TYPES:
        raise InvalidToken(mark("The token is of another type than an access token."))
    if found := sorted(OTHER_TOKENS_CLAIMS & claims.keys()):
        raise InvalidToken(
            say("An id token or logout token is not an access token (it has {join}).", join=", ".join(found))
        )
    return dict(claims)


def named_key(token: str) -> str | None:
    """The `kid` in a token, not yet verified. Raises InvalidToken: it can't be one of ours, whatever the keys are."""
    if len(token) > LONGEST_TOKEN:
        raise InvalidToken(mark("The access token is too long."))
    try:
        header = jws.extract_compact(token.encode()).headers()
        named, algorithm = header.get("kid"), header["alg"]
    except Exception as error:  # joserfc raises many kinds for malformed input
        raise InvalidToken(NOT_SIGNED) from error
    if algorithm not in ALGORITHMS or "crit" in header or not isinstance(named, str | None):
        raise InvalidToken(NOT_SIGNED)
    return named


def decoded(token: str, keys: KeySet) -> jwt.Token:
    """Raises InvalidToken."""
    try:
        return jwt.decode(token, keys, algorithms=ALGORITHMS)
    except Exception as error:  # the same, even for tokens that the issuer signed
        raise InvalidToken(NOT_SIGNED) from error


_jwks_cache: dict[tuple[str, str], IssuerKeys] = {}


def keys_of(issuer: str, metadata: str = "") -> IssuerKeys:
    return _jwks_cache.setdefault((issuer, metadata), IssuerKeys(issuer, metadata))
