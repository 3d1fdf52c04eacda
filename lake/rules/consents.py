"""Consent, where a policy rests on it: without it nothing is stored, and nothing that is stored is used for training.

Whether a policy rests on consent is read from its legal basis (`law.legal_bases`). A person consents to one version of
its notice: other terms need another consent. What is dated before the consent, or arrives after its withdrawal, is
refused. Training leaves out all records under such a policy of people who don't consent to it at that moment.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from directory import Directory
from lake.rules.policies import Policy
from law.legal_bases import Basis, bases_of


@dataclass(frozen=True)
class Consented:
    """`needing`: keys of the policies that rest on consent; `pairs`: `SUBJECT POLICY` of everybody who consents."""

    needing: tuple[str, ...] = ()
    pairs: tuple[str, ...] = ()

    @property
    def parameters(self) -> dict[str, list[str]]:
        """As statements bind them."""
        return {"needing": list(self.needing), "consented": list(self.pairs)}


def needs_consent(policy: Policy) -> bool:
    return Basis.CONSENT in bases_of(policy.legal_basis)


def consented(policies: Iterable[Policy], also_at: datetime) -> Consented:
    """Who consents to which of these policies now, and did at that time (naive UTC): consent that is given again
    doesn't change what a dataset version has. Raises PartUnavailable."""
    needing = tuple(policy.policy for policy in policies if needs_consent(policy))
    if not needing:
        return Consented()
    with Directory.open() as directory:
        pairs = directory.consenting(needing, also_at)
    return Consented(needing, tuple(f"{subject} {policy}" for subject, policy in pairs))
