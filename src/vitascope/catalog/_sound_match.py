"""Stretches of sound that two works share: prints in, alignments out. Pure numpy, no store.

Prints are 96 bits every 40 ms in thirds of a semitone (`backends/media/_sound.py`); a print of 27 bits is every third
bit from an offset on. Asked at 13 pitches (two semitones down to two up), looked up by keys of 18 bits, voted for at 21
speeds, checked by the share of wrong bits along the line. The statistic `z` is that share's distance from chance in
standard deviations as if all bits were independent; they are not, so what z unrelated works reach was measured
(`benchmarks/neardup_made.py`) and the bound is put where that distribution has an end.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vitascope.catalog._lookup import Hits, Ints, Keys, Line, Lookup, best_run, joined, lines, smoothed

Prints = npt.NDArray[np.uint8]
Words = npt.NDArray[np.uint32]

ROW = 12
"""Bytes of a print."""
BITS = 27
PHASES = (0, 1)
"""Every work is kept at two offsets: where the notes of one lie on edges of bands, those of the other do not."""
PITCHES = range(-6, 7)
"""In thirds of a semitone: the asked sound is heard that much lower, to find one that is higher."""
SPEEDS = tuple(1 + 0.01 * n for n in sorted(range(-10, 11), key=abs))
LEAST_Z = 14.0
WRONG = 0.35
"""A smoothed second with more wrong bits than this ends a stretch."""
_SMOOTH = 25
_ROOM = 8_000_000
_ASKED, _ASKED_PITCHED = 24_000, 4_000
_WIDTH, _LEAST_VOTES = 4, 4
_LEAST_ROWS = 20


@dataclass(frozen=True)
class SoundMatch:
    """One shared stretch. Rows are asked rows; those of the other work are speed x row + offset."""

    work: int
    z: float
    rate: float
    first: int
    last: int
    """One past the last row."""
    rows: int
    """Rows that say something in it."""
    uneven: float
    """How much the worst seconds of it differ from the good ones (0.9 against 0.25 quantile of the share of wrong bits):
    a poor copy is poor throughout, a recording over which another was mixed is exact here and wrong there."""
    speed: float
    offset: float
    pitch: int


class SoundIndex:
    """The sound prints of all works."""

    def __init__(self, prints: list[bytes]) -> None:
        self._prints = [np.frombuffer(p[: len(p) // ROW * ROW], np.uint8).reshape(-1, ROW) for p in prints]
        self._base = [[words(p, phase) for phase in PHASES] for p in self._prints]
        keyed = []
        for base in self._base:
            parts = [_keys(w, np.flatnonzero(w), phase) for w, phase in zip(base, PHASES, strict=True)]
            keyed.append((np.concatenate([k for k, _ in parts]), np.concatenate([r for _, r in parts])))
        self._lookup = Lookup([k for k, _ in keyed], [r for _, r in keyed], _ROOM)
        self.hits = self.checks = 0

    def said(self, work: int) -> int:
        """Rows of a work that say something: 0 where it is silent or has no sound."""
        return int((self._base[work][0] != 0).sum())

    def find(self, me: int, least: float = LEAST_Z) -> list[SoundMatch]:
        """The best stretch shared with each other work; `least` is the z it must reach."""
        if self.said(me) < _LEAST_ROWS:
            return []
        heard = {shift: words(self._prints[me], shift) for shift in range(PITCHES[0], PITCHES[-1] + len(PHASES))}
        parts: list[Hits] = []
        for place, pitch in enumerate(PITCHES):
            for phase in PHASES:
                some = _sample(np.flatnonzero(heard[pitch + phase]), _ASKED if pitch == 0 else _ASKED_PITCHED)
                parts.append(self._lookup.hits(*_keys(heard[pitch + phase], some, phase), place, me))
        hits = joined(parts)
        self.hits += len(hits.asked)
        best: dict[int, SoundMatch] = {}
        for line in lines(hits, SPEEDS, _WIDTH, _LEAST_VOTES):
            found = self._check(heard, line)
            if found is not None and found.z >= least and found.rate <= WRONG:
                known = best.get(found.work)
                if known is None or found.z > known.z:
                    best[found.work] = found
        return list(best.values())

    def _check(self, heard: dict[int, Words], line: Line) -> SoundMatch | None:
        self.checks += 1
        best: SoundMatch | None = None
        middle = PITCHES[line.variant]
        for pitch in sorted({max(PITCHES[0], middle - 1), middle, min(PITCHES[-1], middle + 1)}):
            for phase in PHASES:
                theirs = self._base[line.work][phase]
                for shift in (-2, -1, 0, 1, 2):
                    found = _measured(heard[pitch + phase], theirs, line, shift, pitch)
                    if found is not None and (best is None or found.z > best.z):
                        best = found
        return best

    def agree(self, me: int, other: int, speed: float, offset: float) -> float | None:
        """Whether two works sound the same along a line that something else found: the share of wrong bits at the best
        pitch and place near it, None where too little sounds to say."""
        best: float | None = None
        for pitch in PITCHES:
            for phase in PHASES:
                mine, theirs = words(self._prints[me], pitch + phase), self._base[other][phase]
                for shift in range(-8, 9, 2):
                    wrong, valid, _ = _along(mine, theirs, speed, offset + shift)
                    if int(valid.sum()) >= 2 * _SMOOTH:
                        rate = float(wrong[valid].mean()) / BITS
                        best = rate if best is None else min(best, rate)
        return best


def words(prints: Prints, shift: int) -> Words:
    """The 27-bit prints at a shift (thirds of a semitone up, -6 to 7), 0 where it is silent. Shape (n,)."""
    if len(prints) == 0:
        return np.zeros(0, np.uint32)
    bits = np.unpackbits(prints, axis=1, bitorder="little")[:, 6 + shift : 6 + shift + 3 * BITS : 3]
    answer: Words = (bits.astype(np.uint32) @ (1 << np.arange(BITS, dtype=np.uint32))).astype(np.uint32)
    answer[~prints.any(axis=1)] = 0
    return answer


def _keys(some: Words, rows: Ints, phase: int) -> tuple[Keys, Ints]:
    """Two keys of each row: its lower and its upper 18 bits."""
    at = some[rows]
    low, high = at & np.uint32(0x3FFFF), (at >> np.uint32(BITS - 18)) | np.uint32(1 << 18)
    keys = np.concatenate([low, high]) | np.uint32(phase << 19)
    return keys.astype(np.uint32), np.concatenate([rows, rows]).astype(np.int64)


def _sample(rows: Ints, room: int) -> Ints:
    return rows if len(rows) <= room else rows[np.linspace(0, len(rows) - 1, room).astype(int)]


def _along(
    mine: Words, theirs: Words, speed: float, offset: float
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_], int]:
    """Wrong bits along a line, where both say something, and the first row of ours on it."""
    rows = np.arange(len(mine))
    there = np.round(rows * speed + offset).astype(np.int64)
    inside = np.flatnonzero((there >= 0) & (there < len(theirs)))
    if len(inside) == 0:
        return np.zeros(0), np.zeros(0, bool), 0
    a, b = mine[inside], theirs[there[inside]]
    return np.bitwise_count(a ^ b).astype(np.float64), (a != 0) & (b != 0), int(inside[0])


def _measured(mine: Words, theirs: Words, line: Line, shift: int, pitch: int) -> SoundMatch | None:
    wrong, valid, first = _along(mine, theirs, line.speed, line.offset + shift)
    if int(valid.sum()) < _LEAST_ROWS:
        return None
    run = best_run(wrong, valid, WRONG * BITS, _SMOOTH)
    count = int(valid[run].sum())
    if count == 0:
        return None
    rate = float(wrong[run][valid[run]].mean()) / BITS
    by_second = smoothed(wrong, valid, _SMOOTH)[run][valid[run]] / BITS
    return SoundMatch(
        work=line.work,
        z=(1 - 2 * rate) * float(np.sqrt(BITS * count)),
        rate=rate,
        first=first + run.start,
        last=first + run.stop,
        rows=count,
        uneven=float(np.quantile(by_second, 0.9) - np.quantile(by_second, 0.25)),
        speed=line.speed,
        offset=line.offset + shift,
        pitch=pitch,
    )
