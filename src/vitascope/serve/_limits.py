"""How often somebody may ask: a token bucket for each caller, and wrong credentials counted for each account and address.

Both keep a bounded number of callers in memory; the one that was away longest is forgotten first. Each server process
counts for itself. Knows no request.
"""

from __future__ import annotations

import ipaddress
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

MOST = 20_000
"""Callers that are remembered: about 4 MB."""


class Buckets:
    """Token buckets: `rate` requests a second on average, `burst` at once.

    Args:
        rate: 0: no bound.
        clock: seconds that only grow.
    """

    def __init__(self, rate: float, burst: int, clock: Callable[[], float] = time.monotonic, most: int = MOST) -> None:
        self._rate, self._burst, self._clock, self._most = rate, float(burst), clock, most
        self._lock = threading.Lock()
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, who: str) -> float:
        """Take one request; 0, or the seconds after which there will be one."""
        if self._rate <= 0:
            return 0.0
        now = self._clock()
        with self._lock:
            left, at = self._left.pop(who, (self._burst, now))
            left = min(self._burst, left + (now - at) * self._rate)
            wait = 0.0 if left >= 1 else (1 - left) / self._rate
            self._left[who] = (left - 1 if not wait else left, now)
            while len(self._left) > self._most:
                self._left.popitem(last=False)
        return wait

    def __len__(self) -> int:
        return len(self._left)


class Tries:
    """Wrong tries within a window; a right one forgets those of its account.

    Args:
        most: wrong tries that are answered; the next is refused until the window is over.
        window: seconds.
    """

    def __init__(
        self, most: int, window: float = 900.0, clock: Callable[[], float] = time.monotonic, remembered: int = MOST
    ) -> None:
        self._most, self._window, self._clock, self._remembered = most, window, clock, remembered
        self._lock = threading.Lock()
        self._wrong: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def wait(self, who: str) -> float:
        """Seconds until the next try is answered; 0: now."""
        with self._lock:
            count, since = self._wrong.get(who, (0, 0.0))
        left = since + self._window - self._clock()
        return left if count >= self._most and left > 0 else 0.0

    def failed(self, who: str) -> None:
        """A wrong try."""
        now = self._clock()
        with self._lock:
            count, since = self._wrong.pop(who, (0, now))
            if now - since > self._window:
                count, since = 0, now
            self._wrong[who] = (count + 1, since)
            while len(self._wrong) > self._remembered:
                self._wrong.popitem(last=False)

    def right(self, who: str) -> None:
        """A right try."""
        with self._lock:
            self._wrong.pop(who, None)


def address_of(host: str | None) -> str:
    """The caller's address as it is counted: IPv6 by its /64, which is what one household or machine has."""
    try:
        found = ipaddress.ip_address(host or "")
    except ValueError:
        return host or "?"
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)
