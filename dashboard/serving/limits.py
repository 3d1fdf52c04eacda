"""Counting what one caller may do at a time and in a time; memory stays bounded however many callers there are."""

from __future__ import annotations

import ipaddress
import time
from collections import Counter, OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager

MOST_KEYS = 10_000
"""Callers that a `Rate` remembers; the one unseen for the longest time is forgotten first."""

IPV6_PREFIX = 64
"""Bits of an IPv6 address that one household or machine has as a whole."""


class TooMany(Exception):
    """Another one would be over the limit."""


class Rate:
    """A token bucket per key: `burst` at once, `per_second` in the long run."""

    def __init__(self, burst: int, per_second: float) -> None:
        self._burst = float(burst)
        self._per_second = per_second
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def allows(self, key: str = "") -> bool:
        """Count one, unless that is too many."""
        left = self._left(key)
        self._keep(key, left - 1 if left >= 1 else left)
        return left >= 1

    def delay(self, key: str = "") -> float:
        """Count one; for how many seconds it has to wait so that the rate is kept."""
        left = self._left(key) - 1
        self._keep(key, left)
        return max(0.0, -left / self._per_second)

    def _left(self, key: str) -> float:
        now = time.monotonic()
        left, since = self._buckets.pop(key, (self._burst, now))
        return min(self._burst, left + (now - since) * self._per_second)

    def _keep(self, key: str, left: float) -> None:
        self._buckets[key] = (left, time.monotonic())
        if len(self._buckets) > MOST_KEYS:
            self._buckets.popitem(last=False)


class Held:
    """How many of something each key holds now."""

    def __init__(self) -> None:
        self._held: Counter[str] = Counter()

    @contextmanager
    def one_more(self, limits: dict[str, int]) -> Iterator[None]:
        """Hold one under each key of `limits` until the block ends. Raises TooMany, and then holds none."""
        if any(self._held[key] >= most for key, most in limits.items()):
            raise TooMany
        self._held.update(limits.keys())
        try:
            yield
        finally:
            self._held.subtract(limits.keys())
            self._held += Counter()  # forget those that hold none

    def __len__(self) -> int:
        return len(self._held)


def network_of(address: str | None) -> str:
    """Whom an address counts for: an IPv4 address for itself, an IPv6 address for its network."""
    try:
        parsed = ipaddress.ip_address(address or "")
    except ValueError:
        return "unknown"
    if parsed.version == 4:
        return str(parsed)
    return str(ipaddress.ip_network((parsed, IPV6_PREFIX), strict=False))
