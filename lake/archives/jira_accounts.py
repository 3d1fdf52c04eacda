"""Whose an entry of Jira is: accounts as Jira Cloud and Data Center name them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lake.archives.items import Concerns, Role, Unattributed
from lake.archives.json_files import text

APP = "entry of an app"
FORMER = "entry of an account that was deleted or anonymised"
NAMELESS = "entry of an account whose e-mail address isn't known"


def id_of(account: Any) -> str:
    """Empty if there is none."""
    if not isinstance(account, dict):
        return ""
    return text(account.get("accountId")) or text(account.get("key")) or text(account.get("name"))


def concerned(named: Iterable[tuple[Any, Role]], author: Any, people: Mapping[str, str]) -> Concerns:
    """Those of these accounts, as objects or ids, whose address is known, without the author's own."""
    own = person(author, people)
    found = (
        (person(account if isinstance(account, dict) else {"accountId": account}, people), role)
        for account, role in named
        if account
    )
    return tuple(dict.fromkeys((who, role) for who, role in found if isinstance(who, str) and who != own))


def person(account: Any, people: Mapping[str, str]) -> str | Unattributed:
    """The e-mail address. Jira Cloud hides it from most callers: then `people` has to say it, by the account's id."""
    account_id = id_of(account)
    if not account_id or account_id == "unknown":
        return Unattributed(FORMER)
    if account.get("accountType") == "app":
        return Unattributed(APP)
    email = people.get(account_id) or text(account.get("emailAddress"))
    if email:
        return email.strip().lower()
    return Unattributed(FORMER if text(account.get("displayName")) == "Former user" else NAMELESS)
