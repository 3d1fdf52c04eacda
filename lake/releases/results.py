"""Results of the attacks on releases, as published with each release."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class AttackResult:
    """One attack on made-up companies. `design`: ours, or naive, the control that it must break."""

    attack: str
    design: str
    companies: int
    """The number of companies it was tried on."""
    broken: int
    """The number of companies in which it identified someone."""
    people: int
    """The number of people identified, in all companies."""
    words: str
    """What was tried and the result, in a sentence."""
    epsilon_claimed: float | None = None
    epsilon_found: float | None = None
    """A lower bound on epsilon, from how well the attack could tell companies apart."""
