"""Where the parts of an item begin, by what is said in it, heard and shown.

Takes sentences, their vectors and signals; gives spans that tile the item. Stretches with words are cut where the words change
their subject, the cut laid into the silence between two sentences and onto a change of shot there; stretches in which
nothing is said for long are cut where the kind of sound or what the pictures show changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from vitascope.base.content import Signal, SignalKind
from vitascope.base.time import Span, media_time
from vitascope.describe._config import DescribeConfig
from vitascope.describe._sayings import Saying
from vitascope.describe._segments import MOST_UNITS, costs_of, cut
from vitascope.describe._vectors import chars_vector

UNIT = 25
"""Words that are compared as one; shorter sentences are joined."""
SPELLED_PENALTY = 1.25
"""Of a cut where spelling is compared: hashed n-grams differ more among themselves than meanings do."""
QUIET_PENALTY = 1.5
WINDOW = 5.0
"""Seconds of what is compared where little is said."""
SILENCE = 10.0
"""Seconds without a word over which no sentences are joined."""
NEAR_SHOT, NEAR_EDGE = 2.0, 4.0
"""Seconds in which a change of shot is where a part begins: between two sentences, and where a long silence begins or ends."""

Vector = npt.NDArray[np.float32]


@dataclass
class Unit:
    """Neighbouring sentences that are compared as one."""

    said: list[Saying] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Its words."""
        return " ".join(s.text for s in self.said)[:2_000]


def units_of(said: Sequence[Saying]) -> list[Unit]:
    """Sentences joined until they have enough words, so many that no more than `MOST_UNITS` are made."""
    least = max(UNIT, sum(s.size for s in said) // MOST_UNITS + 1)
    out: list[Unit] = []
    open_ = Unit()
    for saying in said:
        if open_.said and saying.start - open_.said[-1].end > SILENCE:
            out.append(open_)
            open_ = Unit()
        open_.said.append(saying)
        if sum(s.size for s in open_.said) >= least:
            out.append(open_)
            open_ = Unit()
    if open_.said:
        near = out and open_.said[0].start - out[-1].said[-1].end <= SILENCE
        if near and sum(s.size for s in open_.said) < least // 2:
            out[-1].said += open_.said
        else:
            out.append(open_)
    return out[: 2 * MOST_UNITS]


def spelled(texts: Sequence[str], language: str | None) -> Vector:
    """Vectors by spelling, a zero row for a text without letters."""
    made = [chars_vector(t, language) for t in texts]
    size = next((len(v) for v in made if v is not None), 1)
    return np.stack([v if v is not None else np.zeros(size, np.float32) for v in made])


def parted(
    units: Sequence[Unit],
    vectors: Vector | None,
    by_meaning: bool,
    signals: Sequence[Signal],
    seconds: float,
    config: DescribeConfig,
) -> list[Span]:
    """Stretches with words are cut where the words change their subject, those without where sound and picture change."""
    least = max(config.chapter_least, seconds / 100)
    shots = sorted(float(s.span.start) for s in signals if s.kind is SignalKind.SHOT and s.span)
    penalty = config.chapter_penalty if by_meaning else SPELLED_PENALTY
    edges = [0.0]
    for first, last, start, end in _stretches(units, seconds, least):
        if start > 0:
            edges.append(_between(start, start, shots, NEAR_EDGE))
        if vectors is not None and first is not None and last is not None:
            mine = units[first:last]
            times = [start, *(u.said[0].start for u in mine[1:]), max(end, mine[-1].said[-1].end)]
            most = max(
                2 if end - start >= config.chapters_from else 1, round((end - start) / (60 * config.chapter_minutes))
            )
            places = cut(costs_of(vectors[first:last]), times, penalty, least, most)
            edges += [_between(mine[i - 1].said[-1].end, mine[i].said[0].start, shots) for i in places]
        else:
            windows, times = _windows(signals, start, end)
            places = cut(costs_of(windows), times, QUIET_PENALTY, least)
            edges += [_between(times[i] - WINDOW / 2, times[i] + WINDOW / 2, shots) for i in places]
    edges = [0.0, *sorted(e for e in edges[1:] if 0 < e < seconds), seconds]
    return [Span(start=media_time(a), end=media_time(b)) for a, b in pairwise(edges) if b > a]


def _stretches(
    units: Sequence[Unit], seconds: float, least: float
) -> list[tuple[int | None, int | None, float, float]]:
    """The item in stretches with words (first unit, last unit + 1, start, end) and without (None, None, start, end).

    A silence counts from `least` seconds on; a few words between two silences are no stretch.
    """
    groups: list[list[int]] = []
    for index, unit in enumerate(units):
        if groups and unit.said[0].start - units[groups[-1][-1]].said[-1].end < least:
            groups[-1].append(index)
        else:
            groups.append([index])
    spoken = [
        (g[0], g[-1] + 1, units[g[0]].said[0].start, min(seconds, units[g[-1]].said[-1].end))
        for g in groups
        if units[g[-1]].said[-1].end - units[g[0]].said[0].start >= least
    ]
    out: list[tuple[int | None, int | None, float, float]] = []
    at = 0.0
    for first, last, start, end in spoken:
        if start - at >= least:
            out.append((None, None, at, start))
            at = start
        out.append((first, last, at, end))
        at = end
    if seconds - at >= least or not out:
        out.append((None, None, at, seconds))
    else:
        out[-1] = (*out[-1][:3], seconds)
    return out


def _between(end: float, start: float, shots: Sequence[float], reach: float = NEAR_SHOT) -> float:
    """Where a part begins between two sentences: at a change of shot there, else in the middle of the silence."""
    middle = (end + max(end, start)) / 2
    near = [s for s in shots if end - reach <= s <= max(end, start) + reach]
    return min(near, key=lambda s: abs(s - middle)) if near else middle


def _windows(signals: Sequence[Signal], start: float, end: float) -> tuple[Vector, list[float]]:
    """Where little is said: kinds of sound and believed labels of the pictures, one row a window."""
    size = max(WINDOW, (end - start) / MOST_UNITS)
    count = max(1, int((end - start) // size))
    heard = [s for s in signals if s.kind is SignalKind.AUDIO_KIND and s.span]
    seen = [s for s in signals if s.kind is SignalKind.SCENE and s.span]
    kinds = sorted({s.value for s in heard})
    labels = sorted({s.value for s in seen})
    rows = np.zeros((count, len(kinds) + len(labels) + 1), np.float32)
    rows[:, -1] = 0.2  # a window of which nothing is known is like any other
    for signal, column in [
        *((s, kinds.index(s.value)) for s in heard),
        *((s, len(kinds) + labels.index(s.value)) for s in seen),
    ]:
        assert signal.span is not None
        first = max(0, int((float(signal.span.start) - start) // size))
        last = max(0, int(-(-(float(signal.span.end) - start) // size)))
        rows[first:last, column] = np.maximum(rows[first:last, column], min(1.0, signal.score))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows, [*(start + size * i for i in range(count)), end]
