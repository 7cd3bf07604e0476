"""Finds copies of works among fingerprints: exact numbers in, matches out. Pure numpy, no store.

Sound: 32-bit sub-fingerprints every 40 ms (Haitsma and Kalker, ISMIR 2002), looked up by halves of 16 bits, voted by
time offset, checked by the share of wrong bits along the alignment. Pictures: perceptual hashes every 250 ms of the picture
inside its bars and of its middle, looked up by bands of 16 bits, upright and mirrored, voted by offset at a few speeds;
along the alignment the distance must be small, and clearly smaller than away from it: in a still scene every
moment looks like every other, which proves nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vitascope.base.ports.stores import Fingerprint
from vitascope.base.records import AssetKey, ItemKey

VERSION = "2"
"""Of the measure: links of another version are made anew."""

U64 = npt.NDArray[np.uint64]
Ints = npt.NDArray[np.int64]

KINDS = 3
SPEEDS = (1.0, 25 / 24, 24 / 25, 1.1, 1 / 1.1, 1.15, 1 / 1.15, 1.25, 0.8)
WHOLE = 0.8
"""Share of a work that must be found in another for it to be a copy, trim or excerpt of it."""
_WRONG_BITS = 0.35
_AUDIO_Z = 14.0
_SMOOTH_AUDIO, _SMOOTH_PICTURE = 25, 5
_NEAR = 14.0
_CONTRAST = 0.6
_LEAST_ROWS, _LEAST_ROWS_FAST = 8, 16
_BUCKET = 3_000
_AUDIO_ROOM, _PICTURE_ROOM = 8_000_000, 2_000_000
_SHARE_SECONDS = 2.5
# a mirrored picture turns the sign of every odd horizontal DCT coefficient, and so, but for the median, its bit
_MIRROR = np.uint64(int("01" * 32, 2))


@dataclass(frozen=True)
class Match:
    """A stretch of the asked asset that stands in another item's asset too. Times in seconds."""

    other: AssetKey
    other_item: ItemKey
    score: float
    """0..1, how alike the stretches are."""
    start: float
    end: float
    other_start: float
    other_end: float
    whole: bool
    """The two are copies of one work (trims and excerpts included), not just works that share a stretch."""
    covers: float
    """Share of the asked work that was found."""
    covers_other: float
    """Share of the other work that was found."""


