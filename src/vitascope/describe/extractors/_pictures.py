"""What the pictures show, and whether they are fit for everyone."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from vitascope.base.content import Signal, SignalKind
from vitascope.base.ports.models import provenance
from vitascope.base.time import Span
from vitascope.describe._tidy import tidy
from vitascope.describe.extractors._work import Found, Work, pack_vector, read_picture, span

BATCH = 8


class Pictures:
    """Labels of pictures, gathered to scenes, and the item's picture vector."""

    name, version = "pictures", "1"
    roles: tuple[str, ...] = ("picture",)
    helpers: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    missing = "what the pictures show"

    def wanted(self, work: Work) -> bool:
        """Moving pictures."""
        return work.probe.has_video

    def options(self, work: Work) -> dict[str, str]:
        """How many pictures, and what is believed."""
        return {"pictures": str(work.config.pictures), "belief": str(work.config.label_belief)}

    def __call__(self, work: Work) -> Found:
        """Signals: object (one picture's label, believed), scene (labels over a stretch of shots). Vector: mean over shots."""
        model = work.models.picture
        assert model is not None
        record = provenance(f"{self.name}/{self.version}", model.info, **self.options(work))
        frames = work.looked_at
        signals: list[Signal] = []
        by_shot: dict[int, list[np.ndarray]] = defaultdict(list)
        by_label: dict[str, list[tuple[Span, float]]] = defaultdict(list)
        for first in range(0, len(frames), BATCH):
            batch = frames[first : first + BATCH]
            results, vectors = model.look([work.picture(f) for f in batch])
            for frame, result, vector in zip(batch, results, vectors, strict=True):
                by_shot[frame.shot].append(vector)
                for label in result.labels:
                    if label.score >= work.config.label_belief:
                        name = tidy(label.label, 80)
                        where = work.shot_span(frame)
                        by_label[name].append((where, label.score))
                        moment = span(float(frame.time), float(frame.time))
                        signals.append(Signal(kind=SignalKind.OBJECT, value=name, span=moment, score=label.score))
        for name, places in by_label.items():
            signals += [Signal(kind=SignalKind.SCENE, value=name, span=s, score=p) for s, p in _joined(places)]
        if not by_shot:
            return Found(tuple(signals), (record,))
        vector = np.mean([np.mean(v, axis=0) for v in by_shot.values()], axis=0)
        return Found(tuple(signals), (record,), pack_vector(vector))


def _joined(places: list[tuple[Span, float]]) -> list[tuple[Span, float]]:
    """Stretches of one label: shots that touch become one, with the highest score."""
    out: list[tuple[Span, float]] = []
    for where, score in sorted(places, key=lambda p: (p[0].start, p[0].end)):
        if out and where.start <= out[-1][0].end:
            last, best = out[-1]
            out[-1] = (Span(start=last.start, end=max(last.end, where.end)), max(best, score))
        else:
            out.append((where, score))
    return out


class Unsafe:
    """How likely pictures (cover art too) are unfit for a general audience."""

    name, version = "unsafe", "1"
    roles: tuple[str, ...] = ("unsafe",)
    helpers: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    missing = "whether the pictures are fit for everyone"

    def wanted(self, work: Work) -> bool:
        """Moving pictures or a cover."""
        return work.probe.has_video or any(s.is_cover for s in work.probe.streams)

    def options(self, work: Work) -> dict[str, str]:
        """How many pictures."""
        return {"pictures": str(min(24, work.config.pictures))}

    def __call__(self, work: Work) -> Found:
        """Signals: unsafe for each picture looked at (the cover has no span)."""
        from vitascope.describe.extractors._work import evenly

        model = work.models.unsafe
        assert model is not None
        record = provenance(f"{self.name}/{self.version}", model.info, **self.options(work))
        signals: list[Signal] = []
        frames = evenly(work.looked_at, min(24, work.config.pictures))
        for first in range(0, len(frames), BATCH):
            batch = frames[first : first + BATCH]
            for frame, p in zip(batch, model.unsafe([work.picture(f) for f in batch]), strict=True):
                moment = span(float(frame.time), float(frame.time))
                signals.append(Signal(kind=SignalKind.UNSAFE, value="picture", span=moment, score=round(float(p), 4)))
        if work.decoded.cover is not None:
            score = float(model.unsafe([read_picture(work.decoded.cover)])[0])
            signals.append(Signal(kind=SignalKind.UNSAFE, value="cover", score=round(score, 4)))
        return Found(tuple(signals), (record,))
