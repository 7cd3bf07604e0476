"""Chooses how items that nobody knows are foretold, by hiding items that people do know.

A seventh of the items is hidden, the matrix made from the rest, the hidden columns foretold in each way, and the hidden
items ranked among themselves for the people who took some of them up (NDCG@15).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from vitascope.train import cold
from vitascope.train.config import TrainConfig
from vitascope.train.content import mixes
from vitascope.train.parts import Kernels, Parts
from vitascope.train.recipe import Recipe

Floats = npt.NDArray[np.float32]

_SHARE = 7
_FEWEST = 30
"""With fewer items than this that people took up nothing is chosen."""
_K = 15
_MOST_PEOPLE = 2_000


def choose(parts: Parts, kernels: Kernels, recipe: Recipe, config: TrainConfig, *, large: bool) -> Recipe:
    """The recipe with the channels and the strength that foretell hidden items best."""
    taken = np.flatnonzero(parts.taken > 0)
    if len(taken) < _FEWEST:
        return recipe
    random = np.random.default_rng(0)
    mixed = random.permutation(taken)
    many = max(len(taken) // _SHARE, 5)
    away, left = np.sort(mixed[:many]).astype(np.int64), np.sort(mixed[many:]).astype(np.int64)
    people = np.flatnonzero(np.asarray(parts.matrix[:, away].sum(axis=1)).ravel() > 0)
    if len(people) > _MOST_PEOPLE:
        people = np.sort(random.choice(people, _MOST_PEOPLE, replace=False))
    shorter = Parts(parts.matrix[:, left], Kernels({}), config)
    history = shorter.matrix[people]
    own = history @ shorter.mixed(replace(recipe, content=0.0, smooth_content=0.0))
    answers = np.asarray(parts.matrix[people][:, away].todense()) > 0
    best, best_gain = recipe, -1.0
    tries = mixes(kernels.names)
    for mix in tries[:3] if large else tries:
        weights = tuple(sorted(mix.items()))
        kernel = kernels.joined(weights)
        if kernel is None:
            continue
        here = np.flatnonzero(np.diag(kernel)[left] > 0)
        for strength in config.cold_strengths[1:-1] if large else config.cold_strengths:
            solved = cold.factor(kernel, left[here], strength)
            scores = own[:, here] @ cold.shares(solved, kernel, left[here], away)
            gain = _gain(scores, answers)
            if gain > best_gain + 1e-6:
                best, best_gain = replace(recipe, channels=weights, cold=strength), gain
    return best


def _gain(scores: Floats, answers: npt.NDArray[np.bool_]) -> float:
    """Mean NDCG@15; every row has an answer."""
    k = min(_K, scores.shape[1])
    top = np.argpartition(-scores, k - 1, axis=1)[:, :k]
    order = np.argsort(-np.take_along_axis(scores, top, 1), axis=1, kind="stable")
    hit = np.take_along_axis(answers, np.take_along_axis(top, order, 1), 1)
    worth = 1 / np.log2(np.arange(k) + 2)
    ideal = np.cumsum(worth)[np.minimum(answers.sum(axis=1), k) - 1]
    return float(((hit * worth).sum(axis=1) / ideal).mean())
