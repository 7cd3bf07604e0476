"""Stretches of pictures that two works share: hashes in, alignments out. Pure numpy, no store.

Perceptual hashes every 250 ms of the picture inside its bars and of its middles, looked up by bands of 16 bits, upright
and mirrored, voted for at 31 speeds; along the line the distance must be small, and clearly smaller than away from it: in
a still scene every moment looks like every other, which proves nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vitascope.catalog._lookup import Ints, Keys, Line, Lookup, best_run, joined, lines

U64 = npt.NDArray[np.uint64]

KINDS = 3
SPEEDS = tuple(sorted((1.015**n for n in range(-15, 16)), key=lambda s: abs(s - 1)))
NEAR = 14.0
CONTRAST = 0.6
LEAST_ROWS = 8
_LEAST_ROWS_FAST = 16
_SMOOTH = 5
_ROOM, _ASKED = 2_000_000, 24_000
_WIDTH, _LEAST_VOTES, _LEAST_VOTES_FAST = 2, 3, 6
_MOVED = 10
# a mirrored picture turns the sign of every odd horizontal DCT coefficient, and so, but for the median, its bit
_MIRROR = np.uint64(int("01" * 32, 2))


@dataclass(frozen=True)
class PictureMatch:
    """One shared stretch. Rows are asked rows; those of the other work are speed x row + offset."""

    work: int
    distance: float
    away: float
    """The mean distance of the same pictures to other moments of the other work."""
    first: int
    last: int
    rows: int
    speed: float
    offset: float
    mirrored: bool


class PictureIndex:
    """The picture prints of all works."""

    def __init__(self, prints: list[bytes]) -> None:
        self._tables = [rows_of(p) for p in prints]
        keyed = [_bands(t) for t in self._tables]
        self._lookup = Lookup([k for k, _ in keyed], [r for _, r in keyed], _ROOM)
        self._distinct: dict[int, int] = {}
        self.hits = self.checks = 0

    def said(self, work: int) -> int:
        """Rows of a work that say something: 0 where it is black or has no pictures."""
        return int((self._tables[work][:, 0] != 0).sum())

    def distinct(self, work: int) -> int:
        """How many pictures of a work differ from the one kept before: 1 for a still picture."""
        if work not in self._distinct:
            some = self._tables[work][:, 0]
            count, last = 0, None
            for value in some[some != 0][:4_000]:
                if last is None or int(np.bitwise_count(value ^ last)) >= _MOVED:
                    count, last = count + 1, value
            self._distinct[work] = count
        return self._distinct[work]

    def find(self, me: int) -> list[PictureMatch]:
        """The best stretch shared with each other work."""
        mine = self._tables[me]
        if len(mine) < LEAST_ROWS:
            return []
        tables = [mine, mirror(mine)]
        parts = []
        for variant, table in enumerate(tables):
            keys, rows = _bands(table)
            if len(rows) > _ASKED:  # of long works a sample finds them as well
                pick = np.linspace(0, len(rows) - 1, _ASKED).astype(int)
                keys, rows = keys[pick], rows[pick]
            parts.append(self._lookup.hits(keys, rows, variant, me))
        hits = joined(parts)
        self.hits += len(hits.asked)
        best: dict[int, PictureMatch] = {}
        for line in lines(hits, SPEEDS, _WIDTH, _LEAST_VOTES, _LEAST_VOTES_FAST):
            self.checks += 1
            found = _check(tables[line.variant], self._tables[line.work], line)
            if found is not None and (found.work not in best or found.distance < best[found.work].distance):
                best[found.work] = found
        return list(best.values())

    def agree(self, me: int, other: int, speed: float, offset: float) -> bool | None:
        """Whether two works look the same along a line that something else found; None where too little is seen."""
        if min(self.said(me), self.said(other)) < LEAST_ROWS:
            return None
        seen = False
        for variant, table in enumerate((self._tables[me], mirror(self._tables[me]))):
            for shift in (-1, 0, 1):
                wrong, valid, places = _distances(table, self._tables[other], speed, offset + shift)
                if int(valid.sum()) < LEAST_ROWS:
                    continue
                seen = True
                line = Line(other, variant, speed, offset + shift, 0)
                away = _away(table, self._tables[other], places[valid], line)
                if float(wrong[valid].mean()) < 0.8 * away:
                    return True
        return False if seen else None


def mirror(table: U64) -> U64:
    """The hashes of the mirrored pictures."""
    return np.where(table != 0, table ^ _MIRROR, np.uint64(0))


def rows_of(data: bytes) -> U64:
    """Picture hashes, (n, KINDS)."""
    flat = np.frombuffer(data[: len(data) // (8 * KINDS) * 8 * KINDS], "<u8")
    return flat.reshape(-1, KINDS).astype(np.uint64)


def _bands(table: U64) -> tuple[Keys, Ints]:
    """Four keys of each hash of each kind that says something. Kinds share keys: a crop's whole is another's middle."""
    keys, rows = [], []
    for kind in range(table.shape[1]):
        at = np.flatnonzero(table[:, kind])
        for band in range(4):
            part = (table[at, kind] >> np.uint64(16 * band)) & np.uint64(0xFFFF)
            keys.append((part | np.uint64(band << 16)).astype(np.uint32))
            rows.append(at)
    return np.concatenate(keys), np.concatenate(rows).astype(np.int64)


def _check(mine: U64, theirs: U64, line: Line) -> PictureMatch | None:
    best: tuple[float, int, slice] | None = None
    needs = LEAST_ROWS if abs(line.speed - 1) < 0.01 else _LEAST_ROWS_FAST
    for shift in (-1, 0, 1):
        wrong, valid, _ = _distances(mine, theirs, line.speed, line.offset + shift)
        if int(valid.sum()) < LEAST_ROWS:
            continue
        run = best_run(wrong, valid, NEAR, _SMOOTH)
        if int(valid[run].sum()) < needs:
            continue
        mean = float(wrong[run][valid[run]].mean())
        # of two alignments the one that explains more wins, then the closer one
        if best is None or mean - 0.02 * (run.stop - run.start) < best[0] - 0.02 * (best[2].stop - best[2].start):
            best = (mean, shift, run)
    if best is None:
        return None
    mean, shift, run = best
    at = Line(line.work, line.variant, line.speed, line.offset + shift, line.votes)
    _, valid, places = _distances(mine, theirs, at.speed, at.offset)
    rows = places[run][valid[run]]
    away = _away(mine, theirs, rows, at)
    if mean > NEAR or mean > CONTRAST * away:
        return None
    return PictureMatch(
        work=line.work,
        distance=mean,
        away=away,
        first=int(rows[0]),
        last=int(rows[-1]) + 1,
        rows=len(rows),
        speed=at.speed,
        offset=at.offset,
        mirrored=bool(line.variant),
    )


def _distances(
    mine: U64, theirs: U64, speed: float, offset: float
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_], Ints]:
    """Least distance over pairs of kinds along a line, where both say something, and the rows of ours."""
    rows = np.arange(len(mine))
    there = np.round(rows * speed + offset).astype(np.int64)
    inside = (there >= 0) & (there < len(theirs))
    rows, there = rows[inside], there[inside]
    return (*_least(mine[rows], theirs[there]), rows)


def _least(a: U64, b: U64) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    apart = np.bitwise_count(a[:, :, None] ^ b[:, None, :]).astype(np.float64)
    apart[(a[:, :, None] == 0) | (b[:, None, :] == 0)] = 64.0
    least = apart.reshape(len(a), -1).min(axis=1) if len(a) else np.zeros(0)
    return least, least < 64


def _away(mine: U64, theirs: U64, rows: Ints, line: Line) -> float:
    """The mean distance a second and more away from the alignment; 0 where there is no such place."""
    sample = rows[np.linspace(0, len(rows) - 1, min(len(rows), 60)).astype(int)]
    columns = np.linspace(0, len(theirs) - 1, min(len(theirs), 120)).astype(int)
    at = np.round(sample * line.speed + line.offset)
    left, right = np.nonzero(np.abs(columns[None, :] - at[:, None]) >= 5)
    if len(left) < 10:
        return 0.0
    least, valid = _least(mine[sample[left]], theirs[columns[right]])
    return float(least[valid].mean()) if valid.any() else 0.0
