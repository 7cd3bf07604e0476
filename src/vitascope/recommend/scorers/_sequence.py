"""The order of what a person did: the sequential model says what comes next."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from vitascope.base.histories import Histories
from vitascope.base.ports.components import Crowd
from vitascope.base.ports.ranking import Artifacts
from vitascope.base.shelf import Shelf
from vitascope.base.strength import SEEN_CODES
from vitascope.base.tokens import Tokens, tokens
from vitascope.recommend import sequence

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

_LOOKED_AT = 12
"""Newest tokens that an explanation tries to leave out, one by one."""


@dataclass(frozen=True, eq=False)
class Network:
    """The trained network and the vectors of a shelf's items, shape (n, d)."""

    weights: sequence.Weights
    items: Floats
    middle: Floats
    """Mean of the shown items' vectors, shape (d,)."""
    _known: WeakKeyDictionary[Histories, tuple[Tokens, Floats]] = field(default_factory=WeakKeyDictionary)

    def of(self, histories: Histories) -> tuple[Tokens, Floats]:
        """Tokens and newest states, shape (p, d); one person's are kept as long as that very history is."""
        kept = self._known.get(histories) if len(histories) == 1 else None
        if kept is None:
            data = tokens(histories, self.weights.length)
            kept = (data, sequence.states(self.weights, self.items, data))
            if len(histories) == 1:
                self._known[histories] = kept
        return kept


class Sequence:
    """Scores by what the sequential model expects next. Sets (events without times) have no order: it is silent on them."""

    name = "sequence"
    weight = 1.0

    def __init__(self) -> None:
        self._left_out: tuple[Histories, Network, Tokens, Ints, Floats] | None = None
        """Of the history asked about last: a list asks for each of its items, and the states are the same for all."""

    def load(self, artifacts: Artifacts | None, shelf: Shelf) -> Network | None:
        """The network, its item matrix made once for the shelf; items that came later are what they contain."""
        weights = sequence.read(artifacts)
        if weights is None:
            return None
        made = sequence.item_vectors(weights, shelf.table, shelf.vectors)
        weights = replace(weights, identity=weights.identity[:0].copy())  # it is in the vectors now
        return Network(weights, made, shelf.showing @ made)

    def scores(self, histories: Histories, state: Network | None, shelf: Shelf, crowd: Crowd) -> Floats:
        """Scores less their middle over the shown items; zeros for who has nothing with a time."""
        n = len(shelf)
        if state is None:
            return np.zeros((len(histories), n), np.float32)
        data, found = state.of(histories)
        made = found @ state.items.T
        made -= (found @ state.middle)[:, None]
        if state.weights.unseen:
            _flatten_seen(made, histories)
        made[np.diff(data.start) == 0] = 0
        return np.asarray(made, np.float32)

    def pulls(self, history: Histories, state: Network | None, row: int, shelf: Shelf, crowd: Crowd) -> Floats | None:
        """How much lower the item stands, against the others, without each of the newest tokens: a trial for each."""
        out = np.zeros(len(history.item), np.float32)
        if state is None:
            return out
        kept = self._left_out
        if kept is None or kept[0] is not history or kept[1] is not state:
            data = tokens(history, state.weights.length)
            places = np.arange(max(0, len(data.item) - _LOOKED_AT), len(data.item))
            made = np.zeros((0, state.items.shape[1]), np.float32)
            if len(data.item):
                made = sequence.states(state.weights, state.items, sequence.without(data, places))
            kept = (history, state, data, places, made)
            self._left_out = kept
        _, _, data, places, states = kept
        if not len(data.item):
            return out
        against = state.items[row] - state.middle
        scores = states @ against
        out[data.event[places]] = np.maximum(scores[0] - scores[1:], 0)
        return out


def _flatten_seen(scores: Floats, histories: Histories) -> None:
    """What was seen, on which such a network never learned to speak, gets no more than the best of the rest."""
    taken = np.isin(histories.type, SEEN_CODES)
    owner, item = histories.owner[taken], histories.item[taken]
    seen = np.zeros(scores.shape, np.bool_)
    seen[owner, item] = True
    top = np.where(seen, -np.inf, scores).max(axis=1, initial=-np.inf)
    top = np.where(np.isfinite(top), top, 0)
    scores[owner, item] = np.minimum(scores[owner, item], top[owner])
