"""Names as producers send them, made fit to keep: what can't be printed, is too long or has odd spaces is no reason to
lose a run.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any
from uuid import UUID

from lake.lineage.graph import LONGEST_NAME

INVISIBLE = " \u200b\u200c\u200d\u2060\ufeff"
"""Characters without a width: removed from both ends, like spaces."""
PERSONS = {"user", "users", "person", "people", "employee", "email", "mail", "mailto", "login", "owner", "account"}
GROUPS = {
    "team", "group", "org", "organization", "organisation", "company", "vendor", "department", "dept", "division",
    "unit", "squad", "supplier", "customer", "partner",
}  # fmt: skip
LOGIN = re.compile(r"[a-z0-9]+|[^\s]*[._\\0-9][^\s]*")
"""One word in small letters, or with a dot, digit, underscore or backslash: `jdoe`, `Ada.Lovelace`, `CORP\\jdoe`."""


def bounded(text: str) -> str:
    """The name unchanged, unless it is too long or not printable; even then it stays distinct from others."""
    printable = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)
    if printable == text and 0 < len(text) <= LONGEST_NAME:
        return text
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return f"{printable[: LONGEST_NAME - 14]}… {digest}"


def tidied(text: str) -> str:
    """The name without spaces around it, each line break or other odd space as a space, then `bounded`; empty if
    nothing is left."""
    spaced = "".join(" " if character.isspace() else character for character in text).strip(INVISIBLE)
    return bounded(spaced) if spaced else ""


def run_key(text: Any) -> UUID | None:
    """The key of a run: its id if that is a UUID, with or without hyphens; any other id still gets its own key."""
    if not isinstance(text, str) or not text.strip():
        return None
    try:
        return UUID(text.strip())
    except ValueError:
        return UUID(bytes=hashlib.sha256(text.strip().encode("utf-8", "surrogatepass")).digest()[:16])


def recipient(owner: str | None) -> str | None:
    """The team or vendor that an owner names, without the kind of owner; None if that may be a person: an e-mail
    address, or what looks like a login and doesn't say that it is a team or the like (`team:desk`)."""
    if owner is None or "@" in owner:
        return None
    kind, _, name = (part.strip() for part in owner.rpartition(":"))
    if not name or kind.lower() in PERSONS:
        return None
    return name if kind.lower() in GROUPS or not LOGIN.fullmatch(name) else None
