"""Factors: what a few hidden directions of taste say, folded in from a person's acts.

Hu, Koren and Volinsky, "Collaborative filtering for implicit feedback datasets" (ICDM 2008). With item factors Y from the fit and
the items I that a person took up,

    u = (Y^T Y + (c - 1) sum_I y_i y_i^T + r I)^-1 c sum_I y_i,    score of j = u . y_j

so a person whom the fit never saw is served like any other. Few acts go further in few directions than in all pairs of items.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from vitascope.base.histories import Histories, rows_of
from vitascope.base.people import EventType
from vitascope.base.ports.components import Crowd
from vitascope.base.ports.ranking import Artifacts
from vitascope.base.shelf import Shelf
from vitascope.base.strength import SEEN_CODES

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

_CHUNK = 1_024


@dataclass(frozen=True, eq=False)
class Directions:
    """Item factors over a shelf's rows, (n, f), zeros for items that the fit does not know."""

    items: Floats
    confidence: float
    """c"""
    ridge: float
    """r"""

    @cached_property
    def gram(self) -> Floats:
        """Y^T Y, made once."""
        return np.asarray(self.items.T @ self.items, np.float32)


class Factors:
    """Scores by hidden directions of taste."""

    name = "factors"
    weight = 0.0

    def load(self, artifacts: Artifacts | None, shelf: Shelf) -> Directions | None:
        """The factors laid over the shelf's rows; None where the fit kept none."""
        if artifacts is None:
            return None
        items, made, told = artifacts.array("items"), artifacts.array("factors"), artifacts.array("factors_told")
        if items is None or made is None or told is None or not len(items):
            return None
        rows = rows_of(shelf.table.items, np.asarray(items, np.int64))
        full = np.zeros((len(shelf), made.shape[1]), np.float32)
        full[rows[rows >= 0]] = np.asarray(made, np.float32)[rows >= 0]
        confidence, ridge = (float(x) for x in np.asarray(told, np.float64))
        return Directions(full, confidence, ridge)

    def scores(self, histories: Histories, state: Directions | None, shelf: Shelf, crowd: Crowd) -> Floats:
        """u . y_j"""
        if state is None:
            return np.zeros((len(histories), len(shelf)), np.float32)
        return np.asarray(_people(histories, state) @ state.items.T, np.float32)

    def pulls(
        self, history: Histories, state: Directions | None, row: int, shelf: Shelf, crowd: Crowd
    ) -> Floats | None:
        """The terms c y_j A^-1 y_i, whose sum is the score."""
        out = np.zeros(len(history.item), np.float32)
        owner, item = _taken(history)
        if state is None or not len(owner):
            return out
        system = _systems(state, np.array([0, len(item)]), state.items[item])[0]
        share = state.confidence * (state.items[item] @ np.linalg.solve(system, state.items[row]))
        told = dict(zip(item.tolist(), share.tolist(), strict=True))
        last = {int(i): at for at, i in enumerate(history.item.tolist())}
        for one, amount in told.items():
            out[last[one]] = max(amount, 0.0)
        return out


def _taken(histories: Histories) -> tuple[Ints, Ints]:
    """(person, item) that was taken up and not turned away from, each once."""
    keep = np.isin(histories.type, SEEN_CODES) & (histories.type != EventType.DISLIKE.code)
    width = int(histories.item.max(initial=0)) + 1
    pairs = np.unique(histories.owner[keep] * width + histories.item[keep])
    return pairs // width, pairs % width


def _people(histories: Histories, state: Directions) -> Floats:
    owner, item = _taken(histories)
    start = np.searchsorted(owner, np.arange(len(histories) + 1))
    out = np.zeros((len(histories), state.items.shape[1]), np.float32)
    for first in range(0, len(histories), _CHUNK):
        last = min(first + _CHUNK, len(histories))
        a, b = int(start[first]), int(start[last])
        if a == b:
            continue
        mine = state.items[item[a:b]]
        places = start[first : last + 1] - a
        total = np.zeros((last - first, mine.shape[1]), np.float32)
        np.add.at(total, owner[a:b] - first, mine)
        systems = _systems(state, places, mine)
        out[first:last] = np.linalg.solve(systems, state.confidence * total[:, :, None])[:, :, 0]
    return out


def _systems(state: Directions, places: Ints, mine: Floats) -> Floats:
    """A of each person, (p, f, f); person j has the rows of `mine` from places[j] to places[j + 1]."""
    width = mine.shape[1]
    base = state.gram + np.float32(state.ridge) * np.eye(width, dtype=np.float32)
    out = np.repeat(base[None], len(places) - 1, axis=0)
    for person, (a, b) in enumerate(zip(places[:-1].tolist(), places[1:].tolist(), strict=True)):
        if b > a:
            out[person] += np.float32(state.confidence - 1) * (mine[a:b].T @ mine[a:b])
    return out
