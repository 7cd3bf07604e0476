"""How long and how often something outside is asked: retries with jitter inside one time limit, and a circuit breaker.

Takes a call and what it raises; gives its answer or the last error. After `failures` calls in a row that gave nothing, the other
side is left alone for `rest_seconds`: who asks meanwhile is refused at once, the first one after it tries (Nygard, Release It!,
2007). Waits grow twofold and are drawn at random from zero up ("full jitter", Brooker 2015). It knows nothing of what is asked.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from vitascope.base.errors import ModelFailed, ModelResting

T = TypeVar("T")

_FIRST_WAIT = 0.5
_LONGEST_WAIT = 20.0


PASSING_STATUSES = frozenset({408, 409, 425, 429, 500, 502, 503, 504})
"""HTTP statuses of a failure that may pass."""


def retry_after(said: str | None) -> float | None:
    """What a Retry-After header asks for, in seconds; None where it says nothing usable (a date is left alone)."""
    return float(said) if said and said.strip().isascii() and said.strip().isdigit() else None


class Passing(Exception):
    """Something failed that may go well in a while.

    Args:
        error: what is raised where no time or try is left.
        wait: seconds the other side asked to wait; None where it said nothing.
    """

    def __init__(self, error: ModelFailed, wait: float | None = None) -> None:
        super().__init__(str(error))
        self.error, self.wait = error, wait


class Patience:
    """Shared by all calls to one other side. Safe from several threads.

    Args:
        seconds: for one call with all its tries and waits.
        retries: tries after the first.
        failures: calls in a row without an answer after which it rests; 0: never.
        rest_seconds: how long.
    """

    def __init__(
        self,
        seconds: float,
        retries: int = 2,
        failures: int = 4,
        rest_seconds: float = 30.0,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._seconds, self._retries, self._failures, self._rest = seconds, retries, failures, rest_seconds
        self._clock, self._sleep, self._jitter = clock, sleep, jitter
        self._lock = threading.Lock()
        self._failed = 0
        self._until = 0.0

    @property
    def seconds(self) -> float:
        """For one call."""
        return self._seconds

    @property
    def resting(self) -> float:
        """Seconds for which nobody may ask; 0 where asking is allowed."""
        with self._lock:
            return max(0.0, self._until - self._clock())

    def call(self, ask: Callable[[float], T], place: str) -> T:
        """The answer of `ask`, which is given the seconds left for it.

        Raises:
            ModelResting: it was not asked. ModelFailed: no try or time is left, or `ask` raised what does not pass.
        """
        rest = self.resting
        if rest:
            raise ModelResting(
                f"it failed {self._failed} times in a row and is left alone for {rest:.0f} s more",
                place=place,
                remedy="check the endpoint; what needs it is extracted instead, and asked for again later",
            )
        end = self._clock() + self._seconds
        for turn in range(self._retries + 1):
            try:
                answer = ask(max(0.1, end - self._clock()))
            except Passing as passing:
                wait = self._wait(turn, passing.wait)
                if turn == self._retries or self._clock() + wait >= end:
                    self._note(False)
                    raise passing.error from passing
                self._sleep(wait)
            except ModelFailed:
                self._note(True)  # it spoke, though not what was wanted: it is there
                raise
            else:
                self._note(True)
                return answer
        raise AssertionError("unreachable")

    def _wait(self, turn: int, asked: float | None) -> float:
        most = min(_LONGEST_WAIT, _FIRST_WAIT * float(2**turn))
        return min(_LONGEST_WAIT, max(0.0, asked or 0.0)) + most * self._jitter()

    def _note(self, answered: bool) -> None:
        with self._lock:
            self._failed = 0 if answered else self._failed + 1
            if self._failures and self._failed >= self._failures:
                self._until = self._clock() + self._rest
