"""What the sequential model makes of each act: attention, rollout, integrated gradients.

Takes the network as it serves, one person's tokens and an item; gives shares and amounts by token. Attention alone can mislead
(Jain and Wallace 2019): a head may look at a token and take little from it. Rollout (Abnar and Zuidema, "Quantifying
attention flow in transformers", ACL 2020) follows what is looked at through the layers, the state itself kept by half;
gradients ask what each token changes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vitascope.base.ports.attribution import Attributor
from vitascope.base.tokens import Tokens
from vitascope.recommend.sequence import Weights, attended

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]

_STEPS = 32


@dataclass(frozen=True, eq=False)
class Looks:
    """Of t tokens, oldest first."""

    attention: Doubles
    """What the newest state looks at, shape (layers, heads, t), each head's summing to 1."""
    rollout: Doubles
    """Shape (t,), summing to 1."""
    gradients: Doubles | None
    """What each token adds to the item's score against the middle of all items, shape (t,); None: nobody to ask."""
    score: float
    base: float
    """The score if every token were of some item in the middle of all."""


def looks(weights: Weights, items: Floats, data: Tokens, row: int, attributor: Attributor | None) -> Looks:
    """Of one person's tokens and one item.

    Args:
        items: vectors of all items, shape (n, d).
    """
    x, state, seen = attended(weights, items, data)
    heads = np.stack([layer[:, -1] for layer in seen]).astype(np.float64)
    flow = np.eye(len(data.item))
    for layer in seen:
        flow = (0.5 * layer.mean(axis=0).astype(np.float64) + 0.5 * np.eye(len(data.item))) @ flow
    middle = items.mean(axis=0)
    target = items[row] - middle
    score = float(state @ target)
    base = x - items[data.item] + middle
    told = None
    if attributor is not None:
        told = attributor.gradients(weights.blocks, weights.norm, x, base, target, _STEPS)
    return Looks(heads, flow[-1], told, score, score - float(told.sum()) if told is not None else 0.0)
