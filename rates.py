"""Rate limits per caller. Memory stays bounded for any number of callers."""

from __future__ import annotations

import ipaddress
import threading
import time
from collections import OrderedDict

MOST_KEYS = 10_000
"""Callers that a `Rate` remembers; the least recently seen is forgotten first."""

IPV6_PREFIX = 64
"""Prefix length that one household or machine usually has to itself."""


class Rate:
    """A token bucket per key: `burst` at once, `per_second` on average."""

    def __init__(self, burst: int, per_second: float) -> None:
        self._burst = float(burst)
        self._per_second = per_second
        self._lock = threading.Lock()
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def allows(self, key: str = "") -> bool:
        """Counts one, unless that exceeds the limit."""
        return self.seconds_until_allowed(key) == 0

    def seconds_until_allowed(self, key: str = "") -> float:
        """Counts one and returns 0, unless that exceeds the limit: then after how many seconds it would not."""
        with self._lock:
            left = self._left(key)
            self._keep(key, left - 1 if left >= 1 else left)
            return max(0.0, (1 - left) / self._per_second)

    def delay(self, key: str = "") -> float:
        """Counts one, and returns how many seconds it has to wait to keep to the rate."""
        with self._lock:
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


def network_of(address: str | None) -> str:
    """The key for an address: an IPv4 address itself, or the network of an IPv6 address."""
    try:
        parsed = ipaddress.ip_address(address or "")
    except ValueError:
        return "unknown"
    if parsed.version == 4:
        return str(parsed)
    return str(ipaddress.ip_network((parsed, IPV6_PREFIX), strict=False))
