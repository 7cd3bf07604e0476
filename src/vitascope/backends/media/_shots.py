"""Shots with exact times: hard cuts and fades, told apart from flashes, pans and fast motion. Runs in the worker only.

Takes the small pictures of a film in time order, keeps a second or so of them; gives the shots. Three steps:

1. A candidate is a picture that differs from the one before far more than its neighbours do from theirs (mean difference of
   hue, saturation and value, over that of the two differences on either side: the adaptive detector of PySceneDetect).
   Repeated pictures (a slow film in a fast container) do not count as neighbours.
2. It is a cut only if nothing before it looks like anything after it. A thumbnail of either side is sought in one of the other,
   by normalised correlation over all shifts: after a flash the picture is as it was, in a pan it moved, and in fast motion half
   of it is still there. Brightness and contrast do not change that correlation.
3. Flat pictures (black, white, one colour) part two shots: one boundary in their middle where the picture fades out and in.

Settings were chosen on half of the sources of benchmarks/describe/cuts.py and judged on the other.
"""

from __future__ import annotations

from array import array
from collections import deque
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from vitascope.base.time import Span

Image = npt.NDArray[np.uint8]
Thumb = npt.NDArray[np.float32]

RATIO = 2.2
"""How many times the change of its neighbours a candidate's change is."""
CHANGE = 10.0
"""Least change (0 to 255) of a candidate."""
SPARSE_CHANGE = 30.0
"""The same between key frames, which are seconds apart: there every such change is a cut."""
ALIKE = 0.8
"""Correlation from which two thumbnails show the same thing."""
SUDDEN_RATIO, SUDDEN_ALIKE = 8.0, 0.93
"""In a picture that stands still otherwise, a change this much sharper is a cut between two views of one place, unless they are
as alike as that."""
FLAT = 4.0
"""Deviation of a thumbnail below which it is flat."""
SAME = 0.6
"""Change below which a picture is the one before, repeated."""
LONG_FLAT = Fraction(1)
"""Seconds from which a flat stretch that was cut to or from keeps its own ends."""
STEPS = (0, 1, 3, 7)
"""Pictures back from the last one before a candidate, and on from it, that are compared; at 25 pictures a second."""
_NEAR = 2
"""Neighbours on either side whose change a candidate's is measured by."""
_KEPT = 24
_SIZE = 64, 36


@dataclass
class _Seen:
    """What is kept of a picture."""

    number: int
    change: float
    thumb: Thumb
    spread: float


@dataclass
class _Flat:
    """A flat stretch that is going on."""

    first: int
    cut_to: bool
    before: list[Thumb]
    """Thumbnails before it; none where the film began with it."""


