"""Popularity kept as events come: each event costs as much as it says, not as much as the log holds.

Takes event columns; gives how many people took to each item. One voice a person and item, the strongest, then the newest;
a voice of strength s and time t counts

    s (1/4 + 3/4 2 ** -((newest - t) / half-life)),    newest: time of the newest event that speaks for an item

so that with A = sum of s and B = sum of s 2 ** ((t - t0) / half-life) of each item, both moved by single voices, the whole
is 1/4 A + 3/4 2 ** -((newest - t0) / half-life) B. Undated voices count as half faded beside dated ones. Knows no store.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_MANY = 20_000
"""Voices changed one by one after which all are sorted in again."""
_DIGITS = 9
"""Digits of a count that are kept: sums made in another order round alike."""


class Popularity:
    """Voices of a log so far, over the rows of one shelf.

    Args:
        n: items.
        half_life: seconds.
    """

    def __init__(self, n: int, half_life: float) -> None:
        self._n, self._half_life = n, half_life
        self._base: tuple[Ints, Floats, Doubles] = (np.zeros(0, np.int64), np.zeros(0, np.float32), np.zeros(0))
        self._later: dict[tuple[int, int], tuple[float, float]] = {}
        self._people: Ints = np.zeros(0, np.int64)
        self._origin = 0.0
        self._newest = -np.inf
        self._dated, self._faded, self._undated = np.zeros(n), np.zeros(n), np.zeros(n)

    def fill(self, rows: Ints, good: Floats, person: Ints, time: Doubles) -> None:
        """Begin anew with these events (row -1 and strengths of 0 or less say nothing)."""
        keep = (rows >= 0) & (good > 0)
        rows, good, person, time = rows[keep], good[keep], person[keep], time[keep]
        when = time[~np.isnan(time)]
        self._newest = float(when.max()) if len(when) else -np.inf
        self._origin = self._newest if len(when) else 0.0
        order = np.lexsort((np.nan_to_num(time, nan=-np.inf), good, rows, person))
        rows, good, person, time = rows[order], good[order], person[order], time[order]
        last = np.ones(len(rows), np.bool_)
        last[:-1] = (rows[1:] != rows[:-1]) | (person[1:] != person[:-1])
        rows, good, person, time = rows[last], good[last], person[last], time[last]
        self._people = np.unique(person)
        self._base = (np.searchsorted(self._people, person) * self._n + rows, good, time)
        self._later = {}
        dated = ~np.isnan(time)
        self._undated = _sums(rows[~dated], good[~dated], self._n)
        self._dated = _sums(rows[dated], good[dated], self._n)
        faded = good[dated] * np.exp2((time[dated] - self._origin) / self._half_life)
        self._faded = _sums(rows[dated], faded, self._n)

    def add(self, rows: Ints, good: Floats, person: Ints, time: Doubles) -> bool:
        """Take up further events; False where it is better to begin anew with all."""
        if len(self._later) + len(rows) > _MANY:
            return False
        for row, said, who, when in zip(rows.tolist(), good.tolist(), person.tolist(), time.tolist(), strict=True):
            if row < 0 or said <= 0:
                continue
            if not np.isnan(when):
                if np.isinf(self._newest):
                    self._origin = when
                self._newest = max(self._newest, when)
                if (self._newest - self._origin) / self._half_life > 60:
                    return False  # powers of two would run out of digits
            before = self._voice(who, row)
            order = -np.inf if np.isnan(when) else when
            if before is not None and (said, order) <= (
                before[0],
                -np.inf if np.isnan(before[1]) else before[1],
            ):
                continue
            if before is not None:
                self._count(row, -before[0], before[1])
            self._count(row, said, when)
            self._later[who, row] = (said, when)
        return True

    def counts(self) -> Doubles:
        """How many took to each item, shape (n,)."""
        any_dated = not np.isinf(self._newest)
        fade = 2.0 ** -((self._newest - self._origin) / self._half_life) if any_dated else 0.0
        undated = 0.25 + 0.75 * (0.5 if any_dated else 1.0)
        made = 0.25 * self._dated + 0.75 * fade * self._faded + undated * self._undated
        return np.asarray(np.maximum(np.round(made, _DIGITS), 0), np.float64)

    def _voice(self, who: int, row: int) -> tuple[float, float] | None:
        if (found := self._later.get((who, row))) is not None:
            return found
        place = int(np.searchsorted(self._people, who))
        if place == len(self._people) or self._people[place] != who:
            return None
        pair, good, time = self._base
        at = int(np.searchsorted(pair, place * self._n + row))
        return (float(good[at]), float(time[at])) if at < len(pair) and pair[at] == place * self._n + row else None

    def _count(self, row: int, amount: float, when: float) -> None:
        if np.isnan(when):
            self._undated[row] += amount
        else:
            self._dated[row] += amount
            self._faded[row] += amount * 2.0 ** ((when - self._origin) / self._half_life)


def _sums(rows: Ints, amounts: npt.NDArray[np.floating], n: int) -> Doubles:
    return np.asarray(np.bincount(rows, weights=amounts, minlength=n), np.float64)


def scaled(counts: Doubles) -> Floats:
    """Counts on a log scale, 0..1."""
    logged = np.log1p(counts)
    top = float(logged.max()) if len(logged) else 0.0
    return (logged / top if top > 0 else logged).astype(np.float32)


def counted(rows: Ints, good: Floats, person: Ints, time: Doubles, n: int, half_life: float) -> Floats:
    """Popularity of these events alone, 0..1, shape (n,)."""
    made = Popularity(n, half_life)
    made.fill(rows, good, person, time)
    return scaled(made.counts())
