"""What encryption costs: event writes and recommendations on an encrypted home beside a plain one, turn by turn in one run."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import NamedTuple

import numpy as np

from vitascope.assemble import System, open_system
from vitascope.base.ports.service import Ask, RawEvent

ITEMS, PEOPLE, EVENTS, BATCH = 200, 60, 2_000, 200
KINDS = ("complete", "like", "play", "comment")


class Cost(NamedTuple):
    """Seconds of one kind of work, plain and encrypted, and the median of the ratios of turns that followed each other."""

    name: str
    turns: int
    plain: float
    encrypted: float
    ratio: float
    low: float
    high: float


def measure(turns: int = 30, seed: int = 0) -> list[Cost]:
    """The costs. Turns alternate, and the first of each pair changes, so that load from elsewhere falls on both."""
    folder = Path(tempfile.mkdtemp(prefix="cost-"))
    os.environ.setdefault("VITASCOPE_KEY", secrets.token_hex(32))
    both: dict[bool, System] = {}
    try:
        for encrypted in (False, True):
            settings = {"models": {"off": ["language_model"]}}
            both[encrypted] = open_system(folder / str(encrypted), settings=settings, encrypt=encrypted)
            _fill(both[encrypted], np.random.default_rng(seed))
        rng = np.random.default_rng(seed + 1)
        batches = {n: [_events(rng, n, f"{n}-{turn}") for turn in range(turns)] for n in (1, BATCH)}
        asks = [Ask(user_id=f"user-{rng.integers(PEOPLE)}", surface="video", n=10) for _ in range(turns * 4)]
        out = [_race(f"events, {n} a write", both, [_record(b) for b in batches[n]], turns) for n in (1, BATCH)]
        out.append(_race("a list of 10", both, [_recommend(ask) for ask in asks], turns * 4))
        return out
    finally:
        for system in both.values():
            system.close()
        shutil.rmtree(folder, ignore_errors=True)


def _record(batch: list[RawEvent]) -> Callable[[System], object]:
    return lambda system: system.record(batch)


def _recommend(ask: Ask) -> Callable[[System], object]:
    return lambda system: system.recommend(ask)


def _race(name: str, both: dict[bool, System], work: list[Callable[[System], object]], turns: int) -> Cost:
    took: dict[bool, list[float]] = {False: [], True: []}
    for system in both.values():  # once each, unmeasured: caches
        work[0](system)
    for turn, one in enumerate(work[1:turns]):
        for encrypted in (False, True) if turn % 2 else (True, False):
            began = time.perf_counter()
            one(both[encrypted])
            took[encrypted].append(time.perf_counter() - began)
    ratios = [b / a for a, b in zip(took[False], took[True], strict=True)]
    return Cost(name, len(ratios), median(took[False]), median(took[True]), *np.quantile(ratios, (0.5, 0.25, 0.75)))


def _fill(system: System, rng: np.random.Generator) -> None:
    system.put_items(
        [{"item_id": f"i{n}", "title": f"Film {n}", "tags": [f"t{n % 17}", f"s{n % 5}"]} for n in range(ITEMS)]
    )
    system.record(_events(rng, EVENTS, "first"))
    system.fit(seed=0, promote="always")


def _events(rng: np.random.Generator, n: int, name: str) -> list[RawEvent]:
    people, items, kinds = (rng.integers(m, size=n) for m in (PEOPLE, ITEMS, len(KINDS)))
    return [
        RawEvent(
            user_id=f"user-{people[k]}",
            item_id=f"i{items[k]}",
            type=KINDS[kinds[k]],
            text="as good as the first one" if KINDS[kinds[k]] == "comment" else None,
            timestamp=1_700_000_000 + float(rng.integers(10_000_000)),
            event_id=f"{name}-{k}",
            session_id=f"s{people[k]}",
        )
        for k in range(n)
    ]
