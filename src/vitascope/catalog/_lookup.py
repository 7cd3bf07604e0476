"""Hash -> (which work, which row), and votes over alignments. Pure numpy; knows neither sound nor pictures.

The cost of asking grows with the rows asked and with the hits, both bounded; no two works are compared that share
no hashes on one line.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint32]

BUCKET = 3_000
"""Keys that stand in more rows than this say nothing."""
WORKS, EACH = 30, 3
"""Works that are looked at closely for one asked work, and alignments of each."""


@dataclass(frozen=True)
class Hits:
    """Equal hashes: the asked row, the work, the row there, and the variant (pitch, mirror) that was asked."""

    asked: Ints
    works: Ints
    there: Ints
    variant: Ints


@dataclass(frozen=True)
class Line:
    """A candidate alignment: row there = speed x asked row + offset."""

    work: int
    variant: int
    speed: float
    offset: float
    votes: int


class Lookup:
    """Sorted arrays of keys. Rows are thinned evenly where there are too many."""

    def __init__(self, keys: list[Keys], rows: list[Ints], room: int) -> None:
        total = sum(len(k) for k in keys)
        stride = max(1, -(-total // room))
        keep = [r % stride == 0 for r in rows]
        flat = np.concatenate([k[m] for k, m in zip(keys, keep, strict=True)]) if keys else np.zeros(0, np.uint32)
        order = np.argsort(flat, kind="stable")
        self._keys = flat[order]
        counts = [int(m.sum()) for m in keep]
        kept = [r[m] for r, m in zip(rows, keep, strict=True)]
        self._rows = (np.concatenate(kept) if kept else np.zeros(0)).astype(np.int32)[order]
        self._works = np.repeat(np.arange(len(keys), dtype=np.int32), counts)[order]

    def hits(self, keys: Keys, rows: Ints, variant: int, me: int) -> Hits:
        """Every equal key of another work."""
        first = np.searchsorted(self._keys, keys, "left")
        counts = np.searchsorted(self._keys, keys, "right") - first
        good = (counts > 0) & (counts <= BUCKET)
        first, counts, rows = first[good], counts[good], rows[good]
        if len(first) == 0:
            return Hits(*(np.zeros(0, np.int64),) * 4)
        ends = np.cumsum(counts)
        at = np.arange(ends[-1]) - np.repeat(ends - counts, counts) + np.repeat(first, counts)
        works, asked, there = self._works[at].astype(np.int64), np.repeat(rows, counts), self._rows[at].astype(np.int64)
        other = works != me
        works = works[other]
        return Hits(asked[other], works, there[other], np.full(len(works), variant))


def joined(parts: list[Hits]) -> Hits:
    """All hits of several askings."""
    return Hits(*(np.concatenate([getattr(p, f) for p in parts]) for f in ("asked", "works", "there", "variant")))


def lines(hits: Hits, speeds: tuple[float, ...], width: int, least: int, least_fast: int | None = None) -> list[Line]:
    """The best voted alignments, each refined by its own hits: at most `EACH` of a work, the `WORKS` best works.

    Args:
        hits: of one asked work.
        speeds: rows there for each row asked.
        width: rows that a vote may be off the line.
        least: votes that a line needs.
        least_fast: votes that a line of another speed than 1 needs, where that is more.
    """
    group = hits.works * 64 + hits.variant
    _, place, counts = np.unique(group, return_inverse=True, return_counts=True)
    some = counts[place] >= least
    asked, there, group = hits.asked[some], hits.there[some], group[some]
    if len(group) == 0:
        return []
    found: list[tuple[int, int, float, float]] = []
    zero = 1 << 25
    for speed in speeds:
        offset = np.round(there - asked * speed).astype(np.int64) + zero
        for phase in (0, width // 2):
            bins = (group << 26) + (offset + phase) // width
            places, counts = np.unique(bins, return_counts=True)
            good = counts >= (least if speed == 1 else least_fast or least)
            for b, n in zip(places[good].tolist(), counts[good].tolist(), strict=True):
                middle = (b & ((1 << 26) - 1)) * width + width / 2 - phase - zero
                found.append((n, b >> 26, speed, middle))
    found.sort(key=lambda f: (-f[0], abs(f[2] - 1)))
    taken: dict[int, int] = {}
    chosen: list[Line] = []
    for votes, grouped, speed, middle in found[:3_000]:
        work = grouped >> 6
        if taken.get(work, 0) >= EACH or (work not in taken and len(taken) >= WORKS):
            continue
        mine = group == grouped
        fine = _refined(asked[mine], there[mine], speed, middle, width)
        known = [c for c in chosen if c.work == work and c.variant == grouped & 63]
        if any(abs(c.speed - fine[0]) < 0.02 and abs(c.offset - fine[1]) <= 2 * width for c in known):
            continue
        taken[work] = taken.get(work, 0) + 1
        chosen.append(Line(work, grouped & 63, *fine, votes))
    return chosen


def _refined(asked: Ints, there: Ints, speed: float, offset: float, width: int) -> tuple[float, float]:
    """The line through the hits near a voted one, by least squares in narrowing bands; the speed alone where the hits
    stand too close together to say more."""
    for reach in (2.0 * width, 1.0 * width, 0.5 * width + 0.5):
        near = np.abs(there - (speed * asked + offset)) <= reach
        x, y = asked[near].astype(float), there[near].astype(float)
        if len(x) < 4:
            break
        spread = float(((x - x.mean()) ** 2).sum())
        # the slope's error from hits that are off by a row or so must be below what the grid of speeds leaves open
        if spread > 0 and 1.0 / np.sqrt(spread) < 0.004:
            slope = float(((x - x.mean()) * (y - y.mean())).sum() / spread)
            if abs(slope - speed) < 0.03:
                speed = slope
        offset = float(np.median(y - speed * x))
    return speed, offset


def best_run(wrong: npt.NDArray[np.float64], valid: npt.NDArray[np.bool_], bound: float, smooth: int) -> slice:
    """The longest stretch whose smoothed distance stays under the bound (places that say nothing do not break it)."""
    if not valid.any():
        return slice(0, 0)
    good = smoothed(wrong, valid, smooth) <= bound
    edges = np.flatnonzero(np.diff(np.concatenate([[0], good.astype(np.int8), [0]])))
    starts, ends = edges[::2], edges[1::2]
    if len(starts) == 0:
        return slice(0, 0)
    sums = np.concatenate([[0], np.cumsum(valid)])
    best = int(np.argmax(sums[ends] - sums[starts]))
    return slice(int(starts[best]), int(ends[best]))


def smoothed(wrong: npt.NDArray[np.float64], valid: npt.NDArray[np.bool_], smooth: int) -> npt.NDArray[np.float64]:
    """The mean distance around each place over places that say something; 0 where none does."""
    window = np.ones(min(smooth, len(wrong)))
    total = np.convolve(np.where(valid, wrong, 0.0), window, "same")
    known = np.convolve(valid.astype(float), window, "same")
    answer: npt.NDArray[np.float64] = np.where(known < 0.5, 0.0, total / np.maximum(known, 1e-9))
    return answer
