"""Tokens for the employer's programs: pipelines, connectors, schedulers. No person signs in with one.

A token is 256 random bits, created by `python -m governance token NAME` and shown once. The setting
`OPENBOOK_SERVICE_TOKENS` contains only its SHA-256, so reading the settings doesn't reveal the token, and what it may
do:

    name:sha256?scope=lineage:write&namespace=warehouse&until=2027-11-26

scope       a kind of route (`Scope`); for several, repeat `scope=`
namespace   whose models, datasets and jobs it may report on: `warehouse` and everything that starts with
            `warehouse/`; with a trailing `*`, everything that starts with the text before it. For `recorders:report`,
            ids or addresses of people. Percent-encoded
until       its last day (UTC)

A name may be listed twice, so that a token can be replaced without a gap. A token removed from the setting is refused
at once. An entry in the old format, `name:sha256` alone, may report lineage and nothing else; operators are warned to
renew it.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from hmac import compare_digest
from urllib.parse import parse_qs, quote

import clock
from command_line import Answer, Ended
from setting_values import SERVICE_NAME
from settings import settings

PREFIX = "openbook_"
EVERYTHING = "*"
LIFE = timedelta(days=365)
WARNED_BEFORE = timedelta(days=14)


class Scope(StrEnum):
    """What a token is for; `setting_values.SERVICE_SCOPE` has the same."""

    LINEAGE_WRITE = "lineage:write"
    MODELS_DEPLOY = "models:deploy"
    """Together with `lineage:write`: report where a model is in use, or no longer in use."""
    MODELS_RETIRE = "models:retire"
    """Together with `lineage:write`: report that a model was retired."""
    DATASETS_CREATE = "datasets:create"
    DATASETS_READ = "datasets:read"
    CAPTURES_READ = "captures:read"
    ACCESS_REPORT = "access:report"
    """Report who read people's data in the systems that the token's namespaces cover."""
    DIRECTORY_WRITE = "directory:write"
    """Keep the directory of who works here current (SCIM)."""
    CAPTURES_WRITE = "captures:write"
    """Send what recorders capture, of all people."""
    CAPTURE_CONTROL = "capture-control:read"
    """A recorder asks what it may record of a person now."""
    RECORDERS_REPORT = "recorders:report"
    """A recorder says whether it runs, for the people whom the token's namespaces have."""
    METRICS_READ = "metrics:read"
    """Read the figures for monitoring: counts and ages, of nobody in particular."""


@dataclass(frozen=True)
class ServiceToken:
    """What a token allows. In the old format, `until` is None and `scopes` is `lineage:write` alone."""

    name: str
    digest: str
    scopes: frozenset[str]
    namespaces: tuple[str, ...]
    until: date | None

    @property
    def expired(self) -> bool:
        return self.until is not None and self.until < clock.today()

    def owns(self, called: str) -> bool:
        """Whether it may report on a dataset or job: `called` is its namespace, a slash and its name."""
        return any(_covers(namespace, called) for namespace in self.namespaces)

    def speaks_for(self, person: str) -> bool:
        """Whether it may report about a person, who is named by their id or address: that exactly, or a prefix with
        `*`.
        """
        return any(
            person.startswith(each.removesuffix(EVERYTHING)) if each.endswith(EVERYTHING) else person == each
            for each in self.namespaces
        )

    def owns_model(self, model: str) -> bool:
        """The same for a model, by its name here: its namespace, unless that is OpenLineage's `model`, is part of it. A
        name that begins with a namespace that someone else owns is theirs, however it was sent.
        """
        others = (namespace for token in known() for namespace in token.namespaces if namespace != EVERYTHING)
        claimed = any(_covers(namespace, model) for namespace in others)
        return self.owns(model) or (not claimed and self.owns(f"model/{model}"))