class ShotFinder:
    """Finds shots. Frames go in with their own times; a cut is the time of the frame that opens the shot.

    Args:
        rate: pictures a second.
        sparse: only key frames go in (long films): neighbours are seconds apart, so the change alone decides.
    """

    def __init__(self, rate: float, sparse: bool = False) -> None:
        self._rate = min(max(rate, 1.0), 240.0) if rate > 0 else 25.0
        self._sparse = sparse
        self._short = Fraction(0) if sparse else Fraction(2, 5)
        self._numerators, self._denominators = array("q"), array("q")
        self._found: set[int] = set()
        self._shape: tuple[int, ...] | None = None
        self._last: Any = None
        scale = self._rate / 25
        self._steps = tuple(sorted({round(step * scale) for step in STEPS}))
        self._on = max(self._steps[-1], _NEAR)
        self._seen: deque[_Seen] = deque(maxlen=max(_KEPT, round(_KEPT * scale)))
        self._waiting: deque[int] = deque()
        """Numbers of pictures that changed much, until enough is seen of what follows."""
        self._flat: _Flat | None = None
        self._parted: deque[tuple[int, int, list[Thumb]]] = deque()
        """Flat stretches that ended: last number to look at, the boundary, the thumbnails before it."""

    @property
    def frames(self) -> int:
        """Frames seen."""
        return len(self._numerators)

    def feed(self, time: Fraction, small: Image) -> float:
        """Add a frame; answers how much it differs from the one before (0..255)."""
        import cv2

        if self._shape is None:
            self._shape = small.shape
        elif small.shape != self._shape:  # the picture size changed midway
            small = np.asarray(cv2.resize(small, (self._shape[1], self._shape[0])), np.uint8)
        hsv = cv2.cvtColor(small, cv2.COLOR_BGR2HSV)
        change = 0.0 if self._last is None else float(cv2.norm(hsv, self._last, cv2.NORM_L1)) / hsv.size
        self._last = hsv
        number = len(self._numerators)
        self._numerators.append(time.numerator)
        self._denominators.append(time.denominator)
        if self._sparse:
            if change >= SPARSE_CHANGE:
                self._found.add(number)
            return change
        thumb = np.asarray(
            cv2.resize(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), _SIZE, interpolation=cv2.INTER_AREA), np.float32
        )
        seen = _Seen(number, change, thumb, float(thumb.std()))
        self._through_flat(seen)
        self._seen.append(seen)
        if change >= CHANGE:
            self._waiting.append(number)
        while self._waiting and number - self._waiting[0] >= self._on:
            self._judge(self._waiting.popleft())
        while self._parted and number >= self._parted[0][0]:
            self._part(*self._parted.popleft())
        return change

    # --- cuts

    def _stands_out(self, at: int) -> bool:
        """Whether the picture at a place of what is kept changed far more than its neighbours; repeated ones are none."""
        back = [s.change for s in list(self._seen)[:at] if s.change > SAME][-_NEAR:]
        on = [s.change for s in list(self._seen)[at + 1 :] if s.change > SAME][:_NEAR]
        return self._seen[at].change >= RATIO * (sum(back + on) / max(len(back + on), 1))

    def _judge(self, number: int) -> None:
        """Make a cut of a candidate, unless what was there before it is there after it."""
        at = number - self._seen[0].number
        if at < 1 or not self._stands_out(at):
            return
        before = [self._seen[at - 1 - back] for back in self._steps if at - 1 - back >= 0]
        after = [self._seen[at + on] for on in self._steps if at + on < len(self._seen)]
        if before[0].spread < FLAT or after[0].spread < FLAT:
            return  # into or out of a flat stretch, which has its own rule
        likeness = max(alike(a.thumb, b.thumb) for a in before for b in after)
        if likeness < ALIKE or (likeness < SUDDEN_ALIKE and self._sudden(at)):
            self._found.add(number)

    def _sudden(self, at: int) -> bool:
        """Whether nothing else moves around a change, and it lasts."""
        here = self._seen[at].change
        around = [s.change for i, s in enumerate(self._seen) if i != at and abs(i - at) <= 6]
        before, after = self._seen[at - 1].thumb, self._seen[min(at + self._on, len(self._seen) - 1)].thumb
        lasting = float(np.abs(after - before).mean()) > 0.7 * float(np.abs(self._seen[at].thumb - before).mean())
        return lasting and here >= SUDDEN_RATIO * max(around, default=0.0)

    # --- flat stretches

    def _through_flat(self, seen: _Seen) -> None:
        before = self._seen[-1] if self._seen else None
        if seen.spread < FLAT:
            if self._flat is None:
                thumbs = [self._seen[-1 - back].thumb for back in self._steps if back < len(self._seen)]
                self._flat = _Flat(seen.number, before is not None and _abrupt(before, seen), thumbs)
            return
        flat, self._flat = self._flat, None
        if flat is None or before is None or not flat.before:
            return
        cut_from = _abrupt(before, seen)
        if self.time(seen.number) - self.time(flat.first) < LONG_FLAT:
            boundary = seen.number if cut_from else (flat.first + seen.number) // 2
            self._parted.append((seen.number + self._on, boundary, flat.before))
        elif flat.cut_to or cut_from:
            self._found.update(n for n, cut in ((flat.first, flat.cut_to), (seen.number, cut_from)) if cut)
        else:
            self._found.add((flat.first + seen.number) // 2)

    def _part(self, last: int, boundary: int, before: list[Thumb]) -> None:
        """Make a boundary of a short flat stretch, unless the same picture is there after it: a flash, a dropped picture."""
        after = [s.thumb for s in self._seen if last - self._on <= s.number <= last]
        if max((alike(a, b) for a in before for b in after), default=0.0) < ALIKE:
            self._found.add(boundary)

    # --- the answer

    def time(self, index: int) -> Fraction:
        """The exact time of a frame by its number."""
        return Fraction(self._numerators[index], self._denominators[index])

    def shots(self, end: Fraction) -> tuple[Span, ...]:
        """The shots, [0, end) without holes. A last one that is too short to be seen joins the one before."""
        if not self.frames:
            return ()
        while self._waiting:
            self._judge(self._waiting.popleft())
        while self._parted:
            self._part(*self._parted.popleft())
        starts = [self.time(0)]
        for index in sorted(self._found):
            if 0 < index < self.frames and self.time(index) - starts[-1] >= self._short:
                starts.append(self.time(index))
        end = max(end, starts[-1])
        if len(starts) > 1 and end - starts[-1] < self._short:
            starts.pop()
        return tuple(Span(start=a, end=b) for a, b in zip(starts, [*starts[1:], end], strict=True))


def alike(one: Thumb, other: Thumb) -> float:
    """Largest correlation (at most 1) of the middle of one picture with any place of the other, either way round.

    The middle is two thirds of each side, so a shift of up to a sixth of the picture is followed.
    """
    return max(_sought(one, other), _sought(other, one))


def _sought(one: Thumb, other: Thumb) -> float:
    import cv2

    middle = np.ascontiguousarray(one[6:30, 12:52])
    if float(middle.std()) < 3:
        return 0.0
    return float(cv2.matchTemplate(other, middle, cv2.TM_CCOEFF_NORMED).max())


def _abrupt(before: _Seen, seen: _Seen) -> bool:
    """Whether one picture gave way to the next at once, not by fading: contrast gone or there in a single step."""
    more, less = max(before.spread, seen.spread), min(before.spread, seen.spread)
    return seen.change >= CHANGE and less < FLAT and more > 5 * FLAT
