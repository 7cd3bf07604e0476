"""Where recognition cuts sound: windows of at most 29.5 s that begin and end in silence.

Takes samples and the spans where somebody speaks; gives sample ranges. It does not know what recognises them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vitascope.base.ports.models import Pcm
from vitascope.base.time import Span

RATE = 16_000
_LONGEST = int(29.5 * RATE)
_PAD = int(0.3 * RATE)
_EARLIEST_CUT = 20 * RATE
_FRAME = RATE // 20


def windows(pcm: Pcm, speech: Sequence[Span]) -> list[tuple[int, int]]:
    """Sample ranges that hold all speech, in time order, not overlapping.

    Neighbouring spans share a window while they fit (the encoder costs the same for 1 s as for 30). A span longer than a
    window is cut where it is quietest in its last third.
    """
    pieces: list[tuple[int, int]] = []
    for span in sorted(speech, key=lambda s: s.start):
        start = max(0, int(span.start * RATE) - _PAD, pieces[-1][1] if pieces else 0)
        end = min(len(pcm), int(span.end * RATE) + _PAD)
        while end - start > _LONGEST:
            cut = quietest(pcm, start + _EARLIEST_CUT, start + _LONGEST)
            pieces.append((start, cut))
            start = cut
        if end - start > RATE // 20:
            pieces.append((start, end))
    found: list[tuple[int, int]] = []
    for start, end in pieces:
        if found and end - found[-1][0] <= _LONGEST:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found


def quietest(pcm: Pcm, start: int, end: int) -> int:
    """The sample in the middle of the quietest fifth of a second of [start, end)."""
    frames = (end - start) // _FRAME
    piece = np.asarray(pcm[start : start + frames * _FRAME], np.float32).reshape(frames, _FRAME)
    power = np.convolve((piece**2).mean(axis=1), np.ones(4) / 4, mode="valid")
    return start + (int(np.argmin(power)) + 2) * _FRAME
