"""Which pictures are worth reading: those in which new strokes have come to stand still. Runs in the worker only.

Takes small pictures in time order, four a second, and the larger picture where it asks for one; gives at the end the pictures
to read, each with the stretch in which its strokes stood. Memory is bounded for any length. It recognises nothing: strokes are
crowded strong edges that stay where they are for a quarter of a second, which letters are and moving things are not. A title
that fades in or is typed is taken when it has stopped growing. The idea is old (stable edges over frames: Lienhart and
Wernicke 2002, "Localizing and Segmenting Text in Images and Videos"); the figures are in benchmarks/reports/screen_text.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from vitascope.backends.media._picture import Image, jpeg

STROKE_EDGE = 320
READ_EDGE = 960
STEP = Fraction(1, 4)
_STRONG = 60
"""Sobel magnitude (half of |x| + |y|) from which a pixel is an edge."""
_FEW = 60
"""New stroke pixels, at `STROKE_EDGE`, below which nothing was written: half a word of small print."""
_CELL, _CROWDED = 8, 8
"""A cell of 8 x 8 pixels with 8 of them on strokes, and such a cell beside it: letters come in rows."""
_GROWN = 1.05
_SETTLED = 2
"""Steps without growth after which a picture is taken."""
_STANDS = 0.5
"""Share of a picture's strokes that must be there for it to still stand."""
_LONG = Fraction(1, 2)
"""A picture shown this long stood still, whatever came before it."""

Mask = npt.NDArray[np.uint8]


@dataclass
class Reading:
    """A picture to read."""

    time: Fraction
    since: Fraction
    until: Fraction
    weight: int
    width: int
    height: int
    data: bytes = b""


@dataclass
class _Pending:
    time: Fraction
    since: Fraction
    until: Fraction
    weight: int
    new: Mask
    stable: Mask
    image: Image | None = None
    waited: int = 0


class StrokeWatch:
    """Watches strokes come and go."""

    def __init__(self, room: int) -> None:
        self._room = max(4, room)
        self._next = Fraction(0)
        self._time: Fraction | None = None
        self._last: Mask | None = None
        self._read: Mask | None = None
        """Strokes of what was taken already, as far as they still stand."""
        self._pending: _Pending | None = None
        self._open: list[tuple[Reading, Mask]] = []
        self.readings: list[Reading] = []
        self._gap = Fraction(1, 2)

    def wants(self, time: Fraction) -> bool:
        """Whether a grid time was reached."""
        return time >= self._next and self._room > 0

    def feed(self, time: Fraction, small: Image) -> bool:
        """Look at the picture at `time`; True: hand its larger form to `keep`."""
        self._next = (time // STEP + 1) * STEP
        edges = _edges(small)
        if self._last is None or self._last.shape != edges.shape:  # the beginning, or another picture size
            self._settle()
            self._last = self._read = np.zeros_like(edges)
            self._time = None
        assert self._read is not None
        wide = _wide(edges)
        still = self._time is None or time - self._time > _LONG
        stable = edges if still else edges & _wide(self._last)
        came = time if still or self._time is None else self._time  # it stood in the picture before, too
        self._last, self._time = edges, time
        self._still_standing(time, wide)
        new = stable & (1 - _wide(self._read))
        self._read = self._read & wide
        weight = _crowded(new)
        pending = self._pending
        if weight >= _FEW and (pending is None or weight > pending.weight * _GROWN):
            since = pending.since if pending is not None and weight < 4 * pending.weight else came
            self._pending = _Pending(time, since, time, weight, new, stable)
            return True
        if pending is not None:
            pending.waited += 1
            if weight >= pending.weight * _STANDS:
                pending.until = time
            if pending.waited >= _SETTLED or weight < pending.weight * _STANDS:
                self._settle()
        return False

    def keep(self, image: Image) -> None:
        """The larger picture that `feed` asked for."""
        if self._pending is not None:
            self._pending.image = image

    def result(self) -> list[Reading]:
        """All pictures to read, in time order."""
        self._settle()
        return self.readings

    def _settle(self) -> None:
        """What was pending has come to stand: it will be read."""
        pending, self._pending = self._pending, None
        if pending is None or pending.image is None:
            return
        height, width = pending.image.shape[:2]
        reading = Reading(
            pending.time, pending.since, pending.until, pending.weight, width, height, jpeg(pending.image)
        )
        self.readings.append(reading)
        self._open = [*self._open[-7:], (reading, pending.new)]
        if self._read is not None and self._read.shape == pending.stable.shape:
            self._read = self._read | pending.stable
        if len(self.readings) > self._room:
            self._thin()

    def _still_standing(self, time: Fraction, wide: Mask) -> None:
        standing = []
        for reading, new in self._open:
            if new.shape == wide.shape and int((new & wide).sum()) >= _STANDS * int(new.sum()):
                reading.until = time
                standing.append((reading, new))
        self._open = standing

    def _thin(self) -> None:
        """Of those that lie closer than a growing gap, the ones with most strokes stay."""
        while len(self.readings) > self._room * 3 // 4:
            self._gap *= 2
            kept: list[Reading] = []
            for reading in self.readings:
                if not kept or reading.time - kept[-1].time >= self._gap:
                    kept.append(reading)
                elif reading.weight > kept[-1].weight:
                    kept[-1] = reading
            self.readings = kept


def _edges(small: Image) -> Mask:
    """1 where an edge is strong."""
    import cv2

    grey = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY)
    sides: list[Any] = [cv2.convertScaleAbs(cv2.Sobel(grey, cv2.CV_16S, *d, ksize=3)) for d in ((1, 0), (0, 1))]
    return np.asarray(cv2.addWeighted(sides[0], 0.5, sides[1], 0.5, 0) > _STRONG, np.uint8)


def _wide(mask: Mask) -> Mask:
    """Grown by a pixel: what trembles stands still."""
    import cv2

    return np.asarray(cv2.dilate(mask, np.ones((3, 3), np.uint8)), np.uint8)


def _crowded(new: Mask) -> int:
    """Stroke pixels in crowded cells that have a crowded neighbour at their side."""
    rows, columns = new.shape[0] // _CELL, new.shape[1] // _CELL
    if not rows or columns < 2:
        return 0
    cells = new[: rows * _CELL, : columns * _CELL].reshape(rows, _CELL, columns, _CELL).sum(axis=(1, 3), dtype=np.int64)
    busy = np.pad(cells >= _CROWDED, ((0, 0), (1, 1)))
    row = busy[:, 1:-1] & (busy[:, :-2] | busy[:, 2:])
    return int(cells[row].sum())