def known() -> Iterator[ServiceToken]:
    """The tokens in the setting."""
    for entry in filter(None, settings().service_tokens.split(",")):
        named, _, terms = entry.partition("?")
        name, _, digest = named.partition(":")
        if not terms:
            yield ServiceToken(name, digest, frozenset({Scope.LINEAGE_WRITE}), (EVERYTHING,), None)
            continue
        parsed = parse_qs(terms)
        yield ServiceToken(
            name,
            digest,
            frozenset(parsed.get("scope", ())),
            tuple(parsed.get("namespace", ())),
            _day(parsed["until"][-1]),
        )


def make(
    name: str,
    scopes: Sequence[Scope] = (Scope.LINEAGE_WRITE,),
    namespaces: Sequence[str] = (EVERYTHING,),
    until: date | None = None,
) -> tuple[str, str]:
    """A new token, and its entry for the setting; it expires after a year unless `until` says otherwise. Raises
    ValueError.
    """
    if not re.fullmatch(SERVICE_NAME, name):
        raise ValueError("A name has 1 to 60 lowercase letters, digits, `-`, `_` and `.`, and starts with a letter.")
    last = until or clock.today() + LIFE
    if last < clock.today():
        raise ValueError("Its last day has passed.")
    if not namespaces or not all(namespace.isprintable() and namespace for namespace in namespaces):
        raise ValueError("It needs at least one namespace of printable characters; `*` covers all of them.")
    token = PREFIX + secrets.token_urlsafe(32)
    terms = [f"scope={scope.value}" for scope in scopes]
    terms += [f"namespace={quote(namespace, safe='/:*')}" for namespace in namespaces]
    return token, f"{name}:{_digest(token)}?{'&'.join([*terms, f'until={last.isoformat()}'])}"


def find(token: str) -> ServiceToken | None:
    """The entry of a token, expired or not; None: unknown. Takes the same time whatever is known."""
    digest = _digest(token)
    found = None
    for each in known():
        if compare_digest(each.digest, digest):
            found = each
    return found


def warnings() -> list[str]:
    """What an operator needs to fix, in words."""
    said = []
    for each in known():
        if each.until is None:
            said.append(
                f"The service token of {each.name} has the old format: it may report only lineage, for "
                "every namespace and without an expiry date. Create a new one with `python -m governance token`."
            )
        elif each.expired:
            said.append(f"The service token of {each.name} expired on {each.until:%-d %B %Y} and is refused.")
        elif each.until <= clock.today() + WARNED_BEFORE:
            said.append(f"The service token of {each.name} expires on {each.until:%-d %B %Y}. Create a new one first.")
    return said


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("token", help="create a token for a pipeline or another of your programs")
    parser.add_argument("name", help="which program it is for, such as training-pipeline")
    parser.add_argument(
        "--scope",
        action="append",
        type=Scope,
        choices=list(Scope),
        metavar="SCOPE",
        help=f"what it may do; repeat for several of: {', '.join(Scope)} (default: lineage:write)",
    )
    parser.add_argument(
        "--namespace",
        action="append",
        required=True,
        help="whose models, datasets and jobs it may report on; repeat for several; NAME* for a prefix, * for all",
    )
    parser.add_argument("--until", type=date.fromisoformat, help="its last day, such as 2027-11-26 (default: a year)")
    parser.set_defaults(answer=_new)


def _new(arguments: argparse.Namespace) -> Answer:
    try:
        scopes = arguments.scope or [Scope.LINEAGE_WRITE]
        token, line = make(arguments.name, scopes, arguments.namespace, arguments.until)
    except ValueError as error:
        raise Ended(f"No token was created. {error}", 2) from error
    words = (
        f"The token is shown only this once. Give it to the program as its API key:\n\n  {token}\n\n"
        "Add this to OPENBOOK_SERVICE_TOKENS (quoted, in a shell), after a comma if the setting is "
        f"not empty, and restart the API:\n\n  {line}"
    )
    return Answer({"token": token, "line": line}, [words])


def _covers(namespace: str, called: str) -> bool:
    if namespace.endswith(EVERYTHING):
        return called.startswith(namespace.removesuffix(EVERYTHING))
    return called == namespace or called.startswith(f"{namespace}/")


def _day(text: str) -> date:
    """A date that doesn't exist, such as 31 February, counts as passed."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return date.min


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
