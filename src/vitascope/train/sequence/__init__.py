"""The sequential model: a causal transformer over what people did, trained on the CPU in minutes.

data      tokens -> batches of windows            network   the transformer and its item vectors
loss      softmax over all or many items          loop      steps, looks at held-out items, the best state
export    the network as plain arrays             learn     all of it: histories and content in, arrays out

Whether it pays is asked without torch (`ready`). Serving needs none either: recommend/sequence.py computes the same in numpy.
"""

from __future__ import annotations

import numpy as np

from vitascope.base.histories import Histories
from vitascope.base.tokens import tokens
from vitascope.train.config import TrainConfig


def ready(histories: Histories, config: TrainConfig) -> bool:
    """Whether these histories have the dated tokens that a sequential model needs. Loads no torch."""
    if config.sequence_minutes <= 0 or (~np.isnan(histories.time)).sum() < config.sequence_from:
        return False
    return bool(tokens(histories).wanted.sum() >= config.sequence_from)
