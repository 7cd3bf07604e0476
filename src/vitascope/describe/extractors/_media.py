"""Shots, loudness, what holds nothing to watch or hear, and what the decode could not read."""

from __future__ import annotations

import numpy as np

from vitascope.base.content import Signal, SignalKind
from vitascope.describe.extractors._emptiness import hollow
from vitascope.describe.extractors._work import Found, Work, gap, own, span


class Shots:
    """What the decode itself says: shots, loudness, look, what was cut short or broken, and whether anything is there."""

    name, version = "shots", "2"
    roles: tuple[str, ...] = ()
    helpers: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    missing = "where the cuts are"

    def wanted(self, work: Work) -> bool:
        """Always."""
        return True

    def options(self, work: Work) -> dict[str, str]:
        """How many pictures are looked at."""
        return {"pictures": str(work.config.pictures)}

    def __call__(self, work: Work) -> Found:
        """Signals: shot, loudness, look figures (`thumbnail` = the most telling picture's time as its span), empty, gap."""
        decoded = work.decoded
        signals = [Signal(kind=SignalKind.SHOT, span=shot) for shot in decoded.shots]
        if decoded.loudness and decoded.loudness.integrated is not None:
            signals.append(Signal(kind=SignalKind.LOUDNESS, value="integrated", score=decoded.loudness.integrated))
        if decoded.loudness and decoded.loudness.peak is not None:
            signals.append(Signal(kind=SignalKind.LOUDNESS, value="peak", score=decoded.loudness.peak))
        if decoded.cut_short:
            signals.append(gap("the rest of the file", decoded.cut_short))
        if decoded.decode_failures:
            signals.append(gap("damaged parts", f"{decoded.decode_failures} packets or frames could not be decoded"))
        if decoded.frames:
            signals += self._look(work)
        signals += hollow(work)
        return Found(tuple(signals), (own(self),))

    def _look(self, work: Work) -> list[Signal]:
        light, colour, warmth, detail, tell = [], [], [], [], []
        for frame in work.looked_at:
            small = work.picture(frame)[::4, ::4].astype(np.float32) / 255
            grey = small.mean(axis=2)
            light.append(float(grey.mean()))
            colour.append(float((small.max(axis=2) - small.min(axis=2)).mean()))
            warmth.append(float((small[..., 0] - small[..., 2]).mean()))
            detail.append(float(np.abs(np.diff(grey, axis=1)).mean()) if grey.shape[1] > 1 else 0.0)
            middling = 1 - abs(light[-1] - 0.45) / 0.55
            tell.append(middling * (0.2 + float(grey.std())) * (0.3 + colour[-1]) * (0.02 + detail[-1]))
        figures = {"light": light, "colour": colour, "warmth": warmth, "detail": detail}
        best = work.looked_at[int(np.argmax(tell))]
        seconds = max(float(work.decoded.duration), 0.1)
        return [
            *(Signal(kind=SignalKind.LOOK, value=name, score=float(np.mean(v))) for name, v in figures.items()),
            Signal(
                kind=SignalKind.LOOK, value="cuts_a_minute", score=max(0, len(work.decoded.shots) - 1) / seconds * 60
            ),
            Signal(kind=SignalKind.LOOK, value="thumbnail", span=span(float(best.time), float(best.time)), score=1.0),
        ]
