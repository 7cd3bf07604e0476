"""Exploration: which item a place is given to now and then, so that something is learnt, and with what chance.

Takes one person's moment and what may be shown. Gives rows with the exact chance with which each got its place, so that
what another policy would have earned can be told from the log (off-policy evaluation).

uncertain  a softmax over the upper confidence bound of a ridge regression from content to what the person thought of
           items (LinUCB: Li, Chu, Langford and Schapire, WWW 2010, arXiv 1003.0146), in its dual form (KernelUCB:
           Valko and others, UAI 2013), so that it costs items x acts and no matrix of the vectors' width is kept
even       all alike
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from vitascope.base.ports.components import Glance
from vitascope.base.shelf import VECTOR_WEIGHTS, Shelf

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_ACTS = 60
"""Newest acts with a strength that the regression is made of."""
_RIDGE = 1.0
_BOLDNESS = 1.0
"""How many standard deviations the bound lies above the mean."""
_HEAT = 0.25
"""Heat of the softmax: nothing that may be shown is out of reach."""


@dataclass(frozen=True)
class Explored:
    """One place of a list."""

    row: int
    propensity: float
    """The chance with which this item got this place, given the places above."""
    by_rank: bool


def explored(glance: Glance, pool: Ints, eligible: Ints, chances: Floats, share: float) -> Iterator[Explored]:
    """Each place goes to the next by rank, or with chance `share` to one drawn by `chances` of what is left.

    The propensity of the item that got the place is (1 - share) if it was the next by rank, plus share x its chance among
    what was left; once the ranked ones are used up, the chances alone decide.

    Args:
        pool: rows by rank.
        eligible: rows that may be shown, `chances` the chance of each, sum 1.
    """
    request, history = glance.request, glance.history
    last = int(history.number.max(initial=0))
    seed = blake2b(f"{request.seed}:{int(history.people[0])}:{last}".encode(), digest_size=8).digest()
    random = np.random.default_rng(int.from_bytes(seed, "big"))
    left = chances.astype(np.float64).copy()
    place_of = {int(row): at for at, row in enumerate(eligible.tolist())}
    queue = iter(pool.tolist())
    taken: set[int] = set()
    following = next(queue, None)
    for _ in range(min(request.n, len(eligible))):
        while following is not None and following in taken:
            following = next(queue, None)
        now = left / left.sum()
        by_rank = following is not None and random.random() >= share
        if by_rank:
            assert following is not None
            row = int(following)
        else:
            row = int(eligible[random.choice(len(eligible), p=now)])
        mine = float(now[place_of[row]])
        if following is not None:
            mine = share * mine + (1 - share if row == following else 0.0)
        yield Explored(row, mine, by_rank)
        taken.add(row)
        left[place_of[row]] = 0


def even(glance: Glance, eligible: Ints) -> Floats:
    """All alike."""
    return np.full(len(eligible), 1 / max(len(eligible), 1))


def uncertain(glance: Glance, eligible: Ints) -> Floats:
    """What may be liked and is least known of this person."""
    mean, deviation = posterior(glance, eligible)
    bound = (mean + _BOLDNESS * deviation) / _HEAT
    weight = np.exp(bound - bound.max(initial=-np.inf))
    return np.asarray(weight / weight.sum(), np.float64)


policies: dict[str, Callable[[Glance, Ints], Floats]] = {"even": even, "uncertain": uncertain}


def posterior(glance: Glance, rows: Ints) -> tuple[Floats, Floats]:
    """Mean and standard deviation of what the person thinks of each item, shapes (m,); prior mean 0, deviation 1."""
    history = glance.history
    at = np.flatnonzero(history.strength != 0)[-_ACTS:]
    mean, variance = np.zeros(len(rows)), np.ones(len(rows))
    if len(at) and glance.shelf.vectors:
        acts = history.item[at]
        inverse = np.linalg.inv(_kernel(glance.shelf, acts, acts) + _RIDGE * np.eye(len(at)))
        near = _kernel(glance.shelf, rows, acts)
        mean = near @ (inverse @ history.strength[at].astype(np.float64))
        variance = 1.0 - np.einsum("ij,jk,ik->i", near, inverse, near, optimize=True)
    return mean, np.sqrt(np.clip(variance, 0, None) / _RIDGE)


def _kernel(shelf: Shelf, rows: Ints, others: Ints) -> Floats:
    """Fused likeness, shape (rows, others)."""
    total = np.zeros((len(rows), len(others)))
    for kind, matrix in shelf.vectors.items():
        total += VECTOR_WEIGHTS.get(kind, 1.0) * (matrix[rows] @ matrix[others].T)
    return np.asarray(total / np.sqrt(_mass(shelf, rows)[:, None] * _mass(shelf, others)[None, :]), np.float64)


def _mass(shelf: Shelf, rows: Ints) -> Floats:
    """Weight of the kinds that an item has; 1 where it has none, which makes its likeness to all 0."""
    out = np.zeros(len(rows))
    for kind, matrix in shelf.vectors.items():
        out += VECTOR_WEIGHTS.get(kind, 1.0) * np.abs(matrix[rows]).any(axis=1)
    return np.where(out > 0, out, 1.0)
