"""Speech, music or other, by time: a logistic regression on about seventy figures of the sound.

Its coefficients are data (`data/audio_kind.json`, made by benchmarks/train_audio_kind.py, which reports its errors).
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from vitascope.base.content import Signal, SignalKind
from vitascope.base.mapped import let_go
from vitascope.base.ports.models import provenance
from vitascope.describe import _dsp
from vitascope.describe.extractors._voice import speech_probabilities
from vitascope.describe.extractors._work import Found, Work, span

KINDS = ("speech", "music", "other")
SILENT = 10 ** (-65 / 20) * 32768
"""Root mean square below which a stretch counts as silence: -65 dBFS."""


@cache
def coefficients() -> dict[str, Any]:
    """names, mean, scale (n,), weights (n, 3), bias (3,), and where they come from."""
    text = resources.files("vitascope.describe").joinpath("data/audio_kind.json").read_text(encoding="utf-8")
    table: dict[str, Any] = json.loads(text)
    return {k: np.asarray(v) if k in ("mean", "scale", "weights", "bias") else v for k, v in table.items()}


def usual(name: str) -> tuple[float, float]:
    """Mean and deviation of a figure over the sounds that the coefficients were made from."""
    table = coefficients()
    place = table["names"].index(name)
    return float(table["mean"][place]), float(table["scale"][place])


def standardised(figures: dict[str, float]) -> npt.NDArray[np.float64]:
    """Figures as a row of standard scores, cut at 4."""
    table = coefficients()
    row = np.array([figures[name] for name in table["names"]])
    scores: npt.NDArray[np.float64] = np.clip((np.nan_to_num(row) - table["mean"]) / table["scale"], -4, 4)
    return scores


def kind_probabilities(row: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Probabilities of speech, music, other."""
    table = coefficients()
    logits = row @ table["weights"] + table["bias"]
    weights = np.exp(logits - logits.max())
    out: npt.NDArray[np.float64] = weights / weights.sum()
    return out


class AudioKind:
    """Tells speech, music and other sound apart, stretch by stretch."""

    name, version = "audio_kind", "1"
    roles: tuple[str, ...] = ("voice_activity",)
    helpers: tuple[str, ...] = ()
    after: tuple[str, ...] = ("shots",)
    reads: ClassVar = {"shots": (SignalKind.EMPTY,)}
    missing = "what is speech and what is music"

    def wanted(self, work: Work) -> bool:
        """Sound that is not silent from end to end."""
        return work.probe.has_audio and not work.silent

    def options(self, work: Work) -> dict[str, str]:
        """Stretch length and the version of the coefficients."""
        return {"stretch": str(work.config.stretch_seconds), "coefficients": str(coefficients()["version"])}

    def __call__(self, work: Work) -> Found:
        """Signals: audio_kind for each stretch and kind, `score` its probability."""
        assert work.models.voice_activity is not None
        record = provenance(f"{self.name}/{self.version}", work.models.voice_activity.info, **self.options(work))
        speech = speech_probabilities(work)
        signals: list[Signal] = []
        if speech is None:
            return Found((), (record,))
        probabilities, step = speech
        for start, end in _dsp.stretches(work.seconds, work.config.stretch_seconds):
            let_go(work.pcm)
            piece = np.asarray(work.pcm[int(start * _dsp.RATE) : int(end * _dsp.RATE)])
            if len(piece) < 160 or np.sqrt(np.mean(piece.astype(np.float32) ** 2)) < SILENT:
                continue
            row = standardised(_dsp.figures(piece, _dsp.speech_of(probabilities, step, start, end)))
            for kind, p in zip(KINDS, kind_probabilities(row), strict=True):
                signals.append(
                    Signal(kind=SignalKind.AUDIO_KIND, value=kind, span=span(start, end), score=round(float(p), 4))
                )
        return Found(tuple(signals), (record,))
