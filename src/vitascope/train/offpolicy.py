"""What another way of choosing would have earned, told from a log of what was shown with which chance (off-policy estimates).

Takes plain arrays, one entry a place that was shown; gives means with 95% intervals. Knows no store and no model.

With p the chance with which the log's policy gave the place to that item, q the chance with which the policy in question would
have, w = q / p and r what came of it:

    IPS    mean of w r                      unbiased (Horvitz and Thompson, JASA 1952)
    SNIPS  sum of w r / sum of w            a little biased, much steadier (Swaminathan and Joachims, NIPS 2015)
    DR     mean of v + w (r - m)            unbiased where p is right or m is (Dudik, Langford and Li, ICML 2011)

m is what a model foretells of the item shown, v what it foretells of the policy's own choice. Places of one person hang together:
the intervals come from resampling people. Of one person alone their places are resampled: it speaks of that person.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_RESAMPLES = 1_000
_AT_ONCE = 50


@dataclass(frozen=True, eq=False)
class Log:
    """m places that were shown."""

    reward: Floats
    logged: Floats
    """p, above 0."""
    owner: Ints
    """Whose place it is."""


@dataclass(frozen=True)
class Estimate:
    """A mean and its 95% interval."""

    value: float
    low: float
    high: float


def as_logged(log: Log, seed: int) -> Estimate:
    """What the log's own policy earned a place."""
    return _ratio(log.reward, np.ones(len(log.reward)), log.owner, seed)


def ips(log: Log, wanted: Floats, seed: int) -> Estimate:
    """Inverse propensity; `wanted` is q."""
    return _ratio(wanted / log.logged * log.reward, np.ones(len(log.reward)), log.owner, seed)


def snips(log: Log, wanted: Floats, seed: int) -> Estimate:
    """Self-normalised inverse propensity; nan where the policy would have shown none of it."""
    weight = wanted / log.logged
    return _ratio(weight * log.reward, weight, log.owner, seed)


def doubly_robust(log: Log, wanted: Floats, shown: Floats, chosen: Floats, seed: int) -> Estimate:
    """Doubly robust.

    Args:
        shown: m, what the model foretells of the item that was shown, (m,).
        chosen: v, what it foretells of what the policy would show there, (m,).
    """
    made = chosen + wanted / log.logged * (log.reward - shown)
    return _ratio(made, np.ones(len(made)), log.owner, seed)


def overlap(log: Log, wanted: Floats) -> float:
    """Places that the estimate really rests on: (sum w)^2 / sum w^2 (Kish's effective sample size)."""
    weight = wanted / log.logged
    square = float((weight**2).sum())
    return float(weight.sum()) ** 2 / square if square > 0 else 0.0


def regress(x: Floats, reward: Floats, owner: Ints, wanted: Floats, ridge: float = 1.0) -> tuple[Floats, Floats]:
    """What a ridge regression of other people's places foretells of each shown and of each wanted item, each (m,).

    Cross-fitted: nobody's own rewards foretell theirs, which keeps the doubly robust estimate unbiased.

    Args:
        x: figures of the items that were shown, (m, f); nan where unknown.
        wanted: figures of the items that the policy would show there, (m, f).
    """
    both = np.concatenate([x, wanted])
    middle = np.nanmean(np.where(np.isfinite(both), both, np.nan), axis=0) if len(both) else np.zeros(x.shape[1])
    middle = np.nan_to_num(middle)
    both = np.where(np.isfinite(both), both, middle) - middle
    spread = both.std(axis=0)
    both = np.concatenate([both / np.where(spread > 1e-9, spread, 1), np.ones((len(both), 1))], axis=1)
    own, others = both[: len(x)], both[len(x) :]
    _, person = np.unique(owner, return_inverse=True)
    half = person % 2
    shown, chosen = np.zeros(len(x)), np.zeros(len(x))
    for side in (0, 1):
        learn, foretell = half != side, half == side
        system = own[learn].T @ own[learn] + ridge * np.eye(own.shape[1])
        weights = np.linalg.solve(system, own[learn].T @ reward[learn])
        shown[foretell], chosen[foretell] = own[foretell] @ weights, others[foretell] @ weights
    return shown, chosen


def _ratio(top: Floats, bottom: Floats, owner: Ints, seed: int) -> Estimate:
    """Sum of top / sum of bottom, people resampled."""
    if not len(top) or bottom.sum() <= 0:
        return Estimate(float("nan"), float("nan"), float("nan"))
    _, person = np.unique(owner, return_inverse=True)
    if not person.any():
        person = np.arange(len(top))
    tops, bottoms = np.bincount(person, top), np.bincount(person, bottom)
    value = float(tops.sum() / bottoms.sum())
    people = len(tops)
    random = np.random.default_rng(seed)
    drawn = []
    for _ in range(_RESAMPLES // _AT_ONCE):
        chosen = random.integers(people, size=(_AT_ONCE, people))
        below = bottoms[chosen].sum(axis=1)
        drawn.append(np.divide(tops[chosen].sum(axis=1), below, out=np.full(_AT_ONCE, np.nan), where=below > 0))
    low, high = (float(q) for q in np.nanpercentile(np.concatenate(drawn), [2.5, 97.5]))
    return Estimate(value, min(low, value), max(high, value))
