"""What the attacks on releases found, as it is published with each release."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class AttackResult:
    """One attack on made-up companies. `design`: ours, or naive, the control that it must break."""

    attack: str
    design: str
    companies: int
    """On how many companies it was tried."""
    broken: int
    """In how many of them it found out about somebody."""
    people: int
    """About how many people it found out, in all companies."""
    words: str
    """What was tried and what came of it, in a sentence."""
    epsilon_claimed: float | None = None
    epsilon_found: float | None = None
    """A lower bound of the epsilon, from what the attack could tell apart."""
