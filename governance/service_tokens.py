"""Tokens of the employer's own programs: pipelines, connectors, schedulers. No person signs in with one.

A token is 256 random bits, made by `python -m governance token NAME` and shown once. The setting
`OPENBOOK_SERVICE_TOKENS` has its SHA-256 only, so that whoever reads the settings can't use it. A name may be there
twice, so that a token can be replaced without a gap; a token that is taken out of the setting is refused at once.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import secrets
from hmac import compare_digest

from settings import SERVICE_NAME, settings

PREFIX = "openbook_"


def make(name: str) -> tuple[str, str]:
    """A new token, and what the setting has to say of it. Raises ValueError."""
    if not re.fullmatch(SERVICE_NAME, name):
        raise ValueError("A name has 1 to 60 small letters, digits, `-`, `_` and `.`, and begins with a letter.")
    token = PREFIX + secrets.token_urlsafe(32)
    return token, f"{name}:{_digest(token)}"


def service_of(token: str) -> str | None:
    """The name of the service whose token this is; None: nobody's. Takes the same time whatever is known."""
    digest = _digest(token)
    found = None
    for line in filter(None, settings().service_tokens.split(",")):
        name, _, known = line.partition(":")
        if compare_digest(known, digest):
            found = name
    return found


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("token", help="make a token for a pipeline or another program of yours")
    parser.add_argument("name", help="which program it is for, such as training-pipeline")
    parser.set_defaults(run=_print_new)


def _print_new(arguments: argparse.Namespace) -> int:
    try:
        token, line = make(arguments.name)
    except ValueError as error:
        print(f"No token was made. {error}")
        return 2
    print(
        f"The token, which is shown this once; give it to the program as its API key:\n\n  {token}\n\n"
        f"Add this to OPENBOOK_SERVICE_TOKENS, after a comma where something is there already, and restart the API:\n\n"
        f"  {line}"
    )
    return 0


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
