"""Runs a coroutine where no other loop runs: a browser that is open keeps the loop of the test's own thread busy."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import anyio

T = TypeVar("T")


def run_aside(make: Callable[[], Awaitable[T]]) -> T:
    """What a coroutine function answers, run in a thread of its own."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(anyio.run, make).result()
