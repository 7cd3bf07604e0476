"""Where a sequence of vectors changes: the cheapest cutting into stretches that each keep to one subject.

Takes unit vectors in order and the times between them; gives the places of the cuts. The cost of a stretch is the scatter of
its vectors around their mean, every cut costs a penalty besides, and the cheapest cutting is found exactly by dynamic
programming (kernel change points: Arlot, Celisse & Harchaoui, 2019; for embedded sentences: Alemi & Ginsparg, 2015). Knows
neither words nor media. How far it finds known boundaries: benchmarks/describe/chapters.py.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]
Costs = npt.NDArray[np.float64]
MOST_UNITS = 1_500
"""Vectors that are compared at most: the costs are a square of them (18 MB)."""


def costs_of(vectors: Vectors) -> Costs:
    """Scatter of each stretch: entry (a, b) is that of the vectors a to b - 1; infinite where b <= a. Shape (n + 1, n + 1)."""
    n = len(vectors)
    wide = vectors.astype(np.float64)
    products = wide @ wide.T
    block = np.zeros((n + 1, n + 1))
    block[1:, 1:] = products.cumsum(axis=0).cumsum(axis=1)
    own = np.concatenate([[0.0], np.diag(products).cumsum()])
    out = np.full((n + 1, n + 1), np.inf)
    for a in range(n):
        b = np.arange(a + 1, n + 1)
        inner = block[b, b] - block[a, b] - block[b, a] + block[a, a]
        out[a, b] = np.maximum(0.0, own[b] - own[a] - inner / (b - a))
    return out


def cut(
    costs: Costs, times: Sequence[float], penalty: Sequence[float] | float, least: float, at_least: int = 1
) -> list[int]:
    """Places of the cuts, each a number from 1 to n - 1, in order.

    Args:
        costs: from `costs_of`, for n vectors.
        times: where each vector begins and where the last one ends, n + 1 of them, in order.
        penalty: what a cut before each vector costs (n of them), or one figure for all.
        least: no stretch is shorter than this, in the unit of the times (unless the whole is).
        at_least: this many stretches where so many fit.
    """
    n = len(costs) - 1
    if n < 2:
        return []
    price = np.full(n, float(penalty)) if isinstance(penalty, (int, float)) else np.asarray(penalty, dtype=np.float64)
    at = np.asarray(times, dtype=np.float64)
    allowed = np.where(at[None, :] - at[:, None] >= least, costs, np.inf)
    found = _cheapest(allowed, price)
    whole = float(at[-1] - at[0])
    fit = n if whole >= n * least else int(whole // least)
    wanted = min(at_least, fit, n)
    while len(found) + 1 < wanted:
        more = _exactly(allowed, price, wanted)
        if more is not None:
            return more
        wanted -= 1
    return found


def _cheapest(allowed: Costs, price: Costs) -> list[int]:
    """The cutting whose scatter and penalties are least."""
    n = len(allowed) - 1
    best = np.full(n + 1, np.inf)
    back = np.zeros(n + 1, dtype=np.int64)
    best[0] = 0.0
    begins = np.concatenate([[0.0], price[1:]])  # the first stretch is no cut
    for end in range(1, n + 1):
        total = best[:end] + allowed[:end, end] + begins[:end]
        back[end] = int(total.argmin())
        best[end] = total[back[end]]
    return _path(back, n) if np.isfinite(best[n]) else []


def _exactly(allowed: Costs, price: Costs, count: int) -> list[int] | None:
    """The cheapest cutting into so many stretches; None where there is none."""
    n = len(allowed) - 1
    begins = np.concatenate([[0.0], price[1:], [0.0]])
    best = np.full(n + 1, np.inf)
    best[0] = 0.0
    backs = []
    for _ in range(count):
        total = (best + begins)[:, None] + allowed
        backs.append(total.argmin(axis=0))
        best = total.min(axis=0)
    if not np.isfinite(best[n]):
        return None
    out, end = [], n
    for back in reversed(backs):
        end = int(back[end])
        out.append(end)
    return sorted(out)[1:]


def _path(back: npt.NDArray[np.int64], end: int) -> list[int]:
    out = []
    while end > 0:
        end = int(back[end])
        out.append(end)
    return sorted(out)[1:]