class _Lookup:
    """Hash -> (which work, which row), as sorted arrays. Rows are thinned evenly where there are too many."""

    def __init__(self, keys: list[npt.NDArray[np.uint32]], rows: list[Ints], works: list[int], room: int) -> None:
        total = sum(len(k) for k in keys)
        self.stride = max(1, -(-total // room))
        keep = [(r // 1) % self.stride == 0 for r in rows]
        flat = np.concatenate([k[m] for k, m in zip(keys, keep, strict=True)]) if keys else np.zeros(0, np.uint32)
        order = np.argsort(flat, kind="stable")
        self._keys = flat[order]
        if keys:
            self._rows = np.concatenate([r[m] for r, m in zip(rows, keep, strict=True)]).astype(np.int32)[order]
            counts = [int(m.sum()) for m in keep]
            self._works = np.repeat(np.asarray(works, np.int32), counts)[order]
        else:
            self._rows = self._works = np.zeros(0, np.int32)

    def hits(self, keys: npt.NDArray[np.uint32], rows: Ints) -> tuple[Ints, Ints, Ints]:
        """(asked row, work, row there) of every equal key; keys that stand everywhere say nothing and are left out."""
        first = np.searchsorted(self._keys, keys, "left")
        counts = np.searchsorted(self._keys, keys, "right") - first
        good = (counts > 0) & (counts <= _BUCKET)
        first, counts, rows = first[good], counts[good], rows[good]
        if len(first) == 0:
            return (np.zeros(0, np.int64),) * 3
        ends = np.cumsum(counts)
        at = np.arange(ends[-1]) - np.repeat(ends - counts, counts) + np.repeat(first, counts)
        return np.repeat(rows, counts), self._works[at].astype(np.int64), self._rows[at].astype(np.int64)


class Index:
    """All works' fingerprints, ready to be asked."""

    def __init__(self, prints: Sequence[Fingerprint]) -> None:
        self._prints = list(prints)
        self._at = {p.asset: i for i, p in enumerate(self._prints)}
        self._audio = [np.frombuffer(p.audio, "<u4") for p in self._prints]
        self._pictures = [_rows_of(p.picture) for p in self._prints]
        self._sound_lookup = _Lookup(*_sound_keys(self._audio), _AUDIO_ROOM)
        self._picture_lookup = _Lookup(*_picture_keys(self._pictures), _PICTURE_ROOM)
        self._raw: dict[int, list[Match]] = {}

    def matches(self, asked: Fingerprint) -> list[Match]:
        """What other items share with this one: copies (`whole`) and shared stretches."""
        me = self._at[asked.asset]
        found = []
        for match in self._matches(me):
            whole = (
                match.whole
                and not self._gathers(me, match, own=True)
                and not self._gathers(self._at[match.other], match, own=False)
            )
            if whole or match.end - match.start >= _SHARE_SECONDS:
                found.append(match if whole == match.whole else _as_share(match))
        return found

    def _gathers(self, work: int, match: Match, own: bool) -> bool:
        """Whether a work is a compilation: it holds this one whole, and elsewhere another one that is no copy of it."""
        outer, inner = (match.covers, match.covers_other) if own else (match.covers_other, match.covers)
        if outer >= WHOLE or inner < WHOLE:
            return False
        start, end = (match.start, match.end) if own else (match.other_start, match.other_end)
        inside = self._at[match.other] if own else self._asked_of(match, work)
        friends = {m.other_item for m in self._matches(inside) if m.whole}
        friends.add(self._prints[inside].item)
        friends.discard(self._prints[work].item)
        for other in self._matches(work):
            apart = min(end, other.end) - max(start, other.start) < 0.3 * min(end - start, other.end - other.start)
            part = other.covers_other >= 0.3 or other.end - other.start >= _SHARE_SECONDS
            if apart and part and other.covers < WHOLE and other.other_item not in friends:
                return True
        return False

    def _asked_of(self, match: Match, work: int) -> int:
        """The work that a match was found for, where it was asked from the other side."""
        return next(i for i, found in self._raw.items() if any(m is match for m in found) and i != work)

    def _matches(self, me: int) -> list[Match]:
        if me not in self._raw:
            best: dict[int, Match] = {}
            for found in (*self._by_sound(me), *self._by_picture(me)):
                other = self._at[found.other]
                known = best.get(other)
                if known is None or (found.whole, found.end - found.start) > (known.whole, known.end - known.start):
                    best[other] = found
            self._raw[me] = [m for m in best.values() if m.other_item != self._prints[me].item]
        return self._raw[me]

    # --- sound

    def _by_sound(self, me: int) -> list[Match]:
        mine = self._audio[me]
        keys, rows = _halves(mine)
        asked, works, there = self._sound_lookup.hits(keys, rows)
        found = []
        for work, offset in _votes(asked, works, there - asked, me, width=2, least=3):
            match = self._check_sound(me, work, offset)
            if match is not None:
                found.append(match)
        return found

    def _check_sound(self, me: int, other: int, offset: int) -> Match | None:
        mine, theirs = self._audio[me], self._audio[other]
        best: tuple[float, int] = (1.0, 0)
        for shift in range(offset - 2, offset + 4):
            wrong, valid = _wrong_bits(mine, theirs, shift)
            count = int(valid.sum())
            if count >= 20:
                run = _best_run(wrong, valid, _WRONG_BITS * 32, _SMOOTH_AUDIO)
                rate = float(wrong[run][valid[run]].mean()) / 32 if run.stop > run.start and valid[run].any() else 1.0
                best = min(best, (rate, shift))
        rate, shift = best
        wrong, valid = _wrong_bits(mine, theirs, shift)
        run = _best_run(wrong, valid, _WRONG_BITS * 32, _SMOOTH_AUDIO)
        count = int(valid[run].sum())
        if rate > _WRONG_BITS or (1 - 2 * rate) * np.sqrt(32.0 * count) < _AUDIO_Z:
            return None
        step = self._prints[me].audio_step or 0.04
        first = max(0, -shift)
        start, end = first + run.start, first + run.stop
        covers = count / max(1, int((mine != 0).sum()))
        covers_other = count / max(1, int((theirs != 0).sum()))
        seconds = (end - start) * step
        return self._match(
            me,
            other,
            1 - 2 * rate,
            (start * step, end * step + 0.34),
            ((start + shift) * step, (end + shift) * step + 0.34),
            (covers, covers_other),
            alone=self._contradicted(me, other) and min(covers, covers_other) < WHOLE,
            short=seconds < 0.5,
        )

    def _contradicted(self, me: int, other: int) -> bool:
        """Both show pictures that can be compared: then a shared stretch of sound is no copy of the work."""
        return all(int((self._pictures[w][:, 0] != 0).sum()) >= _LEAST_ROWS for w in (me, other))

    # --- pictures

    def _by_picture(self, me: int) -> list[Match]:
        mine = self._pictures[me]
        if len(mine) < _LEAST_ROWS:
            return []
        found: dict[int, tuple[float, Match]] = {}
        for mirrored in (False, True):
            table = np.where(mine != 0, mine ^ _MIRROR, np.uint64(0)) if mirrored else mine
            keys, rows = _bands(table)
            if len(rows) > 24_000:  # of long works a sample finds them as well
                pick = np.linspace(0, len(rows) - 1, 24_000).astype(int)
                keys, rows = keys[pick], rows[pick]
            asked, works, there = self._picture_lookup.hits(keys, rows)
            for speed in SPEEDS:
                offset = there - np.round(asked * speed).astype(np.int64)
                least = 3 if speed == 1.0 else 6
                for work, shift in _votes(asked, works, offset, me, width=2, least=least):
                    distance, match = self._check_picture(me, table, work, shift, speed)
                    if match is not None and distance < found.get(work, (99.0, match))[0]:
                        found[work] = (distance, match)
        return [match for _, match in found.values()]

    def _check_picture(self, me: int, mine: U64, other: int, offset: int, speed: float) -> tuple[float, Match | None]:
        theirs = self._pictures[other]
        best: tuple[float, int, slice] | None = None
        for shift in range(offset - 1, offset + 3):
            wrong, valid, _ = _distances(mine, theirs, shift, speed)
            if int(valid.sum()) < _LEAST_ROWS:
                continue
            run = _best_run(wrong, valid, _NEAR, _SMOOTH_PICTURE)
            if int(valid[run].sum()) < (_LEAST_ROWS if speed == 1.0 else _LEAST_ROWS_FAST):
                continue
            mean = float(wrong[run][valid[run]].mean())
            # of two alignments the one that explains more wins, then the closer one
            if best is None or mean - 0.02 * (run.stop - run.start) < best[0] - 0.02 * (best[2].stop - best[2].start):
                best = (mean, shift, run)
        if best is None:
            return 99.0, None
        mean, shift, run = best
        _, valid, places = _distances(mine, theirs, shift, speed)
        rows = places[run][valid[run]]
        away = _away(mine, theirs, rows, shift, speed)
        if mean > _NEAR or mean > _CONTRAST * away:
            return 99.0, None
        step = self._prints[me].picture_step or 0.25
        first, last = int(rows[0]), int(rows[-1]) + 1
        covers = len(rows) / max(1, int((mine[:, 0] != 0).sum()))
        there = int(np.ptp(np.round(rows * speed))) + 1
        covers_other = min(1.0, there / max(1, int((theirs[:, 0] != 0).sum())))
        match = self._match(
            me,
            other,
            1 - mean / 32,
            (first * step, last * step),
            ((first * speed + shift) * step, (last * speed + shift) * step),
            (covers, covers_other),
        )
        return mean, match

    def _match(
        self,
        me: int,
        other: int,
        score: float,
        mine: tuple[float, float],
        theirs: tuple[float, float],
        covers: tuple[float, float],
        alone: bool = False,
        short: bool = False,
    ) -> Match:
        this, that = self._prints[me], self._prints[other]
        ends = float(this.duration), float(that.duration)
        start, end = max(0.0, mine[0]), min(mine[1], ends[0])
        other_start, other_end = max(0.0, theirs[0]), min(theirs[1], ends[1])
        return Match(
            other=that.asset,
            other_item=that.item,
            score=float(min(1.0, max(0.0, score))),
            start=min(start, end),
            end=end,
            other_start=min(other_start, other_end),
            other_end=other_end,
            whole=max(covers) >= WHOLE and not alone and not short,
            covers=float(covers[0]),
            covers_other=float(covers[1]),
        )


def _as_share(match: Match) -> Match:
    from dataclasses import replace

    return replace(match, whole=False)


def _rows_of(data: bytes) -> U64:
    """Picture hashes, (n, KINDS)."""
    flat = np.frombuffer(data[: len(data) // (8 * KINDS) * 8 * KINDS], "<u8")
    return flat.reshape(-1, KINDS).astype(np.uint64)


def _halves(prints: npt.NDArray[np.uint32]) -> tuple[npt.NDArray[np.uint32], Ints]:
    """Two keys of each print that says something: its lower and its upper half."""
    rows = np.flatnonzero(prints)
    some = prints[rows].astype(np.uint32)
    keys = np.concatenate([some & np.uint32(0xFFFF), (some >> np.uint32(16)) | np.uint32(0x10000)])
    return keys, np.concatenate([rows, rows]).astype(np.int64)


def _bands(table: U64) -> tuple[npt.NDArray[np.uint32], Ints]:
    """Four keys of each hash of each kind that says something. Kinds share keys: a crop's whole is another's middle."""
    keys, rows = [], []
    for kind in range(table.shape[1]):
        at = np.flatnonzero(table[:, kind])
        for band in range(4):
            part = (table[at, kind] >> np.uint64(16 * band)) & np.uint64(0xFFFF)
            keys.append((part | np.uint64(band << 16)).astype(np.uint32))
            rows.append(at)
    return np.concatenate(keys), np.concatenate(rows).astype(np.int64)


def _sound_keys(works: list[npt.NDArray[np.uint32]]) -> tuple[list[npt.NDArray[np.uint32]], list[Ints], list[int]]:
    pairs = [_halves(w) for w in works]
    return [k for k, _ in pairs], [r for _, r in pairs], list(range(len(works)))


def _picture_keys(works: list[U64]) -> tuple[list[npt.NDArray[np.uint32]], list[Ints], list[int]]:
    pairs = [_bands(w) for w in works]
    return [k for k, _ in pairs], [r for _, r in pairs], list(range(len(works)))


def _votes(asked: Ints, works: Ints, offsets: Ints, me: int, width: int, least: int) -> list[tuple[int, int]]:
    """(work, offset) of the best voted alignments: at most two a work, the 60 best works."""
    other = works != me
    works, offsets, asked = works[other], offsets[other], asked[other]
    if len(works) == 0:
        return []
    shift = 1 << 24
    bins = (works << 26) + ((offsets + shift) // width)
    places, counts = np.unique(bins, return_counts=True)
    good = counts >= least
    places, counts = places[good], counts[good]
    order = np.argsort(-counts, kind="stable")[:400]
    taken: dict[int, int] = {}
    chosen = []
    for i in order:
        work, offset = int(places[i] >> 26), int(places[i] & ((1 << 26) - 1)) * width - shift
        if taken.get(work, 0) < 2 and (work in taken or len(taken) < 60):
            taken[work] = taken.get(work, 0) + 1
            chosen.append((work, offset))
    return chosen


def _wrong_bits(
    mine: npt.NDArray[np.uint32], theirs: npt.NDArray[np.uint32], shift: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """Wrong bits of 32 along an alignment, and where both say something."""
    first, last = max(0, -shift), min(len(mine), len(theirs) - shift)
    if last <= first:
        return np.zeros(0), np.zeros(0, bool)
    a, b = mine[first:last], theirs[first + shift : last + shift]
    return np.bitwise_count(a ^ b).astype(np.float64), (a != 0) & (b != 0)


def _distances(
    mine: U64, theirs: U64, shift: int, speed: float
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_], Ints]:
    """Least distance over pairs of kinds along an alignment, where both say something, and the rows of ours."""
    rows = np.arange(len(mine))
    there = np.round(rows * speed).astype(np.int64) + shift
    inside = (there >= 0) & (there < len(theirs))
    rows, there = rows[inside], there[inside]
    return (*_least(mine[rows], theirs[there]), rows)


def _least(a: U64, b: U64) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    apart = np.bitwise_count(a[:, :, None] ^ b[:, None, :]).astype(np.float64)
    apart[(a[:, :, None] == 0) | (b[:, None, :] == 0)] = 64.0
    least = apart.reshape(len(a), -1).min(axis=1) if len(a) else np.zeros(0)
    return least, least < 64


def _away(mine: U64, theirs: U64, rows: Ints, shift: int, speed: float) -> float:
    """The mean distance a second and more away from the alignment; 0 where there is no such place."""
    sample = rows[np.linspace(0, len(rows) - 1, min(len(rows), 60)).astype(int)]
    columns = np.linspace(0, len(theirs) - 1, min(len(theirs), 120)).astype(int)
    pairs = [(i, j) for i in sample for j in columns if abs(j - (round(i * speed) + shift)) >= 5]
    if len(pairs) < 10:
        return 0.0
    left, right = np.asarray(pairs).T
    least, valid = _least(mine[left], theirs[right])
    return float(least[valid].mean()) if valid.any() else 0.0


def _best_run(wrong: npt.NDArray[np.float64], valid: npt.NDArray[np.bool_], bound: float, smooth: int) -> slice:
    """The longest stretch whose smoothed distance stays under the bound (places that say nothing do not break it)."""
    if not valid.any():
        return slice(0, 0)
    window = np.ones(min(smooth, len(wrong)))
    near = np.convolve(np.where(valid, wrong, 0.0), window, "same")
    known = np.convolve(valid.astype(float), window, "same")
    good = (near <= bound * np.maximum(known, 1e-9)) | (known < 0.5)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], good.astype(np.int8), [0]])))
    starts, ends = edges[::2], edges[1::2]
    if len(starts) == 0:
        return slice(0, 0)
    sums = np.concatenate([[0], np.cumsum(valid)])
    best = int(np.argmax(sums[ends] - sums[starts]))
    return slice(int(starts[best]), int(ends[best]))
