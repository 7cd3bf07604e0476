"""Taste: R(u, v) = sum of w_i u_i v_i over named features."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vitascope.base.histories import Histories
from vitascope.base.ports.components import Crowd
from vitascope.base.ports.ranking import Artifacts, FeatureTable
from vitascope.base.shelf import Shelf
from vitascope.recommend.scorers._matrices import features

Floats = npt.NDArray[np.float32]


class Taste:
    """The readable score."""

    name = "taste"
    weight = 1.0

    def load(self, artifacts: Artifacts | None, shelf: Shelf) -> None:
        """Tastes and weights come with the crowd: each event changes them."""

    def scores(self, histories: Histories, state: None, shelf: Shelf, crowd: Crowd) -> Floats:
        """R(u, v)."""
        return taste_scores(crowd.tastes, crowd.weights, shelf.table)

    def pulls(self, history: Histories, state: None, row: int, shelf: Shelf, crowd: Crowd) -> Floats | None:
        """How much of what speaks for this item each act's item has too."""
        table = shelf.table
        taste = crowd.tastes[0] * crowd.weights[0]
        pull = np.zeros(len(table.names), np.float32)
        for term in range(int(table.start[row]), int(table.start[row + 1])):
            column = table.column[term]
            pull[column] = table.value[term] * max(float(taste[column]), 0.0)
        mine = np.asarray(features(table)[history.item] @ pull)
        return np.asarray(np.maximum(history.strength, 0) * mine, np.float32)


def taste_scores(values: Floats, weights: Floats, table: FeatureTable) -> Floats:
    """R(u, v) of p people and n items, shape (p, n)."""
    if not len(table.names):
        return np.zeros((len(values), len(table.items)), np.float32)
    if len(values) == 1:
        return np.asarray(features(table) @ (values * weights)[0], np.float32)[None, :]
    return np.asarray((features(table) @ (values * weights).T).T, np.float32)
