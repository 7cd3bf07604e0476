"""Where somebody speaks."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import numpy.typing as npt

from vitascope.base.content import Signal, SignalKind
from vitascope.base.ports.models import provenance
from vitascope.base.time import Span
from vitascope.describe.extractors._work import Found, Work, span

SPOKEN = "voice"
"""Value of the signals that hold a spoken stretch."""


def speech_probabilities(work: Work) -> tuple[npt.NDArray[np.float32], float] | None:
    """Voice activity of the whole asset, computed once for all extractors; None without the model or sound."""
    if "speech" not in work.memo:
        model = work.models.voice_activity
        work.memo["speech"] = model.probabilities(work.pcm) if model is not None and len(work.pcm) else None
    found: tuple[npt.NDArray[np.float32], float] | None = work.memo["speech"]
    return found


def spoken_spans(
    probabilities: npt.NDArray[np.float32],
    step: float,
    threshold: float,
    total: float,
    *,
    pad: float = 0.3,
    join: float = 0.8,
    shortest: float = 0.06,
) -> list[tuple[float, float, float]]:
    """Spoken stretches as (start, end, mean probability), in seconds.

    A stretch starts at `threshold` and goes on above 40% of it (hysteresis, as in Silero's own cutting); stretches
    shorter than `shortest` are noise; what is left is padded and joined over pauses below `join`.
    """
    keep = threshold * 0.4
    runs: list[tuple[int, int]] = []
    start: int | None = None
    for index, p in enumerate(probabilities):
        if start is None and p >= threshold:
            start = index
            while start > 0 and probabilities[start - 1] >= keep:
                start -= 1
        elif start is not None and p < keep:
            runs.append((start, index))
            start = None
    if start is not None:
        runs.append((start, len(probabilities)))
    out: list[tuple[float, float, float]] = []
    for first, last in runs:
        if (last - first) * step < shortest:
            continue
        begin, end = max(0.0, first * step - pad), min(total, last * step + pad)
        mean = float(probabilities[first:last].mean())
        if out and begin - out[-1][1] < join:
            out[-1] = (out[-1][0], end, max(out[-1][2], mean))
        else:
            out.append((begin, end, mean))
    return out


class Voice:
    """Voice activity: the stretches in which somebody speaks."""

    name, version = "voice", "1"
    roles: tuple[str, ...] = ("voice_activity",)
    helpers: tuple[str, ...] = ()
    after: tuple[str, ...] = ("shots",)
    reads: ClassVar = {"shots": (SignalKind.EMPTY,)}
    missing = "where somebody speaks"

    def wanted(self, work: Work) -> bool:
        """Sound that is not silent from end to end."""
        return work.probe.has_audio and not work.silent

    def options(self, work: Work) -> dict[str, str]:
        """The threshold."""
        return {"threshold": str(work.config.speech_threshold)}

    def __call__(self, work: Work) -> Found:
        """Signals: sound "voice" for each spoken stretch."""
        assert work.models.voice_activity is not None
        record = provenance(f"{self.name}/{self.version}", work.models.voice_activity.info, **self.options(work))
        found = speech_probabilities(work)
        if found is None:
            return Found((), (record,))
        probabilities, step = found
        spans = spoken_spans(probabilities, step, work.config.speech_threshold, work.seconds)
        signals = [Signal(kind=SignalKind.SOUND, value=SPOKEN, span=span(a, b), score=p) for a, b, p in spans]
        return Found(tuple(signals), (record,))


def voice_of(work: Work) -> list[Span]:
    """The spoken stretches that `Voice` found."""
    return [s.span for s in work.signals("voice", SignalKind.SOUND) if s.span is not None]
