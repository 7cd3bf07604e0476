"""How an item goes after another: whether they are alike (short video), whether their sound flows (music)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vitascope.base.ports.components import Glance
from vitascope.base.shelf import Shelf
from vitascope.base.strength import SEEN_CODES

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

FAR = np.float32(1e3)
"""What it costs to be put off: more than all scores together, and still in order."""
_TEMPO, _LOUDNESS = 0.25, 9.0
"""A leap of a quarter octave of tempo, or of 9 LU, counts whole. Half and double tempo count as no leap."""


def before(glance: Glance) -> int | None:
    """The row that the list goes on from: what was queued last, else what the person took up last."""
    shelf, history = glance.shelf, glance.history
    if glance.request.seed_items:
        return shelf.row(glance.request.seed_items[-1])
    taken = np.flatnonzero(np.isin(history.type, SEEN_CODES) | (history.strength < 0))
    dated = taken[~np.isnan(history.time[taken])]
    return int(history.item[dated[-1]]) if len(dated) else None


class Apart:
    """No two alike in a row: of one creator, copies of one work, or with vectors nearer than a bound."""

    def __init__(self, likeness: float, rows: Ints, vectors: Floats, glance: Glance, first: Floats | None) -> None:
        shelf = glance.shelf
        self._likeness, self._rows, self._vectors = likeness, rows, vectors
        self._creator, self._group = shelf.creator[rows], shelf.group[rows]
        self._values = np.zeros(len(rows), np.float32)
        start = before(glance)
        if start is not None:
            near = np.zeros(len(rows), np.float32) if first is None else vectors @ first
            self._turn(int(shelf.creator[start]), int(shelf.group[start]), near)

    def values(self) -> Floats:
        """Nothing, or what puts an item off that is like the one before."""
        return self._values

    def took(self, at: int) -> None:
        """The next place is next to this one."""
        self._turn(int(self._creator[at]), int(self._group[at]), self._vectors @ self._vectors[at])

    def _turn(self, creator: int, group: int, near: Floats) -> None:
        alike = (near > self._likeness) | (self._group == group)
        if creator >= 0:
            alike |= self._creator == creator
        self._values = np.where(alike, -FAR, np.float32(0)).astype(np.float32)


class Smooth:
    """Neighbours that flow: near in tempo, in key (steps on the circle of fifths) and in loudness.

    Each leap costs up to a third of the weight; what is not known of an item costs half of that.
    """

    def __init__(self, weight: float, rows: Ints, glance: Glance) -> None:
        self._weight, self._shelf, self._rows = np.float32(weight), glance.shelf, rows
        start = before(glance)
        self._values = np.zeros(len(rows), np.float32) if start is None else self._from(start)

    def values(self) -> Floats:
        """What the leap to each candidate costs."""
        return self._values

    def took(self, at: int) -> None:
        """The next leap is from this one."""
        self._values = self._from(int(self._rows[at]))

    def _from(self, row: int) -> Floats:
        return np.asarray(-self._weight * leap(self._shelf, row, self._rows), np.float32)


def leap(shelf: Shelf, row: int, rows: Ints) -> Floats:
    """How far each of m items is from one in sound, 0 (flows) to 1, shape (m,)."""
    sounds = shelf.sounds
    if sounds is None:
        return np.zeros(len(rows), np.float32)
    octaves = np.abs(np.log2(sounds.tempo[rows] / sounds.tempo[row]))
    tempo = np.minimum(octaves, np.abs(1 - octaves)) / _TEMPO
    steps = np.abs(sounds.key[rows] - sounds.key[row])
    key = np.where((sounds.key[rows] < 0) | (sounds.key[row] < 0), np.nan, np.minimum(steps, 12 - steps) / 6)
    loudness = np.abs(sounds.loudness[rows] - sounds.loudness[row]) / _LOUDNESS
    parts = np.stack([tempo, key, loudness]).astype(np.float32)
    return np.asarray(np.minimum(np.nan_to_num(parts, nan=0.5), 1).mean(axis=0), np.float32)
