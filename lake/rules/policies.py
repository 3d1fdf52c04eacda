"""Capture policies: which signals of which applications may be captured, why, and for how long.

A capture is allowed if a policy in force on its day lists both its signal and its application; nothing
else is ever stored. If several policies allow it, the one with the shortest retention applies.
Policies are written in a TOML file, one `[[policy]]` table each:

    [[policy]]
    policy = "assistant-2026"
    name = "Desktop assistant training"
    purpose = "model training"
    legal_basis = "GDPR 6(1)(f), works agreement of 12 January 2026"
    signals = ["mouse_move", "mouse_click"]
    applications = ["Excel", "Chrome"]
    safeguards = ["mask", "drop_passwords"]  # see `lake.safeguards.SAFEGUARDS`
    retention_days = 180
    valid_from = 2026-01-12
    announced_on = 2026-01-05                # if people were told elsewhere before
    announced_by = "letter to all employees"
    permits = ["training_pictures"]          # see `lake.rules.notices.PERMITS`; default: none of them

Applying a policy tells people about it (`lake.rules.notices`).
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

from duckdb import DuckDBPyConnection
from pydantic import TypeAdapter, ValidationError

import clock
from errors import OpenBookError
from lake.rules import notices
from lake.rules.scope import SIGNALS
from lake.safeguards import SAFEGUARDS
from lake.statements import statement
from lake.storage.connection import transaction

MAX_RETENTION_DAYS = 36_500
MAX_ANNOUNCED_BY = 200
ANNOUNCED = frozenset(("announced_on", "announced_by"))


class InvalidPolicyFile(OpenBookError, ValueError):
    """The policy file can't be used; nothing was changed."""


@dataclass(frozen=True)
class Policy:
    """One capture policy. `valid_to` is the first day on which it is no longer in force."""

    policy: str
    name: str
    purpose: str
    legal_basis: str
    signals: list[str]
    applications: list[str]
    safeguards: list[str]
    retention_days: int
    valid_from: date
    valid_to: date | None = None
    permits: list[str] = field(default_factory=list)
    """What may be done besides storing records (`lake.rules.notices.PERMITS`)."""
    announced_on: date | None = field(default=None, compare=False)
    """When the employer says that it told people elsewhere. Only what is applied has it: the notice keeps it."""
    announced_by: str = field(default="", compare=False)
    """How it told them."""

    def allows(self, day: date, signal: str, application: str) -> bool:
        in_force = self.valid_from <= day and (self.valid_to is None or day < self.valid_to)
        return in_force and signal in self.signals and self.named(application) is not None

    def named(self, application: str) -> str | None:
        """The application as the policy lists it; None if it doesn't. Upper and lower case, and a trailing `.exe`, make
        no difference."""
        if application in self.applications:
            return application
        plain = plain_name(application)
        return next((listed for listed in self.applications if plain_name(listed) == plain), None)

    def retained_until(self, day: date) -> date:
        """The last day on which a capture of `day` is kept."""
        return day + timedelta(days=self.retention_days)


@lru_cache(maxsize=10_000)
def plain_name(application: str) -> str:
    """The same for all ways to write its name that make no difference."""
    return application.strip().casefold().removesuffix(".exe")


def policy_for(policies: Sequence[Policy], day: date, signal: str, application: str) -> Policy | None:
    """The policy that allows a capture of a day and applies to it, whatever people were told; None if none does."""
    allowing = [policy for policy in policies if policy.allows(day, signal, application)]
    return min(allowing, key=strictness, default=None)


def strictness(policy: Policy) -> tuple[int, str]:
    """Policies that allow a capture, in this order: the first applies."""
    return policy.retention_days, policy.policy


def read_policies(connection: DuckDBPyConnection) -> list[Policy]:
    """All policies of the lake, including past ones."""
    rows = connection.execute(
        "select policy, name, purpose, legal_basis, signals, applications, safeguards, retention_days,"
        " valid_from, valid_to, coalesce(permits, []) from policies order by policy"
    ).fetchall()
    return [Policy(*row) for row in rows]


def read_policy_file(file: Path) -> list[Policy]:
    """Raises InvalidPolicyFile."""
    try:
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
        policies = TypeAdapter(list[Policy]).validate_python(tables.get("policy", []))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise InvalidPolicyFile(f"{file} can't be used: {error}. Nothing changed.") from error
    unknown = {signal for policy in policies for signal in policy.signals} - set(SIGNALS)
    if unknown:
        raise InvalidPolicyFile(f"{file}: unknown signals {', '.join(sorted(unknown))}. Nothing changed.")
    unsafe = {name for policy in policies for name in policy.safeguards} - set(SAFEGUARDS)
    if unsafe:
        raise InvalidPolicyFile(
            f"{file}: unknown safeguards {', '.join(sorted(unsafe))}; known: {', '.join(SAFEGUARDS)}. Nothing changed."
        )
    unknown = {name for policy in policies for name in policy.permits} - set(notices.PERMITS)
    if unknown:
        raise InvalidPolicyFile(
            f"{file}: `permits` has {', '.join(sorted(unknown))}; known: {', '.join(notices.PERMITS)}. Nothing changed."
        )
    if any(not 1 <= policy.retention_days <= MAX_RETENTION_DAYS for policy in policies):
        raise InvalidPolicyFile(f"{file}: retention_days must be from 1 to {MAX_RETENTION_DAYS}. Nothing changed.")
    for policy in policies:
        if (policy.announced_on is None) == bool(policy.announced_by.strip()):
            raise InvalidPolicyFile(f"{file}: announced_on and announced_by need each other. Nothing changed.")
        if len(policy.announced_by) > MAX_ANNOUNCED_BY:
            raise InvalidPolicyFile(f"{file}: announced_by has over {MAX_ANNOUNCED_BY} characters. Nothing changed.")
        if policy.announced_on is not None and policy.announced_on > clock.today():
            raise InvalidPolicyFile(f"{file}: announced_on is in the future. Nothing changed.")
    if not policies or len({policy.policy for policy in policies}) < len(policies):
        raise InvalidPolicyFile(f"{file}: no policy, or a duplicate key. Nothing changed.")
    return policies


def apply_policies(connection: DuckDBPyConnection, policies: Sequence[Policy]) -> None:
    """Add the policies, or replace those with the same key; others stay. Captures keep the terms under which they
    were stored, including the purpose: another purpose needs another policy. New terms are announced
    (`lake.rules.notices`). Raises InvalidPolicyFile."""
    with transaction(connection):
        told = notices.read_notices(connection)
        require_same_purposes(connection, policies)
        for policy in policies:
            connection.execute("delete from policies where policy = $policy", {"policy": policy.policy})
            connection.execute(
                statement("append_policy"),
                {name: value for name, value in asdict(policy).items() if name not in ANNOUNCED},
            )
            notices.announce(connection, policy, told)


def require_same_purposes(connection: DuckDBPyConnection, policies: Sequence[Policy]) -> None:
    """Works on a reader. Raises InvalidPolicyFile if a policy changes what its records were made for."""
    used = dict(connection.execute(statement("purposes_in_use")).fetchall())
    for policy in policies:
        if used.get(policy.policy, policy.purpose) != policy.purpose:
            raise InvalidPolicyFile(
                f"Records were made under {policy.policy} for {used[policy.policy]!r}, and that purpose can't be"
                " changed. Use a policy with another key for another purpose. Nothing changed."
            )
